"""Map, durations, variants, temporal profile and fitness of simulated cases are pm4py's own, process by process."""

import shutil
import warnings
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest

from mining import ProcessSpec, load_processes
from tests.process_counts import their_edges, their_performance, their_variants
from tests.property import mining_oracle
from tests.soundness.support import ask

SPECS = load_processes()
EVENTS = """SELECT event_id, event_type AS activity, event_time AS at, recorded_at, sequence_no, facility_id, document_id,
    document_line FROM canonical.inventory_event WHERE document_id IS NOT NULL"""

Log = pl.DataFrame


@pytest.fixture(scope="module")
def accepted(built_workspace, tmp_path_factory) -> pl.DataFrame:
    """The accepted events of documents in the total order; what is not stated comes first."""
    copied = shutil.copy(built_workspace / "warehouse.duckdb", tmp_path_factory.mktemp("log"))
    with duckdb.connect(copied, read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        rows = con.execute(EVENTS).pl()
    return rows.sort("at", "recorded_at", "sequence_no", "event_id", nulls_last=False)


@pytest.fixture(params=SPECS, ids=lambda spec: spec.process)
def process(request) -> ProcessSpec:
    return request.param


@pytest.fixture
def log(accepted, process) -> Log:
    """The events of a process by the words of its definition: case_id, activity, at, and event_id as the place in order."""
    line = pl.concat_str("facility_id", "document_id", pl.col("document_line").fill_null(""), separator="|")
    makes_a_case = pl.col("activity").is_in(process.activities) & ~pl.col("activity").is_in(process.attached)
    return (
        accepted.with_columns(case_id="document_id" if process.case_key == "document" else line)
        .filter(pl.col("activity").is_in(process.activities), makes_a_case.any().over("case_id"))
        .select("case_id", "activity", "at")
        .with_row_index("event_id")
    )


@pytest.fixture
def told(built_workspace, process) -> Callable[[str], list[tuple]]:
    """Rows of a query to what is published, of this process."""
    return lambda sql: ask(built_workspace, sql.replace("of_this", f"process = '{process.process}'"))


@pytest.fixture
def by_facility(log, told) -> dict[str, Log]:
    """The log of each facility that cases are told at; every case is told at one."""
    places = dict(told("SELECT case_id, facility_id FROM marts.process_cases WHERE of_this"))
    assert set(places) == set(log["case_id"])
    assert len(places) >= 10
    parts = log.with_columns(facility_id=pl.col("case_id").replace_strict(places)).partition_by(
        "facility_id", as_dict=True, include_key=False
    )
    return {str(facility): part for (facility,), part in parts.items()}


def test_the_map_with_its_starts_and_ends_is_pm4pys_at_every_facility(by_facility, told):
    published = told(
        "SELECT facility_id, from_activity, to_activity, edges_count FROM marts.process_edges WHERE of_this"
    )
    expected = {(facility, *edge): n for facility, part in by_facility.items() for edge, n in their_edges(part).items()}
    assert {row[:3]: row[3] for row in published} == expected


def test_the_median_and_the_mean_of_every_edge_are_pm4pys_at_every_facility(by_facility, told):
    """The mean is that of the passes, which are published one by one."""
    medians = told(
        """SELECT facility_id, from_activity, to_activity, p50_s FROM marts.process_edges
        WHERE of_this AND from_activity IS NOT NULL AND to_activity IS NOT NULL"""
    )
    means = told(
        """SELECT c.facility_id, v.from_activity, v.to_activity, avg(e.waited_s) FROM marts.process_case_edges e
        JOIN marts.process_cases c ON c.case_no = e.case_no
        JOIN (SELECT DISTINCT edge_no, from_activity, to_activity FROM marts.process_variant_edges WHERE of_this) v
          ON v.edge_no = e.edge_no GROUP BY ALL"""
    )
    performance = {
        (facility, *edge): seconds
        for facility, part in by_facility.items()
        for edge, seconds in their_performance(part).items()
    }
    for name, rows in (("median", medians), ("mean", means)):
        assert {row[:3]: row[3] for row in rows} == {
            edge: pytest.approx(seconds[name], abs=1e-5) for edge, seconds in performance.items()
        }


def test_the_variants_are_pm4pys_at_every_facility(by_facility, told):
    published = told("SELECT facility_id, variant, cases_count FROM marts.variants WHERE of_this")
    expected = {
        (facility, variant): n for facility, part in by_facility.items() for variant, n in their_variants(part).items()
    }
    assert {row[:2]: row[2] for row in published} == expected


def test_the_temporal_profile_is_pm4pys(log, told):
    cases = log.group_by("case_id", maintain_order=True).agg("activity", "at")
    timed = [list(zip(*case, strict=True)) for case in cases.select("activity", "at").iter_rows()]
    theirs = mining_oracle.temporal_profile(mining_oracle.timed_log(timed))
    published = told("SELECT from_activity, to_activity, mean_s, stddev_s FROM marts.temporal_profile WHERE of_this")
    assert {row[:2] for row in published} == set(theirs)
    for before, after, *found in published:
        mean, deviation = theirs[before, after]
        assert found == pytest.approx([mean, deviation], rel=1e-7, abs=1e-4 + 1e-7 * mean)


def test_the_fitness_of_every_closed_case_is_pm4pys(log, told, process):
    """Of the optimal alignment with the normative model, as pm4py reads and aligns it."""
    cases = log.group_by("case_id", maintain_order=True).agg("activity")
    traces = {case: tuple(activities) for case, activities in cases.iter_rows()}
    published = dict(told("SELECT case_id, fitness FROM marts.case_conformance WHERE of_this AND NOT is_open"))
    variants = sorted({traces[case] for case in published})
    fitness = dict(zip(variants, mining_oracle.fitnesses(variants, _net(process)), strict=True))
    assert published == {case: pytest.approx(fitness[traces[case]], abs=1e-12) for case in published}
    assert len(published) >= 10
    # The scenario breaks no return on purpose.
    assert (min(fitness.values()) < 1) == (process.process != "return_to_disposition")


def _net(process: ProcessSpec) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        return pm4py.convert_to_petri_net(pm4py.read_bpmn(str(process.bpmn)))
