"""A workspace that is fed by EDIFACT alone, from the interchange to the published figures."""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.edifact import document, interchange, message
from tests.pipelines.support import dockledger_here, make_workspace, put, rows, sentence
from tests.x12 import text

PLANT, HUB = "5412345000013", "5410738100005"
CONFIGURATION = f"""\
as_of: 2026-01-10T00:00:00Z
facilities:
  - {{id: PLANT, timezone: America/Chicago, gln: "{PLANT}"}}
  - {{id: HUB, timezone: Europe/Berlin, gln: "{HUB}"}}
feeds:
  - {{name: edi, adapter: edifact, path: "feeds/edi/*.edi", system_timezone: facility}}
  - {{name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}}
reference: {{items: items.csv}}
"""
OWN = (f"NAD+BY+{PLANT}::9", f"NAD+SU+{PLANT}::9", f"NAD+DP+{HUB}::9")
# The despatch left at 08:30 in Chicago, 14:30 UTC; the receipt was at 09:00 in Berlin, 08:00 UTC.
SHIPPED = message(
    "DESADV", "BGM+351+DA-1+9", "DTM+11:202601050830:203", "RFF+ON:TO-77", *OWN, "CPS+1", "LIN+1++4000862141404:EN",
    "QTY+12:2:DZN",
)  # fmt: skip
RECEIVED = message(
    "RECADV", "BGM+352+RA-1+9", "DTM+50:202601070900:203", "RFF+ON:TO-77", "RFF+AAK:DA-1", *OWN, "CPS+1",
    "LIN+1++04000862141404:SRV", "QTY+194:20:PCE", "QVR+-4:196++DME",
)  # fmt: skip
COUNTED = message(
    "INVRPT", "BGM+35+INV-1+9", "DTM+366:202601082200:203", f"NAD+GY+{HUB}::9", "LIN+1++4000862141404:EN", "QTY+145:20",
    "QTY+198:4", reference="2",
)  # fmt: skip
# A day alone, told on the next day; a warehouse that nobody knows; a unit that is none of the item.
UNUSABLE = [
    message("DESADV", "BGM+351+D2", "DTM+11:20260107:102", f"NAD+SH+{PLANT}::9", "LIN+1++4000862141404:EN", "QTY+12:1"),
    message("DESADV", "BGM+351+D3", "DTM+11:202601070830:203", "NAD+SH+DC99", "LIN+1++4000862141404:EN", "QTY+12:1"),
    message("DESADV", "BGM+351+D4", "DTM+11:202601070830:203", f"NAD+SH+{PLANT}::9", "LIN+1++4000862141404:EN",
            "QTY+12:1:KGM"),
]  # fmt: skip
FILES: dict[str, str | bytes] = {
    "items.csv": "item_id,gtin,base_uom\nSKU-1,4000862141404,EA\n",
    "feeds/edi/monday.edi": text(interchange(SHIPPED, message("CONTRL", "UCI+1", reference="2")), "'\n", "*"),
    "feeds/edi/thursday.edi": text(
        interchange(RECEIVED, COUNTED, *UNUSABLE, reference="8", written="260108:2300"), "'", "*"
    ),
    "feeds/erp/postings.csv": "posting_id,posting_type,posted_at,facility_id,item_id,quantity,document_id,document_line\n"
    "P1,transfer_shipped,2026-01-05T14:40:00Z,PLANT,SKU-1,24,TO-77,1\n",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("edifact") / "ws", FILES, CONFIGURATION)
    build_tables(root)
    return root


def test_local_times_become_instants_and_a_posting_is_found_by_the_documents_number(published):
    found = rows(
        published,
        "SELECT facility_id, event_type, latency_s, document_id, file, row_number FROM marts.event_latency "
        "ORDER BY event_time, row_number",
    )
    # 14:40 less 14:30: 600 s. UNB 1, UNH 2, BGM 3, DTM 4, RFF 5, NAD 6-8, CPS 9, LIN 10, QTY 11; RECADV has one RFF more.
    assert [tuple(row.values()) for row in found] == [
        ("PLANT", "transfer_shipped", 600.0, "TO-77", "feeds/edi/monday.edi", 11),
        ("HUB", "transfer_received", None, "TO-77", "feeds/edi/thursday.edi", 12),
        ("HUB", "quality_hold_placed", None, "TO-77", "feeds/edi/thursday.edi", 13),
    ]


