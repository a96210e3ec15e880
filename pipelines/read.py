"""Reads what is published, locked down: no writing, no other files, no settings. Imports nothing heavy."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from data.spreadsheets import neutral_text
from pipelines.errors import UnusableInput

POINTER = Path("published") / "CURRENT"


def published_file(workspace: Path) -> Path:
    """The published database of a workspace.

    Errors: UnusableInput when nothing has been published.
    """
    try:
        name = (workspace / POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        raise UnusableInput(
            f"nothing is published here yet; run `dockledger build {workspace}`", file=workspace
        ) from None
    path = workspace / POINTER.parent / name
    if not path.is_file():
        raise UnusableInput("the published file that CURRENT names is gone; build again", file=path)
    return path


def open_published(workspace: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach nothing but the published file; times are in UTC."""
    path = published_file(workspace)
    config: dict[str, Any] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        con = duckdb.connect(str(path), read_only=True, config=config)
    except duckdb.Error as error:
        raise UnusableInput(f"the published file cannot be opened ({str(error).splitlines()[0]})", file=path) from None
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET lock_configuration = true")
    return con


def answer(workspace: Path, sql: str, shape: str) -> str:
    """The result of one query as text.

    Args:
        shape: table, csv or json (a list of objects; instants as ISO 8601 in UTC).

    Errors: UnusableInput with the engine's complaint.
    """
    con = open_published(workspace)
    try:
        con.execute(sql)
        columns = [column[0] for column in con.description or []]
        rows = con.fetchall() if columns else []
    except duckdb.Error as error:
        raise UnusableInput("the query failed: " + " ".join(str(error).split())) from None
    finally:
        con.close()
    return as_text(columns, rows, shape)


def as_text(columns: Sequence[str], rows: Sequence[Sequence[Any]], shape: str) -> str:
    """A result as a table, as CSV in which no cell is a formula to a spreadsheet, or as JSON: a list of objects."""
    values = [[_plain(value) for value in row] for row in rows]
    if shape == "json":
        return json.dumps([dict(zip(columns, row, strict=True)) for row in values], allow_nan=False) + "\n"
    if shape == "csv":
        out = io.StringIO()
        cells = ([neutral_text(v) if isinstance(v, str) else v for v in row] for row in [columns, *values])
        csv.writer(out, lineterminator="\n").writerows(cells)
        return out.getvalue()
    from tabulate import tabulate  # type: ignore[import-untyped]

    return tabulate(values, headers=columns, tablefmt="simple", missingval="", disable_numparse=True) + "\n"


def _plain(value: Any) -> Any:
    """A value that JSON knows; NaN and infinities have no place in it and become NULL."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def status_lines(workspace: Path) -> list[str]:
    """What is published and how the latest build ended, in lines."""
    lines = []
    state = workspace / "published" / "STATUS.json"
    if state.is_file():
        latest = json.loads(state.read_text(encoding="utf-8"))
        lines.append(f"latest build: {latest['run_id']}: {latest['outcome'].replace('_', ' ')}")
        if latest["outcome"] != "published":
            lines.append(f"  {latest['sentence']}")
    con = open_published(workspace)
    run_id, as_of, events, postings = con.execute(
        "SELECT run_id, as_of, events_count, postings_count FROM marts.run_info"
    ).fetchall()[0]
    lines.append(f"published: {run_id}, as of {_plain(as_of)}, {events} events, {postings} postings")
    totals = con.execute("""SELECT feed, count(*), sum(received_count), sum(accepted_count), sum(quarantined_count),
        sum(duplicate_count), sum(out_of_scope_count), sum(later_count)
        FROM marts.feed_reconciliation GROUP BY feed ORDER BY feed""").fetchall()
    for feed, files, received, accepted, quarantined, duplicate, out_of_scope, later in totals:
        lines.append(
            f"  {feed}: {files} files, {received} rows = {accepted} accepted + {quarantined} quarantined "
            f"+ {duplicate} duplicates + {out_of_scope} out of scope" + (f"; {later} after as_of" if later else "")
        )
    for (
        feed,
        facility,
        last,
        state,
    ) in con.execute(
        """SELECT feed, facility_id, last_event_at, status FROM marts.feed_health
        WHERE status IN ('stale', 'silent') ORDER BY ALL"""
    ).fetchall():
        lines.append(f"  {state}: {feed} at {facility or 'any facility'}, newest {_plain(last) or 'never'}")
    con.close()
    return lines
