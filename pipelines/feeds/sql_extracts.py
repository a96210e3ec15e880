"""What a feed has extracted from its database: numbered files that are never changed, the source of record.

A file holds the rows that no file before it holds, as text. Beside them it says how far it reaches (the watermark), of
which type that is, and of which query it is. A new file is complete under another name before it bears its own.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.durable import put_in_place
from pipelines.errors import UnusableInput
from pipelines.feeds.base import Extracted, FeedFile
from pipelines.feeds.csv_text import missing_columns, required_columns
from pipelines.feeds.own_columns import own_columns
from pipelines.feeds.parquet_columns import read_parquet_sql
from pipelines.feeds.sql_database import (
    TYPE_COLUMN,
    Connection,
    checked_query,
    connected,
    lowest,
    query_failed,
    source_of,
)
from transforms.contracts import CONTRACTS
from transforms.contracts.reading import literal, quoted

if TYPE_CHECKING:
    from pipelines.engines.duckdb import DuckDBEngine
    from pipelines.workspace import Feed, Workspace

_SUFFIX, _PART = ".parquet", ".part"
_NUMBERED = re.compile(r"(\d+)(-.*)?\.parquet")


@dataclass(frozen=True)
class _Before:
    """What was extracted before: the files, the highest number, how far that file reaches (value, type)."""

    files: list[FeedFile]
    number: int = 0
    watermark: tuple[str, str] | None = None


def extract(
    engine: "DuckDBEngine",
    workspace: "Workspace",
    feed: "Feed",
    files: list[FeedFile],
    folder: Path | None = None,
    limit: int | None = None,
) -> Extracted | None:
    """Writes the rows that no file holds yet as one more file; None where there are none.

    Args:
        files: the feed's files.
        folder: where to write; None: where the feed's files are.
        limit: read at most so many rows; None: all.

    Errors: UnusableInput for a database, a query or a watermark that cannot be used, and for files of another query.
    """
    own = _folder(feed)
    source = source_of(workspace, feed)
    query = checked_query(feed, source)
    before = _before(engine.con, feed, files)
    since = lowest(feed, *before.watermark) if before.watermark else None
    engine.keep_order(True)
    try:
        with connected(feed, source, query) as connection:
            columns = connection.columns()
            _check(feed, columns)
            _read(engine.con, feed, connection, columns, since, limit)
        watermark = _watermark(engine, feed) or before.watermark
        name = f"{before.number + 1:06}{_slug(watermark)}{_SUFFIX}"
        path = (folder or workspace.root / own) / name
        rows = _write(engine, feed, columns, before.files, path, watermark)
    finally:
        engine.keep_order(False)
        engine.con.execute("DROP TABLE IF EXISTS temp.extracted_rows")
    return Extracted(FeedFile(path, (own / name).as_posix()), rows) if rows else None


def _folder(feed: "Feed") -> Path:
    """The folder of the feed's files, relative to the workspace."""
    folder = Path(feed.path).parent
    if Path(feed.path).name != f"*{_SUFFIX}" or re.search(r"[*?\[]", str(folder)):
        raise UnusableInput(
            f"feed {feed.name}: path must be a folder and *{_SUFFIX}, such as extracts/{feed.name}/*{_SUFFIX}"
        )
    return folder


def _fingerprint(feed: "Feed") -> str:
    """What rows of one file must have in common with those of another: the query, blanks aside, and the watermark."""
    return hashlib.sha256(f"{' '.join(str(feed.query).split())}\n{feed.watermark}".encode()).hexdigest()


def _before(con: duckdb.DuckDBPyConnection, feed: "Feed", files: list[FeedFile]) -> _Before:
    numbered = {int(found[1]): file for file in files if (found := _NUMBERED.fullmatch(file.path.name))}
    if not numbered:
        return _Before(files)
    number = max(numbered)
    said = _said(con, numbered[number])
    if said.get("query") != _fingerprint(feed):
        raise UnusableInput(
            f"it was not extracted with this query and watermark of feed {feed.name}; move the files away, or give "
            "the feed another path, so that all is extracted anew",
            file=numbered[number].name,
        )
    watermark = (said["watermark"], said["watermark_type"]) if "watermark" in said else None
    return _Before(files, number, watermark)


def _said(con: duckdb.DuckDBPyConnection, file: FeedFile) -> dict[str, str]:
    """What an extracted file says of itself."""
    try:
        found = con.execute(f"SELECT key, value FROM parquet_kv_metadata({literal(file.path)})").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].replace(str(file.path), file.name)
        raise UnusableInput(f"the file cannot be read ({reason})", file=file.name) from None
    return {key.decode(): value.decode() for key, value in found if key != b"ARROW:schema"}


