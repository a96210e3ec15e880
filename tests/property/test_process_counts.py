"""Random logs: graph, performance, variants and rework equal pm4py's, drift scipy's, the rest what a plain loop finds."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.mined import DAY, START, one_process
from tests.process_counts import check_counts
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
Row = tuple[str, str, int, str | None, str]
# Few activities, many ties, and cases that come back to what they did.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2", "c3", "c4", "c5"]), st.sampled_from(["a", "b", "c", "d"]),
        st.integers(0, 200).map(lambda n: n * 10), st.sampled_from(["Ann", "Bo", None]), st.sampled_from(["NDC", "RDC"]),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path_factory.mktemp("counts") / "w.duckdb", Engine(memory_limit="1GiB", threads=1))
    yield made
    made.close()


def log_of(rows: list[Row]) -> pl.DataFrame:
    names = ["case_id", "activity", "second", "actor_id", "facility_id"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"second": pl.Int64}, orient="row")
    return frame.with_columns(
        at=pl.lit(START) + pl.duration(seconds="second"), event_id=pl.int_range(pl.len()).cast(pl.String).str.zfill(5)
    ).drop("second")


@settings(max_examples=examples(45), deadline=None, suppress_health_check=SLOW)
@given(rows=ROWS)
@example(rows=[("c1", "a", 0, None, "NDC")])
@example(rows=[("c1", "a", 0, None, "NDC")] * 4)
def test_graph_performance_variants_and_rework_are_those_of_pm4py(warehouse, rows):
    check_counts(warehouse, log_of(rows).with_columns(facility_id=pl.lit("SITE")))


@settings(max_examples=examples(45), deadline=None, suppress_health_check=SLOW)
@given(rows=ROWS)
@example(rows=[("c1", "a", 0, "Ann", "NDC"), ("c2", "a", 60, "Ann", "NDC"), ("c3", "a", 121, "Ann", "NDC")])
def test_batches_are_what_a_loop_finds(warehouse, rows):
    """pm4py's own are no measure here: it merges intervals in the order of a heap, and so some that are far apart."""
    log = log_of(rows)
    one_process(warehouse, log)
    groups: dict[Any, list[Any]] = defaultdict(list)
    for told in log.sort("at").select("facility_id", "activity", "actor_id", "at", "case_id").iter_rows():
        groups[told[:3]].append(told[3:])
    found: Counter[Any] = Counter()
    for (facility, activity, actor), events in groups.items():
        batches = [[events[0]]]
        for one, other in pairwise(events):
            if (other[0] - one[0]).total_seconds() <= (60 if actor else 0):
                batches[-1].append(other)
            else:
                batches.append([other])
        for batch in batches:
            if len({case for _, case in batch}) > 1:
                found[facility, activity, batch[0][0] == batch[-1][0]] += 1
                found[facility, activity, "events"] += len(batch)
    ours = warehouse.rows(
        "SELECT facility_id, activity, simultaneous_batches_count, sequential_batches_count, batched_events_count "
        "FROM marts.process_batches"
    )
    kinds = (True, False, "events")
    counted = {
        (facility, activity, kind): n for facility, activity, *ns in ours for kind, n in zip(kinds, ns, strict=True)
    }
    assert {key: n for key, n in counted.items() if n} == dict(found)


@settings(max_examples=examples(45), deadline=None, suppress_health_check=SLOW)
@given(rows=ROWS)
def test_handovers_and_spectrum_are_what_a_loop_counts(warehouse, rows):
    log = log_of(rows)
    one_process(warehouse, log)
    cases: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for case, *told in log.sort("at", "event_id").select("case_id", "activity", "at", "facility_id").iter_rows():
        cases[case].append(tuple(told))
    steps = [(before, after) for told in cases.values() for before, after in pairwise(told)]
    handed = Counter((one[2], other[2], one[0], other[0]) for one, other in steps if one[2] != other[2])
    ours = warehouse.rows(
        "SELECT from_facility_id, to_facility_id, from_activity, to_activity, handovers_count FROM marts.process_handovers"
    )
    assert {tuple(key): n for *key, n in ours} == handed
    begun = Counter((one[0], other[0], one[1].date()) for one, other in steps)
    spectrum = warehouse.rows(
        "SELECT from_activity, to_activity, day, sum(segments_count), sum(fastest_count + fast_count), "
        "sum(fastest_count + fast_count + slow_count + slowest_count) FROM marts.process_spectrum GROUP BY ALL"
    )
    assert {(a, b, day): n for a, b, day, n, _, _ in spectrum} == begun
    assert [n for *_, n, _, whole in spectrum if n != whole] == []
    # At least half of every pair is up to its median.
    for pair in {(one[0], other[0]) for one, other in steps}:
        told = [(n, half) for a, b, _, n, half, _ in spectrum if (a, b) == pair]
        assert 2 * sum(half for _, half in told) >= sum(n for n, _ in told)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=SLOW)
@given(counts=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), min_size=2, max_size=5))
@example(counts=[(40, 60), (40, 20), (20, 20)])
@example(counts=[(100, 0), (0, 100), (7, 7)])
def test_p_values_of_drift_are_those_of_scipy(warehouse, counts):
    """One case a pair `start` > `x<n>`, five days or twelve days before as_of."""
    rows = []
    for kind, (earlier, later) in enumerate(counts):
        for week, times in ((0, earlier), (7, later)):
            for n in range(times):
                name, at = f"{kind}-{week}-{n}", START + timedelta(days=2 + week)
                rows += [(name, "start", at, f"{name}-1"), (name, f"x{kind}", at + timedelta(seconds=1), f"{name}-2")]
    if not rows:
        return
    log = pl.DataFrame(rows, schema=["case_id", "activity", "at", "event_id"], orient="row")
    one_process(warehouse, log, as_of=14 * DAY)
    found = warehouse.rows(
        "SELECT to_activity, chi_square, p_value, adjusted_p_value, is_drifting FROM marts.process_drift "
        "WHERE p_value IS NOT NULL ORDER BY to_activity"
    )
    earlier, later = (sum(pair[place] for pair in counts) for place in (0, 1))
    expected = {}
    for kind, (a, b) in enumerate(counts):
        table = [[a, b], [earlier - a, later - b]]
        if earlier and later and 0 < a + b < earlier + later:
            told = chi2_contingency(table, correction=False)
            if told.expected_freq.min() >= 5:
                expected[f"x{kind}"] = (told.statistic, told.pvalue)
    assert [row[0] for row in found] == sorted(expected)
    if expected:
        adjusted = dict(zip(expected, false_discovery_control([p for _, p in expected.values()]), strict=True))
        for name, chi_square, p_value, adjusted_p_value, is_drifting in found:
            assert (chi_square, p_value) == pytest.approx(expected[name], rel=1e-9, abs=1e-300)
            assert adjusted_p_value == pytest.approx(adjusted[name], rel=1e-9, abs=1e-300)
            assert is_drifting == (adjusted_p_value < 0.05)
