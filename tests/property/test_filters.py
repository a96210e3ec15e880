"""Whatever cases are chosen, graph, durations and variants of the choice are those of a log that holds only them."""

import random
import warnings
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboards.reader import Reader, UnknownName, open_reader
from dashboards.selection import Selection
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.mined import START, as_pm4py_wants, at, one_process
from tests.process_counts import their_edges, their_variants
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


ACTIVITIES = ["a", "b", "c", "d"]
PUBLISHED = ("process_cases", "process_case_edges", "process_variant_steps", "process_variant_edges", "variants")
HOURS = 100


def random_log() -> pl.DataFrame:
    """Two hundred cases at three facilities; a case has one item or several, and so on; times with ties."""
    draw, rows = random.Random(8), []
    for case in range(200):
        facility, item, began = draw.choice(["F1", "F2", "F3"]), draw.choice(["I1", "I2", "I3"]), draw.randint(0, HOURS)
        second = began * 3600
        for step in range(draw.randint(1, 6)):
            second += draw.choice([0, 60, 3600, 7 * 3600])
            stated = draw.choice([item, item, item, None, "I1"])
            supplier, shift = draw.choice(["S1", None]), draw.choice(["early", "late"])
            activity = draw.choice(ACTIVITIES)
            rows.append((f"c{case}", activity, at(second), f"{case}-{step}", facility, stated, supplier, shift))
    names = ["case_id", "activity", "at", "event_id", "facility_id", "item_id", "supplier_id", "shift"]
    return pl.DataFrame(rows, schema=names, orient="row")


LOG = random_log()
LAST: datetime = LOG.sort("at")["at"].to_list()[-1]
INSTANTS = st.none() | st.integers(-1, HOURS + 20).map(lambda hour: START + timedelta(hours=hour))
PAIRS = st.lists(st.tuples(st.sampled_from(ACTIVITIES), st.sampled_from(ACTIVITIES)), max_size=2)


def some(*values: str, most: int = 2) -> st.SearchStrategy[list[str]]:
    """None of some values, mostly, or a few."""
    return st.just([]) | st.lists(st.sampled_from(values), max_size=most)


