"""Workspaces fed by event logs, from the file to the published figures."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.building import build_tables
from tests.ocel import Log, as_json
from tests.pipelines.support import dockledger_here, make_workspace, put, rows, sentence
from tests.support import real_data

CONFIGURATION = """\
facilities:
  - {id: CW, timezone: Europe/Berlin, codes: [Company Warehouse]}
  - {id: VMI, timezone: Europe/Berlin, codes: [PADS Inventory (VMI)]}
  - {id: PLAN, timezone: Europe/Berlin, codes: [Planning System]}
feeds:
  - name: simulation
    adapter: ocel
    table: inventory_event
    path: "feeds/*.sqlite"
    facility: CW                      # for events that move nothing
    system_timezone: Europe/Berlin
    columns:
      item_id: "quantity:item"
      facility_id: "quantity:place"
      quantity: "quantity:value"
      document_id: "object:Customer Order"
    event_types:
      Register incoming Customer Order: inventory_reserved
      Place Replenishment Order: transfer_requested
      Pick and pack items for Customer Order: pick_confirmed
      Send Parcel to Customer: shipment_confirmed
      Identify incoming Delivery: receipt_created
      Unpack Incoming Delivery: receipt_confirmed
      Place delivered Items into Inventory: putaway_completed
"""
FACILITY = {"CW": "Company Warehouse", "VMI": "PADS Inventory (VMI)", "PLAN": "Planning System"}


@pytest.fixture(scope="module")
def quantity_log() -> Path:
    return real_data("ocel-inventory-quantities", "qel_inventory.sqlite")


@pytest.fixture(scope="module")
def published(quantity_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("ocel") / "ws", {}, CONFIGURATION)
    (root / "feeds").mkdir()
    shutil.copy(quantity_log, root / "feeds" / "log.sqlite")
    build_tables(root)
    return root


def test_every_row_is_accounted_for(published):
    [counted] = rows(
        published,
        "SELECT received_count, accepted_count, quarantined_count, duplicate_count, out_of_scope_count "
        "FROM marts.feed_reconciliation",
    )
    # 6,518 quantities, 30 of them the stock at the beginning; 1,059 events without one, 18 of them of a type that is
    # not mapped; 4,100 - 3,026 operations that move nothing.
    assert counted == {
        "received_count": 6_518 + 1_059 + 1_074,
        "accepted_count": 6_518 - 30 + 1_059 - 18,
        "quarantined_count": 30 + 18,
        "duplicate_count": 0,
        "out_of_scope_count": 1_074,
    }


def test_both_warehouses_and_the_planning_system_arrive(published, quantity_log):
    found = rows(published, "SELECT facility_id, count(*) AS n FROM marts.event_latency GROUP BY 1")
    with closing(sqlite3.connect(f"file:{quantity_log}?mode=ro&immutable=1", uri=True)) as con:
        names = [row[1] for row in con.execute("PRAGMA table_info(quantity_operations)")][2:]
        counts = " + ".join(f'count("{name}")' for name in names)
        # Of events whose posting is expected: not of reservations, requests and announcements.
        stated = dict(
            con.execute(f"""SELECT q.ocel_cpid, {counts} FROM quantity_operations q JOIN event e USING (ocel_id)
            WHERE e.ocel_type LIKE 'P%k and pack%' OR e.ocel_type LIKE 'Place delivered%' GROUP BY 1""")
        )
        [(still,)] = con.execute("SELECT count(*) FROM event WHERE ocel_type LIKE 'Send%' OR ocel_type LIKE 'Unpack%'")
    assert {FACILITY[row["facility_id"]]: row["n"] for row in found} == {
        **stated,
        "Company Warehouse": stated["Company Warehouse"] + still,
    }


def test_a_log_that_breaks_off_is_unusable_input(tmp_path):
    text = as_json(Log([("e1", "pick_confirmed", "2026-01-05T08:00:00Z", {}, [])]))
    configuration = CONFIGURATION.replace("*.sqlite", "*").replace('"quantity:', '"attribute:')
    root = make_workspace(tmp_path / "ws", {}, configuration)
    put(root, "feeds/log.json", text[:-20])
    checked = dockledger_here("check", root)
    assert checked.exit_code == 2
    assert sentence(checked.stderr) == "feeds/log.json: line 1: it is not whole JSON (Unterminated string starting at)"
