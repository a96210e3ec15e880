"""Temporal profiles and fitness are pm4py's own, on random logs and on every real log that has cases."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mining.engine import SEPARATOR, align, discover
from mining.engine.nets import Model
from pipelines.engines.duckdb import DuckDBEngine
from tests.property import mining_oracle
from tests.support import real_data
from transforms.spec import models

START = datetime(2026, 2, 2, 8, tzinfo=UTC)
RANDOM = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
Case = list[tuple[str, datetime]]
# Steps from one event to the next in microseconds; now and then nothing, and now and then very long.
STEPS = st.one_of(st.integers(0, 5_000_000), st.just(0), st.integers(0, 10**13))
CASES = st.lists(st.lists(st.tuples(st.sampled_from("abcd"), STEPS), min_size=1, max_size=8), min_size=1, max_size=25)


def temporal(engine: DuckDBEngine, cases: list[Case]) -> tuple[dict[tuple, tuple], list[tuple]]:
    """The profile and the deviations that the models make of cases: (from, to) -> (mean, deviation); rows."""
    events = [
        (n, "p", f"{n:06}", "NDC", activity, at, place)
        for n, case in enumerate(cases)
        for place, (activity, at) in enumerate(case, 1)
    ]
    columns: dict[str, Any] = {"case_no": pl.Int32, "process": pl.String, "case_id": pl.String, "facility_id": pl.String, "activity": pl.String,
               "event_time": pl.Datetime("us", "UTC"), "event_order": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(events, schema=columns, orient="row")
    engine.frame("process.case_event", frame)
    engine.frame("process.case_variant", frame.select("case_no", "process", "case_id", "facility_id").unique())
    for name in ("temporal_profile", "temporal_deviations"):
        engine.materialise(models()[f"marts.{name}"])
    profile = engine.rows("SELECT from_activity, to_activity, mean_s, stddev_s FROM marts.temporal_profile")
    beyond = engine.rows(
        "SELECT case_id, from_activity, to_activity, elapsed_s, zeta_ratio FROM marts.temporal_deviations ORDER BY ALL"
    )
    return {(a, b): (mean, deviation) for a, b, mean, deviation in profile}, beyond


def assert_temporal_is_pm4pys(engine: DuckDBEngine, cases: list[Case]) -> int:
    """Compares profile and deviations; the number of deviations.

    pm4py takes the mean and deviation of seconds as floats, so a pair that always takes equally long can be a
    hair's breadth away from its own mean: it then calls each of them a deviation, of a deviation of next to 0.
    """
    log = mining_oracle.timed_log(cases)
    profile, beyond = temporal(engine, cases)
    theirs = mining_oracle.temporal_profile(log)
    assert set(profile) == set(theirs)
    for pair, (mean, deviation) in theirs.items():
        assert profile[pair] == pytest.approx((mean, deviation), rel=1e-7, abs=1e-4 + 1e-7 * mean), pair
    found = mining_oracle.temporal_deviations(log, theirs)
    expected = sorted(
        (f"{n:06}", a, b, seconds, zeta)
        for n, case in enumerate(found)
        for a, b, seconds, zeta in case
        if theirs[a, b][1] > 1e-3 + 1e-7 * theirs[a, b][0]
    )
    assert [row[:3] for row in beyond] == [row[:3] for row in expected]
    assert [row[3] for row in beyond] == pytest.approx([row[3] for row in expected], abs=1e-4)
    assert [row[4] for row in beyond] == pytest.approx([row[4] for row in expected], rel=1e-3)
    return len(beyond)


@RANDOM
@given(drawn=CASES)
def test_the_temporal_profile_of_random_cases_is_pm4pys(engine, drawn):
    cases = []
    for each in drawn:
        at, case = START, []
        for activity, step in each:
            at += timedelta(microseconds=step)
            case.append((activity, at))
        cases.append(case)
    assert_temporal_is_pm4pys(engine, cases)


def test_one_case_of_a_hundred_that_takes_a_day_is_out_of_time_in_both(engine):
    """99 pairs of 60 to 69 s and one of a day: (86400 - mean) / deviation is near sqrt(99), 9.9."""
    cases: list[Case] = [[("a", START), ("b", START + timedelta(seconds=60 + n % 10))] for n in range(99)]
    cases.append([("a", START), ("b", START + timedelta(days=1))])
    assert assert_temporal_is_pm4pys(engine, cases) == 1


def purchase_orders() -> Iterator[tuple[Any, ...]]:
    """Of SAP's procurement: a purchase order is a case; events without time are left out."""
    log = pl.read_parquet(real_data("sap-p2p-log", "log_p2p.parquet"))
    yield from log.select("EBELN", "event_timestamp", "event_id", "event_activity").drop_nulls().unique().iter_rows()


