"""SAP goods movements become postings; expected rows are worked out by hand from the fields' meaning.

Field names and contents follow tables MKPF, MSEG and MATDOC of the SAP data dictionary: DATS is YYYYMMDD, TIMS HHMMSS,
SHKZG is S for an addition and H for a deduction, XAUTO marks a line that SAP made by itself.
"""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.feeds.sap_movements import ADAPTER
from pipelines.landing import land_feed
from pipelines.proposals import proposals
from pipelines.reference import build_reference
from pipelines.workspace import Feed
from tests.landing import Landing
from tests.support import real_data
from tests.workbooks import write as write_workbook

HEAD = "MBLNR,MJAHR,BLDAT,BUDAT,CPUDT,CPUTM,USNAM,XBLNR\n"
ITEM = "MBLNR,MJAHR,ZEILE,BWART,XAUTO,MATNR,WERKS,LGORT,SHKZG,MENGE,MEINS,EBELN,EBELP,SMBLN,SJAHR,SMBLP,UMWRK\n"
FIRST = "5000000001,2026,20260104,20260105,20260105,083000,MUELLER,LS-1\n"
CHICAGO = {"system_timezone": "America/Chicago"}


def land(landing: Landing, seen: str, items: str | None = None, heads: str | None = None, **feed: Any) -> list[Any]:
    if items is not None:
        landing.write("feeds/mseg.csv", items)
    if heads is not None:
        landing.write("feeds/mkpf.csv", heads)
    given = {"adapter": "sap_movements", "table": "erp_posting", **CHICAGO, **feed}
    return landing.land(seen, **given)


def line(zeile: int, bwart: str, shkzg: str, *, auto: str = "", werks: str = "NDC", lgort: str = "0001",
         matnr: str = "A", menge: str = "10", **more: str) -> str:  # fmt: skip
    row = {"MBLNR": "5000000001", "MJAHR": "2026", "ZEILE": f"{zeile:04}", "BWART": bwart, "XAUTO": auto,
           "MATNR": matnr, "WERKS": werks, "LGORT": lgort, "SHKZG": shkzg, "MENGE": menge, "MEINS": "EA", **more}  # fmt: skip
    return ",".join(row.get(field, "") for field in ITEM.strip().split(",")) + "\n"


def legs(landing: Landing, *lines: str, **feed: Any) -> list[tuple[Any, ...]]:
    """(row, posting type, quantity, plant) of what lands of one document."""
    seen = "posting_type, CAST(CAST(quantity AS DOUBLE) AS VARCHAR), facility_id"
    return land(landing, seen, ITEM + "".join(lines), HEAD + FIRST, **feed)


def test_an_item_and_its_header_are_one_posting_with_each_clock_apart(landing):
    """Chicago is six hours behind in January: entered at 08:30 on the 5th is 14:30 UTC; posted for the 5th."""
    landing.write(
        "feeds/mseg.csv", ITEM + line(1, "101", "S", matnr="000000000000001234", EBELN="4500000017", EBELP="00010")
    )
    seen = ("posting_id, CAST(posted_at AS VARCHAR), CAST(posting_date AS VARCHAR), facility_id, item_id, "
            "CAST(quantity AS VARCHAR), uom, posting_type, raw_posting_type, movement_type, document_type, document_id, "
            "document_line, posted_by, reverses_posting_id, reason")  # fmt: skip
    assert land(landing, seen, heads=HEAD + FIRST) == [
        (1, "2026-5000000001-0001", "2026-01-05 14:30:00+00", "2026-01-05", "NDC", "000000000000001234", "10.000000",
         "EA", "receipt_confirmed", "receipt_confirmed", "101", "sap_purchase_order", "4500000017", "00010", "MUELLER",
         None, None)
    ]  # fmt: skip
    # Two rows were received: one posting, and one header, which is out of scope.
    assert landing.received() == 2


def test_an_item_without_its_header_is_quarantined_and_a_header_without_items_is_none(landing):
    heads = HEAD + FIRST.replace("5000000001", "5000000009")
    assert land(landing, "reason, detail", ITEM + line(1, "101", "S"), heads) == [
        (1, "schema violation", "posted_at is empty")
    ]
    assert landing.received() == 2


