"""Disk, rights and a second build, where a warehouse of an earlier build lies there already."""

import resource
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from pipelines.defs.build import run_build
from pipelines.defs.warehouse import LOCK
from pipelines.workspace import load_workspace
from tests.building import build_tables
from tests.pipelines.support import (
    EVENTS_HEADER,
    command,
    dockledger,
    dockledger_here,
    environment,
    published_state,
    put,
    rows,
    sentence,
)
from tests.support import ROOT

EVENTS = "SELECT event_id, feed, file, row_number FROM marts.event_latency ORDER BY event_id"
MORE = "N{},receipt_confirmed,2026-02-27T08:00:00Z,NDC,A,10\n"


def change(root: Path, count: int = 1) -> None:
    """A new file, a changed one and one that is gone."""
    put(root, "feeds/wms/wednesday.csv", f"{EVENTS_HEADER}\n{''.join(MORE.format(n) for n in range(count))}")
    monday = root / "feeds" / "wms" / "monday.csv"
    monday.write_text(monday.read_text().replace("E3,", "E9,"))
    (root / "feeds" / "wms" / "tuesday.csv").unlink()


def of_a_full_build(root: Path) -> list[dict[str, object]]:
    """The events of a build from nothing of the same files."""
    afresh = root.with_name("afresh")
    shutil.copytree(root, afresh, ignore=shutil.ignore_patterns("warehouse*", "published"))
    build_tables(afresh)
    return rows(afresh, EVENTS)


@pytest.fixture
def grown(workspace) -> Path:
    """A published workspace, its warehouse, and files that have changed since."""
    build_tables(workspace)
    change(workspace, 100_000)
    return workspace


def test_an_increment_that_may_not_grow_its_files_is_told_and_the_next_build_is_right(grown):
    """A limit on the size of files stands in for a full disk, which only root can mount."""
    before = published_state(grown)
    limit = (grown / "warehouse.duckdb").stat().st_size + 1024 * 1024
    ran = subprocess.run(
        command("build", grown, "--quiet"), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert "File too large" in sentence(ran.stderr)
    assert published_state(grown) == before
    run_build(load_workspace(grown))
    assert rows(grown, EVENTS) == of_a_full_build(grown)


def test_an_increment_beside_a_running_build_is_refused_and_changes_nothing(workspace):
    build_tables(workspace)
    change(workspace)
    before, warehouse = published_state(workspace), (workspace / "warehouse.duckdb").read_bytes()
    with FileLock(workspace / LOCK):
        ran = dockledger("build", workspace, "--quiet")
    assert ran.returncode == 2
    assert "another build of this workspace is running" in sentence(ran.stderr)
    assert published_state(workspace) == before
    assert (workspace / "warehouse.duckdb").read_bytes() == warehouse
    run_build(load_workspace(workspace))
    assert rows(workspace, EVENTS) == of_a_full_build(workspace)


def test_an_increment_on_a_warehouse_that_somebody_has_open_is_refused(workspace):
    build_tables(workspace)
    change(workspace)
    before = published_state(workspace)
    with duckdb.connect(str(workspace / "warehouse.duckdb")):
        ran = dockledger("build", workspace, "--quiet")
    assert ran.returncode == 2
    assert "another program has the warehouse open; close it and try again" in sentence(ran.stderr)
    assert published_state(workspace) == before
    run_build(load_workspace(workspace))
    assert rows(workspace, EVENTS) == of_a_full_build(workspace)


def test_a_feed_folder_that_is_gone_is_told_its_rows_leave_and_the_build_is_published(workspace):
    build_tables(workspace)
    shutil.rmtree(workspace / "feeds" / "wms")
    ran = dockledger_here("build", workspace, "--quiet")
    assert ran.exit_code == 0, ran.stderr
    told = "landing.wms: files_kept: 2 vanished since the build before, for example feeds/wms/monday.csv"
    assert f"warning: {told}\n" in ran.stderr
    assert rows(workspace, "SELECT count(*) AS n FROM marts.event_latency") == [{"n": 0}]
    assert rows(workspace, EVENTS) == of_a_full_build(workspace)
