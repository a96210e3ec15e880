"""Measures of orders, purchases and reservations equal what plain Python makes of the same randomly drawn files."""

import csv
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.building import build_tables
from tests.soundness.support import ask

AS_OF = datetime(2026, 3, 10, 2, tzinfo=UTC)
ZONES = {"NDC": "America/Chicago", "RDC": "UTC"}
Row = dict[str, str]


def stamp(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def at(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def some_orders(draw: random.Random) -> list[Row]:
    """Lines shipped at once, in parts (each with the whole order's quantity), too much, late, or not at all."""
    rows = []
    for number in range(300):
        order, line = f"SO{number // 3}", str(number % 3)
        ordered = AS_OF - timedelta(seconds=draw.randrange(400_000))
        promised = ordered + timedelta(seconds=draw.randrange(3600, 300_000))
        quantity = draw.choice([0, 1, 5, 10, None])
        common = {
            "order_id": order, "order_line": line, "facility_id": "NDC" if number % 2 else "RDC",
            "ordered_quantity": "" if quantity is None else str(quantity),
            "ordered_at": draw.choice([stamp(ordered), stamp(ordered), ""]),
            "promised_at": draw.choice([stamp(promised), stamp(promised), ""]),
        }  # fmt: skip
        parts = draw.choice([0, 1, 1, 2, 3])
        for part in range(max(parts, 1)):
            shipped = ordered + timedelta(seconds=draw.randrange(300_000))
            rows.append(
                {
                    **common,
                    "shipment_id": f"{order}-{line}-{part}" if parts > 1 else "",
                    "shipped_quantity": str(draw.choice([1, 4, 5, 10])) if parts else "",
                    "shipped_at": stamp(shipped) if parts else "",
                }
            )
    return rows


def some_purchases(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(200):
        ordered, due = draw.choice([1, 10, 50]), draw.choice(["", "2026-03-08", "2026-03-09", "2026-03-10"])
        rows.append(
            {
                "purchase_order_id": f"PO{number // 2}", "purchase_order_line": str(number % 2),
                "facility_id": draw.choice(["NDC", "RDC"]), "supplier_id": draw.choice(["S1", "S2"]),
                "ordered_quantity": draw.choice([str(ordered), str(ordered), ""]),
                "received_quantity": draw.choice(["", "0", str(ordered), str(ordered - 1), str(ordered + 2)]),
                "rejected_quantity": draw.choice(["", "0", "0", "1"]), "due_date": due,
            }
        )  # fmt: skip
    return rows


def some_reservations(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(120):
        reserved = AS_OF - timedelta(seconds=draw.randrange(300_000))
        released = reserved + timedelta(seconds=draw.randrange(1, 400_000))
        rows.append(
            {
                "reservation_id": f"R{number}", "facility_id": draw.choice(["NDC", "RDC"]),
                "item_id": draw.choice(["A", "B", "C"]), "quantity": str(draw.randrange(1, 30)),
                "reserved_at": stamp(reserved), "released_at": draw.choice(["", stamp(released)]),
            }
        )  # fmt: skip
    return rows


def some_events(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(150):
        kind = draw.choice(["receipt_confirmed", "shipment_confirmed", "inventory_adjusted"])
        quantity = draw.randrange(1, 40)
        rows.append(
            {
                "event_id": f"E{number:03}", "event_type": kind, "facility_id": draw.choice(["NDC", "RDC"]),
                "event_time": stamp(AS_OF - timedelta(seconds=draw.randrange(500_000))),
                "item_id": draw.choice(["A", "B", "C"]),
                "quantity": str(-quantity if kind == "inventory_adjusted" and draw.random() < 0.5 else quantity),
                "to_status": draw.choice(["available", "damaged"]) if kind == "receipt_confirmed" else "",
                "supplier_id": draw.choice(["S1", "S2"]) if kind == "receipt_confirmed" else "",
                "document_id": f"PO{draw.randrange(60)}" if kind == "receipt_confirmed" else "",
                "document_line": str(draw.randrange(2)) if kind == "receipt_confirmed" else "",
            }
        )  # fmt: skip
    return rows


def write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


OPENING = [
    {"facility_id": f, "item_id": i, "quantity": q}
    for f, i, q in [("NDC", "A", "40"), ("RDC", "B", "5"), ("RDC", "C", "0")]
]


@pytest.fixture(scope="module", params=[1, 2])
def drawn(request, tmp_path_factory) -> tuple[Path, dict[str, list[Row]]]:
    draw, root = random.Random(request.param), tmp_path_factory.mktemp("orders")
    tables = {
        "order_line": some_orders(draw), "purchase_line": some_purchases(draw),
        "reservation": some_reservations(draw), "inventory_event": some_events(draw),
    }  # fmt: skip
    for table, rows in tables.items():
        write(root / "feeds" / table / "a.csv", rows)
    write(root / "master" / "opening.csv", OPENING)
    feeds = "".join(
        f"  - {{name: {t}, adapter: canonical_csv, table: {t}, path: 'feeds/{t}/*.csv', expected_interval_seconds: 3600}}\n"
        for t in tables
    )
    zones = ", ".join(f"{{id: {f}, timezone: {z}}}" for f, z in ZONES.items())
    (root / "dockledger.yaml").write_text(
        f"as_of: {AS_OF.isoformat()}\nfacilities: [{zones}]\nreference: {{opening_stock: master/opening.csv}}\n"
        f"feeds:\n{feeds}"
    )
    build_tables(root)
    return root, tables


def lines_of(rows: list[Row]) -> list[dict[str, Any]]:
    """Every order line with what was shipped of it up to as_of, and when it was complete."""
    grouped: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if not row["ordered_at"] or at(row["ordered_at"]) <= AS_OF:  # type: ignore[operator]
            grouped[row["order_id"], row["order_line"]].append(row)
    lines = []
    for (order, _), parts in grouped.items():
        wanted = float(parts[0]["ordered_quantity"] or 0)
        sent, completed = 0.0, None
        for part in sorted(parts, key=lambda p: p["shipped_at"]):
            moment = at(part["shipped_at"])
            if moment is not None and moment <= AS_OF:
                is_before = sent < wanted
                sent += float(part["shipped_quantity"])
                completed = moment if is_before and sent >= wanted else completed
        first = parts[0]
        lines.append(
            {
                "order": order, "facility": first["facility_id"], "wanted": wanted, "sent": sent, "completed": completed,
                "ordered_at": at(first["ordered_at"]), "promised_at": at(first["promised_at"]),
            }
        )  # fmt: skip
    return lines


def test_fill_rates_are_those_of_lines_that_are_due(drawn):
    root, tables = drawn
    lines = lines_of(tables["order_line"])
    begun = {line["order"] for line in lines if line["sent"] > 0}
    expected = {}
    for facility in ZONES:
        own = [line for line in lines if line["facility"] == facility and line["wanted"] > 0]
        due = [
            line for line in own
            if (line["promised_at"] <= AS_OF if line["promised_at"] else line["order"] in begun)
        ]  # fmt: skip
        waiting = {line["order"] for line in own if line not in due}
        whole = [[o for o in due if o["order"] == order] for order in {o["order"] for o in due} - waiting]
        expected[facility] = (
            len(due),
            sum(o["sent"] >= o["wanted"] for o in due),
            len(whole),
            sum(all(o["sent"] >= o["wanted"] for o in order) for order in whole),
            sum(o["wanted"] for o in due),
            sum(min(o["sent"], o["wanted"]) for o in due),
            len(own) - len(due),
        )
    sql = """SELECT facility_id, lines_count, filled_lines_count, orders_count, filled_orders_count, ordered_units,
        filled_units, undecided_lines_count FROM marts.fill_rate"""
    assert {row[0]: row[1:] for row in ask(root, sql)} == expected


def test_promises_are_kept_missed_or_still_open(drawn):
    root, tables = drawn
    expected = {}
    for facility in ZONES:
        own = [o for o in lines_of(tables["order_line"]) if o["facility"] == facility and o["wanted"] > 0]
        promised = [o for o in own if o["promised_at"]]
        done = [o for o in promised if o["completed"]]
        in_time = [o for o in done if o["completed"] <= o["promised_at"]]
        overdue = [o for o in promised if not o["completed"] and o["promised_at"] < AS_OF]
        errors = [(o["completed"] - o["promised_at"]).total_seconds() for o in done]
        expected[facility] = (
            len(done) + len(overdue),
            len(in_time),
            len(overdue),
            sum(abs(e) <= 86400 for e in errors),
            pytest.approx(mean(map(abs, errors))),
            pytest.approx(np.percentile(errors, 90)),
        )
    sql = """SELECT facility_id, t.lines_count, t.on_time_lines_count, t.open_late_lines_count, p.kept_count,
        p.mean_absolute_error_s, p.p90_s FROM marts.on_time_shipment t JOIN marts.promise_accuracy p USING (facility_id)"""
    assert {row[0]: row[1:] for row in ask(root, sql)} == expected


def test_an_order_takes_from_its_first_ordering_to_its_last_completion(drawn):
    root, tables = drawn
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines_of(tables["order_line"]):
        if line["wanted"] > 0:
            grouped[line["facility"], line["order"]].append(line)
    taken: dict[str, list[float]] = defaultdict(list)
    waiting: dict[str, int] = defaultdict(int)
    for (facility, _), lines in grouped.items():
        starts = [line["ordered_at"] for line in lines if line["ordered_at"]]
        ends = [line["completed"] for line in lines]
        if starts and all(ends):
            taken[facility].append((max(ends) - min(starts)).total_seconds())
        waiting[facility] += bool(starts) and not all(ends)
    expected = {f: (len(taken[f]), waiting[f], pytest.approx(np.percentile(taken[f], 50))) for f in ZONES}
    sql = "SELECT facility_id, complete_count, open_count, p50_s FROM marts.order_cycle_time"
    assert {row[0]: row[1:] for row in ask(root, sql)} == expected


def test_receipts_are_over_short_rejected_or_damaged(drawn):
    root, tables = drawn
    came: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for event in tables["inventory_event"]:
        if event["event_type"] == "receipt_confirmed":
            own = came[event["document_id"], event["document_line"]]
            own[0] += float(event["quantity"])
            own[1] += float(event["quantity"]) * (event["to_status"] == "damaged")
    expected: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 6)
    for line in tables["purchase_line"]:
        if not line["ordered_quantity"]:
            continue
        received, damaged = came.get(
            (line["purchase_order_id"], line["purchase_order_line"]), [float(line["received_quantity"] or 0), 0.0]
        )
        today = AS_OF.astimezone(ZoneInfo(ZONES[line["facility_id"]])).date().isoformat()
        is_over_due = line["due_date"] < today if line["due_date"] else received > 0
        beyond, rejected = received - float(line["ordered_quantity"]), float(line["rejected_quantity"] or 0)
        sums = expected[line["facility_id"], line["supplier_id"]]
        if beyond < 0 and not is_over_due:
            sums[5] += 1
            continue
        parts = [1, bool(beyond or rejected or damaged), max(beyond, 0), max(-beyond, 0), damaged]
        expected[line["facility_id"], line["supplier_id"]] = [a + b for a, b in zip(sums, [*parts, 0], strict=True)]
    sql = """SELECT facility_id, supplier_id, lines_count, discrepant_lines_count, over_units, short_units,
        damaged_units, open_lines_count FROM marts.receipt_discrepancy"""
    assert {row[:2]: list(row[2:]) for row in ask(root, sql)} == expected


def test_reservations_are_covered_by_what_is_on_hand(drawn):
    root, tables = drawn
    held: dict[tuple[str, str], float] = defaultdict(float)
    for row in OPENING:
        held[row["facility_id"], row["item_id"]] += float(row["quantity"])
    for event in tables["inventory_event"]:
        sign = -1 if event["event_type"] == "shipment_confirmed" else 1
        held[event["facility_id"], event["item_id"]] += sign * float(event["quantity"])
    wanted: dict[tuple[str, str], float] = defaultdict(float)
    for row in tables["reservation"]:
        if not row["released_at"] or at(row["released_at"]) > AS_OF:  # type: ignore[operator]
            wanted[row["facility_id"], row["item_id"]] += float(row["quantity"])
    expected = {
        facility: (
            sum(units for (f, _), units in wanted.items() if f == facility),
            sum(min(units, max(held[f, i], 0)) for (f, i), units in wanted.items() if f == facility),
        )
        for facility in ZONES
    }
    rows = ask(root, "SELECT facility_id, reserved_units, covered_units FROM marts.reservation_coverage")
    assert {row[0]: row[1:] for row in rows} == expected


def test_an_adjustment_follows_the_receipt_before_it_within_three_days(drawn):
    root, tables = drawn
    receipts: dict[tuple, list[Row]] = defaultdict(list)
    for event in tables["inventory_event"]:
        if event["event_type"] == "receipt_confirmed":
            key = tuple(event[c] for c in ("facility_id", "document_id", "document_line", "item_id", "supplier_id"))
            receipts[key].append(event)
    first = {key: min(at(r["event_time"]) for r in own) for key, own in receipts.items()}  # type: ignore[type-var]
    adjusted: dict[tuple, float] = defaultdict(float)
    for event in tables["inventory_event"]:
        if event["event_type"] != "inventory_adjusted":
            continue
        moment = at(event["event_time"])
        before = [
            (when, key) for key, when in first.items()
            if (key[0], key[3]) == (event["facility_id"], event["item_id"]) and when <= moment  # type: ignore[operator]
        ]  # fmt: skip
        if before and moment - max(before)[0] <= timedelta(days=3):  # type: ignore[operator]
            adjusted[max(before)[1]] += float(event["quantity"])
    expected = {
        (facility, supplier): (
            sum((k[0], k[4]) == (facility, supplier) for k in receipts),
            sum((k[0], k[4]) == (facility, supplier) for k in adjusted),
            sum(units for k, units in adjusted.items() if (k[0], k[4]) == (facility, supplier)),
        )
        for facility in ZONES for supplier in ("S1", "S2")
    }  # fmt: skip
    sql = "SELECT facility_id, supplier_id, receipts_count, adjusted_count, adjusted_net_units FROM marts.receipt_adjustments"
    assert {row[:2]: row[2:] for row in ask(root, sql)} == expected
