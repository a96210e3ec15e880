"""The tables that a golden folder holds or leaves out, with the types that the warehouse gives them."""

import csv
from pathlib import Path

import polars as pl

from data import DATA
from mining import load_processes, process_activities
from pipelines.engines.duckdb import DuckDBEngine
from transforms.contracts import CONTRACTS
from transforms.contracts.base import SQL_TYPE
from transforms.spec import SELECTION_TABLES, Model, filtered_models, models

UNIT_TYPE = {
    "s": "DOUBLE",
    "ms": "DOUBLE",
    "h": "DOUBLE",
    "usd": "DOUBLE",
    "unit_h": "DOUBLE",
    "usd_h": "DOUBLE",
    "ratio": "DOUBLE",
    "number": "DOUBLE",
    "units": "DECIMAL(18,6)",
    "count": "BIGINT",
    "instant": "TIMESTAMPTZ",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "id": "VARCHAR",
    "text": "VARCHAR",
}
LINEAGE = {
    "feed": "VARCHAR",
    "file": "VARCHAR",
    "landed_row": "BIGINT",
    "row_number": "BIGINT",
    "time_flags": "VARCHAR",
    "content_hash": "VARCHAR",
}
OTHER_TABLES = {
    "landing.file": {
        "feed": "VARCHAR",
        "table_name": "VARCHAR",
        "file": "VARCHAR",
        "landed_count": "BIGINT",
        "received_count": "BIGINT",
    },
    "landing.malformed": {
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "row_number": "BIGINT",
        "detail": "VARCHAR",
        "raw": "VARCHAR",
    },
    "landing.accepted": {
        "table_name": "VARCHAR",
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "landed_row": "BIGINT",
        "row_number": "BIGINT",
        "facility_id": "VARCHAR",
        "happened_at": "TIMESTAMPTZ",
        "recorded_at": "TIMESTAMPTZ",
        "ingested_at": "TIMESTAMPTZ",
    },
    "landing.correction_hit": {
        "feed": "VARCHAR",
        "table_name": "VARCHAR",
        "file": "VARCHAR",
        "row_key": "VARCHAR",
        "action": "VARCHAR",
        "column_name": "VARCHAR",
        "outcome": "VARCHAR",
        "found": "VARCHAR",
        "rows_count": "BIGINT",
    },
    "reference.correction": {
        "file": "VARCHAR",
        "row_number": "BIGINT",
        "table_name": "VARCHAR",
        "row_key": "VARCHAR",
        "action": "VARCHAR",
        "feed": "VARCHAR",
        "column_name": "VARCHAR",
        "expected": "VARCHAR",
        "value": "VARCHAR",
        "reason": "VARCHAR",
        "reported_date": "DATE",
        "reported_by": "VARCHAR",
    },
    "landing.delivery": {"feed": "VARCHAR", "file": "VARCHAR", "content_hash": "VARCHAR"},
    "reference.quarantine_before": {
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "row_number": "BIGINT",
        "raw_hash": "VARCHAR",
        "content_hash": "VARCHAR",
        "reason": "VARCHAR",
        "latest_reason": "VARCHAR",
        "first_run_id": "VARCHAR",
        "outcome": "VARCHAR",
        "ended_run_id": "VARCHAR",
    },
    "reference.exception_before": {
        "exception_id": "VARCHAR",
        "change_no": "BIGINT",
        "state": "VARCHAR",
        "changed_at": "TIMESTAMPTZ",
        "run_id": "VARCHAR",
    },
    "landing.refused": {
        "feed": "VARCHAR",
        "table_name": "VARCHAR",
        "file": "VARCHAR",
        "landed_row": "BIGINT",
        "row_number": "BIGINT",
        "reason": "VARCHAR",
        "detail": "VARCHAR",
        "raw": "VARCHAR",
        "record_id": "VARCHAR",
        "facility_id": "VARCHAR",
        "item_id": "VARCHAR",
        "quantity": "DECIMAL(18,6)",
        "happened_at": "TIMESTAMPTZ",
        "ingested_at": "TIMESTAMPTZ",
        "refused_value": "VARCHAR",
    },
    "canonical.delivery": {
        "table_name": "VARCHAR",
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "landed_row": "BIGINT",
        "copy_no": "BIGINT",
        "is_visible": "BOOLEAN",
        "is_used": "BOOLEAN",
    },
    "canonical.inventory_event_delivery": {
        "event_id": "VARCHAR",
        "feed": "VARCHAR",
        "file": "VARCHAR",
        "landed_row": "BIGINT",
        "content_hash": "VARCHAR",
        "is_visible": "BOOLEAN",
        "copy_no": "BIGINT",
        "visible_copies_count": "BIGINT",
        "is_used": "BOOLEAN",
    },
    "reference.evaluation": {"as_of": "TIMESTAMPTZ"},
    "reference.effort": {"rule": "VARCHAR", "minutes": "DOUBLE"},
    "reference.fiscal_period": {
        "fiscal_year": "BIGINT",
        "period_no": "BIGINT",
        "first_date": "DATE",
        "last_date": "DATE",
    },
    "reference.run": {"run_id": "VARCHAR"},
    "reference.feed": {"feed": "VARCHAR", "adapter": "VARCHAR", "expected_interval_s": "BIGINT"},
    "reference.event_type": {"event_type": "VARCHAR", "direction": "VARCHAR", "is_posting_expected": "BOOLEAN"},
    "reference.calendar_shift": {
        "calendar": "VARCHAR",
        "shift": "VARCHAR",
        "weekday": "BIGINT",
        "start_minute": "BIGINT",
        "end_minute": "BIGINT",
    },
    "reference.calendar_holiday": {"calendar": "VARCHAR", "day": "DATE"},
    "reference.setting": {
        "invoice_quantity_ratio": "DOUBLE",
        "invoice_price_ratio": "DOUBLE",
        "message_attempts": "BIGINT",
    },
    "reference.what_if_run": {"schedule": "VARCHAR", "run_minute": "BIGINT"},
    "reference.what_if_schedule": {
        "schedule": "VARCHAR",
        "title": "VARCHAR",
        "place": "BIGINT",
        "kind": "VARCHAR",
        "interval_minutes": "BIGINT",
    },
    "reference.accepted_deviation": {
        "process": "VARCHAR",
        "facility_id": "VARCHAR",
        "kind": "VARCHAR",
        "activity": "VARCHAR",
        "reason": "VARCHAR",
        "until_date": "DATE",
    },
    "reference.process_milestone": {"process": "VARCHAR", "from_activity": "VARCHAR", "to_activity": "VARCHAR"},
    "reference.process_limit": {
        "process": "VARCHAR",
        "activity": "VARCHAR",
        "after_activity": "VARCHAR",
        "sla_kind": "VARCHAR",
        "limit_s": "BIGINT",
    },
    "process.variant_conformance": {
        "process": "VARCHAR",
        "facility_id": "VARCHAR",
        "variant": "VARCHAR",
        "is_open": "BOOLEAN",
        "fitness": "DOUBLE",
        "cost": "BIGINT",
        "is_fitting": "BOOLEAN",
        "is_exact": "BOOLEAN",
    },
    "process.variant_deviation": {
        "process": "VARCHAR",
        "facility_id": "VARCHAR",
        "variant": "VARCHAR",
        "is_open": "BOOLEAN",
        "kind": "VARCHAR",
        "activity": "VARCHAR",
    },
    "reference.target": {"metric": "VARCHAR", "target": "DOUBLE"},
    "reference.materiality": {"metric": "VARCHAR", "least_difference": "DOUBLE"},
    "rules.reported": {
        "rule": "VARCHAR",
        "version": "INTEGER",
        "severity": "VARCHAR",
        "queue": "VARCHAR",
        "probable_cause": "VARCHAR",
        "facility_id": "VARCHAR",
        "reference_id": "VARCHAR",
        "opened_at": "TIMESTAMPTZ",
        "resolved_at": "TIMESTAMPTZ",
        "sla_s": "DOUBLE",
        "item_id": "VARCHAR",
        "quantity": "DECIMAL(18,6)",
        "evidence": "VARCHAR",
        "detail": "VARCHAR",
    },
}
VOCABULARIES = {
    "reference.event_type": "event_types",
    "reference.aging_bucket": "aging_buckets",
    "reference.latency_bucket": "latency_buckets",
    "reference.stock_age_bucket": "stock_age_buckets",
    "reference.expedited_document_type": "expedited_document_types",
    "reference.scorecard_metric": "scorecard_metrics",
    "reference.count_tolerance": "count_tolerances",
    "reference.feed_status": "feed_statuses",
    "reference.message_status": "message_statuses",
}