def test_a_header_that_comes_later_brings_its_items_in(landing):
    assert land(landing, "reason", ITEM + line(1, "101", "S"), HEAD) == [(1, "schema violation")]
    landing.write("feeds/mkpf2.csv", HEAD + FIRST)
    assert land(landing, "posted_by, reason") == [(1, "MUELLER", None)]
    assert landing.received() == 2


def test_headers_are_joined_whatever_zeros_were_lost_and_the_latest_delivery_of_one_holds(landing):
    landing.write("feeds/a.csv", HEAD + FIRST)
    landing.write("feeds/b.csv", HEAD + FIRST.replace("MUELLER", "SCHMIDT"))
    items = ITEM + line(1, "101", "S").replace("5000000001", "49") + line(2, "101", "S")
    landing.write("feeds/c.csv", HEAD + FIRST.replace("5000000001", "0000000049"))
    assert land(landing, "posting_id, posted_by", items) == [
        (1, "2026-0000000049-0001", "MUELLER"), (2, "2026-5000000001-0002", "SCHMIDT")]  # fmt: skip


def test_one_file_of_matdoc_needs_no_headers_and_its_copies_are_out_of_scope(landing):
    content = (
        "RECORD_TYPE,MBLNR,MJAHR,ZEILE,BUDAT,CPUDT,CPUTM,BWART,MATNR,WERKS,SHKZG,MENGE,MEINS,DMBTR,WAERS,BUKRS\n"
        "MDOC,4900000001,2026,1,20260105,20260106,101500,601,A,NDC,H,3.000,EA,29.97,USD,1000\n"
        "MDOC_CP,4900000001,2026,1,20260105,20260106,101500,601,A,NDC,H,3.000,EA,29.97,USD,1000\n"
    )
    seen = ("posting_id, posting_type, CAST(quantity AS VARCHAR), CAST(value_amount AS VARCHAR), currency, "
            "legal_entity_id, CAST(posting_date AS VARCHAR), CAST(posted_at AS VARCHAR)")  # fmt: skip
    assert land(landing, seen, content) == [
        (1, "2026-4900000001-0001", "shipment_confirmed", "-3.000000", "-29.970000", "USD", "1000", "2026-01-05",
         "2026-01-06 16:15:00+00")
    ]  # fmt: skip
    assert landing.received() == 2


GERMAN_LIST = (
    "\ufeffMaterialbeleg;Materialbelegjahr;Materialbelegposition;Bewegungsart;Material;Materialkurztext;Werk;Lagerort;"
    "Menge in ErfassME;Erfassungs-ME;Menge;Basismengeneinheit;Buchungsdatum;Erfassungsdatum;Uhrzeit;Benutzername;"
    "Referenz;Betrag in Hauswährung;Währung;Charge\r\n"
    "4900000001;2026;1;551;00012;Schraube \"8\";NDC;0001;1-;KAR;1.234,500-;ST;05.01.2026;06.01.2026;08:30:00;Müller;"
    "  LS 4711 ;12,00-;EUR;C1\r\n"
    "4900000001;2026;2;201;00013;;NDC;0001;2-;ST;;;05.01.2026;06.01.2026;;Müller;;;;\r\n"
    ";;;;;;;;;;1.236,500-;ST;;;;;;;;\r\n"
)  # fmt: skip
GERMAN: dict[str, Any] = {"delimiter": ";", "formats": {"date": "%d.%m.%Y", "decimal": ",", "thousands": "."}}
LISTED = ("posting_id, posting_type, item_id, CAST(quantity AS VARCHAR), uom, CAST(value_amount AS VARCHAR), "
          "CAST(posted_at AS VARCHAR), document_id, posted_by, reason")  # fmt: skip
