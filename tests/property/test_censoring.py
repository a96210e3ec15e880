"""Kaplan-Meier quantiles and shares within the SLA equal those of lifelines, whatever is open, equal or alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from data import DATA
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.golden.tables import OTHER_TABLES
from transforms.contracts import CONTRACTS
from transforms.contracts.base import POLARS_TYPE
from transforms.spec import models

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)
QUANTILES = {"km_p50_s": 0.5, "km_p90_s": 0.9, "km_p95_s": 0.95, "km_p99_s": 0.99}
TABLE = "marts.censored_durations"
TOLD = ("marts.event_latency", "marts.exceptions")
POLARS_OF_UNIT = {
    "count": pl.Int64,
    "instant": pl.Datetime("us", "UTC"),
    "date": pl.Date,
    "boolean": pl.Boolean,
    "id": pl.String,
    "text": pl.String,
}
LEAST = -60  # lifelines wants durations of at least 0, and the estimate moves along with its times


class Case(NamedTuple):
    """One thing that started: seconds until it ended or as_of, whether it ended, and its SLA in seconds."""

    duration_s: float
    is_finished: bool
    sla_s: int


Columns = dict[str, Any]
Groups = dict[str, list[Case]]
CASES = st.lists(
    st.builds(Case, st.integers(LEAST, 60).map(float), st.booleans(), st.sampled_from([0, 7, 30])), min_size=1
)
GROUPS = st.dictionaries(st.sampled_from(["receipt_confirmed", "pick_confirmed"]), CASES, min_size=1)


def made_for(table: str, found: dict[str, bool]) -> dict[str, bool]:
    """What `table` is made from, in order, and whether a model of `shared` makes it; else it is given."""
    for source in models()[table].inputs:
        if source not in found:
            is_shared = source.startswith("shared.")
            if is_shared:
                made_for(source, found)
            found[source] = is_shared
    return found


def columns_of(table: str) -> Columns:
    """The columns of a model, of a table that has a contract, or of a vocabulary."""
    if table in models():
        return {n: POLARS_OF_UNIT.get(c.unit, pl.Float64) for n, c in models()[table].header.columns.items()}
    name = table.split(".")[1]
    if name not in CONTRACTS:
        return dict(pl.read_csv(DATA / "reference" / f"{name}s.csv").schema)
    contract = CONTRACTS[name]
    return {name: POLARS_TYPE[contract.kind(name)] for name in contract.columns}


@pytest.fixture(scope="module")
def empty_engine(tmp_path_factory) -> Iterator[DuckDBEngine]:
    """An engine in which every given input of the models is there, without rows."""
    made = DuckDBEngine(tmp_path_factory.mktemp("censoring") / "engine.duckdb", Engine(memory_limit="1GiB", threads=1))
    made.frame("reference.evaluation", pl.DataFrame({"as_of": [AS_OF]}))
    for table, is_made in made_for(TABLE, {}).items():
        if is_made or table in (*TOLD, "reference.evaluation"):
            continue
        if table in OTHER_TABLES:
            columns = ", ".join(f"{name} {kind}" for name, kind in OTHER_TABLES[table].items())
            made.con.execute(f"CREATE TABLE {table} ({columns})")
        else:
            made.frame(table, pl.DataFrame(schema=columns_of(table)))
    yield made
    made.close()


def tell(engine: DuckDBEngine, groups: Groups) -> None:
    """The cases as events of a facility, and again as exceptions whose rules have the names of the event types."""
    rows = [
        {
            "facility_id": "NDC",
            "event_type": group,
            "event_time": AS_OF - timedelta(seconds=case.duration_s),
            "latency_s": case.duration_s if case.is_finished else None,
            "is_posted": case.is_finished,
            "sla_s": float(case.sla_s),
            "rule": group,
            "age_s": case.duration_s,
            "resolved_at": AS_OF if case.is_finished else None,
        }
        for group, cases in groups.items()
        for case in cases
    ]
    types: Columns = {"latency_s": pl.Float64, "resolved_at": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(rows, schema_overrides=types)
    for table in TOLD:
        absent = {name: kind for name, kind in columns_of(table).items() if name not in frame.columns}
        engine.frame(table, frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in absent.items()))
    for table in [*(t for t, is_made in made_for(TABLE, {}).items() if is_made), TABLE]:
        engine.materialise(models()[table])


def curve(cases: list[Case], ends: list[float]) -> list[tuple[float, float]]:
    """lifelines' survival function at every end: (time, S)."""
    shifted = [end - LEAST * 2 for end in ends]
    fitted = KaplanMeierFitter().fit(shifted, [case.is_finished for case in cases])
    return [(t + LEAST * 2, float(s)) for t, s in fitted.survival_function_["KM_estimate"].items()]


def expected_quantile(cases: list[Case], p: float) -> float | None:
    reached = [t for t, s in curve(cases, [case.duration_s for case in cases]) if s <= 1 - p + 1e-9]
    return min(reached, default=None)


def expected_share(cases: list[Case]) -> float:
    excesses = [case.duration_s - case.sla_s for case in cases]
    return 1 - min((s for t, s in curve(cases, excesses) if t <= 0), default=1.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({"pick_confirmed": [Case(5.0, True, 7)]})
@example({"pick_confirmed": [Case(5.0, False, 7)] * 3})
@example({"pick_confirmed": [Case(7.0, True, 7), Case(7.0, False, 7), Case(7.0, True, 7)]})
@example({"pick_confirmed": [Case(float(n), True, 30) for n in range(10)]})
@given(GROUPS)
def test_quantiles_and_shares_equal_those_of_lifelines(empty_engine, groups):
    tell(empty_engine, groups)
    wanted = dict(groups) | {None: [case for cases in groups.values() for case in cases]}
    columns = ", ".join(QUANTILES)
    sql = f"""SELECT measure, group_2, km_within_sla_ratio, {columns} FROM marts.censored_durations
        WHERE group_1 = 'NDC' AND measure IN ('event_latency', 'exception_resolution')"""
    rows = empty_engine.rows(sql)
    assert {row[:2] for row in rows} == {(m, g) for m in ("event_latency", "exception_resolution") for g in wanted}
    for _, group, share, *quantiles in rows:
        cases = wanted[group]
        assert share == pytest.approx(expected_share(cases), abs=1e-9)
        assert quantiles == [expected_quantile(cases, p) for p in QUANTILES.values()]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GROUPS)
def test_the_naive_share_is_in_time_over_ended_or_overdue(empty_engine, groups):
    """One by one over the cases: an open one counts once it is older than its SLA, and never as in time."""
    tell(empty_engine, groups)
    sql = """SELECT group_2, within_sla_ratio, due_count, is_km_lower_bound FROM marts.censored_durations
        WHERE measure = 'exception_resolution' AND NOT is_total"""
    for group, ratio, due_count, is_bound in empty_engine.rows(sql):
        cases = groups[group]
        due = [case for case in cases if case.is_finished or case.duration_s > case.sla_s]
        in_time = [case for case in due if case.is_finished and case.duration_s <= case.sla_s]
        assert (due_count, ratio) == (len(due), len(in_time) / len(due) if due else None)
        last = max(case.duration_s - case.sla_s for case in cases)
        open_last = [c for c in cases if c.duration_s - c.sla_s == last and not c.is_finished]
        assert is_bound == (last < 0 and bool(open_last))
