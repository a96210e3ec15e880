"""The steps from canonical rows to what is published: SQL models, mining, the catalogue."""

from pathlib import Path
from typing import Any

from mining import CAUSE_TABLES, JUDGEMENTS, find_causes, mine
from mining import TABLES as MINING_TABLES
from pipelines import correcting
from pipelines.audit import MODEL_CHECKS, Finding, audit_model
from pipelines.catalogue import catalogue
from pipelines.engines.base import ModelEngine
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.neighbourhood import in_neighbourhood, take_over
from pipelines.processes import workspace_processes
from pipelines.publish import coverage, publish
from pipelines.step import Build, Outcome, Step
from pipelines.targets import workspace_targets
from transforms.contracts.sqlgen import literal
from transforms.spec import Model, rules


def _make(models: ModelEngine, engine: DuckDBEngine, model: Model) -> tuple[dict[str, Any], list[Finding]]:
    """Makes a model's table or view; returns what it came to and what its audit found."""
    return models.make(model), audit_model(engine, model)


def _make_near(engine: DuckDBEngine, model: Model) -> tuple[dict[str, Any], list[Finding]]:
    """Makes a matching model's rows of the neighbourhood, and puts them in the place of those before."""
    if model.header.storage == "view":
        engine.view(model.table, model.sql)
    with in_neighbourhood(engine):
        made = _make(engine, engine, model)
    if model.header.storage != "view":
        take_over(engine, model)
    return made


def model_step(model: Model) -> Step:
    """One SQL model and its audit."""
    is_matching = model.folder == "matching"

    def run(build: Build) -> Outcome:
        is_near = is_matching and not build.increment.is_whole
        made = _make_near(build.engine, model) if is_near else _make(build.models, build.engine, model)
        metadata, findings = made
        if model.name == "run_info":
            findings.append(coverage(build.engine, build.workspace))
        if model.name == "corrections":
            findings.extend(correcting.judge_corrections(build.engine))
        return Outcome(metadata, findings)

    name = model.table.replace(".", "/")
    inputs = tuple(t for t in (*model.inputs, *(("matching.scope",) if is_matching else ())) if t != model.table)
    own = {"run_info": ((), ("coverage",)), "corrections": (correcting.CHECKS, correcting.WARNINGS)}
    checks, warnings = own.get(model.name, ((), ()))
    return Step(name, (model.table,), inputs, run, (*MODEL_CHECKS, *checks), warnings, model.header.definition)


def reported_step() -> Step:
    """All rules in one shape: the workspace's SLA for the rule wins, then the row's, then the header's."""

    def run(build: Build) -> Outcome:
        parts = []
        for rule in rules().values():
            own = float(rule.header.sla) if isinstance(rule.header.sla, int) else None
            parts.append(
                f"SELECT '{rule.name}' AS rule, {rule.header.version} AS version, "
                f"'{rule.header.severity}' AS severity, {literal(rule.header.queue)} AS queue, "
                f"{literal(rule.header.cause)} AS probable_cause, r.facility_id, "
                f"r.reference_id, r.opened_at, r.resolved_at, "
                f"coalesce(CAST(s.seconds AS DOUBLE), r.sla_s{f', {own}' if own is not None else ''}) AS sla_s, "
                f"r.item_id, r.quantity, r.evidence, r.detail "
                f"FROM {rule.table} r LEFT JOIN reference.sla s ON s.sla_kind = 'rule' AND s.rule = '{rule.name}'"
            )
        build.engine.view("rules.reported", " UNION ALL ".join(parts))
        return Outcome()

    inputs = (*(r.table for r in rules().values()), "reference.sla")
    return Step(
        "rules/reported", ("rules.reported",), inputs, run, description="What all exception rules report, in one shape."
    )


def mining_step() -> Step:
    """Conformance and discovery on counted variants."""

    def run(build: Build) -> Outcome:
        frequency = build.engine.read(
            "SELECT process, facility_id, variant, is_open, cases_count FROM process.variant_frequency"
        )
        made = mine(frequency, workspace_processes(build.workspace))
        return Outcome({name: build.engine.frame(table, made[name]) for name, table in places.items()})

    places = {name: f"marts.{name}" for name in MINING_TABLES} | {name: f"process.{name}" for name in JUDGEMENTS}
    tables = tuple(places.values())
    return Step(
        "marts/mining",
        tables,
        ("process.variant_frequency",),
        run,
        description="Conformance and discovery on counted variants.",
    )


def causes_step() -> Step:
    """What raises the outcomes of cases and events, from counts."""
    inputs = ("process.outcome_count", "process.population_cell", "process.outcome_cell")

    def run(build: Build) -> Outcome:
        made = find_causes(*(build.engine.read(f"SELECT * FROM {table}") for table in inputs))
        return Outcome({name: build.engine.frame(f"marts.{name}", made[name]) for name in CAUSE_TABLES})

    tables = tuple(f"marts.{name}" for name in CAUSE_TABLES)
    return Step(
        "marts/causes", tables, inputs, run, description="What raises deviations, slow segments and faults of posting."
    )


def catalogue_step() -> Step:
    """What every published measure and rule means."""

    def run(build: Build) -> Outcome:
        found = catalogue(workspace_targets(build.workspace))
        return Outcome({"rows": build.engine.frame("marts.metric_catalogue", found)})

    return Step(
        "marts/metric_catalogue",
        ("marts.metric_catalogue",),
        (),
        run,
        description="What every published measure and rule means.",
    )


def publish_step(steps: list[Step]) -> Step:
    """The published file and the pointer to it."""
    marts = sorted(table for step in steps for table in step.tables if table.startswith("marts."))

    def run(build: Build) -> Outcome:
        path: Path = publish(build.engine, build.workspace, build.run_id, marts)
        return Outcome({"file": path.name, "tables": len(marts)})

    return Step(
        "publish/current",
        ("published.current",),
        tuple(marts),
        run,
        description="The published file and the pointer to it.",
    )
