"""X12 warehouse documents become the rows that their segment tables say, worked out by hand.

No foreign sample of the documents other than 944 is at hand: the fixtures follow the segment tables of ASC X12 release
004010 (943: ST W06 N1 N9 G62 W27 W04 N9 W03; 945: ST W06 N1 G62 W27 LX W12 N9 W03; 947: ST W15 N1 G62 W19 N9; 861: ST BRA
DTM PRF N1 RCD LIN; 856: ST BSN DTM HL N1 PRF LIN SN1 CTT; 846: ST BIA DTM N1 LIN DTM REF QTY CTT).
"""

from typing import Any

import duckdb
import pytest

from pipelines.feeds.base import FeedFile
from pipelines.feeds.x12 import ADAPTER
from pipelines.workspace import Feed
from tests.support import real_data
from tests.x12 import document, file, group, interchange, text, transaction

FEED = Feed(name="edi", adapter="x12", path="feeds/*.edi")
WRITTEN = "2026-01-05T23:00:00"  # GS04 and GS05 of every test document, where not told


class Landed:
    """What the adapter makes of files: rows without what is not stated, and how many rows each file holds."""

    def __init__(self, *files: FeedFile) -> None:
        con = duckdb.connect(config={"threads": "1"})
        landing = ADAPTER.land(con, FEED, list(files))
        self.events, self.counts = (self._rows(con, scan) for scan in landing.scans)
        assert landing.received_sql
        self.received = dict(con.execute(landing.received_sql).fetchall())

    @staticmethod
    def _rows(con: duckdb.DuckDBPyConnection, scan: Any) -> list[dict[str, Any]]:
        found = con.execute(f"SELECT * FROM ({scan.sql}) ORDER BY file, row_number, {scan.columns[0]}")
        names = [column[0] for column in found.description]
        assert set(names) == {*scan.columns, "file", "row_number"}
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return [{name: value for name, value in row.items() if value is not None} for row in rows]


@pytest.fixture
def landed(tmp_path):
    def land(kind: str, *segments: str, **envelope: Any) -> Landed:
        return Landed(file(tmp_path, document(kind, *segments, **envelope)))

    return land


def test_the_real_944_is_five_receipts_of_120_cases():
    """Read by eye. Segments: ISA 1, GS 2, ST 3, W17 4, N1 5, W08 6, then W07, N9 and W20 from 7, 10, 13, 16 and 19.

    W17 states the day alone, and the group was written on that day: 29 September 2023, 14:19.
    """
    path = real_data("x12-944", "944.edi")
    found = Landed(FeedFile(path, path.name))
    shared = {
        "event_type": "receipt_confirmed",
        "event_time": "2023-09-29T14:19:00",
        "recorded_at": "2023-09-29T14:19:00",
        "facility_id": "PC1234",
        "item_id": "100000154",
        "quantity": "120",
        "uom": "CA",
        "document_type": "944",
        "document_id": "0450366097",
        "correlation_id": "4280",
        "file": "944.edi",
    }
    assert found.events == [
        shared
        | {
            "event_id": f"944/1114315990/4280/0450366097/{n}",
            "lot_id": f"2241396{n + 1}",
            "row_number": 3 * n + 4,
        }
        for n in range(1, 6)
    ]
    assert (found.counts, found.received) == ([], {"944.edi": 5})


