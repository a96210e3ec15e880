"""Builds of the same files with one engine and another. Each runs in a process of its own, as Spark has one a process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

BUILD_S = 1200


def command(*given: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `dockledger` in a process of its own.

    Args:
        before: Python that runs first.
        environment: variables that are set beside those of this process.
    """
    code = f"import sys\n{before}\nfrom pipelines.cli import main\nmain(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *given],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=BUILD_S,
    )  # fmt: skip


def build(workspace: Path) -> None:
    """Builds a workspace."""
    done = command("build", "--quiet", str(workspace))
    assert done.returncode == 0, done.stderr[-4000:]


def copied(workspace: Path, into: Path, engine: str) -> Path:
    """A workspace with the same files and settings, not built, and another engine.

    Args:
        engine: what stands behind `engine:`.
    """
    made = ("published", "warehouse.duckdb*", "warehouse.spark", ".*")
    shutil.copytree(workspace, into, ignore=shutil.ignore_patterns(*made))
    use_engine(into, engine)
    return into


def use_engine(workspace: Path, engine: str) -> None:
    """Says in its settings which engine a workspace uses."""
    path = workspace / "dockledger.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("engine:")]
    path.write_text("\n".join([*kept, f"engine: {engine}", ""]))
