"""Samples: small workspaces below `data/`, each with what landing makes of its file, worked by hand."""

import csv
import shutil
from pathlib import Path
from typing import Any

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import feed_tables, land_feed, landing_table
from pipelines.reference import build_reference
from pipelines.workspace import Workspace, load_workspace
from transforms.contracts import CONTRACTS

Table = list[dict[str, Any]]


def sample(source: Path, folder: Path) -> Workspace:
    """A copy of a sample as a workspace."""
    return load_workspace(shutil.copytree(source, folder / source.name))


def landed(engine: DuckDBEngine, workspace: Workspace) -> dict[str, Table]:
    """Canonical table -> its landed rows as text, without what is NULL; tables without rows are left out."""
    build_reference(engine, workspace)
    [feed] = workspace.feeds
    land_feed(engine, workspace, feed)
    found = {}
    for table in feed_tables(feed):
        columns = ["row_number", *CONTRACTS[table].columns, "reason", "detail"]
        texts = ", ".join(f"CAST({column} AS VARCHAR)" for column in columns)
        source = landing_table(feed.name, table)
        rows = engine.rows(f"SELECT {texts} FROM {source} s ORDER BY s.row_number, {CONTRACTS[table].key[0]}")
        found[table] = [{k: v for k, v in zip(columns, row, strict=True) if v is not None} for row in rows]
    return {table: rows for table, rows in found.items() if rows}


def stated(source: Path) -> dict[str, Table]:
    """Canonical table -> its rows as the sample states them; what is not said is empty."""
    found = {}
    for path in source.glob("landed.*.csv"):
        with path.open(newline="") as stream:
            found[path.name.split(".")[1]] = [{k: v for k, v in row.items() if v} for row in csv.DictReader(stream)]
    return found
