"""Questions to what a workspace has published."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.read import published_file


@contextmanager
def opened(workspace: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of what is published: a test of this process may hold the file itself with other settings."""
    with tempfile.TemporaryDirectory() as folder:
        copied = shutil.copy(published_file(workspace), folder)
        with duckdb.connect(copied, read_only=True) as con:
            con.execute("SET TimeZone = 'UTC'")
            yield con


def ask(workspace: Path, sql: str) -> list[tuple]:
    """All rows of one query to what is published."""
    with opened(workspace) as con:
        return con.execute(sql).fetchall()


def instant(workspace: Path) -> datetime:
    """The evaluation instant."""
    return ask(workspace, "SELECT as_of FROM marts.run_info")[0][0]