def query_columns(feed: "Feed") -> dict[str, str]:
    """Canonical column -> what the query calls it: as `columns` says, else the same."""
    return own_columns(feed, {column: column for column in CONTRACTS[str(feed.table)].columns})


def _check(feed: "Feed", columns: list[str]) -> None:
    """Refuses a query that does not yield what the feed needs."""
    own = query_columns(feed)
    lowered = [column.lower() for column in columns]
    if twice := next((c for c in columns if lowered.count(c.lower()) > 1), None):
        raise UnusableInput(f"feed {feed.name}: the query yields column {twice} twice")
    needed = list(dict.fromkeys(own[c] for c in (*required_columns(feed, str(feed.table)), *feed.columns)))
    yields = f"the query yields: {', '.join(columns[:30])}"
    if missing := missing_columns(columns, needed):
        raise UnusableInput(f"feed {feed.name}: {missing}; {yields}")
    if feed.watermark is not None and feed.watermark not in columns:
        raise UnusableInput(f"feed {feed.name}: the watermark {feed.watermark} is not a column; {yields}")


def _read(
    con: duckdb.DuckDBPyConnection,
    feed: "Feed",
    connection: Connection,
    columns: list[str],
    since: str | None,
    limit: int | None,
) -> None:
    """Gathers the database's rows in the temporary table `extracted_rows`, in the order in which they come."""
    streamed = [*columns, TYPE_COLUMN] if feed.watermark else columns
    selected = ", ".join(f"{connection.decoded(c)} AS {quoted(c)}" for c in streamed)
    con.register("database_rows", connection.rows(columns, since, limit))
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE extracted_rows AS SELECT {selected} FROM database_rows")
    except duckdb.InvalidInputException as error:
        raise query_failed(feed, str(error)) from None
    finally:
        con.unregister("database_rows")


def _watermark(engine: "DuckDBEngine", feed: "Feed") -> tuple[str, str] | None:
    """How far the rows reach, and the type of that in the database; None without a watermark."""
    if feed.watermark is None:
        return None
    last = f"SELECT {quoted(feed.watermark)}, {TYPE_COLUMN} FROM extracted_rows ORDER BY rowid DESC LIMIT 1"
    found = engine.rows(last)
    if not found or found[0][0] is None:
        return None
    value, kind = found[0]
    lowest(feed, value, kind)  # what the next build cannot begin with is refused before it is written
    return value, kind


def _write(
    engine: "DuckDBEngine",
    feed: "Feed",
    columns: list[str],
    files: list[FeedFile],
    path: Path,
    watermark: tuple[str, str] | None,
) -> int:
    """Writes what no file holds; returns how many rows that is. Nothing is written where it is none."""
    selected = ", ".join(quoted(c) for c in columns)
    fresh = f"SELECT {selected} FROM extracted_rows"
    if files:
        fresh = f"{fresh} EXCEPT ALL {_held_sql(engine, feed, columns, files)} ORDER BY ALL"
    said = {"query": _fingerprint(feed)}
    if watermark:
        said |= {"watermark": watermark[0], "watermark_type": watermark[1]}
    told = ", ".join(f"{key}: {literal(value)}" for key, value in said.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    for part in path.parent.glob(f"*{_PART}"):  # of a build that died
        part.unlink()
    part = path.with_name(f"{path.name}{_PART}")
    rows = engine.value(
        f"COPY ({fresh}) TO {literal(part)} "
        f"(FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, KV_METADATA {{{told}}})"
    )
    if rows:
        put_in_place(part, path)
    else:
        part.unlink()
    return int(rows)


def _held_sql(engine: "DuckDBEngine", feed: "Feed", columns: list[str], files: list[FeedFile]) -> str:
    """The rows of earlier files with which those just read are compared: those whose watermark was read again."""
    source = read_parquet_sql([file.path for file in files], ", union_by_name=true")
    held = {name for name, *_ in engine.rows(f"DESCRIBE SELECT * FROM {source}")}
    selected = ", ".join(quoted(c) if c in held else "CAST(NULL AS VARCHAR)" for c in columns)
    sql = f"SELECT {selected} FROM {source} h"
    if feed.watermark is None:
        return sql
    mark = quoted(feed.watermark)
    return f"{sql} SEMI JOIN extracted_rows r ON h.{mark} IS NOT DISTINCT FROM r.{mark}"


def _slug(watermark: tuple[str, str] | None) -> str:
    return "-" + re.sub(r"[^0-9A-Za-z.+-]", "", watermark[0].replace(" ", "T"))[:40] if watermark else ""
