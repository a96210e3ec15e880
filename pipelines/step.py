"""What a step of a build is: one asset of the graph. Dagster runs them, but is not known here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipelines.audit import Finding
from pipelines.engines.base import ModelEngine
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.increment import Increment
from pipelines.workspace import Workspace


@dataclass(frozen=True)
class Build:
    """What every step of one build shares.

    Attributes:
        engine: the warehouse.
        models: what runs the SQL models over it.
    """

    engine: DuckDBEngine
    workspace: Workspace
    run_id: str
    models: ModelEngine
    increment: Increment = field(default_factory=Increment)


@dataclass(frozen=True)
class Outcome:
    """What a step came to: numbers to show and the checks that it made."""

    metadata: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One asset of the graph.

    Attributes:
        name: `schema/name`, the asset key.
        tables: qualified tables it makes.
        inputs: qualified tables it reads.
        checks: names of the blocking checks it makes.
        warnings: names of the checks whose failure is told and stops nothing.
        description: one sentence.
    """

    name: str
    tables: tuple[str, ...]
    inputs: tuple[str, ...]
    run: Callable[[Build], Outcome] = field(repr=False)
    checks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    description: str = ""

    @property
    def group(self) -> str:
        """The schema, which groups assets on the graph."""
        return self.name.split("/")[0]