SELECTIONS = st.builds(
    Selection, process=st.just("log"), facilities=some("F1", "F2", "gone"), items=some("I1", "I2", "I3"),
    suppliers=some("S1"), shifts=some("early"), variants=some("a", "b", "a > b", "a > a", "c > d"),
    starts=some(*ACTIVITIES), ends=some(*ACTIVITIES), passes=some(*ACTIVITIES), avoids=some("d", most=1),
    follows=st.just([]) | PAIRS, eventually=st.just([]) | PAIRS, from_at=INSTANTS, to_at=INSTANTS,
    time_basis=st.sampled_from(["started", "ended", "within", "touching"]),
    min_duration_s=st.none() | st.sampled_from([0.0, 60.0, 3600.0]), max_duration_s=st.none() | st.sampled_from([60.0, 3720.0]),
    is_open=st.none() | st.booleans(),
)  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The log, mined and published. Evaluated an hour after its last event: with a horizon of a day, some are open."""
    folder = tmp_path_factory.mktemp("filters")
    engine = DuckDBEngine(folder / "w.duckdb", Engine(memory_limit="1GiB", threads=1))
    one_process(engine, LOG, as_of=(LAST - START).total_seconds() + 3600)
    (folder / "published").mkdir()
    engine.con.execute(f"ATTACH '{folder / 'published' / 'run.duckdb'}' AS published")
    engine.con.execute("CREATE SCHEMA published.marts")
    for table in PUBLISHED:
        engine.con.execute(f"CREATE TABLE published.marts.{table} AS FROM marts.{table}")
    engine.close()
    Path(folder / "published" / "CURRENT").write_text("run.duckdb\n")
    return open_reader(folder)


def one_of(stated: pl.Series) -> Any:
    values = stated.drop_nulls().unique()
    return values[0] if len(values) == 1 else None


def is_chosen(chosen: Selection, told: pl.DataFrame) -> bool:
    """What the docstring of Selection says, of one case in the total order."""
    way, first, last = told["activity"].to_list(), told["at"][0], told["at"][-1]
    pairs = list(pairwise(way))
    later = [(one, other) for place, one in enumerate(way) for other in way[place + 1 :]]
    lists = (
        (chosen.facilities, told["facility_id"][0]), (chosen.items, one_of(told["item_id"])),
        (chosen.suppliers, one_of(told["supplier_id"])), (chosen.shifts, one_of(told["shift"])),
        (chosen.variants, " > ".join(way)), (chosen.starts, way[0]), (chosen.ends, way[-1]),
    )  # fmt: skip
    low = first if chosen.time_basis in ("started", "within") else last
    high = first if chosen.time_basis in ("started", "touching") else last
    duration_s = (last - first).total_seconds()
    return (
        all(not wanted or value in wanted for wanted, value in lists)
        and set(chosen.passes) <= set(way)
        and not set(chosen.avoids) & set(way)
        and set(chosen.follows) <= set(pairs)
        and set(chosen.eventually) <= set(later)
        and (chosen.from_at is None or low >= chosen.from_at)
        and (chosen.to_at is None or high < chosen.to_at)
        and (chosen.min_duration_s is None or duration_s >= chosen.min_duration_s)
        and (chosen.max_duration_s is None or duration_s <= chosen.max_duration_s)
        and (chosen.is_open is None or chosen.is_open == ((LAST - last).total_seconds() + 3600 < 86400))
    )


CASES = LOG.sort("at", "event_id").partition_by("case_id", as_dict=True)


def left_by(chosen: Selection) -> pl.DataFrame:
    """The log of the chosen cases alone."""
    kept = [name for (name,), told in CASES.items() if is_chosen(chosen, told)]
    return LOG.filter(pl.col("case_id").is_in(kept))


@settings(max_examples=examples(150), deadline=None)
@given(chosen=SELECTIONS)
@example(chosen=Selection("log"))
@example(chosen=Selection("log", facilities=["F1"], passes=["a", "b"], is_open=False))
@example(chosen=Selection("log", from_at=at(36000), to_at=at(180000), time_basis="touching"))
@example(chosen=Selection("another"))
def test_figures_of_a_choice_are_those_of_a_log_of_the_chosen_cases(reader, chosen):
    log = left_by(chosen) if chosen.process == "log" else LOG.clear()
    found = reader.filtered("filtered_cases", a=chosen)
    assert sorted(found["case_id"]) == sorted(log["case_id"].unique())
    edges = reader.filtered("filtered_edges", a=chosen).select("from_activity", "to_activity", "edges_count").rows()
    variants = reader.filtered("filtered_variants", a=chosen).select("variant", "cases_count").rows()
    if log.is_empty():
        assert (edges, variants) == ([], [])
        return
    assert {(before, after): n for before, after, n in edges} == their_edges(log)
    assert dict(variants) == their_variants(log)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        performance, _, _ = pm4py.discover_performance_dfg(as_pm4py_wants(log))
    ours = reader.filtered("filtered_performance", a=chosen).select("from_activity", "to_activity", "p50_s").rows()
    assert {(one, other): p50 for one, other, p50 in ours} == {
        edge: pytest.approx(told["median"], abs=1e-5) for edge, told in performance.items()
    }


@settings(max_examples=examples(45), deadline=None)
@given(one=SELECTIONS, other=SELECTIONS)
def test_two_choices_are_compared_case_by_case(reader, one, other):
    sides = {"a": left_by(one), "b": left_by(other)}
    counted = {}
    for side, log in sides.items():
        seen: Counter = Counter()
        for told in log.sort("at", "event_id").partition_by("case_id"):
            way = told["activity"].to_list()
            seen.update(set(zip([None, *way], [*way, None], strict=True)))
        counted[side] = seen
    found = reader.filtered("compared_edges", a=one, b=other).rows(named=True)
    assert {(r["from_activity"], r["to_activity"]) for r in found} == {*counted["a"], *counted["b"]}
    for row in found:
        edge = row["from_activity"], row["to_activity"]
        assert (row["a_cases_count"], row["b_cases_count"]) == (counted["a"][edge], counted["b"][edge])
        sizes = [sides[side]["case_id"].n_unique() for side in "ab"]
        ratios = [counted[side][edge] / n if n else None for side, n in zip("ab", sizes, strict=True)]
        assert [row["a_cases_ratio"], row["b_cases_ratio"]] == pytest.approx(ratios)
        if None not in ratios:
            assert (
                row["difference_low_ratio"] - 1e-12 <= row["difference_ratio"] <= row["difference_high_ratio"] + 1e-12
            )


def test_what_is_chosen_is_a_value_and_never_sql(reader):
    assert reader.filtered("filtered_edges", a=Selection("log'; DROP TABLE x; --", facilities=["' OR 1=1"])).is_empty()
    with pytest.raises(UnknownName, match="no filtered model process_cases"):
        reader.filtered("process_cases", a=Selection("log"))
