"""EPCIS documents, own and foreign, become canonical rows; broken ones are refused by name."""

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.epcis_json import ADAPTER
from pipelines.simulator import simulate
from pipelines.workspace import Feed
from tests.support import real_data

FEED = Feed(name="epcis", adapter="epcis_json", path="feeds/*.json")


def rows_of(*paths: Path) -> list[dict[str, Any]]:
    """The canonical rows of files, in order of file, row and event id."""
    con = duckdb.connect(config={"threads": "1"})
    landing = ADAPTER.land(con, FEED, [FeedFile(path, path.name) for path in paths])
    found: list[dict[str, Any]] = []
    for scan in landing.scans:
        assert scan.stage
        scan.stage(con)
        result = con.execute(f"SELECT * FROM ({scan.sql}) ORDER BY file, row_number, event_id")
        names = [column[0] for column in result.description]
        assert set(names) == {*scan.columns, "file", "row_number"}
        found += [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return found


def document(folder: Path, *events: dict[str, Any], name: str = "a.json") -> Path:
    """A capture document that holds these events."""
    path = folder / name
    path.write_text(json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}}))
    return path


def event(**fields: Any) -> dict[str, Any]:
    """A receiving event, changed in some fields."""
    return {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:1",
        "eventTime": "2026-01-05T08:00:00-06:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "bizLocation": {"id": "https://id.gs1.org/414/4012345000115"},
        "quantityList": [{"epcClass": "https://id.gs1.org/01/04012345123456", "quantity": 5}],
    } | fields


def refusal(*paths: Path) -> str:
    """The sentence with which files are refused."""
    with pytest.raises(UnusableInput) as caught:
        rows_of(*paths)
    return str(caught.value)


def test_a_receiving_event_becomes_one_row_with_text_as_delivered(tmp_path):
    [row] = rows_of(document(tmp_path, event(recordTime="2026-01-05T14:00:09Z")))
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "event_id": "urn:uuid:1",
        "event_type": "receipt_confirmed",
        "event_time": "2026-01-05T08:00:00-06:00",
        "recorded_at": "2026-01-05T14:00:09Z",
        "facility_id": "4012345000115",
        "item_id": "04012345123456",
        "quantity": "5",
        "file": str(tmp_path / "a.json"),
        "row_number": 1,
    }


@pytest.mark.parametrize(
    "step",
    [
        "shipping",
        "cbv:BizStep-shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "https://ns.gs1.org/cbv/BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://example.com/steps/shipment_confirmed",
        "urn:example:step:shipment_confirmed",
    ],
)
def test_every_spelling_of_a_business_step_means_the_same(tmp_path, step):
    [row] = rows_of(document(tmp_path, event(bizStep=step)))
    assert row["event_type"] == "shipment_confirmed"


@pytest.mark.parametrize(
    ("fields", "event_type"),
    [
        ({"bizStep": "receiving"}, "receipt_confirmed"),
        ({"bizStep": "receiving", "disposition": "returned"}, "return_received"),
        ({"bizStep": "receiving", "disposition": "urn:epcglobal:cbv:disp:returned"}, "return_received"),
        ({"bizStep": "receiving", "bizTransactionList": [{"type": "po", "bizTransaction": "x"}]}, "receipt_confirmed"),
        ({"bizStep": "receiving", "bizTransactionList": [{"type": "rma", "bizTransaction": "x"}]}, "return_received"),
        (
            {
                "bizStep": "receiving",
                "bizTransactionList": [
                    {"type": "desadv", "bizTransaction": "x"},
                    {"type": "https://example.com/btt/transfer_order", "bizTransaction": "y"},
                ],
            },
            "transfer_received",
        ),
    ],
)
def test_the_rule_that_says_most_decides_the_event_type(tmp_path, fields, event_type):
    [row] = rows_of(document(tmp_path, event(**fields)))
    assert row["event_type"] == event_type


@pytest.mark.parametrize(
    ("fields", "event_type"),
    [
        ({"bizStep": "inspecting"}, "inspecting"),
        ({"bizStep": "https://example.com/steps/polishing"}, "https://example.com/steps/polishing"),
        ({"bizStep": None}, "ObjectEvent"),
        ({"type": "TransformationEvent"}, "TransformationEvent"),
    ],
)
def test_a_step_without_event_type_is_passed_on_as_it_is(tmp_path, fields, event_type):
    [row] = rows_of(document(tmp_path, event(**fields)))
    assert row["event_type"] == event_type


