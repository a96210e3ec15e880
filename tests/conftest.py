"""Fixtures that several rooms' tests share: one cached build per workspace and run, and an empty engine."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from tests.building import build_tables
from tests.support import THOROUGH_TIMES, is_ci, is_thorough, real_data

SIMULATED_EVENTS = 10_000
SIMULATED_SEED = 7

# In CI the same change gives the same verdict; at home every run of a property draws others.
settings.register_profile("ci", derandomize=True)
if is_ci():
    settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --accept, with which golden tests write their expected output anew."""
    parser.addoption("--accept", action="store_true", help="write the golden outputs anew")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Gives tests that take larger numbers as much more time; one that sets itself a longer limit keeps it."""
    if not is_thorough():
        return
    longer_s = THOROUGH_TIMES * float(config.getini("timeout"))
    for item in items:
        own = item.get_closest_marker("timeout")
        if item.get_closest_marker("soundness") and (own is None or own.args[0] < longer_s):
            item.add_marker(pytest.mark.timeout(longer_s), append=False)  # the closest one holds


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    """An empty warehouse."""
    made = DuckDBEngine(tmp_path / "engine.duckdb", Engine(memory_limit="1GiB", threads=1))
    yield made
    made.close()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, Callable[[Path], None]], Path]:
    """Makes a named folder once per test run, also when several workers run; returns its path.

    A folder made this way is shared: tests read it and never write to it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder = shared / f"shared-{name}"
        with FileLock(shared / f"{name}.lock"):
            if not (folder / ".complete").exists():
                shutil.rmtree(folder, ignore_errors=True)
                fill(folder)
                (folder / ".complete").touch()
        return folder

    return make


@pytest.fixture(scope="session")
def built_workspace(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A simulated three-dc workspace of 10,000 events, built and published."""

    def fill(folder: Path) -> None:
        from pipelines.simulator import simulate

        simulate("three-dc", folder, events=SIMULATED_EVENTS, seed=SIMULATED_SEED)
        build_tables(folder)

    return once("three-dc", fill)


@pytest.fixture(scope="session")
def document_flow_workspace(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A workspace over the real SAP document flow, built and published."""
    source = real_data("sap-document-flow", "VBFA.csv.gz")

    def fill(folder: Path) -> None:
        (folder / "feeds").mkdir(parents=True)
        shutil.copy(source, folder / "feeds")
        (folder / "dockledger.yaml").write_text(
            "facilities: [{id: SAP, timezone: UTC, kind: dc}]\n"
            "feeds:\n  - {name: sap, adapter: sap_document_flow, path: 'feeds/*.csv.gz', "
            "facility: SAP, system_timezone: UTC}\n"
        )
        build_tables(folder)

    return once("document-flow", fill)
