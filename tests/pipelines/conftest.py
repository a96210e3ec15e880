"""A small workspace that is built and published: once to look at, as a copy to spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.defs.build import run_build
from pipelines.workspace import load_workspace
from tests.pipelines.support import make_workspace


@pytest.fixture(scope="session")
def small_workspace(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The published workspace of `tests.pipelines.support`; shared, so nobody writes to it."""

    def fill(folder: Path) -> None:
        run_build(load_workspace(make_workspace(folder)))

    return once("small", fill)


@pytest.fixture
def workspace(small_workspace: Path, tmp_path: Path) -> Path:
    """A copy of the published workspace, to add files to."""
    return Path(shutil.copytree(small_workspace, tmp_path / "workspace"))