@pytest.mark.parametrize(
    ("declaration", "withdrawn_at"),
    [
        (None, None),
        ({"declarationTime": "2026-01-06T00:00:00Z", "reason": "did_not_occur"}, "2026-01-06T00:00:00Z"),
        ({"reason": "incorrect_data"}, "no declarationTime"),
    ],
)
def test_an_error_declaration_states_when_the_event_was_withdrawn(tmp_path, declaration, withdrawn_at):
    """Without its time it is no instant, so that landing quarantines it."""
    [row] = rows_of(document(tmp_path, event(errorDeclaration=declaration)))
    assert (row["event_type"], row["withdrawn_at"]) == ("receipt_confirmed", withdrawn_at)


@pytest.mark.parametrize(
    ("epc", "item", "lot", "serial"),
    [
        ("https://id.gs1.org/01/04012345123456", "04012345123456", None, None),
        ("https://id.example.org/some/path/01/04012345123456/10/AB%2F7?linkType=all", "04012345123456", "AB/7", None),
        ("https://id.gs1.org/01/4012345123456/21/S1", "04012345123456", None, "S1"),
        # GTIN 1 0614141 07346 + check: 3*(1+6+4+4+0+3+6) + (0+1+1+1+7+4) = 72 + 14 = 86, so 4
        ("urn:epc:id:sgtin:0614141.107346.2017", "10614141073464", None, "2017"),
        ("urn:epc:idpat:sgtin:0614141.107346.*", "10614141073464", None, None),
        ("urn:epc:class:lgtin:0614141.107346.L.9", "10614141073464", "L.9", None),
        # SSCC 1 0614141 234567890 + check: 3*(1+6+4+4+2+4+6+8+0) + (0+1+1+1+3+5+7+9) = 105 + 27 = 132, so 8
        ("urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908", None, None),
        # GRAI 0614141 12345 + check: 3*(6+4+4+1+3+5) + (0+1+1+1+2+4) = 69 + 9 = 78, so 2
        ("urn:epc:id:grai:0614141.12345.400", "https://id.gs1.org/8003/00614141123452400", None, None),
        ("https://x.example/8003/00614141123452400?a=b", "https://id.gs1.org/8003/00614141123452400", None, None),
        ("urn:epc:id:giai:0614141.A.1", "https://id.gs1.org/8004/0614141A.1", None, None),
        ("urn:epc:id:sgtin:0614141.7346.2017", "urn:epc:id:sgtin:0614141.7346.2017", None, None),  # two digits short
        ("https://example.com/01/shelf", "https://example.com/01/shelf", None, None),
        ("https://id.gs1.org/00/040123450000003338", "https://id.gs1.org/00/040123450000003338", None, None),
    ],
)
def test_every_spelling_of_a_trade_item_gives_its_gtin_lot_and_serial(tmp_path, epc, item, lot, serial):
    [row] = rows_of(document(tmp_path, event(quantityList=[{"epcClass": epc, "quantity": 1}])))
    assert (row["item_id"], row["lot_id"], row["serial_id"]) == (item, lot, serial)


@pytest.mark.parametrize(
    ("fields", "facility", "location"),
    [
        # GLN 4012345 00025 + check: 3*(0+2+4+0+0+5) + (4+1+3+5+0+2) = 33 + 15 = 48, so 2
        ({"bizLocation": {"id": "urn:epc:id:sgln:4012345.00025.0"}}, "4012345000252", None),
        ({"bizLocation": {"id": "urn:epc:id:sgln:4012345.00025.BIN7"}}, "4012345000252", "BIN7"),
        ({"bizLocation": {"id": "https://id.gs1.de/414/4012345000115/254/A-1"}}, "4012345000115", "A-1"),
        ({"bizLocation": None, "readPoint": {"id": "https://id.gs1.de/414/4012345000115"}}, "4012345000115", None),
        ({"readPoint": {"id": "https://id.gs1.org/414/4012345000115/254/DOCK"}}, "4012345000115", "DOCK"),
        ({"bizLocation": {"id": "https://example.com/places/7"}}, "https://example.com/places/7", None),
        ({"bizLocation": None}, None, None),
    ],
)
def test_every_spelling_of_a_place_gives_its_gln_and_the_place_within(tmp_path, fields, facility, location):
    [row] = rows_of(document(tmp_path, event(**fields)))
    assert (row["facility_id"], row["location_id"]) == (facility, location)


@pytest.mark.parametrize(
    ("transaction", "document_id", "line"),
    [
        ("https://ndc.example/bt/PO0001/2", "PO0001", "2"),
        ("urn:epcglobal:cbv:bt:0614141073467:1152", "1152", None),
        ("http://transaction.acme.com/po/12345678", "12345678", None),
        ("urn:epc:id:gdti:0614141.00001.1618034", "urn:epc:id:gdti:0614141.00001.1618034", None),
    ],
)
def test_a_business_transaction_gives_document_and_line(tmp_path, transaction, document_id, line):
    listed = [{"type": "https://ref.gs1.org/cbv/BTT-po", "bizTransaction": transaction}]
    [row] = rows_of(document(tmp_path, event(bizTransactionList=listed)))
    assert (row["document_type"], row["document_id"], row["document_line"]) == ("po", document_id, line)