def all_models() -> dict[str, Model]:
    """Every SQL model: those of builds, and those that run over a choice of published rows."""
    return {**models(), **filtered_models()}


def _types(table: str) -> dict[str, str]:
    """Column types of an input table."""
    if table in OTHER_TABLES:
        return OTHER_TABLES[table]
    if table in SELECTION_TABLES:
        return SELECTION_TABLES[table]
    if table in all_models():
        return {name: UNIT_TYPE[c.unit] for name, c in all_models()[table].header.columns.items()}
    name = table.split(".")[1]
    types = {c: SQL_TYPE[CONTRACTS[name].kind(c)] for c in CONTRACTS[name].columns}
    return {**types, **LINEAGE} if table.startswith("canonical.") else types


def load_inputs(engine: DuckDBEngine, model: Model, folder: Path) -> None:
    """Makes the tables that a model reads; a shared one by its model, where the folder holds what only that one reads, or that
    reads nothing.
    """
    made = [
        models()[table]
        for table in model.inputs
        if table.startswith("shared.")
        and not (folder / f"{table}.csv").exists()
        and (
            not models()[table].inputs
            or any((folder / f"{i}.csv").exists() for i in set(models()[table].inputs) - set(model.inputs))
        )
    ]
    for table in dict.fromkeys(t for m in [model, *made] for t in m.inputs):
        if table not in [m.table for m in made]:
            load(engine, table, folder)
    for upstream in made:
        engine.materialise(upstream)


def load(engine: DuckDBEngine, table: str, folder: Path) -> None:
    """Makes a table of a folder's CSV; without one a vocabulary of the real rows, any other table empty."""
    path = folder / f"{table}.csv"
    if table == "reference.process_activity" and not path.exists():
        engine.frame(table, process_activities(load_processes()))
        return
    if table in VOCABULARIES and not path.exists():
        overrides = {"tolerance_ratio": pl.Decimal(6, 4)}
        frame = pl.read_csv(DATA / "reference" / f"{VOCABULARIES[table]}.csv")
        engine.frame(table, frame.cast({k: v for k, v in overrides.items() if k in frame.columns}))
        return
    types = _types(table)
    engine.con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in types.items())})")
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        unknown = [n for n in row if n not in types]
        assert not unknown, f"{path.name} has columns that {table} does not have: {unknown}"
        blank = never_null_texts(all_models().get(table))
        names = [n for n, v in row.items() if v != "" or n in blank]
        values = ", ".join(f"CAST(? AS {types[n]})" for n in names)
        engine.con.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", [row[n] for n in names])


def never_null_texts(model: Model | None) -> set[str]:
    """The columns of a model in which an empty field is the empty text."""
    columns = model.header.columns if model else {}
    return {name for name, c in columns.items() if c.unit in ("id", "text") and not c.nullable}
