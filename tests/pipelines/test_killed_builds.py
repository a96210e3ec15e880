"""`kill -9` at any moment of an incremental build: what is published stays whole, and the next build is as good as a full one."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.defs.build import run_build
from pipelines.publish import current_file
from pipelines.steps import build_steps
from pipelines.workspace import load_workspace
from tests.building import build_tables
from tests.pipelines.support import command, environment, published_state, rows
from tests.property.support import RUN_TABLES, deliver, stamp, tables, write_settings
from tests.property.test_incremental import some_change
from tests.support import ROOT, is_thorough

KILLS = 25 if is_thorough() else 2
SEED = int(os.environ.get("DOCKLEDGER_SEED", "20260314"))
LONGEST_DELAY_S = 0.3  # most steps of so small a workspace take less
COMPARED = ("marts", "matching")
OF_THE_BUILD = {*(f"marts.{name}" for name in RUN_TABLES), "matching.scope"}  # the last says what was matched anew
ROW_IDS = {"landed_row"}  # where a row stands in the warehouse: deleted ones leave gaps
RUN = "SELECT run_id, events_count FROM marts.run_info"
Tables = dict[str, Counter[tuple[Any, ...]]]


def killed(root: Path, steps: int, delay_s: float) -> str | None:
    """Starts a build and kills it some time after so many steps have begun; the step's name, None where it was done."""
    process = subprocess.Popen(
        command("build", root),
        cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    step = "start"
    for number, line in enumerate(process.stderr, 1):
        step = line.split()[-1]
        if number == steps:
            break
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    said = process.communicate()[1]
    assert process.returncode in (0, -signal.SIGKILL), said
    return step if process.returncode else None


def multisets(path: Path | None) -> Tables:
    """The rows of all tables of the compared schemas in a warehouse or a published file."""
    found = {}
    with duckdb.connect(str(path), read_only=True) as con:
        names = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary AND list_contains(?, schema_name)",
            [list(COMPARED)],
        ).fetchall()
        for schema, name in names:
            columns = [row[0] for row in con.execute(f"DESCRIBE {schema}.{name}").fetchall() if row[0] not in ROW_IDS]
            found[f"{schema}.{name}"] = Counter(
                con.execute(f"SELECT {', '.join(columns)} FROM {schema}.{name}").fetchall()
            )
    return {name: rows for name, rows in found.items() if name not in OF_THE_BUILD}


def of_a_full_build(root: Path) -> Tables:
    """What a build from nothing makes of the files that lie there."""
    afresh = root.with_name("afresh")
    shutil.rmtree(afresh, ignore_errors=True)
    shutil.copytree(root, afresh, ignore=shutil.ignore_patterns("warehouse*", "published"))
    build_tables(afresh, is_full=True)
    return multisets(afresh / "warehouse.duckdb")


def differing(some: Tables, others: Tables) -> list[str]:
    """The names of tables of `some` that are not alike in both."""
    return [name for name in some if some[name] != others.get(name)]


@pytest.mark.soundness
@pytest.mark.timeout(200 * KILLS)
def test_whenever_an_incremental_build_is_killed_the_next_one_gives_the_tables_of_a_full_one(tmp_path):
    """Moments are drawn one from each of as many stretches of the build as there are kills."""
    print(f"seed {SEED}, {KILLS} kills")
    draw, rows_by_table = random.Random(SEED), tables()
    root = tmp_path / "ws"
    write_settings(root, list(rows_by_table), stamp(5000))
    for table, some in rows_by_table.items():
        for number in range(3):
            deliver(root, table, f"first-{number}.csv", some[number::3])
    run_build(load_workspace(root))
    count = len(build_steps(load_workspace(root)))
    seen: list[tuple[int, str | None]] = []
    for stretch in draw.sample(range(KILLS), KILLS):
        for _ in range(draw.randint(2, 5)):
            some_change(root, rows_by_table, draw)
        state, before = published_state(root), rows(root, RUN)
        moment = 1 + int((stretch + draw.random()) * count / KILLS)
        seen.append((moment, killed(root, moment, draw.random() * LONGEST_DELAY_S)))
        if current_file(root) == root / "published" / state[0].strip():
            assert (published_state(root), rows(root, RUN)) == (state, before), seen
        else:  # it had been published already
            published = multisets(current_file(root))
            assert len(published) > 20
            assert differing(published, of_a_full_build(root)) == [], seen
        if draw.random() < 0.3 and len(seen) < KILLS:  # the next one is killed, too
            continue
        run_build(load_workspace(root))
        step_by_step, at_once = multisets(root / "warehouse.duckdb"), of_a_full_build(root)
        assert step_by_step.keys() == at_once.keys()
        assert differing(at_once, step_by_step) == [], seen
    print(seen)
    assert sum(step is not None for _, step in seen) > len(seen) / 2, seen