def test_the_transaction_that_made_it_a_transfer_is_its_document(tmp_path):
    listed = [
        {"type": "desadv", "bizTransaction": "https://x.example/bt/ASN9/1"},
        {"type": "https://x.example/btt/transfer_order", "bizTransaction": "https://x.example/bt/TO7/1"},
    ]
    ends = {
        "sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:4012345.00025"}],
        "destinationList": [
            {"type": "owning_party", "destination": "urn:epc:id:pgln:4012345.00025"},
            {"type": "location", "destination": "https://id.gs1.org/414/9521234000020"},
        ],
    }
    shipped = event(bizStep="shipping", bizTransactionList=listed, **ends)
    received = event(eventID="urn:uuid:2", bizTransactionList=listed, **ends)
    out, came = rows_of(document(tmp_path, shipped, received))
    assert (out["event_type"], out["document_id"], out["partner_facility_id"]) == (
        "transfer_shipped",
        "TO7",
        "9521234000020",
    )
    assert (came["event_type"], came["document_id"], came["partner_facility_id"]) == (
        "transfer_received",
        "TO7",
        "4012345000252",
    )


def test_the_owner_that_goods_come_from_is_the_supplier_of_a_receipt(tmp_path):
    sources = [
        {"type": "location", "source": "urn:epc:id:sgln:4012345.00025.0"},
        {"type": "cbv:SDT-owning_party", "source": "https://id.gs1.org/417/9521234000037"},
    ]
    [row] = rows_of(document(tmp_path, event(sourceList=sources)))
    assert (row["supplier_id"], row["partner_facility_id"]) == ("9521234000037", None)


def test_each_thing_an_event_names_is_a_row_of_its_own(tmp_path):
    several = event(
        type="AggregationEvent",
        quantityList=None,
        childQuantityList=[
            {"epcClass": "https://id.gs1.org/01/04012345123456", "quantity": 200.5, "uom": "KGM"},
            {"epcClass": "https://id.gs1.org/01/04012345987652", "quantity": 10},
        ],
        childEPCs=["https://id.gs1.org/01/70614141123451/21/2017"],
    )
    nothing = event(eventID="urn:uuid:2", quantityList=[])
    rows = rows_of(document(tmp_path, several, nothing))
    assert [(r["event_id"], r["item_id"], r["quantity"], r["uom"], r["row_number"]) for r in rows] == [
        ("urn:uuid:1", "04012345123456", "200.5", "KGM", 1),
        ("urn:uuid:1#2", "04012345987652", "10", None, 1),
        ("urn:uuid:1#3", "70614141123451", "1", None, 1),
        ("urn:uuid:2", None, None, None, 2),
    ]


def test_a_value_of_an_unexpected_type_is_left_to_be_judged_as_text(tmp_path):
    odd = event(
        quantityList=[{"epcClass": "https://id.gs1.org/01/04012345123456", "quantity": "twenty"}], readPoint="x"
    )
    rows = rows_of(document(tmp_path, odd, event(eventID="urn:uuid:2", eventTime=7)))
    assert [(r["quantity"], r["event_time"]) for r in rows] == [("twenty", odd["eventTime"]), ("5", "7")]


def test_what_is_no_event_at_all_is_still_a_row(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"epcisBody": {"eventList": ["what is this", 7, null]}}')
    assert [(r["event_id"], r["row_number"]) for r in rows_of(path)] == [(None, 1), (None, 2), (None, 3)]