def test_both_ends_of_a_transfer_meet_in_the_base_unit(published):
    # Two dozen are 24 pieces. From 5 January 14:30 to 7 January 08:00: 41.5 hours, 149,400 s.
    found = rows(
        published,
        "SELECT transfer_id, from_facility_id, to_facility_id, cycle_time_s, shipped_units, received_units "
        "FROM marts.transfers",
    )
    assert [tuple(row.values()) for row in found] == [("TO-77", "PLANT", "HUB", 149_400.0, 24, 20)]


def test_stock_on_hand_is_a_count(published):
    # 22:00 in Berlin is 21:00 UTC. UNT of the receipt is 14, UNH 15, BGM 16, DTM 17, NAD 18, LIN 19, QTY 20.
    found = rows(
        published, "SELECT facility_id, item_id, counted_at, counted_quantity, row_number FROM marts.count_records"
    )
    assert [tuple(row.values()) for row in found] == [("HUB", "SKU-1", "2026-01-08T21:00:00Z", 20, 20)]


def test_every_row_is_accounted_for(published):
    counted = rows(
        published,
        "SELECT received_count, accepted_count, quarantined_count, out_of_scope_count FROM marts.feed_reconciliation "
        "WHERE feed = 'edi' ORDER BY file",
    )
    # Monday: the despatch and the CONTRL. Thursday: receipt, damage and count, three that cannot be used, what is in transit.
    assert [tuple(row.values()) for row in counted] == [(2, 1, 0, 1), (7, 3, 3, 1)]


def test_what_cannot_be_used_is_quarantined_with_its_segment(published):
    found = rows(published, "SELECT row_number, reason, detail FROM marts.quarantine ORDER BY row_number")
    # The count ends with UNT 22; then seven, seven and seven segments, of which the sixth states the quantity.
    assert [tuple(row.values()) for row in found] == [
        (28, "schema violation", "event_time '2026-01-07' is not a time"),
        (35, "unknown facility", "facility_id 'DC99' is not known"),
        (42, "unknown unit", "uom 'KGM' cannot be converted to the item's base unit"),
    ]


def test_a_document_sent_again_changes_nothing(published, tmp_path):
    """In another interchange of the same minute; the second delivery is a duplicate."""
    root = make_workspace(tmp_path / "ws", FILES, CONFIGURATION)
    put(root, "feeds/edi/again.edi", text(interchange(SHIPPED, reference="99"), "'", "*"))
    build_tables(root)
    query = "SELECT event_id, event_type, quantity, latency_s FROM marts.event_latency ORDER BY event_id"
    assert rows(root, query) == rows(published, query)
    accounts = "SELECT sum(duplicate_count) AS n FROM marts.feed_reconciliation WHERE feed = 'edi'"
    assert rows(root, accounts) == [{"n": 1}]


def test_an_interchange_that_is_not_whole_is_unusable_input(tmp_path):
    root = make_workspace(tmp_path / "ws", FILES, CONFIGURATION)
    whole = document("DESADV", "BGM+351+D9", "LIN+1++A:SA", "QTY+12:1")
    put(root, "feeds/edi/wednesday.edi", whole.replace("UNT+5", "UNT+6"))
    checked = dockledger_here("check", root)
    assert checked.exit_code == 2
    assert sentence(checked.stderr) == "feeds/edi/wednesday.edi: segment 6: UNT states '6' segments, but there are 5"


def test_a_feed_of_suppliers_despatches_announces_receipts(tmp_path):
    mapped = "facility, event_types: {shipment_confirmed: receipt_created}}\n"
    configuration = CONFIGURATION.replace("facility}\n", mapped) + "posting_expected: {receipt_created: true}\n"
    despatch = document(
        "DESADV", "BGM+351+D5+9", "DTM+137:202601051200:203", f"NAD+BY+{HUB}::9", "NAD+SU+VENDOR-1",
        "CPS+1", "LIN+1++4000862141404:EN", "QTY+12:1:GRO",
    )  # fmt: skip
    root = make_workspace(
        tmp_path / "ws", {"items.csv": FILES["items.csv"], "feeds/edi/a.edi": despatch}, configuration
    )
    build_tables(root)
    # 12:00 in Berlin is 11:00 UTC; a gross is 144.
    found = rows(root, "SELECT event_type, facility_id, event_time, quantity FROM marts.event_latency")
    assert [tuple(row.values()) for row in found] == [("receipt_created", "HUB", "2026-01-05T11:00:00Z", 144)]
