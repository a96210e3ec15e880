"""What the engine counts of a log, held against what pm4py counts of the same, sorted rows."""

import warnings
from collections import Counter
from typing import Any

import polars as pl
import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.mined import as_pm4py_wants, one_process

Edge = tuple[str | None, str | None]


def _pm4py() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    return pm4py


def their_edges(log: pl.DataFrame) -> dict[Edge, int]:
    """pm4py's directly-follows graph with its start and end activities as edges from and to None."""
    return pm4py_edges(as_pm4py_wants(log))


def pm4py_edges(log: Any) -> dict[Edge, int]:
    """The same of a log in pm4py's form, cases sorted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph, first, last = _pm4py().discover_dfg(log)
    return {**graph, **{(None, a): n for a, n in first.items()}, **{(a, None): n for a, n in last.items()}}


def their_variants(log: pl.DataFrame) -> dict[str, int]:
    """pm4py's variants, as texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {" > ".join(trace): n for trace, n in _pm4py().get_variants(as_pm4py_wants(log)).items()}


def their_performance(log: pl.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """What pm4py says of the seconds of each edge: mean, median, min, max, sum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[tuple[str, str], dict[str, float]] = _pm4py().discover_performance_dfg(as_pm4py_wants(log))[0]
    return found


def check_counts(engine: DuckDBEngine, log: pl.DataFrame) -> None:
    """Asserts that graph, performance, start and end activities, variants, rework and milestones are pm4py's.

    Args:
        log: case_id, activity, at (UTC), event_id; at any one facility.
    """
    one_process(engine, log)
    edges = engine.rows("SELECT from_activity, to_activity, edges_count FROM marts.process_edges")
    assert {(before, after): n for before, after, n in edges} == their_edges(log)
    assert dict(engine.rows("SELECT variant, cases_count FROM marts.variants")) == their_variants(log)
    theirs = as_pm4py_wants(log)
    performance = their_performance(log)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, first, last = _pm4py().discover_dfg(theirs)
        rework = _pm4py().get_rework_cases_per_activity(theirs)
    ours = engine.rows(
        "SELECT from_activity, to_activity, p50_s FROM marts.process_edges "
        "WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL"
    )
    assert {(before, after): p50 for before, after, p50 in ours} == {
        edge: pytest.approx(told["median"], abs=1e-5) for edge, told in performance.items()
    }
    assert _whole(engine) == {edge: pytest.approx(_moments(told), abs=1e-3) for edge, told in performance.items()}
    started = engine.rows("SELECT to_activity, cases_count FROM marts.process_edges WHERE from_activity IS NULL")
    ended = engine.rows("SELECT from_activity, cases_count FROM marts.process_edges WHERE to_activity IS NULL")
    assert (dict(started), dict(ended)) == (first, last)
    again = "SELECT activity, rework_cases_count FROM marts.process_rework WHERE activity IS NOT NULL"
    assert dict(engine.rows(f"{again} AND rework_cases_count > 0")) == rework
    check_cases_of_edges(engine, log)
    check_milestones(engine, log)


def _moments(told: dict[str, float]) -> list[float]:
    return [told["min"], told["max"], told["sum"]]


def _whole(engine: DuckDBEngine) -> dict[Edge, list[float]]:
    """Least, greatest and summed seconds of each edge over all cases."""
    found = engine.rows(
        "SELECT v.from_activity, v.to_activity, min(e.waited_s), max(e.waited_s), sum(e.waited_s) "
        "FROM marts.process_case_edges e JOIN (SELECT DISTINCT edge_no, from_activity, to_activity "
        "FROM marts.process_variant_edges) v ON v.edge_no = e.edge_no GROUP BY ALL"
    )
    return {(before, after): list(told) for before, after, *told in found}


def traces(log: pl.DataFrame) -> list[list[str]]:
    """The activities of each case in the total order, by a plain loop."""
    cases: dict[str, list[str]] = {}
    for case, activity in log.sort("at", "event_id").select("case_id", "activity").iter_rows():
        cases.setdefault(case, []).append(activity)
    return list(cases.values())


def check_cases_of_edges(engine: DuckDBEngine, log: pl.DataFrame) -> None:
    """Asserts that a case counts once for each edge that it has, however often it has it."""
    expected: Counter[Edge] = Counter()
    for trace in traces(log):
        expected.update(set(zip([None, *trace], [*trace, None], strict=True)))
    ours = engine.rows("SELECT from_activity, to_activity, cases_count FROM marts.process_edges")
    assert {(before, after): n for before, after, n in ours} == expected


def check_milestones(engine: DuckDBEngine, log: pl.DataFrame) -> None:
    """Asserts that the cases which reach a milestone are those that pm4py's filter for eventually-follows keeps."""
    theirs = as_pm4py_wants(log)
    found = engine.rows("SELECT from_activity, to_activity, reached_count FROM marts.process_milestones")
    for before, after, reached in found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kept = _pm4py().filter_eventually_follows_relation(theirs, [(before, after)])
        assert kept["case:concept:name"].nunique() == reached, (before, after)
