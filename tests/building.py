"""A build without Dagster, for tests whose subject is what a build publishes and not how it is run.

There are two ways to build, on purpose. `pipelines.defs.build.run_build`, which the command uses, hands the steps to
Dagster, whose bookkeeping of some two hundred of them takes longer than the steps of a small workspace themselves. Tests
of the build (publishing, checks, interruption, status, the command line, Dagster) keep to it; hundreds of others only want
the tables. `build_tables` runs the same steps over the same warehouse and publishes the same (only of a build that was not
published it leaves no status); tests/pipelines/test_publish.py holds the two to each other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.defs.warehouse import Warehouse
from pipelines.engines.choice import in_words
from pipelines.errors import ChecksFailed, UnusableInput
from pipelines.publish import write_status
from pipelines.step import Build, Step
from pipelines.steps import build_steps
from pipelines.workspace import load_workspace


@contextmanager
def opened_build(root: Path, *, is_full: bool = False) -> Iterator[Build]:
    """The warehouse of a workspace, opened for a build of which no step has run yet.

    Where the workspace leaves it open the engine takes one thread: tests run beside each other already, and threads of a
    small table mostly wait for each other.

    Args:
        is_full: begin with an empty warehouse.

    Errors: UnusableInput where the settings cannot be used or the workspace is held.
    """
    workspace = load_workspace(root)
    engine = workspace.engine.model_copy(update={"threads": workspace.engine.threads or 1})
    warehouse = Warehouse(workspace.model_copy(update={"engine": engine}), is_fresh=is_full)
    try:
        yield warehouse.build()
    finally:
        warehouse.close()


def run_steps(build: Build, *, keep: Callable[[Step], bool] = lambda _step: True, last: str | None = None) -> list[str]:
    """Runs the steps of a build in order; returns the warnings' sentences.

    Args:
        keep: which steps are run (default: all).
        last: the name of the step after which it ends, as a build that was killed there (default: none).

    Errors: UnusableInput for input that cannot be used; ChecksFailed at the first step with a blocking check that fails.
    """
    warnings: list[str] = []
    for step in filter(keep, build_steps(build.workspace)):
        found = [finding for finding in step.run(build).findings if not finding.passed]
        told = [(f.is_blocking, f"{step.name.replace('/', '.')}: {f.name}: {f.detail}") for f in found]
        if failed := [sentence for is_blocking, sentence in told if is_blocking]:
            raise ChecksFailed("nothing was published, since checks failed: " + "; ".join(failed))
        warnings += [sentence for _, sentence in told]
        if step.name == last:
            break
    return warnings


def build_tables(root: Path, *, is_full: bool = False) -> list[str]:
    """Builds and publishes a workspace as `run_build` does, step by step; returns the warnings' sentences.

    Args:
        is_full: begin with an empty warehouse; else only new and changed files are read.

    Errors: UnusableInput for input that cannot be used; ChecksFailed when a blocking check failed; in both cases with
        nothing published.
    """
    with opened_build(root, is_full=is_full) as build:
        try:
            warnings = run_steps(build)
        except (UnusableInput, duckdb.Error) as error:
            raise in_words(error, root) from None
        write_status(build.workspace, build.run_id, "published", "published", [])
        return warnings
