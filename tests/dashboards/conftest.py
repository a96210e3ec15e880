"""Workspaces to look at: `published_workspace` is the one that pages and the browser read."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mining.tables import TABLES
from transforms.spec import models

HERE = Path(__file__).parent
RUN_ID = "20260301T000000Z-5f3a"
TRUTH = ("inventory_event", "count_record", "transfers", "exceptions")
TYPE_OF_UNIT = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "instant": "TIMESTAMPTZ",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "count": "BIGINT",
}
TYPE_OF_KIND: dict[object, str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
}
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
        _make_missing(con)
        if script:
            con.execute((HERE / script).read_text())
            con.execute((HERE / "sample_more.sql").read_text())
            _catalogue_the_rest(con)
            _write_truth(con, workspace / "truth")
        else:
            con.execute("INSERT INTO marts.run_info VALUES (?, TIMESTAMPTZ '2026-03-01 00:00:00+00', 0, 0)", [run_id])
        if sql:
            con.execute(sql)
    write_status(workspace, run_id=run_id, outcome="published", sentence="Everything is fine.", failed_checks=[])
    (published / "CURRENT.new").write_text(path.name + "\n")
    (published / "CURRENT.new").replace(published / "CURRENT")
    return workspace


def _make_missing(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the published tables that marts.sql does not spell out, as the headers of their models say, without rows."""
    found = con.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts'").fetchall()
    spelled = {name for (name,) in found}
    wanted = {
        model.name: {c: TYPE_OF_UNIT.get(said.unit, "DOUBLE") for c, said in model.header.columns.items()}
        for model in models().values()
        if model.folder == "metrics"
    }
    wanted |= {name: {c: TYPE_OF_KIND[kind] for c, kind in schema.items()} for name, schema in TABLES.items()}
    for name in sorted(set(wanted) - spelled):
        columns = ", ".join(f"{column} {kind}" for column, kind in wanted[name].items())
        con.execute(f"CREATE TABLE marts.{name} ({columns})")


def _catalogue_the_rest(con: duckdb.DuckDBPyConnection) -> None:
    """Catalogue entries of the models that sample.sql does not name, from their headers."""
    named = {name for (name,) in con.execute("SELECT model FROM marts.metric_catalogue").fetchall()}
    rows = [
        (m.name, h.title, h.question, h.definition, h.unit, h.direction, h.additivity, h.owner, h.source, h.version)
        for m in models().values()
        if m.folder == "metrics" and m.name not in named
        for h in [m.header]
    ]
    con.executemany(f"INSERT INTO marts.metric_catalogue VALUES ({', '.join('?' * 10)})", rows)


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