def test_query_results_are_read_like_captured_events(tmp_path):
    path = tmp_path / "query.json"
    results = {"queryName": "q", "resultsBody": {"eventList": [event()]}}
    path.write_text(json.dumps({"type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}))
    assert [r["event_type"] for r in rows_of(path)] == ["receipt_confirmed"]


def test_an_empty_file_and_an_empty_list_are_no_rows(tmp_path):
    empty = tmp_path / "empty.json"
    empty.touch()
    assert rows_of(empty, document(tmp_path, name="none.json")) == []
    assert rows_of() == []


def test_a_name_with_pattern_characters_is_only_a_name(tmp_path):
    path = document(tmp_path, event(), name="we[i]rd*?.json")
    document(tmp_path, event(eventID="urn:uuid:9"), name="weird-x.json")
    assert [r["event_id"] for r in rows_of(path)] == ["urn:uuid:1"]


def test_a_document_that_is_cut_off_is_refused_with_file_and_byte(tmp_path):
    whole = document(tmp_path, event())
    cut = tmp_path / "cut.json"
    cut.write_bytes(whole.read_bytes()[:100])
    said = refusal(whole, cut)
    assert said.startswith("cut.json: it is not a whole JSON document (unexpected end of data at byte 101)")


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "b.json"
    path.write_bytes(bytes(range(256)) * 20)
    assert refusal(path).startswith("b.json: it is not a whole JSON document")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "ObjectEvent"}', "the document has no epcisBody"),
        ("[1, 2]", "the document has no epcisBody"),
        ('{"epcisBody": 7}', "the document has no epcisBody"),
        ('{"epcisBody": {}}', "epcisBody holds no eventList"),
        ('{"epcisBody": {"eventList": {"type": "ObjectEvent"}}}', "epcisBody holds no eventList"),
        ('{"epcisBody": {"eventList": []}} {"epcisBody": {"eventList": []}}', "it holds 2 JSON documents"),
    ],
)
def test_what_is_no_epcis_document_is_refused_with_the_reason(tmp_path, text, reason):
    path = tmp_path / "odd.json"
    path.write_text(text)
    assert refusal(path).startswith(f"odd.json: {reason}")


def test_documents_that_the_simulator_wrote_come_back_as_the_truth(tmp_path):
    simulate("three-dc", tmp_path / "ws", events=2_000, seed=3)
    root = tmp_path / "ws"
    rows = rows_of(*sorted((root / "feeds" / "ndc").glob("*.json")))
    items = pl.read_csv(root / "master" / "items.csv", infer_schema=False)
    item_of = dict(zip(items["gtin"], items["item_id"], strict=True))
    # The workspace maps a GLN to its facility; here the three are told apart by their order.
    glns = {"9521234000013": "NDC", "9521234000020": "RDC", "9521234000037": "3PL1"}
    read = (
        pl.DataFrame(rows)
        .with_columns(
            pl.col("facility_id", "partner_facility_id").replace_strict(glns, default=None),
            pl.col("item_id").replace_strict(item_of, default=None),
            pl.col("event_time", "recorded_at").str.to_datetime(time_zone="UTC", time_unit="us"),
            pl.col("quantity", "sequence_no").cast(pl.Int64),
            pl.col("uom").cast(pl.String),
        )
        .drop("file", "row_number", "serial_id")
        .unique()
        .sort("event_id")
    )
    truth = pl.read_parquet(root / "truth" / "inventory_event.parquet")
    expected = truth.filter(pl.col("facility_id") == "NDC").drop("posting_id", "posted_at").sort("event_id")
    assert len(expected) > 800
    assert read.select(expected.columns).equals(expected)


def test_published_example_documents_are_read():
    """What the documents say, read by eye."""
    folder = real_data("epcis-openepcis", "2.0", "EPCIS", "JSON")
    captured = folder / "Capture" / "Documents"
    link, curie = (
        rows_of(captured / "AggregationEvent_with_digitalLink.json"),
        rows_of(captured / "CurieString_document.json"),
    )
    assert [(r["event_type"], r["facility_id"], r["item_id"], r["lot_id"], r["quantity"], r["uom"]) for r in link] == [
        ("receipt_confirmed", "0614141008889", "04012345123456", "998877", "200.5", "KGM"),
        ("receipt_confirmed", "0614141008889", "04012345987652", None, "10", None),
        ("receipt_confirmed", "0614141008889", "70614141123451", None, "1", None),
        ("receipt_confirmed", "0614141008889", "70614141123451", None, "1", None),
    ]
    assert [(r["facility_id"], r["item_id"], r["serial_id"], r["document_id"]) for r in curie] == [
        ("4012345000115", "04012345999990", "XYZ-1234", "12345678")
    ]
    queried = rows_of(folder / "Query" / "QueryDocumentWithMultipleEvents.json")
    assert [r["row_number"] for r in queried] == sorted(r["row_number"] for r in queried)


def test_every_published_example_document_is_read_without_losing_an_event():
    folder = real_data("epcis-openepcis", "2.0", "EPCIS", "JSON")
    for path in [*(folder / "Capture" / "Documents").glob("*.json"), *(folder / "Query").glob("*.json")]:
        body = json.loads(path.read_text())["epcisBody"]
        events = body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
        assert {r["row_number"] for r in rows_of(path)} == set(range(1, len(events) + 1)), path.name


def test_a_bare_event_is_no_document():
    bare = real_data("epcis-openepcis", "2.0", "EPCIS", "JSON", "Capture", "Events", "ObjectEvent.json")
    assert "has no epcisBody" in refusal(bare)
