"""The steps of a build, generated from the workspace and the registries. Dagster runs them, but is not known here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from mining import MEANINGS, load_processes, mine
from mining import TABLES as MINING_TABLES
from pipelines import correcting
from pipelines.audit import CONTRACT_CHECKS, MODEL_CHECKS, Finding, audit_model
from pipelines.canonical import make_canonical
from pipelines.deliveries import Changes
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.extraction import extract_feed
from pipelines.history import carry_history
from pipelines.increment import Increment
from pipelines.landing import feed_tables, forget_feeds, land_feed, landing_table
from pipelines.neighbourhood import close_neighbourhood, find_neighbourhood, in_neighbourhood, take_over
from pipelines.publish import coverage, publish
from pipelines.reference import build_evaluation, build_reference
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.sqlgen import literal
from transforms.contracts.tablegen import accepted_sql, union_sql
from transforms.spec import Model, models, rules


@dataclass(frozen=True)
class Build:
    """What every step of one build shares."""

    engine: DuckDBEngine
    workspace: Workspace
    run_id: str
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


REFERENCE_TABLES = (
    "facility", "facility_code", "zone", "item", "item_code", "item_alias", "uom_conversion", "event_type",
    "event_type_code", "status_code", "sla", "feed", "target", "count_tolerance", "aging_bucket",
    "latency_bucket", "scorecard_metric", "process_activity", "run", "quarantine_before", "correction",
    "feed_status", "message_status", "supplier", "opening_stock", "exchange_rate", "calendar_shift",
    "calendar_holiday", "fiscal_period", "setting", "effort", "materiality",
)  # fmt: skip


def build_steps(workspace: Workspace) -> list[Step]:
    """Every step in an order in which each comes after what it reads."""
    landing = [_landing_step(feed) for feed in workspace.feeds]
    first = [_reference_step(), *landing, _delivered_step(workspace), _evaluation_step()]
    canonical = [*(_canonical_step(table, workspace) for table in FEED_TABLES), _delivery_step()]
    steps = [*first, *canonical, _scope_step(workspace)]
    known = {table for step in steps for table in step.tables}
    waiting = [*(_model_step(m) for m in models().values()), _progress_step(workspace), _reported_step()]
    waiting += [_mining_step(), _catalogue_step()]
    while waiting:
        ready = [s for s in waiting if all(t in known or t in s.tables for t in s.inputs)]
        if not ready:
            stuck = {t for s in waiting for t in s.inputs if t not in known and not any(t in w.tables for w in waiting)}
            raise ValueError(f"no model makes {', '.join(sorted(stuck))}")
        steps.extend(ready)
        known |= {table for step in ready for table in step.tables}
        waiting = [s for s in waiting if s not in ready]
    return [*steps, _publish_step(steps)]


def _reference_step() -> Step:
    def run(build: Build) -> Outcome:
        build.increment.begin(build.engine, build.workspace)
        count = build_reference(build.engine, build.workspace)
        build.engine.table("reference.run", f"SELECT {literal(build.run_id)} AS run_id")
        carry_history(build.engine, build.workspace)
        return Outcome({"facilities": count})

    tables = tuple(f"reference.{name}" for name in REFERENCE_TABLES)
    return Step("reference/tables", tables, (), run, description="Master data, codes, SLAs and vocabularies.")


def _landing_step(feed: Feed) -> Step:
    def run(build: Build) -> Outcome:
        extract_feed(build.engine, build.workspace, feed)
        landed = land_feed(build.engine, build.workspace, feed, build.increment)
        metadata = {"files": landed.files, "read": len(landed.changes.fresh), "received": landed.received}
        return Outcome({**metadata, "refused": landed.refused}, [_files_kept(landed.changes)])

    tables = tuple(landing_table(feed.name, table) for table in feed_tables(feed))
    inputs = ("reference.facility_code", "reference.item_code")
    return Step(
        f"landing/{feed.name}",
        tables,
        inputs,
        run,
        warnings=("files_kept",),
        description=f"Rows of feed {feed.name} ({feed.adapter}), typed or refused.",
    )


def _files_kept(changes: Changes) -> Finding:
    """Whether every file read before is still there and no smaller; a warning, since files may be withdrawn."""
    told = [
        f"{len(files)} {word} since the build before, for example {files[0]}"
        for word, files in (("vanished", changes.vanished), ("shrank", changes.shrunk))
        if files
    ]
    return Finding(
        "files_kept", not told, "; ".join(told) or "every file of the build before is there", is_blocking=False
    )


def _delivered_step(workspace: Workspace) -> Step:
    landed = {table: _landed_tables(workspace, table) for table in FEED_TABLES}

    def run(build: Build) -> Outcome:
        for table, sources in landed.items():
            build.engine.view(f"landing.{table}", union_sql(CONTRACTS[table], sources))
        refused = [
            f"SELECT feed, '{table}' AS table_name, file, landed_row, row_number, reason, detail, raw "
            f"FROM landing.{table} WHERE reason IS NOT NULL"
            for table in landed
        ]
        build.engine.view("landing.refused", " UNION ALL ".join(refused))
        accepted = [accepted_sql(CONTRACTS[table]) for table in landed]
        build.engine.view("landing.accepted", " UNION ALL ".join(accepted))
        forget_feeds(build.engine, workspace)
        return Outcome()

    made = ("refused", "accepted", "file", "malformed", "delivery", "correction_hit")
    tables = tuple(f"landing.{name}" for name in (*landed, *made))
    inputs = tuple(table for sources in landed.values() for _, table in sources)
    return Step(
        "landing/delivered", tables, inputs, run, description="All delivered rows of all feeds, by canonical table."
    )


def _evaluation_step() -> Step:
    def run(build: Build) -> Outcome:
        build_evaluation(build.engine, build.workspace)
        return Outcome({"as_of": str(build.engine.value("SELECT as_of FROM reference.evaluation"))})

    inputs = tuple(f"landing.{t}" for t in FEED_TABLES)
    return Step(
        "reference/evaluation", ("reference.evaluation",), inputs, run, description="The evaluation instant as_of."
    )


def _landed_tables(workspace: Workspace, table: str) -> list[tuple[str, str]]:
    """The feeds that fill a canonical table, each with its landing table for it."""
    return [(f.name, landing_table(f.name, table)) for f in workspace.feeds if table in feed_tables(f)]


def _canonical_step(table: str, workspace: Workspace) -> Step:
    contract, landed = CONTRACTS[table], _landed_tables(workspace, table)

    def run(build: Build) -> Outcome:
        findings = make_canonical(build.engine, contract, landed, build.increment)
        count, newest = build.engine.rows(f"SELECT count(*), max({contract.clock}) FROM canonical.{table}")[0]
        return Outcome({"rows": count, "newest": str(newest)}, findings)

    tables = (f"canonical.{table}", f"canonical.{table}_delivery")
    inputs = (f"landing.{table}", "reference.evaluation")
    return Step(
        f"canonical/{table}", tables, inputs, run, CONTRACT_CHECKS, (), "Accepted rows, each key once, up to as_of."
    )


def _scope_step(workspace: Workspace) -> Step:
    landed = {table: _landed_tables(workspace, table) for table in FEED_TABLES}

    def run(build: Build) -> Outcome:
        find_neighbourhood(build.engine, build.increment, landed)
        events, postings = build.engine.rows("SELECT events_count, postings_count FROM matching.scope")[0]
        return Outcome(
            {"events": "all" if events is None else events, "postings": "all" if events is None else postings}
        )

    inputs = tuple(f"canonical.{table}" for table in FEED_TABLES)
    return Step("matching/scope", ("matching.scope",), inputs, run, description="What is to be matched anew.")


def _progress_step(workspace: Workspace) -> Step:
    landed = [landed for table in FEED_TABLES for _, landed in _landed_tables(workspace, table)]
    inputs = tuple(model.table for model in models().values() if model.folder == "matching")

    def run(build: Build) -> Outcome:
        close_neighbourhood(build.engine)
        build.increment.end(build.engine, build.workspace, landed)
        return Outcome()

    description = "That canonical rows and matching are whole, for the next build to go on from."
    return Step("canonical/progress", ("canonical.progress",), inputs, run, description=description)


def _delivery_step() -> Step:
    def run(build: Build) -> Outcome:
        parts = [
            f"SELECT '{t}' AS table_name, feed, file, landed_row, copy_no, is_used FROM canonical.{t}_delivery"
            for t in FEED_TABLES
        ]
        build.engine.view("canonical.delivery", " UNION ALL ".join(parts))
        return Outcome()

    inputs = tuple(f"canonical.{t}_delivery" for t in FEED_TABLES)
    return Step(
        "canonical/delivery", ("canonical.delivery",), inputs, run, description="Repeated deliveries of every table."
    )


def _make(engine: DuckDBEngine, model: Model) -> tuple[dict[str, Any], list[Finding]]:
    """Makes a model's table or view; returns what it came to and what its audit found."""
    metadata: dict[str, Any] = {}
    if model.header.rounds:
        metadata = {"rounds": engine.materialise_in_rounds(model)}
    elif model.header.storage == "view":
        engine.view(model.table, model.sql)
    else:
        metadata = {"rows": engine.materialise(model)}
    return metadata, audit_model(engine, model)