LISTED_ROWS = [
    (1, "2026-4900000001-0001", "inventory_adjusted", "00012", "-1234.500000", "ST", "-12.000000",
     "2026-01-06 14:30:00+00", "LS 4711", "Müller", None),
    # The quantity is given in the unit of entry alone; without a time of entry there is no instant.
    (2, "2026-4900000001-0002", "shipment_confirmed", "00013", "-2.000000", "ST", None, None, None, "Müller",
     "schema violation"),
    (3, None, None, None, "-1236.500000", "ST", None, None, None, None, "schema violation"),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_german_list_of_mb51_with_padding_and_trailing_signs(landing, encoding):
    content = GERMAN_LIST.replace('"', "'").lstrip("\ufeff" if encoding == "cp1252" else "").encode(encoding)
    landing.write("feeds/mb51.csv", content)
    assert land(landing, LISTED, encoding=encoding, **GERMAN) == LISTED_ROWS


def test_the_same_list_as_a_workbook_with_typed_cells(landing):
    rows: list[list[Any]] = [record.split(";") for record in GERMAN_LIST.lstrip("\ufeff").splitlines()]
    rows[1][10], rows[1][12], rows[1][14] = -1234.5, dt.date(2026, 1, 5), dt.time(8, 30)
    rows[1][0], rows[1][13] = 4900000001, dt.date(2026, 1, 6)
    write_workbook(landing, ["Liste der Materialbelege"], [], *rows, name="mb51.xlsx")
    assert land(landing, LISTED, header_row=3, **GERMAN) == LISTED_ROWS


def test_an_english_list_with_american_days_and_a_clock_of_twelve_hours(landing):
    content = (
        "Material Document\tMaterial Doc. Year\tMaterial Doc.Item\tMovement Type\tMaterial\tPlant\tQty in unit of entry\t"
        "Unit of Entry\tPosting Date\tEntry Date\tTime of Entry\tOrder\tPurchase order\tAmt.in loc.cur.\tUser Name\n"
        "4900000002\t2026\t1\t261\tA\tNDC\t5-\tEA\t01/05/2026\t01/06/2026\t02:30:00 PM\t1000123\t\t1,234.50-\tJDOE\n"
        "4900000002\t2026\t2\t262\tA\tNDC\t5\tEA\t01/05/2026\t01/06/2026\t93000\t1000123\t\t0.00\tJDOE\n"
        "4900000002\t2026\t3\t261\tA\tNDC\t5\tEA\t13/05/2026\t01/06/2026\t093000\t1000123\t\t0.00\tJDOE\n"
        "4900000002\t2026\t4\t261\tA\tNDC\t5\tEA\t00/00/0000\t00/00/0000\t093000\t1000123\t\t0.00\tJDOE\n"
    )
    seen = ("posting_type, CAST(quantity AS VARCHAR), CAST(value_amount AS VARCHAR), CAST(posted_at AS VARCHAR), "
            "document_type, document_id, reason, detail")  # fmt: skip
    order = ("sap_order", "1000123")
    formats = {"date": "%m/%d/%Y", "thousands": ","}
    assert land(landing, seen, content, delimiter="\t", formats=formats) == [
        (1, "shipment_confirmed", "-5.000000", "-1234.500000", "2026-01-06 20:30:00+00", *order, None, None),
        (2, "shipment_confirmed", "5.000000", "0.000000", "2026-01-06 15:30:00+00", *order, None, None),
        (3, "shipment_confirmed", "5.000000", "0.000000", "2026-01-06 15:30:00+00", *order, "schema violation",
         "posting_date '13/05/2026' has the wrong type"),
        (4, "shipment_confirmed", "5.000000", "0.000000", None, *order, "schema violation", "posted_at is empty"),
    ]  # fmt: skip


def test_a_list_says_which_of_two_like_columns_is_meant(landing):
    content = "MBLNR,MJAHR,ZEILE,BWART,WERKS,Plant,CPUDT,CPUTM\n4900000001,2026,1,101,NDC,ELSEWHERE,20260105,083000\n"
    with pytest.raises(UnusableInput) as refused:
        land(landing, "reason", content)
    assert str(refused.value) == (
        "feeds/mseg.csv: row 1: columns 'WERKS' and 'Plant' are both WERKS; `columns: {WERKS: ...}` says which"
    )
    assert land(landing, "facility_id, reason", columns={"WERKS": "WERKS"}) == [(1, "NDC", None)]
    assert land(landing, "reason", columns={"WERKS": "Plant"}) == [(1, "unknown facility")]


@pytest.mark.parametrize(
    ("content", "feed", "told"),
    [
        ("MBLNR,MJAHR,ZEILE\n", {}, "row 1: required column BWART is missing; the header has: MBLNR, MJAHR, ZEILE"),
        ("Materialbeleg,Werk\n", {}, "row 1: required columns MJAHR, CPUDT are missing"),
        (b"\x00\x01\x02", {}, "row 1: the file is binary, not CSV text"),
        ("a,b\n", {"columns": {"posting_id": "a"}}, "columns names posting_id; known are MJAHR, MBLNR"),
    ],
)
def test_a_file_that_is_no_list_of_movements_is_refused(landing, content, feed, told):
    landing.write("feeds/mseg.csv", content)
    with pytest.raises(UnusableInput) as refused:
        land(landing, "reason", **feed)
    assert told in str(refused.value)


def test_a_transfer_between_plants_is_a_shipment_and_a_receipt(landing):
    issue = line(1, "301", "H", UMWRK="3PL1")
    receipt = line(2, "301", "S", auto="X", werks="3PL1", UMWRK="NDC")
    assert legs(landing, issue, receipt) == [
        (1, "transfer_shipped", "-10.0", "NDC"), (2, "transfer_received", "10.0", "3PL1")]  # fmt: skip


def test_a_reversed_transfer_takes_back_what_each_leg_was(landing):
    back = [line(1, "302", "S", SMBLN="5000000000", SJAHR="2026", SMBLP="0001"),
            line(2, "302", "H", auto="X", werks="3PL1", SMBLN="5000000000", SJAHR="2026", SMBLP="0002")]  # fmt: skip
    assert legs(landing, *back) == [
        (1, "transfer_shipped", "10.0", "NDC"), (2, "transfer_received", "-10.0", "3PL1")]  # fmt: skip
    assert land(landing, "reverses_posting_id", facility="NDC") == [
        (1, "2026-5000000000-0001"), (2, "2026-5000000000-0002")]  # fmt: skip


@pytest.mark.parametrize(
    ("bwart", "posting_type"),
    [("311", "putaway_completed"), ("321", "quality_hold_released"), ("322", "quality_hold_placed"),
     ("344", "quality_hold_placed"), ("301", "putaway_completed")],
)  # fmt: skip
def test_a_move_within_a_facility_counts_once(landing, bwart, posting_type):
    lines = [line(1, bwart, "H"), line(2, bwart, "S", auto="X", lgort="0002"),
             line(3, bwart, "H", menge="4"), line(4, bwart, "S", auto="X", menge="4")]  # fmt: skip
    assert legs(landing, *lines) == [(1, posting_type, "-10.0", "NDC"), (3, posting_type, "-4.0", "NDC")]
    assert landing.received() == 5


def test_a_storage_location_may_be_a_facility_of_its_own(landing):
    lines = [line(1, "311", "H", werks="DC", lgort="01"), line(2, "311", "S", auto="X", werks="DC", lgort="02")]
    landing.write("feeds/mseg.csv", ITEM + "".join(lines))
    landing.write("feeds/mkpf.csv", HEAD + FIRST)
    facilities = [{"id": "A", "timezone": "UTC", "codes": ["DC/01"]}, {"id": "B", "timezone": "UTC", "codes": ["DC"]}]
    workspace = landing.workspace(table="erp_posting", adapter="sap_movements", **CHICAGO)
    workspace = workspace.model_validate({**workspace.model_dump(), "facilities": facilities})
    workspace = workspace.model_copy(update={"root": landing.root})
    build_reference(landing.engine, workspace)
    land_feed(landing.engine, workspace, workspace.feeds[0])
    assert landing.engine.rows(
        "SELECT posting_type, facility_id, raw_facility_id FROM landing.wms__erp_posting ORDER BY row_number"
    ) == [("transfer_shipped", "A", "DC/01"), ("transfer_received", "B", "DC")]


def test_a_change_of_material_keeps_both_legs(landing):
    assert legs(landing, line(1, "309", "H"), line(2, "309", "S", auto="X", matnr="B")) == [
        (1, "inventory_adjusted", "-10.0", "NDC"), (2, "inventory_adjusted", "10.0", "NDC")]  # fmt: skip


def test_goods_in_transit_are_no_receipt_but_the_automatic_receipt_of_one_step_is(landing):
    """303: SAP books the quantity into the receiving plant's transit; 305 will post the receipt. 647 receives at once."""
    lines = [line(1, "303", "H"), line(2, "303", "S", auto="X", werks="3PL1"),
             line(3, "647", "H"), line(4, "101", "S", auto="X", werks="3PL1"),
             line(5, "101", "S"), line(6, "501", "H", auto="X", matnr="KIT")]  # fmt: skip
    assert legs(landing, *lines) == [
        (1, "transfer_shipped", "-10.0", "NDC"),
        (3, "transfer_shipped", "-10.0", "NDC"),
        (4, "receipt_confirmed", "10.0", "3PL1"),
        (5, "receipt_confirmed", "10.0", "NDC"),
    ]
    assert landing.received() == 7


def test_a_leg_whose_source_was_not_exported_stays(landing):
    assert legs(landing, line(2, "301", "S", auto="X", werks="3PL1", UMWRK="NDC")) == [
        (1, "transfer_received", "10.0", "3PL1")]  # fmt: skip


def test_a_list_without_the_mark_of_automatic_lines_counts_a_pair_once(landing):
    head = "MBLNR,MJAHR,ZEILE,BWART,MATNR,WERKS,MENGE,CPUDT,CPUTM\n"
    rows = ["1,311,A,NDC,10-", "2,311,A,NDC,10", "3,311,A,NDC,10-", "4,311,A,NDC,10", "5,311,A,NDC,7-",
            "6,311,A,NDC,8", "7,301,A,NDC,5-", "8,301,A,3PL1,5", "9,101,A,NDC,5-", "10,101,A,NDC,5"]  # fmt: skip
    content = head + "".join(f"5000000001,2026,{row},20260105,083000\n" for row in rows)
    found = land(landing, "posting_type, CAST(CAST(quantity AS INTEGER) AS VARCHAR), facility_id", content)
    move = "putaway_completed"
    assert found == [
        (1, move, "-10", "NDC"), (3, move, "-10", "NDC"), (5, move, "-7", "NDC"), (6, move, "8", "NDC"),
        (7, "transfer_shipped", "-5", "NDC"), (8, "transfer_received", "5", "3PL1"),
        (9, "receipt_confirmed", "-5", "NDC"), (10, "receipt_confirmed", "5", "NDC"),
    ]  # fmt: skip


def test_own_movement_types_are_mapped_win_over_the_table_and_unknown_ones_are_proposed(landing):
    lines = [line(1, "Z01", "S"), line(2, "101", "S"), line(3, "Z99", "S"), line(4, "", "S")]
    feed: dict[str, Any] = {"event_types": {"Z01": "inventory_adjusted", "101": "transfer_received"}}
    landing.write("feeds/mseg.csv", ITEM + "".join(lines))
    found = land(landing, "posting_type, movement_type, reason, detail", heads=HEAD + FIRST, **feed)
    assert found == [
        (1, "inventory_adjusted", "Z01", None, None),
        (2, "transfer_received", "101", None, None),
        (3, None, "Z99", "unknown event type", "posting_type 'Z99' is not known"),
        (4, None, None, None, None),
    ]
    given = Feed(name="wms", adapter="sap_movements", path="feeds/*")
    [proposal] = proposals(landing.engine, given, "event_type")
    assert (proposal.code, proposal.rows_count) == ("Z99", 1)


def test_a_document_delivered_twice_keeps_its_legs_apart(landing):
    lines = ITEM + line(1, "311", "H") + line(2, "311", "S", auto="X")
    landing.write("feeds/again.csv", lines)
    assert legs(landing, line(1, "311", "H"), line(2, "311", "S", auto="X")) == [
        (1, "putaway_completed", "-10.0", "NDC"), (1, "putaway_completed", "-10.0", "NDC")]  # fmt: skip


def test_malformed_rows_of_a_list_keep_the_numbers_of_the_others(landing):
    lines = [line(1, "101", "S"), "4900000001,2026\n", line(2, "101", "S")]
    landing.write("feeds/mseg.csv", ITEM + "".join(lines))
    assert land(landing, "posting_id", heads=HEAD + FIRST) == [(1, "2026-5000000001-0001"), (3, "2026-5000000001-0002")]
    assert landing.malformed() == [(2, "it has 2 fields instead of 17")]
    assert landing.received() == 4


def test_the_engine_compares_no_row_with_every_other(landing):
    """With 128,000 items a nested loop takes minutes."""
    land(landing, "reason", ITEM + line(1, "311", "H") + line(2, "311", "S"), HEAD + FIRST)
    feed = Feed(name="wms", adapter="sap_movements", path="feeds/*")
    [scan] = ADAPTER.land(landing.engine.con, feed, []).scans
    [(_, plan)] = landing.engine.rows(f"EXPLAIN {scan.sql}")
    assert "HASH_JOIN" in plan
    assert not [word for word in ("NL_JOIN", "NESTED_LOOP", "CROSS_PRODUCT") if word in plan]


def test_without_a_zone_no_time_of_entry_is_guessed(landing):
    assert land(landing, "reason", ITEM + line(1, "101", "S"), HEAD + FIRST, system_timezone=None) == [
        (1, "naive time")
    ]


def table() -> dict[str, dict[str, str]]:
    with (DATA / "reference" / "sap_movement_types.csv").open(newline="") as stream:
        return {row["movement_type"]: row for row in csv.DictReader(stream)}


def test_the_table_of_movement_types_knows_the_common_ones_and_its_reversals_go_the_other_way():
    known = table()
    with (DATA / "reference" / "event_types.csv").open(newline="") as stream:
        event_types = {row["event_type"] for row in csv.DictReader(stream)}
    opposite = {"in": "out", "out": "in", "within": "within", "between": "between"}
    assert {"101", "122", "201", "261", "301", "311", "321", "344", "551", "561", "601", "641", "701", "718"} <= set(
        known
    )
    for code, row in known.items():
        assert row["event_type"] in event_types, code
        assert row["direction"] in opposite, code
        if row["reversal_of"]:
            assert int(code) == int(row["reversal_of"]) + 1
            assert row["direction"] == opposite[known[row["reversal_of"]]["direction"]], code


def test_real_headers_and_items_are_joined_as_pandas_joins_them(landing):
    """The log of an SAP training system holds 4,408 headers (MKPF) and 128,350 rows of items (MSEG).

    It has neither year nor movement type: one year stands for all, the type stays empty. 9,115 items have their header.
    """
    log = pd.read_parquet(real_data("sap-p2p-log", "log_p2p.parquet"))
    heads = log[(log.event_table == "MKPF") & log.MBLNR.notna()]
    items = log[log.object_table == "MSEG"]
    entered = heads.event_timestamp.dt
    pd.DataFrame({"MBLNR": heads.MBLNR, "MJAHR": "0000", "CPUDT": entered.strftime("%Y%m%d"),
                  "CPUTM": entered.strftime("%H%M%S"), "USNAM": heads.event_resource}
                 ).to_csv(_folder(landing) / "mkpf.csv", index=False)  # fmt: skip
    pd.DataFrame({"MBLNR": items.object_mblnr, "MJAHR": "0000", "ZEILE": items.object_zeile, "BWART": None,
                  "MATNR": items.object_matnr}).to_csv(_folder(landing) / "mseg.csv", index=False)  # fmt: skip
    joined = items.merge(heads, left_on="object_mblnr", right_on="MBLNR", how="left", suffixes=("", "_head"))
    whole = joined[joined.MBLNR_head.notna()]
    assert (len(heads), len(items), len(joined), len(whole)) == (4_408, 128_350, 128_350, 9_115)
    seen = "posting_id, item_id, CAST(posted_at AS VARCHAR), posted_by, reason, detail"
    found = [row[1:] for row in land(landing, seen, facility="NDC", system_timezone="UTC")]
    assert sorted(row for row in found if row[4] is None) == sorted(
        (f"0000-{r.object_mblnr}-{r.object_zeile}", r.object_matnr, f"{r.event_timestamp_head}+00",
         r.event_resource_head, None, None) for r in whole.itertuples()
    )  # fmt: skip
    told = [row[4:] for row in found if row[4]]
    assert told == [("schema violation", "posted_at is empty")] * (len(items) - len(whole))
    assert landing.received() == len(heads) + len(items)


def _folder(landing: Landing) -> Path:
    folder = landing.root / "feeds"
    folder.mkdir(exist_ok=True)
    return folder
