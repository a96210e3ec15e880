"""Measures of flow and stock equal walks over single events, and their parts add up, over a simulated workspace."""

import csv
import shutil
from collections import defaultdict, deque
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest

from tests.soundness.support import ask, instant
from tests.support import ROOT

Move = tuple[datetime, float, float]
ZONES = {"NDC": "America/Chicago", "RDC": "America/New_York", "3PL1": "UTC"}


@pytest.fixture(scope="module")
def canonical(built_workspace, tmp_path_factory) -> dict[str, list[dict[str, Any]]]:
    """Rows of the canonical tables, which other tests hold against what the simulator knows."""
    copied = shutil.copy(built_workspace / "warehouse.duckdb", tmp_path_factory.mktemp("flow"))
    with duckdb.connect(copied, read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        names = ("inventory_event", "erp_posting", "count_record")
        return {name: con.execute(f"FROM canonical.{name}").pl().rows(named=True) for name in names}


@pytest.fixture(scope="module")
def cost(built_workspace) -> dict[str, float]:
    """Dollars for one unit of each item: all are in US dollars."""
    with (built_workspace / "master" / "items.csv").open() as stream:
        return {row["item_id"]: float(row["unit_cost"]) for row in csv.DictReader(stream)}


def direction() -> dict[str, str]:
    with (ROOT / "data" / "reference" / "event_types.csv").open() as stream:
        return {row["event_type"]: row["direction"] for row in csv.DictReader(stream)}


def signed(row: dict[str, Any], kind: str) -> float:
    """By how much it changes the stock of its facility."""
    quantity = float(row["quantity"])
    way = direction()[kind]
    if kind == "inventory_adjusted":
        return quantity
    return {"in": abs(quantity), "out": -abs(quantity), "none": 0.0}[way]


KEY = itemgetter("facility_id", "document_id", "item_id")


def floor_changes(events: list[dict[str, Any]]) -> list[tuple[dict[str, Any], float]]:
    """Events and by how much each changes what is there: the approval of a count does where no adjustment bears its document."""
    adjusted = {KEY(event) for event in events if event["event_type"] == "inventory_adjusted"}
    changes = []
    for event in events:
        is_change = event["event_type"] == "count_variance_approved" and KEY(event) not in adjusted
        changes.append((event, signed(event, "inventory_adjusted" if is_change else event["event_type"])))
    return changes


def floor_moves(events: list[dict[str, Any]]) -> dict[tuple[str, str], list[Move]]:
    """Signed movements on the floor by facility and item, in the order of time."""
    moves = defaultdict(list)
    for event, change in floor_changes(events):
        if change:
            moves[event["facility_id"], event["item_id"]].append((event["event_time"], change, 0.0))
    return {key: sorted(own) for key, own in moves.items()}


def book_moves(
    workspace: Path, postings: list[dict[str, Any]], events: list[dict[str, Any]]
) -> dict[tuple[str, str], list[Move]]:
    """Signed movements in the books: with the direction of the event that a posting truly posts, else as stated."""
    truth = pl.read_parquet(workspace / "truth" / "inventory_event.parquet").filter(pl.col("posting_id").is_not_null())
    kind_of = dict(truth.select("posting_id", "event_type").iter_rows())
    adjusted = {KEY(row) for row in events if row["event_type"] == "inventory_adjusted"}
    adjusted |= {KEY(row) for row in postings if row["posting_type"] == "inventory_adjusted"}
    moves = defaultdict(list)
    for posting in postings:
        kind = kind_of.get(posting["posting_id"], "inventory_adjusted")
        is_change = kind == "count_variance_approved" and KEY(posting) not in adjusted
        if change := signed(posting, "inventory_adjusted" if is_change else kind):
            moves[posting["facility_id"], posting["item_id"]].append((posting["posted_at"], 0.0, change))
    return {key: sorted(own) for key, own in moves.items()}


def test_distortion_is_the_area_between_floor_and_books(built_workspace, canonical):
    as_of = instant(built_workspace)
    floor = floor_moves(canonical["inventory_event"])
    books = book_moves(built_workspace, canonical["erp_posting"], canonical["inventory_event"])
    expected = {}
    for key in floor.keys() | books.keys():
        moves = sorted(floor.get(key, []) + books.get(key, []), key=lambda m: m[0])
        held = booked = area = distorted = 0.0
        for number, (moment, to_floor, to_books) in enumerate(moves):
            held, booked = held + to_floor, booked + to_books
            span = ((moves[number + 1][0] if number + 1 < len(moves) else as_of) - moment).total_seconds()
            area += abs(held - booked) * span / 3600
            distorted += span if held != booked else 0.0
        expected[key] = (area, distorted, (as_of - moves[0][0]).total_seconds())
    sql = "SELECT facility_id, item_id, distorted_unit_h, distorted_s, observed_s FROM marts.atp_distortion"
    told = {row[:2]: row[2:] for row in ask(built_workspace, sql)}
    assert {key for key in told if key[1] is not None} == expected.keys()
    for key, figures in expected.items():
        assert told[key] == pytest.approx(figures)
    for facility in ZONES:
        whole = [
            sum(parts) for parts in zip(*(f for (f_id, _), f in expected.items() if f_id == facility), strict=True)
        ]
        assert told[facility, None] == pytest.approx(tuple(whole))


def test_dark_stock_is_quantity_times_latency(built_workspace, cost):
    as_of = instant(built_workspace)
    sql = "SELECT facility_id, event_type, event_time, posted_at, quantity, item_id FROM marts.event_latency"
    expected: dict[tuple[str, str | None], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for facility, kind, happened, posted, quantity, item in ask(built_workspace, sql):
        hours = abs(float(quantity)) * ((posted or as_of) - happened).total_seconds() / 3600
        for key in ((facility, kind), (facility, None)):
            expected[key][0] += hours
            expected[key][1] += hours * cost[item]
    told = ask(built_workspace, "SELECT facility_id, event_type, dark_unit_h, dark_usd_h FROM marts.dark_stock")
    assert len(told) == len(expected)
    for facility, kind, units, dollars in told:
        assert [units, dollars] == pytest.approx(expected[facility, kind])


def rounds(starts: list[datetime], ends: list[datetime]) -> list[tuple[datetime, datetime | None]]:
    """First start and last end of each round, by a walk through the line: a start right after an end begins a new one."""
    found: list[tuple[datetime, datetime | None]] = []
    started, ended, was_end = None, None, False
    for at, is_end in sorted([(at, False) for at in starts] + [(at, True) for at in ends]):
        if is_end:
            ended = at
        elif started is None:
            started = at
        elif was_end:
            found.append((started, ended))
            started, ended = at, None
        was_end = is_end
    return found if started is None else [*found, (started, ended)]


@pytest.mark.parametrize(
    ("step", "start", "end"),
    [
        ("receiving", "receipt_created", "receipt_confirmed"),
        ("putaway", "receipt_confirmed", "putaway_completed"),
        ("pick", "pick_released", "pick_confirmed"),
        ("ship", "pick_confirmed", "shipment_confirmed"),
        ("return_disposition", "return_received", "return_dispositioned"),
    ],
)
def test_steps_take_as_long_as_from_start_to_end_of_each_line(built_workspace, canonical, step, start, end):
    lines: dict[tuple, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for event in canonical["inventory_event"]:
        key = tuple(event[c] for c in ("facility_id", "document_id", "document_line", "item_id"))
        lines[key][event["event_type"]].append(event["event_time"])
    finished: dict[str, list[float]] = defaultdict(list)
    started: dict[str, int] = defaultdict(int)
    # A pick that nobody confirmed, of what was shipped all the same, is not waited for.
    overtaken_by = {"receiving": "putaway_completed", "pick": "shipment_confirmed"}.get(step, "")
    for key, own in lines.items():
        for started_at, ended_at in rounds(own[start], own[end]):
            is_first = started_at == min(own[start])
            if ended_at:
                finished[key[0]].append((ended_at - started_at).total_seconds())
            if ended_at or not any(is_first or at >= started_at for at in own[overtaken_by]):
                started[key[0]] += 1
    expected = {f: (n, len(finished[f]), median(finished[f])) for f, n in started.items()}
    sql = f"SELECT facility_id, cases_count, finished_count, p50_s FROM marts.step_times WHERE step = '{step}'"
    assert {row[0]: row[1:] for row in ask(built_workspace, sql)} == expected


def test_what_was_in_flight_at_a_count_is_what_happened_before_and_was_posted_after_it(built_workspace, canonical):
    posted = dict(ask(built_workspace, "SELECT event_id, posted_at FROM marts.event_latency"))
    expected, changes = {}, floor_changes(canonical["inventory_event"])
    for count in canonical["count_record"]:
        at = count["counted_at"]
        expected[count["count_id"]] = sum(
            change
            for e, change in changes
            if e["event_id"] in posted and e["event_time"] <= at
            and (e["facility_id"], e["item_id"]) == (count["facility_id"], count["item_id"])
            and (posted[e["event_id"]] is None or posted[e["event_id"]] > at)
        )  # fmt: skip
    told = ask(built_workspace, "SELECT count_id, in_flight_units FROM marts.count_variance_parts")
    assert {key: float(units) for key, units in told} == expected
    assert any(expected.values())


def test_intervals_of_record_accuracy_are_those_of_scipy(built_workspace):
    sql = """SELECT comparable_count, exact_count, ira_strict_low_ratio, ira_strict_high_ratio,
        within_tolerance_count, ira_tolerance_low_ratio, ira_tolerance_high_ratio FROM marts.record_accuracy"""
    rows = ask(built_workspace, sql)
    assert len(rows) > len(ZONES)
    for n, exact, low, high, within, tolerance_low, tolerance_high in rows:
        for k, bounds in ((exact, (low, high)), (within, (tolerance_low, tolerance_high))):
            interval = binomtest(k, n).proportion_ci(method="wilson")
            assert bounds == pytest.approx((interval.low, interval.high))


def test_throughput_by_local_day_counts_every_event_once(built_workspace, canonical):
    expected: dict[tuple, list[Any]] = defaultdict(lambda: [0, set(), 0.0])
    for event in canonical["inventory_event"]:
        day = event["event_time"].astimezone(ZoneInfo(ZONES[event["facility_id"]])).date()
        own = expected[event["facility_id"], day, event["event_type"]]
        own[0] += 1
        own[1].add(event["document_id"])
        own[2] += abs(float(event["quantity"]))
    sql = "SELECT facility_id, day, event_type, lines_count, documents_count, moved_units FROM marts.throughput"
    told = {row[:3]: row[3:] for row in ask(built_workspace, sql)}
    assert told == {key: (n, len(documents), units) for key, (n, documents, units) in expected.items()}
    assert sum(row[0] for row in told.values()) == len(canonical["inventory_event"])


def fifo(moves: list[Move]) -> tuple[deque[list[Any]], float]:
    """What is left of each arrival when the oldest leave first, and what is on hand."""
    layers: deque[list[Any]] = deque()
    owed = 0.0
    for moment, change, _ in moves:
        if change > 0:
            layers.append([moment, change])
        else:
            owed -= change
    while owed and layers:
        taken = min(owed, layers[0][1])
        layers[0][1] -= taken
        owed -= taken
        if not layers[0][1]:
            layers.popleft()
    return layers, sum(change for _, change, _ in moves)


def test_what_is_on_hand_is_as_old_as_first_in_first_out_leaves_it(built_workspace, canonical):
    """Within a simulated week everything is in the youngest bucket; the units are what tells."""
    expected: dict[str, float] = defaultdict(float)
    below: dict[str, float] = defaultdict(float)
    for (facility, _), moves in floor_moves(canonical["inventory_event"]).items():
        layers, on_hand = fifo(moves)
        expected[facility] += sum(units for _, units in layers)
        below[facility] += min(on_hand, 0.0)
    sql = "SELECT facility_id, sum(on_hand_units), sum(negative_units) FROM marts.inventory_aging GROUP BY ALL"
    assert {row[0]: row[1:] for row in ask(built_workspace, sql)} == {f: (expected[f], below[f]) for f in expected}


def test_what_is_in_transit_was_shipped_and_not_received(built_workspace, canonical):
    as_of = instant(built_workspace)
    truth = pl.read_parquet(built_workspace / "truth" / "transfers.parquet").rows(named=True)
    quantity: dict[str, float] = defaultdict(float)
    for event in canonical["inventory_event"]:
        if event["event_type"] == "transfer_shipped":
            quantity[event["document_id"]] += abs(float(event["quantity"]))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for transfer in truth:
        is_away = (transfer["shipped_at"] or as_of) < as_of
        if (
            is_away
            and (transfer["received_at"] is None or transfer["received_at"] > as_of)
            and transfer["shipped_at"] > epoch
        ):
            own = expected[transfer["from_facility_id"], transfer["to_facility_id"]]
            own[0] += 1
            own[1] += quantity[transfer["transfer_id"]]
    sql = """SELECT from_facility_id, to_facility_id, sum(transfers_count), sum(under_way_units)
        FROM marts.in_transit GROUP BY ALL"""
    assert {row[:2]: list(row[2:]) for row in ask(built_workspace, sql)} == expected


SUMS = {
    "parts of a variance are the variance": """SELECT count(*) FROM marts.count_variance_split
        WHERE round(variance_units - in_flight_units - coalesce(posted_during_units, 0) - residual_units, 6) <> 0""",
    "counts that differ are explained, within tolerance or to be made again": """SELECT count(*)
        FROM marts.count_variance_split WHERE differing_count
            <> explained_count + within_tolerance_count + recount_due_count - exact_recount_count""",
    "split variances of all counts are those of the facility": """SELECT count(*) FROM marts.count_variance_split s
        JOIN marts.count_variance v USING (facility_id) WHERE v.variance_units <> s.variance_units AND s.unsplit_count = 0""",
    "each dimension of recurrence holds every comparable count": """SELECT count(*) FROM (
        SELECT facility_id, dimension, sum(counts_count) AS n, sum(absolute_variance_units) AS units
        FROM marts.count_variance_recurrence GROUP BY ALL) r JOIN marts.count_variance v USING (facility_id)
        WHERE r.n <> v.comparable_count OR round(r.units - v.absolute_variance_units, 6) <> 0""",
    "classes of record accuracy are the facility": """SELECT count(*) FROM (
        SELECT facility_id, sum(CASE WHEN abc_class IS NULL THEN -counts_count ELSE counts_count END) AS n,
            round(sum(CASE WHEN abc_class IS NULL THEN -variance_usd ELSE variance_usd END), 4) AS usd
        FROM marts.record_accuracy GROUP BY ALL) WHERE n <> 0 OR usd <> 0""",
    "event types of a part of latency are all of them": """SELECT count(*) FROM (
        SELECT facility_id, part, sum(CASE WHEN event_type IS NULL THEN -cases_count ELSE cases_count END) AS n
        FROM marts.latency_split GROUP BY ALL) WHERE n <> 0""",
    "shifts are all events": """SELECT count(*) FROM (
        SELECT facility_id, sum(events_count) AS n FROM marts.latency_by_shift GROUP BY ALL) s
        JOIN marts.latency_by_facility f USING (facility_id) WHERE f.event_type IS NULL AND s.n <> f.events_count""",
    "interfaces are all events, due ones and those in time": """SELECT count(*) FROM (
        SELECT facility_id, sum(events_count) AS n, sum(due_count) AS due, round(sum(due_count * within_sla_ratio)) AS in_time
        FROM marts.latency_by_interface GROUP BY ALL) s
        JOIN marts.latency_by_facility f USING (facility_id) WHERE f.event_type IS NULL AND (s.n, s.due, s.in_time)
        IS DISTINCT FROM (f.events_count, f.due_count, round(f.due_count * f.within_sla_ratio))""",
    "the total of the split is the latency by facility": """SELECT count(*) FROM marts.latency_split s
        JOIN marts.latency_by_facility f ON f.facility_id = s.facility_id AND f.event_type IS NOT DISTINCT FROM s.event_type
        WHERE s.part = 'total' AND (s.p90_s, s.km_p90_s, s.cases_count) IS DISTINCT FROM (f.p90_s, f.km_p90_s, f.events_count)""",
    "the transit leg is the transfer cycle time": """SELECT count(*) FROM marts.transfer_lead_time l
        JOIN marts.transfer_cycle_time c ON c.from_facility_id = l.from_facility_id AND c.to_facility_id = l.to_facility_id
        WHERE l.leg = 'transit' AND (l.p50_s, l.km_p50_s) IS DISTINCT FROM (c.p50_s, c.km_p50_s)""",
    "nobody works longer than time goes by": """SELECT count(*) FROM (
        SELECT business_p50_s, p50_s, business_p90_s, p90_s FROM marts.latency_by_facility
        UNION ALL SELECT business_p50_s, p50_s, business_p90_s, p90_s FROM marts.transfer_cycle_time)
        WHERE business_p50_s > greatest(p50_s, 0) + 1e-6 OR business_p90_s > greatest(p90_s, 0) + 1e-6""",
    "event types of dark stock are the facility": """SELECT count(*) FROM (
        SELECT facility_id, round(sum(CASE WHEN event_type IS NULL THEN -dark_unit_h ELSE dark_unit_h END), 4) AS units
        FROM marts.dark_stock GROUP BY ALL) WHERE units <> 0""",
}  # fmt: skip


@pytest.mark.timeout(900)
@pytest.mark.parametrize("claim", SUMS)
def test_parts_add_up(told, claim):
    assert ask(told.root, SUMS[claim]) == [(0,)]


@pytest.mark.timeout(900)
def test_nothing_is_posted_between_reading_the_books_and_counting(told):
    """The simulator reads the books at the count; ours are rebuilt from opening stock and postings, where it is stated."""
    sql = """SELECT count(*), count(posted_during_units), count(*) FILTER (WHERE posted_during_units <> 0),
        count(*) FILTER (WHERE unsplit_reason = 'no_opening_stock') FROM marts.count_variance_parts"""
    ((counts, split, posted, unstated),) = ask(told.root, sql)
    assert (split, posted, unstated) == ((0, 0, counts) if told.scenario == "three-dc" else (counts, 0, 0))


@pytest.mark.timeout(900)
def test_the_supplier_whose_receipts_are_always_adjusted_is_found(workspace_of):
    sql = (
        """SELECT supplier_id, sum(adjusted_count) / sum(receipts_count) FROM marts.receipt_adjustments GROUP BY ALL"""
    )
    share = dict(ask(workspace_of("two-entities"), sql))
    assert share.pop("SUP-03") > 0.9  # what was received last is still to be adjusted
    assert set(share.values()) == {0}


def test_capture_and_interface_of_posted_events_are_their_latency(built_workspace, tmp_path):
    copied = shutil.copy(built_workspace / "warehouse.duckdb", tmp_path)
    sql = """SELECT measure, group_1, sum(duration_s * finished_count), sum(duration_s * censored_count)
        FROM shared.latency_duration GROUP BY ALL"""
    with duckdb.connect(copied, read_only=True) as con:
        sums = {row[:2]: row[2:] for row in con.execute(sql).fetchall()}
    for facility in ZONES:
        capture, interface = sums["capture_latency", facility], sums["interface_latency", facility]
        total = sums["event_latency", facility]
        # Open events are captured, too: their capture is finished, their interface and their total are open.
        assert capture[0] + interface[0] + interface[1] == pytest.approx(total[0] + total[1])
