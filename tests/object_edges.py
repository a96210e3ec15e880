"""The object-centric process map of a log, held against what pm4py's object-centric DFG says of the same, sorted log."""

import warnings
from typing import Any

import polars as pl
import pytest

from pipelines.engines.duckdb import DuckDBEngine
from transforms.spec import models

TABLE = "marts.object_centric_edges"
Key = tuple[str, str | None, str | None]


def theirs(relations: pl.DataFrame) -> tuple[dict[Key, tuple[int, int]], dict[Key, list[float]]]:
    """pm4py's edges with those from and to None: (how often, in how many objects), and the seconds of each pair.

    Args:
        relations: event_id, activity, at (UTC), object_id, object_type; events in order of at and event_id.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pm4py.algo.discovery.ocel.ocdfg.variants import classic

        found = classic.apply(_ocel(relations.sort("at", "event_id", "object_id")))
    counts: dict[Key, tuple[int, int]] = {}
    for kind, edges in found["edges"]["total_objects"].items():
        for (before, after), triples in edges.items():
            counts[kind, before, after] = (len(triples), len(found["edges"]["unique_objects"][kind][before, after]))
    for kind, ends in found["start_activities"]["total_objects"].items():
        counts |= {(kind, None, activity): (len(pairs), len(pairs)) for activity, pairs in ends.items()}
    for kind, ends in found["end_activities"]["total_objects"].items():
        counts |= {(kind, activity, None): (len(pairs), len(pairs)) for activity, pairs in ends.items()}
    times = found["edges_performance"]["total_objects"]
    seconds = {(kind, *pair): waited for kind, edges in times.items() for pair, waited in edges.items()}
    return counts, seconds


def _ocel(relations: pl.DataFrame) -> Any:
    from pm4py.objects.ocel.obj import OCEL

    named = relations.select(
        pl.col("event_id").alias("ocel:eid"),
        pl.col("activity").alias("ocel:activity"),
        pl.col("at").alias("ocel:timestamp"),
        pl.col("object_id").alias("ocel:oid"),
        pl.col("object_type").alias("ocel:type"),
    )
    events = named.select("ocel:eid", "ocel:activity", "ocel:timestamp").unique(maintain_order=True)
    objects = named.select("ocel:oid", "ocel:type").unique(maintain_order=True)
    return OCEL(events.to_pandas(), objects.to_pandas(), named.to_pandas())


def check_object_edges(engine: DuckDBEngine, relations: pl.DataFrame) -> None:
    """Asserts that the model counts what pm4py counts, and that its quantiles are those of pm4py's seconds.

    Args:
        relations: event_id, activity, at (UTC), object_id, object_type, each pair of event and object once.
    """
    given = relations.select(
        pl.struct("at", "event_id").rank("dense").cast(pl.Int64).alias("event_no"),
        "object_type",
        pl.col("object_id").rank("dense").cast(pl.Int64).alias("object_no"),
        "activity",
        pl.col("at").alias("event_time"),
    )
    engine.frame("process.object_step", given)
    engine.materialise(models()[TABLE])
    counts, seconds = theirs(relations)
    rows = engine.rows(
        f"SELECT object_type, from_activity, to_activity, edges_count, objects_count, p50_s, p90_s FROM {TABLE}"
    )
    assert {row[:3]: row[3:5] for row in rows} == counts
    assert {row[:3]: row[5:] for row in rows if row[5] is not None} == {
        key: pytest.approx(_quantiles(waited), abs=1e-5) for key, waited in seconds.items()
    }


def _quantiles(waited: list[float]) -> tuple[float | None, ...]:
    return tuple(pl.Series(waited).quantile(q, "linear") for q in (0.5, 0.9))
