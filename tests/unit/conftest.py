"""Fixtures of the unit tests."""

from pathlib import Path

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.landing import Landing


@pytest.fixture
def landing(engine: DuckDBEngine, tmp_path: Path) -> Landing:
    """An empty workspace folder and an empty warehouse."""
    root = tmp_path / "workspace"
    root.mkdir()
    return Landing(engine, root)
