"""Matching equals a matcher in plain Python on random documents that mix everything a ledger may hold."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import DATA
from pipelines.engines.duckdb import DuckDBEngine
from tests.property.matcher import DIRECTION, Event, Matcher, Posting, Result
from transforms.spec import models

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DOCUMENTS = 60
FEW = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TABLES: dict[str, dict[str, Any]] = {
    "inventory_event": {
        "event_id": pl.String, "event_type": pl.String, "event_time": pl.Datetime("us", "UTC"), "facility_id": pl.String,
        "document_id": pl.String, "document_line": pl.String, "item_id": pl.String, "quantity": pl.Decimal(18, 6),
        "recorded_at": pl.Datetime("us", "UTC"), "sequence_no": pl.Int64,
    },
    "erp_posting": {
        "posting_id": pl.String, "posted_at": pl.Datetime("us", "UTC"), "facility_id": pl.String, "event_id": pl.String,
        "document_id": pl.String, "document_line": pl.String, "item_id": pl.String, "posting_type": pl.String,
        "quantity": pl.Decimal(18, 6), "reverses_posting_id": pl.String,
    },
}  # fmt: skip


class Document:
    """A random document: some events, and postings that post, split, sum up, double, reverse or miss them."""

    def __init__(self, number: int, draw: random.Random) -> None:
        self.number, self.draw = number, draw
        self.postings: list[Posting] = []
        self.types = draw.sample(sorted(DIRECTION), draw.choice([1, 1, 2]))
        lines: list[list[str | None]] = [["1"], ["1", "2"], [None, "1"]]
        self.lines = draw.choice(lines)
        self.is_tight = draw.random() < 0.5
        self.events = [self._event(n) for n in range(draw.randint(0, 5))]
        waiting = draw.sample(self.events, len(self.events))
        ways: list[Callable[[list[Event]], None]] = [
            self._whole, self._whole, self._in_parts, self._in_parts, self._summed, self._summed, self._nothing,
            self._too_much,
        ]  # fmt: skip
        while waiting:
            draw.choice(ways)(waiting)
        for _ in range(draw.choice([0, 0, 1, 2, 4])):
            self._noise()
        if draw.random() < 0.1:
            self._circle()

    def _time(self, after: int = 0) -> datetime:
        """Few different instants, so that there are ties."""
        return START + timedelta(minutes=after + self.draw.randrange(6))

    def _event(self, number: int) -> Event:
        draw = self.draw
        document = None if draw.random() < 0.05 else f"D{self.number}"
        quantity = draw.choice([None, 0]) if draw.random() < 0.08 else draw.randint(1, 6) * draw.choice([1, 1, 1, -1])
        line, item = draw.choice(self.lines), None if draw.random() < 0.1 else "A"
        kind, site = draw.choice(self.types), "NDC" if draw.random() < 0.95 else "3PL1"
        return Event(f"E{self.number}-{number}", kind, self._time(), site, document, line, item, quantity)

    def _post(self, event: Event, quantity: int | None, is_named: bool, **other: Any) -> Posting:
        """A posting of an event; its sign is that of the event's direction."""
        kinds = [event.event_type, event.event_type, None, "goods_movement"]
        sign = -1 if DIRECTION[event.event_type] == "out" else 1
        values: dict[str, Any] = {
            "posting_id": f"P{self.number}-{self.draw.randrange(100)}-{len(self.postings)}",
            "posted_at": self._time(self.draw.choice([0, 3, 10])),
            "facility_id": event.facility_id,
            "event_id": event.event_id if is_named else None,
            "document_id": event.document_id if not is_named or self.draw.random() < 0.5 else None,
            "document_line": event.document_line,
            "item_id": event.item_id,
            "posting_type": event.event_type if self.is_tight else self.draw.choice(kinds),
            "quantity": None if quantity is None else quantity * sign,
            "reverses_posting_id": None,
        }
        self.postings.append(Posting(**(values | other)))
        return self.postings[-1]

    def _whole(self, waiting: list[Event]) -> None:
        event, is_named = waiting.pop(), self.draw.random() < 0.5
        for _ in range(self.draw.choice([1, 1, 1, 2])):
            off = self.draw.choice([0, 0, 0, 0, -1, 1, 2])
            self._post(event, None if event.size is None else max(0, event.size + off), is_named)

    def _in_parts(self, waiting: list[Event]) -> None:
        event, is_named = waiting.pop(), self.draw.random() < 0.5
        left = event.size or 0
        while left > 0:
            part = self.draw.randint(1, left)
            if self.draw.random() < 0.85:
                self._post(event, part, is_named)
            left -= part

    def _summed(self, waiting: list[Event]) -> None:
        some = sorted([waiting.pop() for _ in range(self.draw.randint(1, len(waiting)))], key=lambda e: e.place)
        blank = [{}, {"document_line": None}, {"document_line": None}, {"document_line": None, "item_id": None}]
        for _ in range(self.draw.choice([1, 1, 1, 2])):
            self._post(some[0], sum(e.size or 0 for e in some), False, **self.draw.choice(blank))

    def _too_much(self, waiting: list[Event]) -> None:
        """Posted with more than there was, which is taken back in parts that name what they take it from, or nothing."""
        event, draw = waiting.pop(), self.draw
        parts = [draw.randint(1, 3) for _ in range(draw.randint(1, 2))]
        size = draw.choice([(event.size or 1) + sum(parts), event.size or 1, sum(parts), max(parts) + 1])
        posted = self._post(event, size, draw.random() < 0.5)
        for part in parts:
            own = {} if draw.random() < 0.3 else {"event_id": None, "document_id": None, "posting_type": None}
            self._post(event, -part, True, **own, reverses_posting_id=posted.posting_id, posted_at=self._time(14))

    def _nothing(self, waiting: list[Event]) -> None:
        waiting.pop()

    def _noise(self) -> None:
        draw = self.draw
        known = self.postings or [self._post(self._event(9), 1, draw.random() < 0.5)]
        base = draw.choice(known)
        new: dict[str, Any] = {
            "posting_id": f"P{self.number}-{draw.randrange(100)}-{len(self.postings)}",
            "posted_at": self._time(8),
        }
        opposite = None if base.quantity is None else -base.quantity
        reversal = {"reverses_posting_id": base.posting_id, "quantity": opposite}
        part = reversal | {"quantity": None if opposite is None else opposite - (opposite > 0) + (opposite < 0)}
        changes: list[dict[str, Any]] = [
            reversal, reversal, reversal, part, {"quantity": opposite, "reverses_posting_id": None},
            {"reverses_posting_id": "nobody knows it"}, {"event_id": f"E{self.number}-77"}, {"document_id": None, "event_id": None}, {},
        ]  # fmt: skip
        self.postings.append(base._replace(**(new | draw.choice(changes))))

    def _circle(self) -> None:
        ids = [f"P{self.number}-circle-{n}" for n in range(self.draw.randint(1, 3))]
        event = self._event(8)
        for n, own in enumerate(ids):
            self._post(event, 1, False, posting_id=own, reverses_posting_id=ids[(n + 1) % len(ids)])


