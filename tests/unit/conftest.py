"""Fixtures of the unit tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.landing import Landing
from tests.x12 import Landed, document, file


@pytest.fixture
def landing(engine: DuckDBEngine, tmp_path: Path) -> Landing:
    """An empty workspace folder and an empty warehouse."""
    root = tmp_path / "workspace"
    root.mkdir()
    return Landing(engine, root)


@pytest.fixture
def landed(tmp_path: Path) -> Callable[..., Landed]:
    """What the x12 adapter makes of a file with one document: its kind, its segments, its envelope."""

    def land(kind: str, *segments: str, **envelope: Any) -> Landed:
        return Landed(file(tmp_path, document(kind, *segments, **envelope)))

    return land
