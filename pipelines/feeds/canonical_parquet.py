"""`canonical_parquet`: Parquet files whose columns bear the canonical names, typed or text.

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
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.csv_text import missing_columns, required_columns
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.base import Contract
from transforms.contracts.sqlgen import literal

SPEC = AdapterSpec(
    name="canonical_parquet",
    title="Parquet with the canonical column names, typed or text",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a file that is not whole Parquet",
        "a file without a required column",
        "a canonical column that holds lists, structs or maps",
        "text that is not UTF-8",
    ),
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="Apache Parquet; the columns bear the canonical names",
)

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
Schema = tuple[tuple[str, str], ...]


def land(con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile]) -> Landing:
    """Scans of the files, grouped by equal schema: a common type of differing ones might change what a value means.

    Errors: UnusableInput for a file that cannot be read, lacks a required column or repeats one.
    """
    table = str(feed.table)
    by_schema: dict[Schema, list[FeedFile]] = defaultdict(list)
    for file in files:
        names, schema = _columns(con, file)
        if missing := missing_columns(names, required_columns(feed, table)):
            raise UnusableInput(f"{missing}; the file has: {', '.join(names[:30])}", file=file.name)
        canonical = tuple((name, kind) for name, kind in schema if name in CONTRACTS[table].columns)
        _refuse_unreadable_columns(file, names, canonical)
        by_schema[canonical].append(file)
    return Landing([_scan(CONTRACTS[table], schema, group) for schema, group in by_schema.items()])


def _columns(con: duckdb.DuckDBPyConnection, file: FeedFile) -> tuple[list[str], Schema]:
    """The names of a file's columns as they are, and (name, type) as the engine reads them.

    The engine gives the second of two equal names a number.
    """
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {_read_parquet([file.path])}").fetchall()
        names = pq.read_schema(file.path).names
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        reason = str(error).split("\n")[0].removeprefix("Invalid Input Error: ").replace(str(file.path), file.name)
        raise UnusableInput(f"the file cannot be read ({reason})", file=file.name) from None
    return names, tuple((str(name), str(kind)) for name, kind, *_ in described)


def _refuse_unreadable_columns(file: FeedFile, names: list[str], canonical: Schema) -> None:
    lowered = [name.lower() for name in names]
    for name, kind in canonical:
        if lowered.count(name) > 1:
            raise UnusableInput(f"column {name} appears twice", file=file.name)
        if kind.endswith("]") or ("(" in kind and not kind.startswith("DECIMAL")):
            raise UnusableInput(f"column {name} holds no plain values but {kind}", file=file.name)
    if _NUMBER in lowered:
        raise UnusableInput(f"a column may not be called {_NUMBER}, which is the reader's own", file=file.name)


def _read_parquet(paths: list[Path], more: str = "") -> str:
    """A read_parquet call that takes nothing from folder names, and bytes without a type for the text they are."""
    files = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{files}], hive_partitioning=false, binary_as_string=true{more})"


def _scan(contract: Contract, schema: Schema, files: list[FeedFile]) -> Scan:
    typed = {name: kind for name, kind in schema if kind.split("(")[0] in _EXACT.get(contract.kind(name), ())}
    selected = ", ".join(name if name in typed else f"{_text(contract, name, kind)} AS {name}" for name, kind in schema)
    source = _read_parquet([file.path for file in files], f", filename='delivered_path', {_NUMBER}=true")
    sql = f"SELECT {selected}, delivered_path AS file, {_NUMBER} + 1 AS row_number FROM {source}"
    columns = tuple(name for name, _ in schema)
    return Scan(contract.name, sql, columns, has_row_number=True, types=typed)


def _text(contract: Contract, name: str, kind: str) -> str:
    if kind == "VARCHAR":
        return name
    text = f"CAST({name} AS VARCHAR)"
    is_fractional = kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL")
    return f"regexp_replace({text}, '\\.0+$', '')" if is_fractional and contract.kind(name) == "integer" else text


ADAPTER = Adapter(SPEC, land)