def _make_near(engine: DuckDBEngine, model: Model) -> tuple[dict[str, Any], list[Finding]]:
    """Makes a matching model's rows of the neighbourhood, and puts them in the place of those before."""
    if model.header.storage == "view":
        engine.view(model.table, model.sql)
    with in_neighbourhood(engine):
        made = _make(engine, model)
    if model.header.storage != "view":
        take_over(engine, model)
    return made


def _model_step(model: Model) -> Step:
    is_matching = model.folder == "matching"

    def run(build: Build) -> Outcome:
        make = _make_near if is_matching and not build.increment.is_whole else _make
        metadata, findings = make(build.engine, model)
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


def _reported_step() -> Step:
    """All rules in one shape: the workspace's SLA for the rule wins, then the row's, then the header's."""

    def run(build: Build) -> Outcome:
        parts = []
        for rule in rules().values():
            own = float(rule.header.sla) if isinstance(rule.header.sla, int) else None
            parts.append(
                f"SELECT '{rule.name}' AS rule, {rule.header.version} AS version, "
                f"'{rule.header.severity}' AS severity, r.facility_id, "
                f"r.reference_id, r.opened_at, r.resolved_at, "
                f"coalesce(CAST(s.seconds AS DOUBLE), r.sla_s{f', {own}' if own is not None else ''}) AS sla_s, "
                f"r.detail "
                f"FROM {rule.table} r LEFT JOIN reference.sla s ON s.sla_kind = 'rule' AND s.rule = '{rule.name}'"
            )
        build.engine.view("rules.reported", " UNION ALL ".join(parts))
        return Outcome()

    inputs = (*(r.table for r in rules().values()), "reference.sla")
    return Step(
        "rules/reported", ("rules.reported",), inputs, run, description="What all exception rules report, in one shape."
    )


