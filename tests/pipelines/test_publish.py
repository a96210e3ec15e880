"""Write, audit, publish from outside: a build that dies, fails or runs beside readers never shows half a result."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.audit import audit_model
from pipelines.defs import build as building
from pipelines.errors import BuildStopped, ChecksFailed, UnusableInput
from pipelines.publish import current_file
from pipelines.step import Build, Outcome, Step
from pipelines.steps import build_steps
from pipelines.workspace import Workspace, load_workspace
from tests import building as without_dagster
from tests.building import build_tables
from tests.pipelines.support import (
    WORKSPACE,
    command,
    dockledger_here,
    environment,
    make_workspace,
    published_state,
    put,
    rows,
    snapshot,
)
from tests.support import ROOT
from transforms.spec import models

RUN = "SELECT run_id, events_count FROM marts.run_info"
MORE = """\
event_id,event_type,event_time,facility_id,item_id,quantity
E6,receipt_confirmed,2026-02-27T08:00:00Z,NDC,A,10
"""
STOPPED = "the build was stopped before its end; nothing was published, and the next build begins where it must"


def status(root: Path) -> dict[str, object]:
    return json.loads((root / "published" / "STATUS.json").read_text())


def start(root: Path) -> subprocess.Popen[str]:
    """A build in a process of its own, its progress to be read."""
    return subprocess.Popen(
        command("build", root),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_at(root: Path, moment: str) -> None:
    """Starts a build and kills it as soon as it says that the step `moment` begins."""
    process = start(root)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.rstrip().endswith(moment):
            process.send_signal(signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "".join(said)


def some_steps(root: Path) -> list[str]:
    """Landing after a first feed has landed, one step of the first half, one of the second, and publishing itself."""
    names = [step.name for step in build_steps(load_workspace(root))]
    draw = random.Random(20260301)
    half = len(names) // 2
    return ["landing/erp", draw.choice(names[:half]), draw.choice(names[half:-1]), "publish/current"]


def test_a_build_that_is_killed_leaves_what_was_published_and_the_next_one_is_right(workspace):
    before, run = published_state(workspace), rows(workspace, RUN)
    put(workspace, "feeds/wms/wednesday.csv", MORE)
    for moment in some_steps(workspace):
        kill_at(workspace, moment)
        assert published_state(workspace) == before, f"killed at {moment}"
        assert rows(workspace, RUN) == run, f"killed at {moment}"
    building.run_build(load_workspace(workspace))
    assert [row["events_count"] for row in rows(workspace, RUN)] == [6]
    fresh = make_workspace(workspace.parent / "fresh")
    put(fresh, "feeds/wms/wednesday.csv", MORE)
    build_tables(fresh)
    everything = "SELECT * FROM marts.event_latency ORDER BY event_id"
    assert rows(workspace, everything) == rows(fresh, everything)
    assert [p.name for p in (workspace / "published").glob("*.part*")] == [], (
        "what the killed builds left is cleared away"
    )


@pytest.mark.parametrize("moment", ["reference/tables", "matching/key_match"])
def test_a_build_that_is_stopped_says_so_in_one_sentence_and_leaves_what_was_published(workspace, moment):
    before = published_state(workspace)
    process = start(workspace)
    assert process.stderr is not None
    next(line for line in process.stderr if line.rstrip().endswith(moment))
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    told = [line for line in said.splitlines() if not line.startswith("[")]
    assert told == [f"dockledger: {STOPPED}"]
    assert process.returncode == 130
    assert published_state(workspace) == before
    assert (status(workspace)["outcome"], status(workspace)["sentence"]) == ("stopped", STOPPED)
    building.run_build(load_workspace(workspace))
    assert status(workspace)["outcome"] == "published"


def test_a_build_whose_statement_was_interrupted_says_the_same(workspace):
    """DuckDB's client ends a statement with a plain RuntimeError when a signal comes while it runs."""

    def interrupted(_build):
        raise RuntimeError("Query interrupted")

    before = published_state(workspace)
    step = Step("shared/interrupted", ("shared.interrupted",), (), interrupted)
    with pytest.raises(BuildStopped, match=re.escape(STOPPED)):
        building.run_build(load_workspace(workspace), steps=[step])
    assert published_state(workspace) == before
    assert (status(workspace)["outcome"], status(workspace)["sentence"]) == ("stopped", STOPPED)


