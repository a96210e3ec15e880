"""The simulated workspaces that independent calculations are held against."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.simulator import scenario_names
from tests.building import build_tables
from tests.support import is_thorough

EVENTS = 50_000
BUSY_EVENTS = 200_000
MANY_EVENTS = 1_000_000
SEED = 11
# What builds a busy workspace takes part where `make soundness` asks for larger numbers.
collect_ignore = [] if is_thorough() else ["test_causes_busy.py"]


@dataclass(frozen=True)
class Told:
    """A simulated workspace, built and published once a test run, and the scenario that it tells."""

    scenario: str
    root: Path


def _told(once: Callable[[str, Callable[[Path], None]], Path], scenario: str, events: int) -> Told:
    def fill(folder: Path) -> None:
        from pipelines.simulator import simulate

        simulate(scenario, folder, events=events, seed=SEED)
        build_tables(folder)

    return Told(scenario, once(f"{scenario}-{events}", fill))


def _sizes(names: list[str]) -> list:
    """Every scenario at 50,000 events; at 1,000,000, too, where `make soundness` asks for larger numbers."""
    usual = [pytest.param((name, EVENTS), id=name) for name in names]
    large = [pytest.param((name, MANY_EVENTS), id=f"{name}-million", marks=pytest.mark.soundness) for name in names]
    return usual + (large if is_thorough() else [])


@pytest.fixture(scope="session", params=_sizes(scenario_names()))
def told(request, once) -> Told:
    """A simulated workspace of every scenario."""
    return _told(once, *request.param)


@pytest.fixture(scope="session", params=_sizes(["three-dc"]))
def simulated(request, once) -> Path:
    """A simulated workspace of the scenario without broken rows: nothing of it is refused, doubled or misnumbered."""
    return _told(once, *request.param).root


@pytest.fixture(scope="session")
def workspace_of(once) -> Callable[[str], Path]:
    """The workspace of a scenario, at the usual size."""
    return lambda scenario: _told(once, scenario, EVENTS).root


@pytest.fixture(scope="session")
def busy_workspace_of(once) -> Callable[[str], Path]:
    """The workspace of a scenario, of enough events to tell rare faults of one site from chance."""
    return lambda scenario: _told(once, scenario, BUSY_EVENTS).root