def _mining_step() -> Step:
    def run(build: Build) -> Outcome:
        frequency = build.engine.read(
            "SELECT process, facility_id, variant, is_open, cases_count FROM process.variant_frequency"
        )
        made = mine(frequency, load_processes())
        return Outcome({name: build.engine.frame(f"marts.{name}", frame) for name, frame in made.items()})

    tables = tuple(f"marts.{name}" for name in MINING_TABLES)
    return Step(
        "marts/mining",
        tables,
        ("process.variant_frequency",),
        run,
        description="Conformance and discovery on counted variants.",
    )


def _catalogue_step() -> Step:
    def run(build: Build) -> Outcome:
        return Outcome({"rows": build.engine.frame("marts.metric_catalogue", catalogue())})

    return Step(
        "marts/metric_catalogue",
        ("marts.metric_catalogue",),
        (),
        run,
        description="What every published measure and rule means.",
    )


def catalogue() -> pl.DataFrame:
    """One row per published measure or rule, from the headers."""
    rows = []
    for model in models().values():
        if model.folder not in ("metrics", "rules"):
            continue
        h = model.header
        rows.append(
            {
                "model": model.name,
                "kind": "rule" if model.folder == "rules" else "measure",
                "title": h.title,
                "question": h.question,
                "definition": h.definition,
                "edge_rules": "\n".join(h.edge_rules),
                "direction": h.direction,
                "additivity": h.additivity,
                "unit": next(
                    (c.unit for c in h.columns.values() if c.unit in ("s", "ratio", "units", "count")), "text"
                ),
                "owner": h.owner,
                "source": h.source,
                "severity": h.severity,
                "version": h.version,
            }
        )
    for name, meaning in MEANINGS.items():
        words = {"edge_rules": "", "direction": "neutral", "additivity": "non_additive", "unit": "count"}
        origin = {"owner": "process owner", "source": "domain model, process models", "severity": None, "version": 1}
        rows.append({"model": name, "kind": "measure", **meaning._asdict(), **words, **origin})
    return pl.DataFrame(rows, schema_overrides={"severity": pl.String})


def _publish_step(steps: list[Step]) -> Step:
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