# Asks through the pointer, again and again until the file `enough` is there: run, its events, rows of its biggest table.
READER = """
import sys, time
from pathlib import Path
from pipelines.read import answer
root, sql = Path(sys.argv[1]), sys.argv[2]
while not (root / "enough").exists():
    print(answer(root, sql, "csv").splitlines()[1], flush=True)
    time.sleep(0.05)
"""
WHOLE = "SELECT run_id, events_count, (SELECT count(*) FROM marts.event_latency) AS n FROM marts.run_info"


def test_a_reader_sees_the_old_or_the_new_whole_and_never_a_lock(workspace):
    old_file = current_file(workspace)
    assert old_file is not None
    (old,) = rows(workspace, RUN)
    put(workspace, "feeds/wms/wednesday.csv", MORE)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(workspace), WHOLE],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with duckdb.connect(str(old_file), read_only=True) as held:
        builder = start(workspace)
        _, progress = builder.communicate()
        assert builder.returncode == 0, progress
        assert held.execute(RUN).fetchall() == [(old["run_id"], 5)], "who holds the old file open keeps it"
    (new,) = rows(workspace, RUN)
    put(workspace, "enough", "")
    answers, complaints = reader.communicate(timeout=60)
    assert (reader.returncode, complaints) == (0, "")
    whole = [f"{old['run_id']},5,5", f"{new['run_id']},6,6"]
    seen = answers.splitlines()
    assert set(seen) <= set(whole)
    assert len(seen) > 10, "it asked during the build"
    assert seen == sorted(seen, key=whole.index), "once the new is seen, the old never comes back"


def test_the_published_file_is_read_only_and_complete_when_it_gets_its_name(small_workspace):
    path = current_file(small_workspace)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o444
    assert sorted(p.name for p in path.parent.iterdir()) == sorted([path.name, "CURRENT", "STATUS.json"])
    with duckdb.connect(str(path), read_only=True) as con:
        tables = {
            name
            for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
        }
        assert con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (0,)
    assert tables >= {m.name for m in models().values() if m.folder == "metrics"}
    assert tables >= {"deviations", "process_conformance", "process_models", "metric_catalogue"}


def test_as_many_published_files_are_kept_as_the_workspace_says(workspace):
    (workspace / "dockledger.yaml").write_text(f"{WORKSPACE}publish: {{keep: 2}}\n")
    runs = [rows(workspace, RUN)[0]["run_id"]]
    for _ in range(2):
        build_tables(workspace)
        runs.append(rows(workspace, RUN)[0]["run_id"])
    kept = sorted(p.stem for p in (workspace / "published").glob("*.duckdb"))
    assert kept == runs[1:]
    assert (workspace / "published" / "CURRENT").read_text() == f"{runs[2]}.duckdb\n"


def test_the_status_says_how_the_latest_build_ended(workspace):
    run_id = rows(workspace, RUN)[0]["run_id"]
    assert status(workspace) == {"run_id": run_id, "outcome": "published", "sentence": "published", "failed_checks": []}
    put(workspace, "feeds/wms/broken.csv", b"\x00\x01\x02")
    assert dockledger_here("build", workspace, "--quiet").exit_code == 2
    told = status(workspace)
    assert told["outcome"] == "unusable_input"
    assert told["sentence"] == "feeds/wms/broken.csv: row 1: the file is binary, not CSV text"
    assert told["run_id"] != run_id
    shown = dockledger_here("status", workspace).stdout
    assert f"latest build: {told['run_id']}: unusable input" in shown
    assert f"published: {run_id}, as of 2026-03-01T00:00:00Z, 5 events, 4 postings" in shown


def spoiled(workspace: Workspace) -> list[Step]:
    """The steps of a build, one of which makes its table wrong: every facility stands there twice."""
    model = models()["marts.facilities"]

    def run(build: Build) -> Outcome:
        build.engine.table(model.table, f"SELECT * FROM ({model.sql}) UNION ALL SELECT * FROM ({model.sql})")
        return Outcome({}, audit_model(build.engine, model))

    return [replace(step, run=run) if step.name == "marts/facilities" else step for step in build_steps(workspace)]


