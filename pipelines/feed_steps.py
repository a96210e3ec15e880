"""The steps from reference tables and feeds to canonical rows, and to what is to be matched anew."""

from pipelines.audit import CONTRACT_CHECKS, Finding
from pipelines.canonical import make_canonical
from pipelines.deliveries import Changes
from pipelines.extraction import extract_feed
from pipelines.history import carry_history
from pipelines.landing import feed_tables, forget_feeds, land_feed, landing_table
from pipelines.neighbourhood import close_neighbourhood, find_neighbourhood
from pipelines.newest import far_ahead
from pipelines.reference import build_evaluation, build_reference
from pipelines.step import Build, Outcome, Step
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.sqlgen import literal
from transforms.contracts.tablegen import accepted_sql, refused_sql, union_sql
from transforms.spec import models

REFERENCE_TABLES = (
    "facility", "facility_code", "zone", "item", "item_code", "item_alias", "uom_conversion", "event_type",
    "event_type_code", "status_code", "sla", "feed", "target", "count_tolerance", "aging_bucket",
    "latency_bucket", "stock_age_bucket", "expedited_document_type", "scorecard_metric", "process_activity",
    "process_milestone", "run",
    "quarantine_before", "exception_before", "correction", "feed_status", "message_status", "supplier",
    "opening_stock", "exchange_rate", "calendar_shift", "calendar_holiday", "fiscal_period", "setting", "effort",
    "materiality", "process_limit", "accepted_deviation", "what_if_schedule", "what_if_run",
)  # fmt: skip


def reference_step() -> Step:
    """Master data, codes, SLAs and vocabularies, and what the build before knew."""

    def run(build: Build) -> Outcome:
        build.increment.begin(build.engine, build.workspace)
        count = build_reference(build.engine, build.workspace)
        build.engine.table("reference.run", f"SELECT {literal(build.run_id)} AS run_id")
        carry_history(build.engine, build.workspace)
        return Outcome({"facilities": count})

    tables = tuple(f"reference.{name}" for name in REFERENCE_TABLES)
    return Step("reference/tables", tables, (), run, description="Master data, codes, SLAs and vocabularies.")


def landing_step(feed: Feed) -> Step:
    """The rows of a feed, typed or refused."""

    def run(build: Build) -> Outcome:
        extract_feed(build.engine, build.workspace, feed)
        landed = land_feed(build.engine, build.workspace, feed, build.increment)
        metadata = {"files": landed.files, "read": len(landed.changes.fresh), "received": landed.received}
        findings = [_files_found(feed, landed.files), _files_kept(landed.changes)]
        return Outcome({**metadata, "refused": landed.refused}, findings)

    tables = tuple(landing_table(feed.name, table) for table in feed_tables(feed))
    inputs = ("reference.facility_code", "reference.item_code")
    return Step(
        f"landing/{feed.name}",
        tables,
        inputs,
        run,
        warnings=("files_found", "files_kept"),
        description=f"Rows of feed {feed.name} ({feed.adapter}), typed or refused.",
    )


def _files_found(feed: Feed, files: int) -> Finding:
    """Whether a feed has any file; a warning, since one may not have begun to deliver."""
    told = f"{files} files" if files else f"no file matches {feed.path}"
    return Finding("files_found", files > 0, told, is_blocking=False)


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


def delivered_step(workspace: Workspace) -> Step:
    """All delivered rows of all feeds, by canonical table."""
    landed = {table: _landed_tables(workspace, table) for table in FEED_TABLES}

    def run(build: Build) -> Outcome:
        for table, sources in landed.items():
            build.engine.view(f"landing.{table}", union_sql(CONTRACTS[table], sources))
        refused = [refused_sql(CONTRACTS[table]) for table in landed]
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


def evaluation_step() -> Step:
    """The instant at which everything is judged."""

    def run(build: Build) -> Outcome:
        build_evaluation(build.engine, build.workspace)
        far = far_ahead(build.engine, build.workspace)
        finding = Finding("as_of_is_near", far is None, far or "", is_blocking=False)
        return Outcome({"as_of": str(build.engine.value("SELECT as_of FROM reference.evaluation"))}, [finding])

    inputs = tuple(f"landing.{t}" for t in FEED_TABLES)
    return Step(
        "reference/evaluation",
        ("reference.evaluation",),
        inputs,
        run,
        warnings=("as_of_is_near",),
        description="The evaluation instant as_of.",
    )


def _landed_tables(workspace: Workspace, table: str) -> list[tuple[str, str]]:
    """The feeds that fill a canonical table, each with its landing table for it."""
    return [(f.name, landing_table(f.name, table)) for f in workspace.feeds if table in feed_tables(f)]


def canonical_step(table: str, workspace: Workspace) -> Step:
    """Accepted rows of a canonical table, each key once."""
    contract, landed = CONTRACTS[table], _landed_tables(workspace, table)

    def run(build: Build) -> Outcome:
        findings = make_canonical(build.engine, contract, landed, build.increment)
        if not build.increment.is_whole:
            return Outcome({"rows made anew": build.engine.count(f"touched_row_{table}")}, findings)
        count, newest = build.engine.rows(f"SELECT count(*), max({contract.clock}) FROM canonical.{table}")[0]
        return Outcome({"rows": count, "newest": str(newest)}, findings)

    tables = (f"canonical.{table}", f"canonical.{table}_delivery")
    inputs = (f"landing.{table}", "reference.evaluation")
    return Step(
        f"canonical/{table}", tables, inputs, run, CONTRACT_CHECKS, (), "Accepted rows, each key once, up to as_of."
    )


def scope_step(workspace: Workspace) -> Step:
    """Which events and postings are to be matched anew."""
    landed = {table: _landed_tables(workspace, table) for table in FEED_TABLES}

    def run(build: Build) -> Outcome:
        build.increment.is_whole |= not build.models.matches_near
        find_neighbourhood(build.engine, build.increment, landed)
        events, postings = build.engine.rows("SELECT events_count, postings_count FROM matching.scope")[0]
        return Outcome(
            {"events": "all" if events is None else events, "postings": "all" if events is None else postings}
        )

    inputs = tuple(f"canonical.{table}" for table in FEED_TABLES)
    return Step("matching/scope", ("matching.scope",), inputs, run, description="What is to be matched anew.")


def progress_step(workspace: Workspace) -> Step:
    """That canonical rows and matching are whole."""
    landed = [landed for table in FEED_TABLES for _, landed in _landed_tables(workspace, table)]
    inputs = tuple(model.table for model in models().values() if model.folder == "matching")

    def run(build: Build) -> Outcome:
        close_neighbourhood(build.engine)
        build.increment.end(build.engine, build.workspace, landed)
        return Outcome()

    description = "That canonical rows and matching are whole, for the next build to go on from."
    return Step("canonical/progress", ("canonical.progress",), inputs, run, description=description)


def delivery_step() -> Step:
    """Repeated deliveries of every canonical table."""
    told = "feed, file, landed_row, copy_no, is_visible, is_used"

    def run(build: Build) -> Outcome:
        parts = [f"SELECT '{t}' AS table_name, {told} FROM canonical.{t}_delivery" for t in FEED_TABLES]
        build.engine.view("canonical.delivery", " UNION ALL ".join(parts))
        return Outcome()

    inputs = tuple(f"canonical.{t}_delivery" for t in FEED_TABLES)
    return Step(
        "canonical/delivery", ("canonical.delivery",), inputs, run, description="Repeated deliveries of every table."
    )