def documents(seed: int) -> tuple[list[Event], list[Posting]]:
    draw = random.Random(seed)
    made = [Document(number, draw) for number in range(DOCUMENTS)]
    return [e for d in made for e in d.events], [p for d in made for p in d.postings]


def matched_by_models(engine: DuckDBEngine, events: list[Event], postings: list[Posting]) -> Result:
    for table, rows in (("inventory_event", events), ("erp_posting", postings)):
        columns = {name: [getattr(row, name, None) for row in rows] for name in TABLES[table]}
        engine.frame(f"canonical.{table}", pl.DataFrame(columns, schema=TABLES[table]))
    engine.frame("reference.event_type", pl.read_csv(DATA / "reference" / "event_types.csv"))
    for model in models().values():
        if model.folder != "matching":
            continue
        if model.header.rounds:
            engine.materialise_in_rounds(model)
        elif model.header.storage == "view":
            engine.view(model.table, model.sql)
        else:
            engine.materialise(model)
    sql = "SELECT event_id, posting_id, match_method, posted_quantity, is_quantity_mismatch FROM matching.event_posting"
    partial = engine.rows("SELECT event_id, posting_id, posted_quantity, missing_quantity FROM matching.partial_event")
    return Result(
        {row[0]: row[1:] for row in engine.rows(sql)},
        dict(engine.rows("SELECT posting_id, kind FROM matching.leftover_posting")),
        {row[0]: row[1:] for row in partial},
    )


def fresh_engine(engine: DuckDBEngine) -> DuckDBEngine:
    """The same engine without the views of the example before."""
    for (view,) in engine.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'matching'"):
        engine.con.execute(f"DROP VIEW matching.{view}")
    return engine


@FEW
@given(seed=st.integers(0, 2**32))
def test_models_match_as_plain_python_does(engine, seed):
    events, postings = documents(seed)
    expected = Matcher(events, postings).result
    got = matched_by_models(fresh_engine(engine), events, postings)
    assert got.posted == expected.posted
    assert got.partial == expected.partial
    assert got.leftover == expected.leftover


@FEW
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_matches_nothing_else(engine, seed):
    events, postings = documents(seed)
    draw = random.Random(seed)
    expected = matched_by_models(fresh_engine(engine), events, postings)
    shuffled = draw.sample(events, len(events)), draw.sample(postings, len(postings))
    assert matched_by_models(fresh_engine(engine), *shuffled) == expected


def test_the_random_documents_hold_every_kind_of_match_and_leftover():
    results = [Matcher(*documents(seed)).result for seed in range(5)]
    methods = {method for r in results for _, method, _, _ in r.posted.values()}
    assert methods == {"event_id", "business_key", "batch_summary", "split"}
    assert {kind for r in results for kind in r.leftover.values()} == {"double", "partial", "without_event"}
    assert {differs for r in results for *_, differs in r.posted.values()} == {True, False}