def test_where_a_blocking_check_fails_nothing_is_published(workspace):
    before = published_state(workspace)
    files = snapshot(workspace / "published")
    settings = load_workspace(workspace)
    with pytest.raises(ChecksFailed, match=r"nothing was published.*marts\.facilities: grain: 2 values"):
        building.run_build(settings, steps=spoiled(settings))
    assert published_state(workspace) == before
    assert {name: seen for name, seen in snapshot(workspace / "published").items() if name != "STATUS.json"} == {
        name: seen for name, seen in files.items() if name != "STATUS.json"
    }
    told = status(workspace)
    assert told["outcome"] == "checks_failed"
    assert told["failed_checks"] == ["marts.facilities: grain: 2 values of (facility_id) are repeated"]


def test_where_a_blocking_check_fails_the_command_ends_with_1_and_one_sentence(workspace, monkeypatch):
    monkeypatch.setattr(building, "build_steps", spoiled)
    ran = dockledger_here("build", workspace, "--quiet")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == (
        "dockledger: nothing was published, since checks failed: "
        "marts.facilities: grain: 2 values of (facility_id) are repeated\n"
    )


def test_no_step_begins_after_one_that_failed(workspace):
    """Steps that do not depend on it would run for nothing."""
    put(workspace, "feeds/wms/broken.csv", b"\x00\x01\x02")
    begun: list[str] = []
    with pytest.raises(UnusableInput, match=r"broken\.csv: row 1: the file is binary, not CSV text"):
        building.run_build(load_workspace(workspace), lambda name, _count: begun.append(name))
    assert begun[-1] == "landing/wms"


def test_after_failed_checks_the_next_good_build_is_published(workspace):
    settings = load_workspace(workspace)
    with pytest.raises(ChecksFailed):
        building.run_build(settings, steps=spoiled(settings))
    result = building.run_build(settings)
    assert rows(workspace, RUN)[0]["run_id"] == result.run_id
    assert status(workspace)["outcome"] == "published"


def test_fewer_events_than_before_are_published_with_a_warning(workspace):
    (workspace / "feeds" / "wms" / "tuesday.csv").unlink()
    ran = dockledger_here("build", workspace, "--quiet")
    assert ran.exit_code == 0
    assert ran.stderr == (
        "warning: landing.wms: files_kept: 1 vanished since the build before, for example feeds/wms/tuesday.csv\n"
        "warning: marts.run_info: coverage: 3 events, 5 in the build before\n"
    )
    assert rows(workspace, RUN)[0]["events_count"] == 3


def test_a_feed_without_any_file_is_told(workspace):
    path = workspace / "dockledger.yaml"
    path.write_text(path.read_text().replace("feeds/wms/*.csv", "feeds/wsm/*.csv"))
    told = build_tables(workspace)
    assert "landing.wms: files_found: no file matches feeds/wsm/*.csv" in told


def marts_of(root: Path) -> dict[str, list[tuple]]:
    """Every published table in an order of its own, without what names the build."""
    path = current_file(root)
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as con:
        names = [n for (n,) in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()]
        return {name: con.execute(f"SELECT COLUMNS(c -> c NOT LIKE '%run_id') FROM marts.{name} ORDER BY ALL").fetchall()
                for name in names}  # fmt: skip


def test_what_tests_build_without_dagster_is_what_a_build_publishes(workspace, tmp_path):
    """`build_tables` of tests/building.py: the same tables, warnings and status, and the same refusals."""
    (workspace / "feeds" / "wms" / "tuesday.csv").unlink()
    twin = Path(shutil.copytree(workspace, tmp_path / "twin"))
    result = building.run_build(load_workspace(workspace))
    assert build_tables(twin) == result.warnings != []
    assert len(marts_of(workspace)) > 50
    assert marts_of(twin) == marts_of(workspace)
    assert status(twin) == status(workspace) | {"run_id": rows(twin, RUN)[0]["run_id"]}
    before = published_state(twin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(without_dagster, "build_steps", spoiled)
        with pytest.raises(ChecksFailed, match=r"nothing was published.*marts\.facilities: grain: 2 values"):
            build_tables(twin)
    put(twin, "feeds/wms/broken.csv", b"\x00\x01\x02")
    with pytest.raises(UnusableInput, match=r"broken\.csv: row 1: the file is binary, not CSV text"):
        build_tables(twin)
    assert published_state(twin) == before


def test_a_workspace_can_be_copied_elsewhere_and_still_answers(small_workspace, tmp_path):
    moved = Path(shutil.copytree(small_workspace, tmp_path / "elsewhere"))
    assert rows(moved, RUN) == rows(small_workspace, RUN)
