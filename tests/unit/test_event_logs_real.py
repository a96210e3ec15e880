"""Real event logs: figures are taken from their own tables by plain sqlite3 and csv, other notations written by pm4py."""

import ast
import csv
import gzip
import shutil
import sqlite3
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.landing import Landing
from tests.support import real_data

PLACES = ("Company Warehouse", "PADS Inventory (VMI)", "Planning System")
TYPES = {
    "Register incoming Customer Order": "inventory_reserved",
    "Place Replenishment Order": "transfer_requested",
    "Pick and pack items for Customer Order": "pick_confirmed",
    "Send Parcel to Customer": "shipment_confirmed",
    "Identify incoming Delivery": "receipt_created",
    "Unpack Incoming Delivery": "receipt_confirmed",
    "Place delivered Items into Inventory": "putaway_completed",
    "Cancel Customer Order": "inventory_adjusted",
}
QUANTITIES = {"item_id": "quantity:item", "location_id": "quantity:place", "quantity": "quantity:value"}
# Without quantities: an event and what it is related to, a parcel, an order, a delivery and who did it.
RELATED = {
    "document_id": "object:Customer Order",
    "supplier_id": "object:Incoming Delivery.supplier",
    "owner_id": "object:Customer Order.customer_id",
    "serial_id": "object:Parcel",
    "location_id": "attribute:loading_bay",
    "shift": "object:Customer Order.customer_order_accepted",
}
SEEN = "event_id, raw_event_type, event_time, document_id, supplier_id, owner_id, serial_id, location_id, shift, reason"


@pytest.fixture(scope="module")
def quantity_log() -> Path:
    return real_data("ocel-inventory-quantities", "qel_inventory.sqlite")


