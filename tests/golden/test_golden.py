"""Every measure and rule gives, from small inputs, the output that was worked out by hand.

A golden folder holds the tables that the model reads (`<schema>.<table>.csv`; columns that it leaves out are NULL,
tables that it leaves out are empty or, for vocabularies, the real ones) and `expected.csv` (any of its columns).
"""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data import DATA
from mining import load_processes, process_activities
from pipelines.engines.duckdb import DuckDBEngine
from transforms.contracts import CONTRACTS
from transforms.contracts.base import SQL_TYPE
from transforms.spec import Model, models

FOLDERS = sorted(p.parent for p in Path(__file__).parent.glob("*/*/expected.csv"))
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
        "feed": "VARCHAR",
        "file": "VARCHAR",
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
    "reference.accepted_deviation": {
        "process": "VARCHAR",
        "facility_id": "VARCHAR",
        "kind": "VARCHAR",
        "activity": "VARCHAR",
        "reason": "VARCHAR",
        "until_date": "DATE",
    },
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


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_gives_what_was_worked_out_by_hand(folder: Path, engine: DuckDBEngine, request: pytest.FixtureRequest) -> None:
    model = _model(folder)
    for table in model.inputs:
        _load(engine, table, folder)
    if model.header.rounds:
        engine.materialise_in_rounds(model)
    else:
        engine.materialise(model)
    if request.config.getoption("--accept"):
        _accept(engine, model, folder / "expected.csv")
    got, expected = _got_and_expected(engine, model, folder / "expected.csv")
    assert got == expected


def test_every_folder_belongs_to_a_model() -> None:
    assert [f.name for f in FOLDERS if not _is_model(f)] == []


def _is_model(folder: Path) -> bool:
    return any(m.name == folder.name and m.folder == folder.parent.name for m in models().values())


def _model(folder: Path) -> Model:
    return next(m for m in models().values() if m.name == folder.name and m.folder == folder.parent.name)


def _types(table: str) -> dict[str, str]:
    """Column types of an input table."""
    if table in OTHER_TABLES:
        return OTHER_TABLES[table]
    if table in models():
        return {name: UNIT_TYPE[c.unit] for name, c in models()[table].header.columns.items()}
    name = table.split(".")[1]
    types = {c: SQL_TYPE[CONTRACTS[name].kind(c)] for c in CONTRACTS[name].columns}
    return {**types, **LINEAGE} if table.startswith("canonical.") else types


def _load(engine: DuckDBEngine, table: str, folder: Path) -> None:
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
        blank = _never_null_texts(models().get(table))
        names = [n for n, v in row.items() if v != "" or n in blank]
        values = ", ".join(f"CAST(? AS {types[n]})" for n in names)
        engine.con.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", [row[n] for n in names])


def _never_null_texts(model: Model | None) -> set[str]:
    """The columns of a model in which an empty field is the empty text."""
    columns = model.header.columns if model else {}
    return {name for name, c in columns.items() if c.unit in ("id", "text") and not c.nullable}


def _accept(engine: DuckDBEngine, model: Model, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    order = ", ".join(model.header.grain)
    rows = engine.rows(
        f"SELECT {', '.join(f'CAST({c} AS VARCHAR)' for c in columns)} FROM {model.table} ORDER BY {order}"
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [columns, *[["" if v is None else v for v in row] for row in rows]]
        )


def _got_and_expected(engine: DuckDBEngine, model: Model, path: Path) -> tuple[Counter[Any], Counter[Any]]:
    """Both sides as multisets of rows, the expected one read with the types of the other."""
    with path.open(encoding="utf-8", newline="") as stream:
        columns, *rows = list(csv.reader(stream))
    types = dict(row[:2] for row in engine.rows(f"DESCRIBE {model.table}"))
    casts = ", ".join(f"CAST(? AS {types[c]})" for c in columns)
    blank = _never_null_texts(model)
    values = [[v if v != "" or c in blank else None for c, v in zip(columns, row, strict=True)] for row in rows]
    expected = [engine.con.execute(f"SELECT {casts}", row).fetchone() for row in values]
    got = engine.rows(f"SELECT {', '.join(columns)} FROM {model.table}")
    return Counter(map(_rounded, got)), Counter(_rounded(r) for r in expected if r is not None)


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Floating sums may differ in the last place; nine significant digits are compared."""
    return tuple(float(f"{float(v):.9g}") if isinstance(v, (float, Decimal)) else v for v in row)
