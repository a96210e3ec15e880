"""Workspaces to look at: `published_workspace` is the one that pages and the browser read."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

HERE = Path(__file__).parent
RUN_ID = "20260301T000000Z-5f3a"
TRUTH = ("inventory_event", "count_record", "transfers", "exceptions")
Publish = Callable[..., Path]


def _publish(workspace: Path, *, run_id: str = RUN_ID, script: str | None = None, sql: str = "") -> Path:
    """Writes a published run as a build would: the file first, then the status, then the pointer.

    Args:
        workspace: its folder, made when it is missing.
        run_id: of the run.
        script: name of an SQL file beside this one that fills the marts; None leaves all but run_info empty.
        sql: statements to run after it.
    """
    published = workspace / "published"
    published.mkdir(parents=True, exist_ok=True)
    path = published / f"{run_id}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute((HERE / "marts.sql").read_text())
        if script:
            con.execute((HERE / script).read_text())
            _write_truth(con, workspace / "truth")
        else:
            con.execute("INSERT INTO marts.run_info VALUES (?, TIMESTAMPTZ '2026-03-01 00:00:00+00', 0, 0)", [run_id])
        if sql:
            con.execute(sql)
    write_status(workspace, run_id=run_id, outcome="published", sentence="Everything is fine.", failed_checks=[])
    (published / "CURRENT.new").write_text(path.name + "\n")
    (published / "CURRENT.new").replace(published / "CURRENT")
    return workspace


def _write_truth(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in TRUTH:
        con.execute(f"COPY truth_{name} TO '{folder / name}.parquet' (FORMAT parquet)")


def write_status(workspace: Path, **status: object) -> None:
    """How the latest build ended."""
    (workspace / "published" / "STATUS.json").write_text(json.dumps(status))


@pytest.fixture(name="publish")
def publish_function() -> Publish:
    """The function that publishes a run."""
    return _publish


@pytest.fixture
def empty_workspace(tmp_path: Path) -> Path:
    """A run was published, but no feed has delivered a row."""
    return _publish(tmp_path / "empty")


@pytest.fixture
def lively_workspace(tmp_path: Path) -> Path:
    """A workspace with a lively published run that a test may change."""
    return _publish(tmp_path / "lively", script="sample.sql")


@pytest.fixture(scope="session")
def published_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a lively published run, and its `truth/` beside it; nobody changes it."""
    return _publish(tmp_path_factory.mktemp("workspace"), script="sample.sql")
