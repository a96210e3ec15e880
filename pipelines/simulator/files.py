"""Texts of files: rows as CSV, names with times."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

DAY_S = 86400


def csv_lines(shown: pl.DataFrame, delimiter: str = ",") -> pl.Series:
    """Rows as CSV text. No value holds a delimiter, quote or line end: all are codes, numbers and times."""
    texts = [pl.col(c).cast(pl.String).fill_null("") for c in shown.columns]
    return shown.select(pl.concat_str(texts, separator=delimiter)).to_series()


def write_csv(path: Path, header: str, lines: pl.Series) -> None:
    """Writes a header and lines."""
    path.write_text(header + "\n" + str(lines.str.join("\n").item()) + "\n", encoding="utf-8", newline="\n")


def write_parquet(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Appends frames to one Parquet file; a disk that is full is an OSError here, which polars hides."""
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        table: pa.Table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def stamp(seconds: int) -> str:
    """A minute in a file's name."""
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y%m%dT%H%MZ")


def day(number: int) -> str:
    """A day, counted from 1970, in a file's name."""
    return datetime.fromtimestamp(int(number) * DAY_S, tz=UTC).strftime("%Y-%m-%d")
