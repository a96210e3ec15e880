"""Parquet as DuckDB reads it, by the canonical names or a site's own.

A typed value means what its text in a canonical CSV would mean: a TIMESTAMP with time zone is an instant, one without
is a local time, a number keeps the digits that it is written with (a DOUBLE 0.1 is 0.1). A DOUBLE without a fraction
fills an integer column, too, since many writers have no other way to leave an integer out.
"""

from collections import defaultdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile, Landing, Scan
from pipelines.feeds.csv_text import missing_columns, required_columns
from pipelines.feeds.only_rows import only_sql
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS
from transforms.contracts.base import Contract
from transforms.contracts.reading import quoted
from transforms.contracts.sqlgen import literal

_NUMBER = "file_row_number"
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
# Types that are read as they are, by kind of column; the rest goes through its text.
_EXACT = {
    "instant": ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    "date": ("DATE",),
    "integer": _INTEGERS,
    "quantity": (*_INTEGERS, "DECIMAL"),
    "amount": (*_INTEGERS, "DECIMAL"),
}
# (canonical column, the file's own name for it, the engine's type) of what is read of a file.
Schema = tuple[tuple[str, str, str], ...]


def parquet_landing(
    con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile], names: dict[str, str]
) -> Landing:
    """Scans of the files, grouped by equal schema: a common type of differing ones might change what a value means.

    Args:
        names: canonical column -> the file's own name; a column that a file lacks is NULL.

    Errors: UnusableInput for a file that cannot be read, lacks a required column or repeats one.
    """
    table = str(feed.table)
    by_schema: dict[Schema, list[FeedFile]] = defaultdict(list)
    wanted = [*(names.get(column, column) for column in required_columns(feed, table)), *feed.only]
    for file in files:
        present, kinds = _columns(con, file)
        if missing := missing_columns(present, wanted):
            raise UnusableInput(f"{missing}; the file has: {', '.join(present[:30])}", file=file.name)
        schema = tuple((column, own, kinds[own]) for column, own in names.items() if own in kinds)
        _refuse_unreadable_columns(file, present, schema)
        by_schema[schema].append(file)
    received = [f"SELECT delivered_path AS file, count(*) AS received_count FROM {_source(group)} GROUP BY 1"
                for group in by_schema.values()]  # fmt: skip
    return Landing(
        [_scan(feed, CONTRACTS[table], schema, group) for schema, group in by_schema.items()],
        received_sql=" UNION ALL ".join(received) if feed.only and received else None,
    )


def _columns(con: duckdb.DuckDBPyConnection, file: FeedFile) -> tuple[list[str], dict[str, str]]:
    """The names of a file's columns as they are, and their types by name as the engine reads them.

    The engine gives the second of two equal names a number.
    """
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {read_parquet_sql([file.path])}").fetchall()
        names = pq.read_schema(file.path).names
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0].removeprefix("Invalid Input Error: ").replace(str(file.path), file.name)
        raise UnusableInput(f"the file cannot be read ({reason})", file=file.name) from None
    return names, {str(name): str(kind) for name, kind, *_ in described}


def _refuse_unreadable_columns(file: FeedFile, names: list[str], schema: Schema) -> None:
    lowered = [name.lower() for name in names]
    for _, name, kind in schema:
        if lowered.count(name.lower()) > 1:
            raise UnusableInput(f"column {name} appears twice", file=file.name)
        if kind.endswith("]") or ("(" in kind and not kind.startswith("DECIMAL")):
            raise UnusableInput(f"column {name} holds no plain values but {kind}", file=file.name)
    if _NUMBER in lowered:
        raise UnusableInput(f"a column may not be called {_NUMBER}, which is the reader's own", file=file.name)


def read_parquet_sql(paths: list[Path], more: str = "") -> str:
    """A read_parquet call that takes nothing from folder names, and bytes without a type for the text they are."""
    files = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning=false, binary_as_string=true{more})"


def _source(files: list[FeedFile]) -> str:
    return read_parquet_sql([file.path for file in files], f", filename='delivered_path', {_NUMBER}=true")


def _scan(feed: Feed, contract: Contract, schema: Schema, files: list[FeedFile]) -> Scan:
    typed = {c: kind for c, _, kind in schema if kind.split("(")[0] in _EXACT.get(contract.kind(c), ())}
    decimal = feed.formats.decimal if feed.formats else "."
    selected = ", ".join(
        f"{quoted(own) if column in typed else _text(contract, column, own, kind, decimal)} AS {column}"
        for column, own, kind in schema
    )
    sql = f"""SELECT {selected}, delivered_path AS file, {_NUMBER} + 1 AS row_number
        FROM (SELECT * FROM {_source(files)} WHERE {only_sql(feed.only)})"""
    columns = tuple(column for column, *_ in schema)
    return Scan(contract.name, sql, columns, has_row_number=True, types=typed)


def _text(contract: Contract, column: str, own: str, kind: str, decimal: str) -> str:
    """A value's text; a number's with the decimal sign that the feed declares for text."""
    if kind == "VARCHAR":
        return quoted(own)
    text = f"CAST({quoted(own)} AS VARCHAR)"
    if kind not in ("FLOAT", "DOUBLE") and not kind.startswith("DECIMAL"):
        return text
    if contract.kind(column) == "integer":
        return f"regexp_replace({text}, '\\.0+$', '')"
    return f"replace({text}, '.', ',')" if decimal == "," and contract.kind(column) != "text" else text
