"""The order of the floor and the order of the books of random cases, and their difference, are what a plain loop finds."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.mined import START, at, one_process
from tests.support import examples
from transforms.spec import models

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


TABLES = ("process.posted_step", "process.book_step", "marts.process_book_only_edges", "marts.process_clocks")
# Case, activity, second on the floor, seconds until it was posted (None: it was not), what it took from stock.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["a", "b", "c"]), st.integers(0, 20),
        st.none() | st.integers(-5, 25), st.integers(-3, 3),
    ),
    min_size=1, max_size=25,
)  # fmt: skip
Row = tuple[str, str, int, int | None, int]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path_factory.mktemp("clocks") / "w.duckdb", Engine(memory_limit="1GiB", threads=1))
    yield made
    made.close()


def compared(warehouse: DuckDBEngine, rows: list[Row], opening: int) -> None:
    """Makes the models over events of one item at one facility, which holds `opening` units at the beginning."""
    told = [(case, kind, at(second), f"e{n:03}") for n, (case, kind, second, _, _) in enumerate(rows)]
    one_process(warehouse, pl.DataFrame(told, schema=["case_id", "activity", "at", "event_id"], orient="row"))
    posted = [(n, at(row[2] + row[3]), row[4]) for n, row in enumerate(rows) if row[3] is not None]
    zoned = pl.Datetime("us", "UTC")
    postings = [(f"e{n:03}", f"p{len(rows) - n:03}", moment) for n, moment, _ in posted]
    kinds: dict[str, Any] = {"event_id": pl.String, "posting_id": pl.String, "posted_at": zoned}
    warehouse.frame("matching.event_posting", pl.DataFrame(postings, schema=kinds, orient="row"))
    moves = [("SITE", "I", moment, f"p{len(rows) - n:03}", Decimal(taken)) for n, moment, taken in posted if taken]
    schema: dict[str, Any] = {"facility_id": pl.String, "item_id": pl.String, "moved_at": zoned, "posting_id": pl.String,
              "signed_quantity": pl.Decimal(18, 6)}  # fmt: skip
    first = ("SITE", "I", START.replace(year=1970), None, Decimal(opening))
    warehouse.frame("shared.book_move", pl.DataFrame([first, *moves], schema=schema, orient="row"))
    warehouse.frame("reference.opening_stock", pl.DataFrame({"facility_id": ["SITE"], "item_id": ["I"]}))
    for table in TABLES:
        warehouse.materialise(models()[table])


def drawn(rows: list[Row], opening: int, n: int) -> int:
    """Units that the posting of row n drew below zero, after all postings of its instant."""
    moment = rows[n][2] + (rows[n][3] or 0)
    held = opening + sum(q for _, _, second, late, q in rows if late is not None and second + late <= moment)
    return min(-rows[n][4], -held) if rows[n][4] < 0 and held < 0 else 0


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, opening=st.integers(0, 4))
@example(rows=[("c1", "a", 0, 10, 3), ("c1", "b", 1, 1, -3)], opening=1)
@example(rows=[("c1", "a", 0, 5, 3), ("c1", "b", 5, 0, -3)], opening=0)
def test_both_orders_and_their_difference(warehouse, rows, opening):
    compared(warehouse, rows, opening)
    floor: Counter[Any] = Counter()
    books: Counter[Any] = Counter()
    alone: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, 0])
    for case in {row[0] for row in rows}:
        way = sorted((row[2], n) for n, row in enumerate(rows) if row[0] == case and row[3] is not None)
        place = {n: number for number, (_, n) in enumerate(way)}
        in_books = sorted(place, key=lambda n: (rows[n][2] + rows[n][3], place[n]))
        own_floor = [(rows[one][1], rows[other][1]) for (_, one), (_, other) in pairwise(way)]
        floor.update(own_floor)
        for one, other in pairwise(in_books):
            pair = rows[one][1], rows[other][1]
            books[pair] += 1
            if pair not in own_floor:
                is_inverted = place[other] < place[one]
                found = alone[case, *pair]
                found[0] += 1
                found[1] += is_inverted
                found[2] += drawn(rows, opening, one) if is_inverted else 0
    ours = warehouse.rows(
        "SELECT case_id, from_activity, to_activity, books_count, inverted_count, negative_units FROM marts.process_book_only_edges"
    )
    assert {tuple(row[:3]): [row[3], row[4], int(row[5])] for row in ours} == dict(alone)
    whole = warehouse.rows(
        "SELECT from_activity, to_activity, floor_count, books_count, is_only_in_books, only_books_cases_count, negative_units "
        "FROM marts.process_clocks"
    )
    assert {(a, b): (n, m) for a, b, n, m, *_ in whole} == {
        pair: (floor[pair], books[pair]) for pair in {*floor, *books}
    }
    for before, after, n, _, is_only, cases, units in whole:
        of_pair = [told for (_, *pair), told in alone.items() if pair == [before, after]]
        assert (is_only, cases, int(units)) == (n == 0, len(of_pair), sum(told[2] for told in of_pair))
