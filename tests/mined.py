"""The process models over events that a test states, and what pm4py makes of the same events."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import polars as pl

from mining import load_processes, process_activities, process_milestones
from pipelines.engines.duckdb import DuckDBEngine
from transforms.contracts import CONTRACTS
from transforms.contracts.base import POLARS_TYPE
from transforms.spec import models

START = datetime(2026, 2, 2, 8, tzinfo=UTC)
DAY = 86400
CONTRACT = CONTRACTS["inventory_event"]
CASES = (
    "process.case_number",
    "process.case_event",
    "process.case_variant",
    "process.variant_frequency",
    "process.variant_number",
    "marts.variants",
    "marts.process_variant_steps",
    "marts.process_variant_edges",
    "marts.process_cases",
    "marts.process_case_edges",
    "marts.process_edges",
)
COUNTS = (
    *CASES,
    "marts.process_rework",
    "marts.process_handovers",
    "marts.process_batches",
    "marts.process_throughput",
    "marts.process_milestones",
    "marts.process_spectrum",
    "marts.process_drift",
)
_TYPE_OF_UNIT = {"s": "DOUBLE", "instant": "TIMESTAMPTZ", "boolean": "BOOLEAN", "number": "BIGINT"}


def at(seconds: float) -> datetime:
    """An instant some seconds after START."""
    return START + timedelta(seconds=seconds)


def event(event_id: str, event_type: str, seconds: float, **given: Any) -> dict[str, Any]:
    """One accepted event, `seconds` after START: by default of line 1 of document PO-1 at NDC."""
    row = {"facility_id": "NDC", "document_id": "PO-1", "document_line": "1", **given}
    return {"event_id": event_id, "event_type": event_type, "event_time": at(seconds), **row}


def given_to_models(engine: DuckDBEngine, events: Sequence[dict[str, Any]], as_of: float = 100 * DAY) -> None:
    """Makes the tables that the process models read, with these events and nothing else but the vocabularies."""
    schema = {column: POLARS_TYPE[CONTRACT.kind(column)] for column in CONTRACT.columns}
    engine.frame("canonical.inventory_event", pl.DataFrame(list(events), schema=schema))
    given_references(engine, as_of)


def given_references(engine: DuckDBEngine, as_of: float) -> None:
    """Makes the other tables that the process models read: facilities in UTC without calendars, and no items."""
    engine.frame("reference.process_activity", process_activities(load_processes()))
    engine.frame("reference.process_milestone", process_milestones(load_processes()))
    engine.frame("reference.evaluation", pl.DataFrame({"as_of": [at(as_of)]}))
    engine.frame("reference.item", pl.DataFrame(schema={"item_id": pl.String, "abc_class": pl.String}))
    engine.table("reference.facility", "SELECT DISTINCT facility_id, 'UTC' AS timezone FROM canonical.inventory_event")
    clock = models()["shared.working_clock"].header.columns
    columns = ", ".join(f"CAST(NULL AS {_TYPE_OF_UNIT.get(c.unit, 'VARCHAR')}) AS {n}" for n, c in clock.items())
    engine.table("shared.working_clock", f"SELECT {columns} WHERE FALSE")


def mined(
    engine: DuckDBEngine, events: Sequence[dict[str, Any]], as_of: float = 100 * DAY, tables: Iterable[str] = CASES
) -> DuckDBEngine:
    """The process models over these events, evaluated `as_of` seconds after START.

    Args:
        tables: which models, each after those that it reads.
    """
    given_to_models(engine, events, as_of)
    for table in tables:
        engine.materialise(models()[table])
    return engine


def one_process(engine: DuckDBEngine, log: pl.DataFrame, as_of: float = 100 * DAY) -> DuckDBEngine:
    """The process models over a log whose cases are documents of one process called `log`, of any activities.

    Args:
        log: case_id, activity, at (UTC), event_id and, if they are there, actor_id and facility_id.
    """
    columns = {"case_id": "document_id", "activity": "event_type", "at": "event_time"}
    given = log.rename(columns).with_columns(
        facility_id="facility_id" if "facility_id" in log.columns else pl.lit("SITE")
    )
    schema = pl.Schema({name: POLARS_TYPE[CONTRACT.kind(name)] for name in CONTRACT.columns})
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in given.columns]
    engine.frame("canonical.inventory_event", given.with_columns(missing).select(schema.names()).cast(schema))
    given_references(engine, as_of)
    activities = log["activity"].unique().sort()
    rows = [("log", name, "document", place, True, False, DAY, None) for place, name in enumerate(activities, 1)]
    kinds = engine.read("FROM reference.process_activity LIMIT 0").schema
    engine.frame("reference.process_activity", pl.DataFrame(rows, schema=kinds, orient="row"))
    pairs = [("log", one, other) for one in activities[:2] for other in activities[-2:]]
    schema_of_pairs = engine.read("FROM reference.process_milestone LIMIT 0").schema
    engine.frame("reference.process_milestone", pl.DataFrame(pairs, schema=schema_of_pairs, orient="row"))
    for table in COUNTS:
        engine.materialise(models()[table])
    return engine


def as_pm4py_wants(log: pl.DataFrame) -> pd.DataFrame:
    """A log, sorted by case and then in the total order: pm4py counts wrongly, silently, what is not sorted."""
    names = {
        "case_id": "case:concept:name",
        "activity": "concept:name",
        "at": "time:timestamp",
        "actor_id": "org:resource",
    }
    kept = [name for name in names if name in log.columns]
    return log.sort("case_id", "at", "event_id").select(kept).rename({name: names[name] for name in kept}).to_pandas()
