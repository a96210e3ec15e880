"""Puts the definitions together, and runs them in this process for `dockledger build`."""

import os

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")

import logging
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg
import duckdb

from pipelines.defs.assets import build_assets, warehouse_resource
from pipelines.defs.automation import build_job, build_schedule, build_sensor
from pipelines.defs.instance import unlogged_instance
from pipelines.defs.warehouse import Warehouse
from pipelines.engines.choice import in_words
from pipelines.errors import BuildStopped, ChecksFailed, UnusableInput
from pipelines.publish import current_file, write_status
from pipelines.step import Step
from pipelines.steps import build_steps
from pipelines.workspace import Workspace

_INTERRUPTIONS = (KeyboardInterrupt, duckdb.InterruptException, dg.DagsterExecutionInterruptedError)


def _is_interruption(error: BaseException) -> bool:
    """Whether somebody stopped the build; DuckDB's client says so by a plain RuntimeError while a statement runs."""
    return isinstance(error, _INTERRUPTIONS) or (isinstance(error, RuntimeError) and str(error) == "Query interrupted")


@dataclass(frozen=True)
class BuildResult:
    """What a build came to: its run id and the sentences of the warnings it gave."""

    run_id: str
    warnings: list[str]


def build_defs(
    workspace: Workspace, *, make_warehouse: Callable[[], Warehouse] | None = None, steps: list[Step] | None = None
) -> dg.Definitions:
    """All definitions of a workspace.

    Args:
        make_warehouse: gives the warehouse of a run; a test may give its own.
        steps: the steps; a test may give its own.
    """
    job = build_job()
    return dg.Definitions(
        assets=build_assets(steps or build_steps(workspace)),
        jobs=[job],
        schedules=[build_schedule(workspace, job)],
        sensors=[build_sensor(workspace, job)],
        resources={"warehouse": warehouse_resource(make_warehouse or (lambda: Warehouse(workspace)))},
        executor=dg.in_process_executor,
    )


def run_build(
    workspace: Workspace,
    on_step: Callable[[str, int], None] | None = None,
    steps: list[Step] | None = None,
    *,
    is_full: bool = False,
) -> BuildResult:
    """Materialises every asset in this process and publishes.

    Args:
        is_full: begin with an empty warehouse; else only new and changed files are read.
        on_step: called with the name of each step that begins and the number of all steps.

    Errors: UnusableInput for input that cannot be used; ChecksFailed when a blocking check failed; BuildStopped when
        it was interrupted; in all cases with nothing published.
    """
    all_steps = steps or build_steps(workspace)
    warehouse = Warehouse(
        workspace, is_fresh=is_full, on_step=lambda name: on_step(name, len(all_steps)) if on_step else None
    )
    _open(workspace, warehouse)
    try:
        result = _materialise(all_steps, warehouse)
    except BaseException as error:
        if _is_interruption(error):
            raise _stopped(workspace, warehouse) from None
        if not isinstance(error, (UnusableInput, duckdb.Error)):
            raise
        told = in_words(error, workspace.root)
        write_status(workspace, warehouse.run_id, "unusable_input", str(told), [])
        raise told from None
    finally:
        warehouse.close()
    return _judge(workspace, warehouse, result)


def _open(workspace: Workspace, warehouse: Warehouse) -> None:
    try:
        warehouse.build()
    except UnusableInput as error:
        if warehouse.is_held:  # where another build holds the workspace, its outcome is the one to report
            write_status(workspace, warehouse.run_id, "unusable_input", str(error), [])
        warehouse.close()
        raise


def _materialise(steps: list[Step], warehouse: Warehouse) -> dg.ExecuteInProcessResult:
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with unlogged_instance() as instance:
        return dg.materialize(
            build_assets(steps),
            resources={"warehouse": warehouse_resource(lambda: warehouse)},
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def _judge(workspace: Workspace, warehouse: Warehouse, result: dg.ExecuteInProcessResult) -> BuildResult:
    if warehouse.failure is not None:
        if _is_interruption(warehouse.failure):
            raise _stopped(workspace, warehouse)
        told = in_words(warehouse.failure, workspace.root)
        write_status(workspace, warehouse.run_id, "unusable_input", str(told), [])
        raise told from None
    failed: list[str] = []
    warnings: list[str] = []
    for check in result.get_asset_check_evaluations():
        if check.passed:
            continue
        sentence = f"{'.'.join(check.asset_key.path)}: {check.check_name}: {check.description}"
        (failed if check.severity == dg.AssetCheckSeverity.ERROR else warnings).append(sentence)
    if not failed and not result.success:
        raise _stopped(workspace, warehouse)  # no step failed and no check: the run was told to end between two steps
    if failed:
        sentence = "nothing was published, since checks failed: " + "; ".join(failed)
        write_status(workspace, warehouse.run_id, "checks_failed", sentence, failed)
        raise ChecksFailed(sentence)
    write_status(workspace, warehouse.run_id, "published", "published", [])
    return BuildResult(warehouse.run_id, warnings)


def _stopped(workspace: Workspace, warehouse: Warehouse) -> BuildStopped:
    current = current_file(workspace.root)
    if current is not None and current.stem == warehouse.run_id:
        write_status(workspace, warehouse.run_id, "published", "published", [])
        return BuildStopped("the build was stopped when it had published already")
    sentence = "the build was stopped before its end; nothing was published, and the next build begins where it must"
    write_status(workspace, warehouse.run_id, "stopped", sentence, [])
    return BuildStopped(sentence)
