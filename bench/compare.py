"""Do the three agree? Compares the result tables row by row."""

from pathlib import Path

import duckdb
import polars as pl

from bench.results import KEYS, VALUES, columns

TOLERANCE = 1e-6


def published_tables(workspace: Path, out: Path) -> None:
    """Writes the published marts of a workspace as CSV, one a table, to `out`."""
    current = workspace / "published" / (workspace / "published" / "CURRENT").read_text().strip()
    with duckdb.connect(str(current), read_only=True) as con:
        for table in KEYS:
            con.execute(f"COPY (SELECT {', '.join(columns(table))} FROM marts.{table}) TO '{out / table}.csv' (HEADER)")


def read_table(folder: Path, table: str) -> pl.DataFrame:
    """One result table, values as numbers, ordered by key."""
    values = [pl.col(c).cast(pl.Float64) for c in VALUES[table]]
    frame = pl.read_csv(folder / f"{table}.csv", infer_schema=False).select(columns(table))
    return frame.with_columns(values).sort(KEYS[table])


def differences(ours: Path, theirs: Path, table: str) -> list[str]:
    """Rows in which two folders of results differ by more than TOLERANCE (relative above 1), in words."""
    left, right = read_table(ours, table), read_table(theirs, table)
    keys = list(KEYS[table])
    both = left.join(right, on=keys, how="full", nulls_equal=True, coalesce=True, suffix="_theirs")
    found = []
    for value in VALUES[table]:
        a, b = pl.col(value), pl.col(f"{value}_theirs")
        near = (a - b).abs() <= TOLERANCE * pl.max_horizontal(a.abs(), 1.0)
        apart = both.filter(~(near.fill_null(False) | (a.is_null() & b.is_null())))
        found += [
            f"{table} {row[:-2]} {value}: {row[-2]} or {row[-1]}" for row in apart.select(*keys, a, b).iter_rows()
        ]
    return found
