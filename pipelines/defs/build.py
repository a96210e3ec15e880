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
from pipelines.defs.warehouse import Warehouse
from pipelines.engines.duckdb import in_words
from pipelines.errors import ChecksFailed, UnusableInput
from pipelines.publish import write_status
from pipelines.steps import Step, build_steps
from pipelines.workspace import Workspace


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

    Errors: UnusableInput for input that cannot be used; ChecksFailed when a blocking check failed, in both cases
        with nothing published.
    """
    all_steps = steps or build_steps(workspace)
    warehouse = Warehouse(
        workspace, is_fresh=is_full, on_step=lambda name: on_step(name, len(all_steps)) if on_step else None
    )
    warehouse.build()  # where another build holds the workspace, its outcome is the one to report
    try:
        result = _materialise(all_steps, warehouse)
    except (UnusableInput, duckdb.Error) as error:
        told = in_words(error, workspace.root)
        write_status(workspace, warehouse.run_id, "unusable_input", str(told), [])
        raise told from None
    finally:
        warehouse.close()
    return _judge(workspace, warehouse, result)


def _materialise(steps: list[Step], warehouse: Warehouse) -> dg.ExecuteInProcessResult:
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            build_assets(steps),
            resources={"warehouse": warehouse_resource(lambda: warehouse)},
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def _judge(workspace: Workspace, warehouse: Warehouse, result: dg.ExecuteInProcessResult) -> BuildResult:
    if warehouse.failure is not None:
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
    if failed or not result.success:
        sentence = "nothing was published, since checks failed: " + "; ".join(failed)
        write_status(workspace, warehouse.run_id, "checks_failed", sentence, failed)
        raise ChecksFailed(sentence)
    write_status(workspace, warehouse.run_id, "published", "published", [])
    return BuildResult(warehouse.run_id, warnings)
