"""Runs the hand-written SQL of `plain_duckdb.sql` on a simulated three-dc workspace and writes its tables as CSV."""

import sys
from pathlib import Path

import duckdb

from bench.results import KEYS, as_of, columns


def main(workspace: Path, out: Path) -> None:
    """Reads the feeds of `workspace`, writes one CSV a table to `out`."""
    script = Path(__file__).with_suffix(".sql").read_text()
    con = duckdb.connect()
    con.execute(script.format(ws=workspace, as_of=as_of(workspace)))
    for table in KEYS:
        con.execute(f"COPY (SELECT {', '.join(columns(table))} FROM {table}) TO '{out / table}.csv' (HEADER)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
