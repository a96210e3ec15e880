"""Questions to what a workspace has published."""

from datetime import datetime
from pathlib import Path

from pipelines.read import open_published


def ask(workspace: Path, sql: str) -> list[tuple]:
    """All rows of one query to what is published; nothing stays open."""
    with open_published(workspace) as con:
        return con.execute(sql).fetchall()


def instant(workspace: Path) -> datetime:
    """The evaluation instant."""
    return ask(workspace, "SELECT as_of FROM marts.run_info")[0][0]
