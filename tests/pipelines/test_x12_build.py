"""A workspace that is fed by X12 alone, from the interchange to the published figures."""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import dockledger_here, make_workspace, put, rows, sentence
from tests.x12 import document, group, interchange, text, transaction

CONFIGURATION = """\
as_of: 2026-01-10T00:00:00Z
facilities:
  - {id: PLANT, timezone: America/Chicago, codes: [DC01]}
  - {id: HUB, timezone: Europe/Berlin, codes: [DC02]}
feeds:
  - {name: edi, adapter: x12, path: "feeds/edi/*.edi", system_timezone: facility}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}
"""
# The shipment left at 08:30 in Chicago, 14:30 UTC; the receipt was at 09:00 in Berlin, 08:00 UTC.
SHIPPED = transaction(
    "943",
    "W06*F*TO-77*20260105*SHP-1",
    "N1*SF**9*DC01",
    "N1*ST**9*DC02",
    "G62*11*20260105*1*0830",
    "W04*10*EA**VN*SKU-1",
    "N9*LI*1",
)
RECEIVED = transaction(
    "944", "W17*B*20260107*R-1*TO-77*SHP-1*2*0900", "N1*WH**9*DC02", "N1*SF**9*DC01", "W07*9*EA**VN*SKU-1", "N9*LI*1"
)
COUNTED = transaction(
    "846", "BIA*00*DD*INV-1*20260108*2200", "N1*WH**9*DC02", "LIN*1*VN*SKU-1", "QTY*17*9*EA", "QTY*33*8*EA"
)
# A day alone, told on the next day; a warehouse that nobody knows; a test.
UNUSABLE = [
    transaction("945", "W06*F*SO-1*20260107*S1", "N1*WH**9*DC02", "W12*CC*1*1**EA**VN*SKU-1"),
    transaction("944", "W17*F*20260108*R-2***2*0900", "N1*WH**9*DC99", "W07*9*EA**VN*SKU-1"),
    transaction("944", "W17*K*20260108*R-3***2*0900", "N1*WH**9*DC02", "W07*9*EA**VN*SKU-1"),
]
FILES: dict[str, str | bytes] = {
    "feeds/edi/monday.edi": text(interchange(group(SHIPPED, transaction("997", "AK1*RE*1"), written="20260105*0900"))),
    "feeds/edi/thursday.edi": text(
        interchange(group(RECEIVED, COUNTED, *UNUSABLE, written="20260108*2300"), control=8)
    ),
    "feeds/erp/postings.csv": "posting_id,posting_type,posted_at,facility_id,item_id,quantity,document_id,document_line\n"
    "P1,transfer_shipped,2026-01-05T14:40:00Z,PLANT,SKU-1,10,TO-77,1\n",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("x12") / "ws", FILES, CONFIGURATION)
    build_tables(root)
    return root


def test_local_times_become_instants_and_a_posting_is_found_by_the_documents_number(published):
    found = rows(
        published,
        "SELECT facility_id, event_type, latency_s, document_id, file, row_number FROM marts.event_latency ORDER BY event_id",
    )
    # 14:40 less 14:30: 600 s. SHIPPED: ISA 1, GS 2, ST 3, W06 4 ... W04 8; RECEIVED: W07 is 7.
    assert found == [
        {"facility_id": "PLANT", "event_type": "transfer_shipped", "latency_s": 600.0, "document_id": "TO-77",
         "file": "feeds/edi/monday.edi", "row_number": 8},
        {"facility_id": "HUB", "event_type": "transfer_received", "latency_s": None, "document_id": "TO-77",
         "file": "feeds/edi/thursday.edi", "row_number": 7},
    ]  # fmt: skip


def test_both_ends_of_a_transfer_meet(published):
    # From 5 January 14:30 to 7 January 08:00: 41.5 hours, 149,400 s.
    assert rows(
        published,
        "SELECT transfer_id, from_facility_id, to_facility_id, cycle_time_s, shipped_units, received_units "
        "FROM marts.transfers",
    ) == [
        {
            "transfer_id": "TO-77",
            "from_facility_id": "PLANT",
            "to_facility_id": "HUB",
            "cycle_time_s": 149_400.0,
            "shipped_units": 10,
            "received_units": 9,
        }
    ]


def test_stock_on_hand_is_a_count(published):
    # 22:00 in Berlin is 21:00 UTC.
    assert rows(published, "SELECT facility_id, item_id, counted_at, counted_quantity, row_number FROM marts.count_records") == [
        {"facility_id": "HUB", "item_id": "SKU-1", "counted_at": "2026-01-08T21:00:00Z", "counted_quantity": 9,
         "row_number": 14}
    ]  # fmt: skip


def test_every_row_is_accounted_for(published):
    counted = rows(
        published,
        "SELECT received_count, accepted_count, quarantined_count, out_of_scope_count FROM marts.feed_reconciliation "
        "WHERE feed = 'edi' ORDER BY file",
    )
    # Monday: the shipment and the 997. Thursday: receipt and count, three that cannot be used, one of them as an event
    # and as an order line, what is for sale.
    assert [tuple(row.values()) for row in counted] == [(2, 1, 0, 1), (7, 2, 4, 1)]


def test_what_cannot_be_used_is_quarantined_with_its_segment(published):
    found = rows(published, "SELECT row_number, reason, detail FROM marts.quarantine ORDER BY row_number, part")
    assert [tuple(row.values()) for row in found] == [
        (20, "schema violation", "event_time '2026-01-07' is not a time"),
        (20, "schema violation", "shipped_at '2026-01-07' is not a time"),
        (25, "unknown facility", "facility_id 'DC99' is not known"),
        (30, "unknown event type", "event_type 'receipt_confirmed (simulation)' is not known"),
    ]


def test_an_interchange_that_is_not_whole_is_unusable_input(tmp_path):
    root = make_workspace(tmp_path / "ws", FILES, CONFIGURATION)
    whole = document("944", "W17*F*20260108*R-4", "W07*9*EA**VN*SKU-1")
    put(root, "feeds/edi/wednesday.edi", whole.replace("SE*4*", "SE*5*"))
    checked = dockledger_here("check", root)
    assert checked.exit_code == 2
    assert sentence(checked.stderr) == ("feeds/edi/wednesday.edi: segment 6: SE01 states '5' segments, but there are 4")


def test_a_folder_whose_receipts_are_all_transfers_says_so_in_the_workspace(tmp_path):
    """The feed's own words win over the adapter's."""
    configuration = CONFIGURATION.replace(
        "facility}\n", "facility, event_types: {receipt_confirmed: transfer_received}}\n"
    )
    receipt = document("944", "W17*F*20260105*R-4*TO-78**2*0900", "N1*WH**9*DC02", "W07*9*EA**VN*SKU-1")
    root = make_workspace(tmp_path / "ws", {"feeds/edi/a.edi": receipt}, configuration)
    build_tables(root)
    assert rows(root, "SELECT event_type FROM marts.event_latency") == [{"event_type": "transfer_received"}]