def test_a_943_is_a_transfer_that_left_the_shipper_for_the_warehouse(landed):
    found = landed(
        "943",
        "W06*F*TO-77*20260105*SHP-1",
        "N1*SF*Plant*9*DC01",
        "N1*ST*Hub*9*DC02",
        "N1*DE*Owner*9*OWN1",
        "G62*11*20260105*1*0830",
        "W27*M*CARR",
        "W04*10*CA**VN*SKU-1*LT*L9",
        "N9*LI*3",
        "W04*2.5*KG**VN*SKU-2",
        "W03*13",
    )
    shared = {
        "event_type": "transfer_shipped",
        "event_time": "2026-01-05T08:30:00",
        "recorded_at": WRITTEN,
        "facility_id": "DC01",
        "partner_facility_id": "DC02",
        "owner_id": "OWN1",
        "document_type": "943",
        "document_id": "TO-77",
        "correlation_id": "SHP-1",
        "file": "a.edi",
    }
    assert found.events == [
        # The document's own segments begin with number 4: six of the heading, so the lines are 10 and 12.
        shared
        | {"event_id": "943/THREEPL/TO-77/SHP-1/3", "item_id": "SKU-1", "quantity": "10", "uom": "CA", "lot_id": "L9",
           "document_line": "3", "row_number": 10},
        shared | {"event_id": "943/THREEPL/TO-77/SHP-1/2", "item_id": "SKU-2", "quantity": "2.5", "uom": "KG",
                  "row_number": 12},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("w17", "more", "event_type", "document_id", "quantity"),
    [
        ("W17*F*20260105*R1*O1*S1*2*0715", [], "receipt_confirmed", "O1", "5"),
        ("W17*P*20260105*R1**S1*2*0715", [], "receipt_confirmed", "S1", "5"),
        ("W17*B*20260105*R1***2*0715", [], "transfer_received", "R1", "5"),
        ("W17*F*20260105*R1*O1**2*0715", ["N9*TF*T-9"], "transfer_received", "T-9", "5"),
        ("W17*C*20260105*R1*O1**2*0715", [], "return_received", "O1", "5"),
        ("W17*A*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "5"),
        ("W17*O*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "5"),
        ("W17*S*20260105*R1*O1**2*0715", [], "inventory_adjusted", "O1", "-5"),
        ("W17*K*20260105*R1*O1**2*0715", [], "receipt_confirmed (simulation)", "O1", "5"),
    ],
)
def test_the_reporting_code_or_a_transfer_number_says_what_a_944_received(
    landed, w17, more, event_type, document_id, quantity
):
    [row] = landed("944", w17, *more, "N1*WH**9*DC02", "N1*SF**9*DC01", "W07*5*EA**VN*A").events
    assert (row["event_type"], row["document_id"], row["quantity"]) == (event_type, document_id, quantity)
    assert (row["facility_id"], row["event_time"]) == ("DC02", "2026-01-05T07:15:00")
    assert row.get("partner_facility_id") == ("DC01" if event_type == "transfer_received" else None)


def test_exceptions_of_a_944_are_held_or_damaged_units_and_differences_are_no_units(landed):
    found = landed(
        "944",
        "W17*F*20260105*R1*O1**2*0715",
        "N1*WH**9*DC02",
        "N1*SU**9*V1",
        "W07*100*CA**VN*A***",
        "W13*6*CA*01*L1*DH",
        "W13*4*CA*09",
        "W13*2*CA*02",  # short: these never came
    )
    assert [
        (r["row_number"], r["event_id"], r["event_type"], r.get("to_status"), r["quantity"], r["document_type"])
        for r in found.events
    ] == [
        (7, "944/THREEPL/R1/O1/1", "receipt_confirmed", None, "100", "944"),
        (8, "944/THREEPL/R1/O1/1/exception", "quality_hold_placed", "damaged", "6", "944/01"),
        (9, "944/THREEPL/R1/O1/1/exception#2", "quality_hold_placed", "quality_hold", "4", "944/09"),
    ]
    assert [(r.get("lot_id"), r["item_id"], r["supplier_id"]) for r in found.events[:2]] == [
        (None, "A", "V1"),
        ("L1", "A", "V1"),
    ]
    assert found.received == {"a.edi": 4}


def test_a_945_confirms_what_was_shipped_however_much_was_ordered(landed):
    found = landed(
        "945",
        "W06*F*SO-1*20260105*SHP-9",
        "N1*WH**9*DC02",
        "N1*ST*Customer*9*C1",
        "G62*10*20260104",
        "G62*11*20260105*1*1412*UT",
        "LX*1",
        "W12*BP*10*7*3*EA**VN*SKU-1*LOT7",
        "N9*LI*20",
        "LX*2",
        "N9*LI*30",
        "W12*BO*5*0*5*EA*001234567890",
        "W12*IS*4*4**EA**VN*NEW********VN*OLD",  # another item than the one ordered
    )
    assert [
        (r["event_id"], r["item_id"], r["quantity"], r["uom"], r["document_type"], r["document_line"], r["row_number"])
        for r in found.events
    ] == [
        ("945/THREEPL/SO-1/SHP-9/20", "SKU-1", "7", "EA", "945/BP", "20", 10),
        ("945/THREEPL/SO-1/SHP-9/30", "001234567890", "0", "EA", "945/BO", "30", 14),
        ("945/THREEPL/SO-1/SHP-9/30#2", "NEW", "4", "EA", "945/IS", "30", 15),
    ]
    first = found.events[0]
    assert (first["event_type"], first["event_time"], first["facility_id"], first["lot_id"]) == (
        "shipment_confirmed",
        "2026-01-05T14:12:00+00:00",
        "DC02",
        "LOT7",
    )
    assert "partner_facility_id" not in first


@pytest.mark.parametrize(("w06", "more"), [("W06*B*SO-1*20260105*S", []), ("W06*F*SO-1*20260105*S", ["N9*TF*T-9"])])
def test_a_945_of_a_transfer_left_for_the_other_warehouse(landed, w06, more):
    [row] = landed("945", w06, *more, "N1*WH**9*DC02", "N1*ST**9*DC03", "W12*CC*1*1**EA**VN*A").events
    assert (row["event_type"], row["facility_id"], row["partner_facility_id"]) == ("transfer_shipped", "DC02", "DC03")
    assert row["document_id"] == ("T-9" if more else "SO-1")


def test_a_947_adjusts_with_sign_and_reason(landed):
    found = landed(
        "947",
        "W15*20260104*ADJ-1*D-1",
        "N1*WH**9*DC02",
        "W19*56*12*EA**VN*SKU-1",
        "G62*07*20260103*1*1000",
        "W19*07*-3*EA**VN*SKU-2***L1",
        "G62*07*20260103*1*1130*24",  # an hour behind UTC
        written="20260104*0600",
    )
    assert [(r["quantity"], r["document_type"], r["event_time"], r.get("lot_id")) for r in found.events] == [
        ("12", "947/56", "2026-01-03T10:00:00", None),
        ("-3", "947/07", "2026-01-03T11:30:00-01:00", "L1"),
    ]
    assert {(r["event_type"], r["document_id"], r["correlation_id"]) for r in found.events} == {
        ("inventory_adjusted", "D-1", "ADJ-1")
    }
    assert [r["event_id"] for r in found.events] == ["947/THREEPL/ADJ-1/D-1/1", "947/THREEPL/ADJ-1/D-1/2"]


def test_an_861_tells_accepted_returned_and_questioned_units_apart(landed):
    found = landed(
        "861",
        "BRA*RA-1*20260106*00*2*0900",  # when the advice was made, not when the goods came
        "DTM*050*20260105*1630*CS",
        "PRF*PO-5",
        "N1*ST**92*DC01",
        "N1*SU**92*V1",
        "RCD*1*90*EA*4*EA*6*EA>1>1*01*2*EA*02",
        "LIN*10*BP*B-1*VN*V-1",
        "RCD*2*0*EA*0*EA",
        "LIN**BP*B-2*PO*PO-6*PL*7",
        written="20260106*0915",
    )
    shared = {
        "event_time": "2026-01-05T16:30:00-06:00",
        "recorded_at": "2026-01-06T09:15:00",
        "facility_id": "DC01",
        "supplier_id": "V1",
        "uom": "EA",
        "correlation_id": "RA-1",
        "document_id": "PO-5",
        "file": "a.edi",
    }
    first = shared | {"item_id": "V-1", "document_line": "10", "row_number": 9}
    assert found.events == [
        first | {"event_id": "861/THREEPL/RA-1/10", "event_type": "receipt_confirmed", "quantity": "90",
                 "document_type": "861"},
        first | {"event_id": "861/THREEPL/RA-1/10/question", "event_type": "quality_hold_placed", "quantity": "6",
                 "document_type": "861/01", "to_status": "damaged"},
        first | {"event_id": "861/THREEPL/RA-1/10/returned", "event_type": "return_dispositioned", "quantity": "4",
                 "document_type": "861"},
        # The heading's order stands before the one in LIN; a zero receipt is one, a zero return is none.
        shared | {"event_id": "861/THREEPL/RA-1/7", "event_type": "receipt_confirmed", "quantity": "0",
                  "document_type": "861", "item_id": "B-2", "document_line": "7", "row_number": 11},
    ]  # fmt: skip
    assert found.received == {"a.edi": 5}  # and two units short, which are no units


def test_an_861_line_belongs_to_its_own_order_where_the_heading_names_several(landed):
    found = landed(
        "861",
        "BRA*RA-1*20260105*00*2",
        "DTM*050*20260105",
        "PRF*PO-5",
        "PRF*PO-6",
        "RCD*1*1*EA",
        "LIN*1*VN*A*PO*PO-6",
        "RCD*2*1*EA",
        "LIN*1*VN*A",
        "RCD*3*1*EA",
        "LIN*1*VN*A",
        "PRF*PO-7",
    )
    assert [r["document_id"] for r in found.events] == ["PO-6", "RA-1", "PO-7"]
    assert [r["event_id"] for r in found.events] == [f"861/THREEPL/RA-1/{line}" for line in ("1", "1#2", "1#3")]


NOTICE = (
    "DTM*011*20260105*0530",
    "HL*1**S",
    "N1*SF**9*DC01",
    "N1*ST**9*DC02",
    "HL*2*1*O",
    "PRF*PO-5",
    "HL*3*2*P",
    "HL*4*3*I",
    "LIN*1*UP*614141000036*VN*V-1",
    "SN1**24*EA",
    "REF*LT*L3",
    "HL*5*1*O",
    "PRF*PO-6",
    "HL*6*5*I",
    "LIN*1*EN*4012345123456",
    "SN1**2*CA",
    "CTT*6",
)


def test_an_856_announces_goods_to_the_receiver(landed):
    found = landed("856", "BSN*00*ASN-1*20260105*0700*0001", *NOTICE)
    shared = {
        "event_type": "receipt_created",
        "event_time": "2026-01-05T07:00:00",
        "recorded_at": WRITTEN,
        "facility_id": "DC02",
        "supplier_id": "DC01",
        "document_type": "856",
        "document_line": "1",
        "correlation_id": "ASN-1",
        "file": "a.edi",
    }
    # BSN is segment 4, so HL*4 is 12 and HL*6 is 18. Both lines call themselves 1.
    assert found.events == [
        shared | {"event_id": "856/THREEPL/ASN-1/1", "item_id": "00614141000036", "quantity": "24", "uom": "EA",
                  "lot_id": "L3", "document_id": "PO-5", "row_number": 12},
        shared | {"event_id": "856/THREEPL/ASN-1/1#2", "item_id": "04012345123456", "quantity": "2", "uom": "CA",
                  "document_id": "PO-6", "row_number": 18},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bsn06", "event_type", "partner"),
    [("42", "shipment_confirmed", None), ("44", "transfer_shipped", "DC02")],
)
def test_an_856_of_the_shipper_itself_says_that_goods_left(landed, bsn06, event_type, partner):
    row, _ = landed("856", f"BSN*00*ASN-1*20260105*0700*0001*{bsn06}", *NOTICE).events
    assert (row["event_type"], row["facility_id"], row.get("partner_facility_id")) == (event_type, "DC01", partner)
    assert (row["event_time"], row["document_id"]) == ("2026-01-05T05:30:00", "ASN-1")


def test_an_846_counts_what_is_on_hand(landed):
    found = landed(
        "846",
        "BIA*00*DD*INV-1*20260105*2200",
        "N1*WH**9*DC02",
        "LIN*1*UP*614141000036",
        "QTY*17*95*EA",
        "QTY*33*80*EA",  # for sale: not counted
        "LIN**VN*SKU-2",
        "DTM*007*20260105*2130*UT",
        "REF*WS*BIN-7",
        "QTY*17*0*CA",
        "CTT*2",
    )
    shared = {"facility_id": "DC02", "file": "a.edi"}
    assert found.counts == [
        shared
        | {"count_id": "846/THREEPL/INV-1/1", "item_id": "00614141000036", "counted_at": "2026-01-05T22:00:00",
           "counted_quantity": "95", "uom": "EA", "row_number": 7},
        shared
        | {"count_id": "846/THREEPL/INV-1/2", "item_id": "SKU-2", "counted_at": "2026-01-05T21:30:00+00:00",
           "counted_quantity": "0", "uom": "CA", "location_id": "BIN-7", "row_number": 12},
    ]  # fmt: skip
    assert (found.events, found.received) == ([], {"a.edi": 3})


@pytest.mark.parametrize("segments", [("BIA*13*DD*INV-1*20260105*2200",), ("BIA*01*DD*INV-1*20260105*2200",)])
def test_an_846_that_asks_or_is_cancelled_counts_nothing(landed, segments):
    found = landed("846", *segments, "N1*WH**9*DC02", "LIN*1*VN*A", "QTY*17*95*EA")
    assert (found.counts, found.received) == ([], {"a.edi": 1})


@pytest.mark.parametrize(
    ("kind", "segments", "usage", "event_type"),
    [
        ("944", ("W17*F*20260105*R1", "W07*1*EA**VN*A"), "T", "receipt_confirmed (test)"),
        ("945", ("W06*F*O*20260105*S********3", "W12*CC*1*1**EA**VN*A"), "P",
         "shipment_confirmed (cancelled)"),
        ("947", ("W15*20260105*A*D*01", "W19*56*1*EA**VN*A"), "P", "inventory_adjusted (cancelled)"),
        ("856", ("BSN*03*N*20260105*0700", "HL*1**I", "LIN*1*VN*A", "SN1**1*EA"), "P", "receipt_created (cancelled)"),
        ("861", ("BRA*N*20260105*01*2", "RCD*1*1*EA"), "P", "receipt_confirmed (cancelled)"),
    ],
)  # fmt: skip
def test_what_is_no_fact_bears_a_word_that_no_event_type_has(landed, kind, segments, usage, event_type):
    [row] = landed(kind, *segments, usage=usage).events
    assert row["event_type"] == event_type


@pytest.mark.parametrize(
    ("w17", "more", "written", "event_time"),
    [
        # A time of its own.
        ("W17*F*20260105*R***2*0715", [], "20260109*1200", "2026-01-05T07:15:00"),
        ("W17*F*260105*R***2*071530", [], "20260109*1200", "2026-01-05T07:15:30"),
        ("W17*F*20260105*R***2*07153025", [], "20260109*1200", "2026-01-05T07:15:30.25"),
        # The time that another segment states for the same day, with its zone.
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*ET"], "20260109*1200", "2026-01-05T08:00:00-05:00"),
        ("W17*F*20260705*R", ["G62*19*20260705*2*0800*ET"], "20260709*1200", "2026-07-05T08:00:00-04:00"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*LT"], "20260109*1200", "2026-01-05T08:00:00"),
        ("W17*F*20260105*R", ["G62*19*20260106*2*0800*ET"], "20260109*1200", "2026-01-05"),
        # The group was written on that day: the latest that it can have been.
        ("W17*F*20260105*R", [], "20260105*1200", "2026-01-05T12:00:00"),
        ("W17*F*20260105*R", [], "260105*1200", "2026-01-05T12:00:00"),
        # It was not: a date is no instant, and none is made up.
        ("W17*F*20260105*R", [], "20260106*0100", "2026-01-05"),
        # What cannot be a time, and a zone that is not known or does not decide, is left to be refused.
        ("W17*F*20260105*R***2*2561", [], "20260105*1200", "2026-01-05T25:61:00"),
        ("W17*F*2026*R***2*0715", [], "20260105*1200", "2026T07:15:00"),
        ("W17*F*20260105*R", ["G62*19*20260105*2*0800*QQ"], "20260105*1200", "2026-01-05T08:00:00 QQ"),
        ("W17*F*20261101*R", ["G62*19*20261101*2*0130*ET"], "20261101*1200", "2026-11-01T01:30:00 ET"),
        ("W17*F*20260308*R", ["G62*19*20260308*2*0230*ET"], "20260308*1200", "2026-03-08T02:30:00 ET"),
        ("W17*F**R", [], "20260105*1200", None),
    ],
)
def test_a_time_is_what_is_stated_and_a_date_alone_is_none(landed, w17, more, written, event_time):
    [row] = landed("944", w17, *more, "W07*1*EA**VN*A", written=written).events
    assert row.get("event_time") == event_time


@pytest.mark.parametrize(
    ("pairs", "item"),
    [
        ("BP*B*VN*V*UP*614141000036*UK*10614141000033", "10614141000033"),
        ("BP*B*VN*V*UP*614141000036", "00614141000036"),
        ("EO*40123455*VN*V", "00000040123455"),
        ("UP*61414100003*VN*V", "61414100003"),  # not as long as a GTIN is
        ("UI*61414100003*VN*V", "61414100003"),  # has no check digit
        ("IN*I*BP*B*SK*S*VN*V", "V"),
        ("IN*I*BP*B*SK*S", "S"),
        ("IN*I*BP*B", "B"),
        ("LT*L*XX*other", "other"),
        ("LT*L*SN*S", None),
    ],
)
def test_the_item_is_named_by_the_best_of_its_numbers(landed, pairs, item):
    [row] = landed("861", "BRA*N*20260105*00*2", "RCD*1*1*EA", f"LIN*1*{pairs}").events
    assert row.get("item_id") == item
    assert (row.get("lot_id"), row.get("serial_id")) == (
        "L" if "LT*" in pairs else None,
        "S" if "SN*" in pairs else None,
    )


def test_a_level_that_names_two_places_of_one_kind_names_none(landed):
    [row] = landed("944", "W17*F*20260105*R", "N1*WH**9*A", "N1*WH**9*B", "N1*WH**9*A", "W07*1*EA**VN*A").events
    assert row["facility_id"] == "A or B"


def test_a_place_without_a_code_is_its_name(landed):
    [row] = landed("944", "W17*F*20260105*R", "N1*WH*Old Mill", "W07*1*EA**VN*A").events
    assert row["facility_id"] == "Old Mill"


def test_a_document_without_its_number_has_no_id(landed):
    [row] = landed("944", "W17*F*20260105**O1", "W07*1*EA**VN*A").events
    assert "event_id" not in row


def test_ids_do_not_change_when_a_document_is_sent_again(tmp_path):
    segments = ("W17*F*20260105*R1*O1**2*0715", "N1*WH**9*DC02", "W07*5*EA**VN*A", "W07*6*EA**VN*B")
    again = text(
        interchange(group(transaction("997"), transaction("944", *segments, control="0099"), control=5), control=9)
    )
    first, second = file(tmp_path, document("944", *segments)), file(tmp_path, again, "b.edi")
    rows = Landed(first, second).events
    for row in rows:
        del row["file"], row["row_number"]
    assert rows[:2] == rows[2:]
    assert len(rows) == 4


def test_everything_else_is_counted_as_out_of_scope(tmp_path):
    sets = [
        transaction("997", "AK1*RE*1", "AK9*A*1*1*1"),
        transaction("999", "AK1*RE*1"),
        transaction("940", "W05*N*O1", "LX*1", "W01*5*EA**VN*A"),
        transaction("944", "W17*F*20260105*R1", "N1*WH**9*DC02"),  # no line
        transaction("944", "W17*F*20260105*R2", "W07*1*EA**VN*A"),
    ]
    isa, *rest = interchange(group(*sets))
    found = Landed(file(tmp_path, text([isa, "TA1*000000001*260105*2300*A*000", *rest])), file(tmp_path, "", "b.edi"))
    assert [r["event_id"] for r in found.events] == ["944/THREEPL/R2/1"]
    # One row, four other sets, one acknowledgment.
    assert found.received == {"a.edi": 6, "b.edi": 0}


def test_a_feed_without_files_holds_nothing():
    found = Landed()
    assert (found.events, found.counts, found.received) == ([], [], {})


def test_many_rows_come_in_portions_and_in_order(tmp_path):
    sets = [
        transaction(
            "944", f"W17*F*20260105*R{n}", *(f"W07*{line}*EA**VN*A" for line in range(1, 41)), control=f"{n:04}"
        )
        for n in range(60)
    ]
    found = Landed(file(tmp_path, text(interchange(group(*sets)))))
    assert [r["row_number"] for r in found.events] == [
        2 + n * 43 + 2 + line for n in range(60) for line in range(1, 41)
    ]
