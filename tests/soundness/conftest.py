"""The simulated workspaces that independent calculations are held against."""

from pathlib import Path

import pytest

from tests.conftest import build_quietly


@pytest.fixture(scope="session")
def million_workspace(once):
    """A simulated three-dc workspace of 1,000,000 events, built and published."""

    def fill(folder: Path) -> None:
        from pipelines.simulator import simulate

        simulate("three-dc", folder, events=1_000_000, seed=11)
        build_quietly(folder)

    return once("three-dc-million", fill)


@pytest.fixture(params=["built_workspace", "million_workspace"])
def simulated(request) -> Path:
    """A simulated, built workspace: 10,000 and 1,000,000 events."""
    return request.getfixturevalue(request.param)
