"""Rows that an adapter parsed in Python, gathered in a temporary table of text that its scans read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from pipelines.feeds.base import FeedFile
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

ROWS_AT_ONCE = 100_000


def make_text_table(con: "duckdb.DuckDBPyConnection", name: str, columns: tuple[str, ...]) -> None:
    """Makes an empty temporary table of text columns, `row_number` and `file`."""
    texts = ", ".join(f"{column} VARCHAR" for column in columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({texts}, row_number BIGINT, file VARCHAR)")


def append_text_rows(
    con: "duckdb.DuckDBPyConnection",
    name: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str | int | None, ...]],
    file: FeedFile,
) -> None:
    """Adds rows of one file, each the values of `columns`, then the row number. Come in portions: memory is theirs."""
    if not rows:
        return
    by_column = dict(zip((*columns, "row_number"), zip(*rows, strict=True), strict=True))
    schema = {**dict.fromkeys(columns, pl.String), "row_number": pl.Int64}
    append_text_frame(con, name, pl.DataFrame(by_column, schema=schema), file)


def append_text_frame(con: "duckdb.DuckDBPyConnection", name: str, frame: pl.DataFrame, file: FeedFile) -> None:
    """Adds a frame of one file: the table's text columns in their order, then `row_number`."""
    con.register("text_rows", frame.to_arrow())
    con.execute(f"INSERT INTO {name} SELECT *, {literal(file.name)} FROM text_rows")
    con.unregister("text_rows")
