"""Transfers that leave in several shipments, through a whole build: what is open, how long the rest took, by hand."""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import make_workspace, rows

CONFIGURATION = """\
as_of: 2026-03-20T00:00:00Z
facilities: [{id: SHP, timezone: UTC}, {id: NEAR, timezone: UTC}, {id: FAR, timezone: UTC},
  {id: BARE, timezone: UTC}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms.csv"}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp.csv"}
sla: {transfer_seconds: 172800}
"""
# TR1: ten came to NEAR on the 11th, ten more left on the 12th. TR2: trucks to FAR on the 10th and the 12th, both received on the 13th.
# TR3: BARE does not say which item it received.
EVENTS = """\
event_id,event_type,event_time,facility_id,item_id,quantity,document_id,document_line,partner_facility_id
T1,transfer_shipped,2026-03-10T08:00:00Z,SHP,A,10,TR1,1,NEAR
T2,transfer_received,2026-03-11T08:00:00Z,NEAR,A,10,TR1,1,SHP
T3,transfer_shipped,2026-03-12T08:00:00Z,SHP,A,10,TR1,2,NEAR
T4,transfer_shipped,2026-03-10T08:00:00Z,SHP,A,10,TR2,1,FAR
T5,transfer_shipped,2026-03-12T08:00:00Z,SHP,A,10,TR2,2,FAR
T6,transfer_received,2026-03-13T08:00:00Z,FAR,A,10,TR2,1,SHP
T7,transfer_received,2026-03-13T08:00:00Z,FAR,A,10,TR2,2,SHP
T8,transfer_shipped,2026-03-10T08:00:00Z,SHP,A,10,TR3,1,BARE
T9,transfer_received,2026-03-11T08:00:00Z,BARE,,10,TR3,,SHP
"""
POSTINGS = "posting_id,posted_at,facility_id,item_id,quantity,event_id\n" + "".join(
    f"P{event},2026-03-{day}T08:05:00Z,{site},A,{quantity},{event}\n"
    for event, day, site, quantity in (
        ("T1", 10, "SHP", -10), ("T2", 11, "NEAR", 10), ("T3", 12, "SHP", -10), ("T4", 10, "SHP", -10),
        ("T5", 12, "SHP", -10), ("T6", 13, "FAR", 10), ("T7", 13, "FAR", 10),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, str | bytes] = {"feeds/wms.csv": EVENTS, "feeds/erp.csv": POSTINGS}
    root = make_workspace(tmp_path_factory.mktemp("transfers") / "ws", files, CONFIGURATION)
    build_tables(root)
    return root


def legs(root: Path, lane: str) -> dict[str, tuple[int, int, float | None]]:
    sql = f"""SELECT leg, finished_count, open_count, p50_s FROM marts.transfer_lead_time WHERE to_facility_id = '{lane}'"""
    return {row["leg"]: (row["finished_count"], row["open_count"], row["p50_s"]) for row in rows(root, sql)}


def test_a_transfer_is_open_while_its_second_truck_is_under_way(published):
    """The first truck came; the transfer as a whole has not, and nothing of its receipt is an end."""
    assert legs(published, "NEAR") == {
        "transit": (0, 1, None),
        "shipment_posting": (1, 0, 300),
        "book_cycle": (0, 1, None),
    }
    [told] = rows(
        published,
        """SELECT reference_id, opened_at, resolved_at, CAST(quantity AS VARCHAR) AS units
        FROM marts.exceptions WHERE rule = 'transfer_unconfirmed' AND resolved_at IS NULL""",
    )
    assert (told["reference_id"], told["opened_at"], told["units"]) == ("TR1", "2026-03-12T08:00:00Z", "10.000000")


def test_a_book_cycle_runs_from_the_first_posting_to_the_last(published):
    """Every posting comes 5 min after its event, so that the books see the same three days, 259,200 s, as the floor."""
    assert legs(published, "FAR") == {
        "transit": (1, 0, 259200),
        "shipment_posting": (1, 0, 300),
        "receipt_posting": (1, 0, 300),
        "book_cycle": (1, 0, 259200),
    }


def test_only_what_has_not_come_is_under_way(published):
    """The ten of TR1's second truck, of an open transfer; not TR2's twenty, nor the ten that BARE received without an item."""
    sql = "SELECT to_facility_id, under_way_units, in_transit_units, remainder_units FROM marts.in_transit"
    assert [tuple(row.values()) for row in rows(published, sql)] == [("NEAR", 10, 10, 0)]