def own_tables(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as con:
        return con.execute(sql).fetchall()


def operations(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """(event, collection point, item, quantity) of every quantity that the log states."""
    names = [row[1] for row in own_tables(path, "PRAGMA table_info(quantity_operations)")][2:]
    for event, place, *values in own_tables(path, "SELECT * FROM quantity_operations"):
        yield from ((event, place, item, moved) for item, moved in zip(names, values, strict=True) if moved is not None)


def land(landing: Landing, path: Path, seen: str, **feed: Any) -> list[tuple[Any, ...]]:
    (landing.root / "feeds").mkdir(exist_ok=True)
    shutil.copy(path, landing.root / "feeds" / path.name)
    given = {"facility": "NDC", "event_types": TYPES, "path": f"feeds/{path.name}", "system_timezone": "UTC", **feed}
    return [row[1:] for row in landing.land(seen, **{"adapter": "ocel", **given})]


def test_every_event_and_every_quantity_operation_arrives(landing, quantity_log):
    found = land(
        landing, quantity_log, "event_id, raw_event_type, location_id, item_id, quantity, reason", columns=QUANTITIES
    )
    [(events_count,)] = own_tables(quantity_log, "SELECT count(DISTINCT ocel_id) FROM event")
    [(operations_count,)] = own_tables(quantity_log, "SELECT count(*) FROM quantity_operations")
    assert (events_count, operations_count) == (3622, 4100)
    # Every event, with its type; and `init`, the stock at the beginning, which is no event and has no time.
    types = dict(own_tables(quantity_log, "SELECT ocel_id, ocel_type FROM event"))
    arrived = {event.partition("#")[0]: kind for event, kind, *_ in found}
    assert arrived == {**types, "init": None}
    assert {reason for event, *_, reason in found if not event.startswith("init")} == {None}
    # Every quantity of every operation at the three collection points, none twice.
    stated = Counter(operations(quantity_log))
    rows = Counter((event.partition("#")[0], place, item, int(moved)) for event, _, place, item, moved, reason in found
                   if item and reason is None)  # fmt: skip
    beginning = Counter({key: n for key, n in stated.items() if key[0] == "init"})
    assert rows + beginning == stated
    assert {place for _, place, _, _ in rows} == set(PLACES)
    # Operations that move nothing are out of scope; an event without any quantity is one row.
    moving = {(event, place) for event, place, _, _ in stated}
    still = set(types) - {event for event, _ in moving}
    assert len(found) == stated.total() + len(still)
    assert landing.received() == len(found) + operations_count - len(moving)
    assert (len(moving), len(still), stated.total()) == (3026, 1059, 6518)


def test_stock_is_conserved_by_item_and_place(landing, quantity_log):
    """What was there at the beginning and all movements sum to what the log's own columns sum to."""
    rows = land(landing, quantity_log, "location_id, item_id, quantity, event_id", columns=QUANTITIES)
    arrived: Counter[tuple[str, str]] = Counter()
    for place, item, moved, _ in rows:
        if item:
            arrived[place, item] += moved
    names = [row[1] for row in own_tables(quantity_log, "PRAGMA table_info(quantity_operations)")][2:]
    sums = ", ".join(f'sum("{name}")' for name in names)
    by_place = own_tables(quantity_log, f"SELECT ocel_cpid, {sums} FROM quantity_operations GROUP BY 1")
    expected = {
        (place, item): Decimal(total)
        for place, *totals in by_place
        for item, total in zip(names, totals, strict=True)
        if total is not None
    }
    assert dict(arrived) == expected
    assert len(expected) == 30


@pytest.fixture(scope="module")
def exported(quantity_log, tmp_path_factory) -> dict[str, Path]:
    """The log in JSON and XML as pm4py writes it; it takes times without a zone for UTC."""
    folder = tmp_path_factory.mktemp("pm4py")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        theirs = pm4py.read_ocel2_sqlite(str(quantity_log))
        pm4py.write_ocel2_json(theirs, str(folder / "log.json"))
        pm4py.write_ocel2_xml(theirs, str(folder / "log.xml"))
    return {"json": folder / "log.json", "xml": folder / "log.xml"}


def comparable(rows: list[tuple[Any, ...]], *, is_json: bool) -> list[tuple[Any, ...]]:
    """pm4py writes 1 as 1.0, and in JSON no fractions of a second; all else is as it was."""
    found = []
    for own, kind, at, document, supplier, owner, serial, bay, accepted, reason in rows:
        time = at.astimezone(UTC).replace(microsecond=0) if is_json else at.astimezone(UTC)
        flag = None if accepted is None else float(accepted)
        found.append((own, kind, time, document, supplier, owner, serial, bay, flag, reason))
    return sorted(found)


@pytest.mark.parametrize("notation", ["json", "xml"])
def test_other_notations_of_the_log_give_what_its_tables_give(landing, quantity_log, exported, notation):
    own = land(landing, quantity_log, SEEN, columns=RELATED)
    theirs = land(landing, exported[notation], SEEN, columns=RELATED)
    assert len(own) == 3622
    assert comparable(theirs, is_json=notation == "json") == comparable(own, is_json=notation == "json")
    # Something is there to be compared: 128 deliveries are identified and 128 unpacked, each of one supplier.
    assert sum(row[4] is not None for row in own) == 256


def test_an_order_was_accepted_at_an_events_time_as_its_own_changes_say(landing, quantity_log):
    """All times are written alike, so that their text sorts as they do."""
    changes = own_tables(
        quantity_log,
        "SELECT ocel_id, ocel_time, customer_order_accepted FROM object_CustomerOrder "
        "WHERE ocel_changed_field = 'customer_order_accepted' ORDER BY ocel_time",
    )
    times: dict[str, str] = {}
    for (table,) in own_tables(quantity_log, "SELECT ocel_type_map FROM event_map_type"):
        times.update(own_tables(quantity_log, f'SELECT ocel_id, ocel_time FROM "event_{table}"'))
    orders = own_tables(
        quantity_log,
        "SELECT ocel_event_id, ocel_object_id FROM event_object "
        "WHERE ocel_object_id IN (SELECT ocel_id FROM object WHERE ocel_type = 'Customer Order')",
    )
    expected = {}
    for event, order in orders:
        until = [accepted for own, at, accepted in changes if own == order and at <= times[event]]
        expected[event] = str(until[-1]) if until else None
    found = dict(land(landing, quantity_log, "event_id, shift", columns=RELATED))
    assert {event: accepted for event, accepted in found.items() if event in expected} == expected
    assert {accepted for event, accepted in found.items() if event not in expected} == {None}
    assert set(expected.values()) == {None, "0", "1"}


def test_an_event_of_several_pallets_is_a_row_for_each(landing, quantity_log):
    """Pallets are unpacked together, by delivery, and placed into stock one by one."""
    stated = own_tables(
        quantity_log,
        "SELECT ocel_event_id, ocel_object_id FROM event_object "
        "WHERE ocel_object_id IN (SELECT ocel_id FROM object WHERE ocel_type = 'Palette')",
    )
    found = land(landing, quantity_log, "event_id, serial_id", columns={"serial_id": "object:Palette"})
    pallets = [(event.partition("#")[0], pallet) for event, pallet in found if pallet]
    assert sorted(pallets) == sorted(stated)
    assert len(pallets) == 1006 + 1004
    assert len({event for event, _ in found}) == len(found) == 3622 + 1006 - 128


def test_the_flat_log_of_the_erp_states_days_and_no_times(landing):
    """All 1,210 rows are accounted for: a day is no instant, so each is quarantined for it, with all else read."""
    path = real_data("erp-inventory-sqlite", "ocel_inventory_management.csv")
    columns = {"item_id": "object:MAT", "facility_id": "object:PLA", "document_id": "object:SO_ITEM"}
    found = land(landing, path, "raw_event_type, raw_facility_id, item_id, document_id, reason, detail", columns=columns,
                 event_types={}, facility=None)  # fmt: skip
    with path.open(newline="") as stream:
        stated = list(csv.DictReader(stream))

    def one(cell: str) -> str | None:
        found = ast.literal_eval(cell) if cell else [None]
        assert len(found) == 1
        return found[0]

    expected = [
        (r["ocel:activity"], one(r["ocel:type:PLA"]), one(r["ocel:type:MAT"]), one(r["ocel:type:SO_ITEM"]))
        for r in stated
    ]
    assert [row[:4] for row in found] == expected
    assert (len(found), landing.received(), landing.malformed()) == (1210, 1210, [])
    known = dict.fromkeys({r["ocel:activity"] for r in stated}, "pick_confirmed")
    again = land(landing, path, "reason, detail", columns={"item_id": "object:MAT"}, event_types=known)
    assert again == [("schema violation", f"event_time '{r['ocel:timestamp']}' is not a time") for r in stated]


def test_a_xes_log_that_pm4py_wrote_is_read_event_by_event(landing, tmp_path):
    """The purchasing log: every row of its CSV, by case, activity, end and resource."""
    with gzip.open(real_data("purchasing-log", "PurchasingExample.csv.gz"), "rt", newline="") as stream:
        stated = list(csv.DictReader(stream))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pm4py

        frame = pd.DataFrame({
            "case:concept:name": [r["case_id"] for r in stated],
            "concept:name": [r["activity"] for r in stated],
            "time:timestamp": pd.to_datetime([r["end_time"] for r in stated], utc=True),
            "org:resource": [r["resource"] for r in stated],
        })  # fmt: skip
        pm4py.write_xes(frame, str(tmp_path / "log.xes"))
    known = dict.fromkeys({r["activity"] for r in stated}, "receipt_created")
    found = land(landing, tmp_path / "log.xes", "document_id, raw_event_type, event_time, actor_id, reason", adapter="xes",
                 event_types=known, system_timezone=None)  # fmt: skip
    expected = Counter(
        (r["case_id"], r["activity"], datetime.fromisoformat(r["end_time"]).astimezone(UTC), r["resource"], None)
        for r in stated
    )
    assert Counter((case, kind, at.astimezone(UTC), who, reason) for case, kind, at, who, reason in found) == expected
    assert (len(found), landing.received()) == (9119, 9119)
    ids = landing.engine.value("SELECT count(DISTINCT event_id) FROM landing.wms__inventory_event")
    assert ids == 9119
