"""Steps as Dagster assets: keys, dependencies, metadata and blocking checks all come from the step."""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from pipelines.defs.warehouse import Warehouse
from pipelines.step import Step

WRITER_POOL = "warehouse_writer"


def warehouse_resource(make: Callable[[], Warehouse]) -> dg.ResourceDefinition:
    """A resource that opens a run's warehouse and closes it however the run ended."""

    def hold(_context: dg.InitResourceContext) -> Iterator[Warehouse]:
        warehouse = make()
        try:
            yield warehouse
        finally:
            warehouse.close()

    return dg.ResourceDefinition(resource_fn=hold)


def build_assets(steps: list[Step]) -> list[dg.AssetsDefinition]:
    """One asset a step; a step depends on the steps that make what it reads."""
    maker = {table: step for step in steps for table in step.tables}
    return [_asset(step, maker) for step in steps]


def _asset(step: Step, maker: dict[str, Step]) -> dg.AssetsDefinition:
    key = dg.AssetKey(step.name.split("/"))
    before = {maker[table].name for table in step.inputs if maker[table].name != step.name}
    checks = [dg.AssetCheckSpec(name, asset=key, blocking=True) for name in step.checks]
    checks += [dg.AssetCheckSpec(name, asset=key, blocking=False) for name in step.warnings]

    @dg.asset(
        key=key,
        deps=[dg.AssetKey(name.split("/")) for name in sorted(before)],
        check_specs=checks,
        group_name=step.group,
        description=step.description,
        kinds={"duckdb"},
        pool=WRITER_POOL,
        required_resource_keys={"warehouse"},
    )
    def run_step(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _run(step, key, context.resources.warehouse)

    return run_step


def _run(step: Step, key: dg.AssetKey, warehouse: Warehouse) -> Iterator[Any]:
    with warehouse.turn:
        if warehouse.failure is not None:
            raise dg.Failure("an earlier step failed", allow_retries=False)  # nothing will be published
        if warehouse.on_step:
            warehouse.on_step(step.name)
        try:
            outcome = step.run(warehouse.build())
        except BaseException as error:
            warehouse.failure = warehouse.failure or error
            raise
    yield dg.MaterializeResult(
        asset_key=key,
        metadata=outcome.metadata,
        check_results=[
            dg.AssetCheckResult(
                check_name=f.name,
                passed=f.passed,
                description=f.detail,
                severity=dg.AssetCheckSeverity.ERROR if f.is_blocking else dg.AssetCheckSeverity.WARN,
            )
            for f in outcome.findings
        ],
    )