def document_flow() -> Iterator[tuple[Any, ...]]:
    """Of SAP's document flow: what follows one document is a case."""
    rows = pl.read_csv(real_data("sap-document-flow", "VBFA.csv.gz"), infer_schema=False)
    at = (pl.col("ERDAT") + pl.col("ERZET")).str.to_datetime("%Y%m%d%H%M%S")
    tie = pl.concat_str("VBELN", "POSNV", "POSNN")
    yield from rows.select("VBELV", at.alias("at"), tie.alias("tie"), "VBTYP_N").iter_rows()


def purchases() -> Iterator[tuple[Any, ...]]:
    """The simulated purchasing log, by the ends of its activities."""
    rows = pl.read_csv(real_data("purchasing-log", "PurchasingExample.csv.gz"), infer_schema=False)
    at = pl.col("end_time").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    yield from rows.with_row_index().select("case_id", at, "index", "activity").iter_rows()


def customer_orders() -> Iterator[tuple[Any, ...]]:
    """Of the object-centric inventory log: a customer order is a case."""
    path = real_data("ocel-inventory-quantities", "qel_inventory.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as con:
        kinds = con.execute("SELECT ocel_type, ocel_type_map FROM event_map_type").fetchall()
        times = {e: at for _, kind in kinds for e, at in con.execute(f'SELECT ocel_id, ocel_time FROM "event_{kind}"')}
        related = con.execute(
            "SELECT DISTINCT r.ocel_object_id, e.ocel_id, e.ocel_type FROM event_object r "
            "JOIN object o ON o.ocel_id = r.ocel_object_id AND o.ocel_type = 'Customer Order' "
            "JOIN event e ON e.ocel_id = r.ocel_event_id"
        ).fetchall()
    for case, event, activity in related:
        yield case, datetime.fromisoformat(times[event]), event, activity


def cases_of(rows: Iterator[tuple[Any, ...]]) -> list[Case]:
    """Rows of (case, time, tie breaker, activity) as cases in order."""
    cases: dict[str, Case] = {}
    for case, at, _, activity in sorted(rows):
        cases.setdefault(case, []).append((activity, at.replace(tzinfo=UTC)))
    return list(cases.values())


@pytest.fixture(scope="module", params=[purchase_orders, document_flow, purchases, customer_orders])
def real_cases(request) -> list[Case]:
    return cases_of(request.param())


def test_the_temporal_profile_of_a_real_log_is_pm4pys(engine, real_cases):
    assert_temporal_is_pm4pys(engine, real_cases)


def test_the_fitness_of_every_trace_of_a_real_log_is_pm4pys(tmp_path, real_cases):
    """A model of the ten most frequent variants, on all variants, however rare or long (518 events at most)."""
    traces = Counter(tuple(activity for activity, _ in case) for case in real_cases)
    variants = [trace for trace, _ in sorted(traces.items(), key=lambda item: (-item[1], item[0]))]
    rows = pl.DataFrame({"variant": map(SEPARATOR.join, variants), "cases_count": [traces[each] for each in variants]})
    path = tmp_path / "found.bpmn"
    path.write_text(discover(rows.head(10))[0])
    found = align(rows, path)
    assert found["is_exact"].all()
    theirs = mining_oracle.fitnesses(variants, Model(path.read_text(), "found").net)
    fitness = dict(found.select("variant", "fitness").iter_rows())
    assert [fitness[SEPARATOR.join(trace)] for trace in variants] == pytest.approx(theirs, abs=1e-12)
