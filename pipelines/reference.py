"""Reference tables: facilities, items, codes, SLAs and vocabularies, from the workspace and from `data/reference/`."""

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from pandera.errors import SchemaErrors

from data import DATA
from mining import process_activities, process_limits, process_milestones
from pipelines.corrections import correction_rows, read_corrections
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.policy_tables import policy_tables
from pipelines.processes import accepted_deviations, check_models, workspace_processes
from pipelines.targets import workspace_targets
from pipelines.what_if import what_if_tables
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.base import FIRST_INSTANT, LAST_INSTANT, POLARS_TYPE, Contract
from transforms.contracts.sqlgen import literal
from transforms.spec import rules

REFERENCE = DATA / "reference"


def read_reference(name: str, path: Path, shown: str) -> pl.DataFrame:
    """Reads a CSV of master data and validates it with its contract.

    Args:
        name: contract name.
        shown: how the file is called in messages.

    Errors: UnusableInput with file, row and reason; a wrong master data row is never skipped.
    """
    contract = CONTRACTS[name]
    try:
        text = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except FileNotFoundError:
        raise UnusableInput("the file does not exist", file=shown) from None
    except pl.exceptions.NoDataError:
        text = pl.DataFrame(schema=dict.fromkeys(contract.columns, pl.String))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableInput(f"the file cannot be read ({str(error).splitlines()[0]})", file=shown) from None
    missing = [c for c in contract.required if c not in text.columns]
    if missing:
        raise UnusableInput(f"required column {', '.join(missing)} is missing", file=shown, row=1)
    return _validated(contract, _typed(contract, text, shown), shown)


def _typed(contract: Contract, text: pl.DataFrame, shown: str) -> pl.DataFrame:
    columns: list[Any] = []
    trimmed = text.select(pl.all().str.strip_chars().replace("", None))
    for name in contract.columns:
        dtype, kind = POLARS_TYPE[contract.kind(name)], contract.kind(name)
        if name not in text.columns:
            columns.append(pl.lit(None, dtype=dtype).alias(name))
            continue
        values = trimmed[name]
        if kind == "boolean":
            words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
            cast = values.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        else:
            cast = values.cast(dtype, strict=False)
        wrong = (values.is_not_null() & cast.is_null()).arg_true()
        if len(wrong):
            row = int(wrong[0])
            raise UnusableInput(f"{name} '{values[row]}' is not of type {kind}", file=shown, row=row + 1)
        columns.append(pl.lit(cast).alias(name) if len(cast) == 0 else cast.alias(name))
    return (
        trimmed.select(columns)
        if len(trimmed)
        else pl.DataFrame(schema={n: POLARS_TYPE[contract.kind(n)] for n in contract.columns})
    )


def _validated(contract: Contract, frame: pl.DataFrame, shown: str) -> pl.DataFrame:
    try:
        contract.schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        first = error.failure_cases.row(0, named=True)
        row = None if first.get("index") is None else int(first["index"]) + 1
        what = first.get("column") or ", ".join(contract.key)
        raise UnusableInput(
            f"{what}: {first.get('failure_case')} breaks {first.get('check')}", file=shown, row=row
        ) from None
    return frame


def build_reference(engine: DuckDBEngine, workspace: Workspace) -> int:
    """Makes all tables of schema `reference` except `evaluation`; returns the number of facilities.

    Errors: UnusableInput for wrong master data.
    """
    engine.frame("reference.facility", _facilities(workspace))
    engine.frame("reference.facility_code", _facility_codes(workspace))
    engine.frame("reference.zone", _zones(workspace))
    event_types = _event_types(workspace)
    statuses = pl.read_csv(REFERENCE / "statuses.csv")
    engine.frame("reference.event_type", event_types)
    engine.frame(
        "reference.event_type_code", _feed_codes(workspace.feeds, "event_type", event_types["event_type"].to_list())
    )
    engine.frame("reference.status_code", _feed_codes(workspace.feeds, "status", statuses["status"].to_list()))
    _build_items(engine, workspace)
    engine.frame("reference.correction", correction_rows(read_corrections(workspace)))
    engine.frame("reference.feed", _feeds(workspace))
    other_runs = what_if_tables(workspace, REFERENCE / "what_if_schedules.csv")
    for name, frame in (policy_tables(workspace, rules()) | other_runs).items():
        engine.frame(f"reference.{name}", frame)
    _build_processes(engine, workspace)
    for name in ("aging_bucket", "latency_bucket", "stock_age_bucket", "expedited_document_type"):
        engine.frame(f"reference.{name}", pl.read_csv(REFERENCE / f"{name}s.csv"))
    for name in ("feed_status", "message_status"):
        engine.frame(f"reference.{name}", pl.read_csv(REFERENCE / f"{name}es.csv"))
    measures = pl.read_csv(REFERENCE / "scorecard_metrics.csv")
    engine.frame("reference.scorecard_metric", measures)
    workspace_targets(workspace)
    _refuse_unknown("sla.by_rule", workspace.sla.by_rule, list(rules()))
    _refuse_unknown("effort.by_rule", workspace.effort.by_rule, list(rules()))
    tolerances = pl.read_csv(REFERENCE / "count_tolerances.csv", schema_overrides={"tolerance_ratio": pl.Decimal(6, 4)})
    engine.frame("reference.count_tolerance", tolerances)
    return len(workspace.facilities)


def _build_processes(engine: DuckDBEngine, workspace: Workspace) -> None:
    processes = workspace_processes(workspace)
    check_models(workspace, processes)
    engine.frame("reference.process_activity", process_activities(processes))
    engine.frame("reference.process_limit", process_limits(processes))
    engine.frame("reference.process_milestone", process_milestones(processes))
    engine.frame("reference.accepted_deviation", accepted_deviations(workspace, processes))


def _event_types(workspace: Workspace) -> pl.DataFrame:
    """The event types, with what this workspace says about their postings."""
    frame = pl.read_csv(REFERENCE / "event_types.csv")
    known = frame["event_type"].to_list()
    _refuse_unknown("posting_expected", workspace.posting_expected, known)
    _refuse_unknown("sla.by_event_type", workspace.sla.by_event_type, known)
    for scope, refinements in (("by_facility", workspace.sla.by_facility), ("by_kind", workspace.sla.by_kind)):
        for name, own in refinements.items():
            _refuse_unknown(f"sla.{scope}.{name}.by_event_type", own.by_event_type, known)
    expected = [
        workspace.posting_expected.get(t, e) for t, e in frame.select("event_type", "is_posting_expected").rows()
    ]
    return frame.with_columns(pl.Series("is_posting_expected", expected, dtype=pl.Boolean))


def _refuse_unknown(key: str, given: Iterable[str], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise UnusableInput(f"{key}: '{name}' is not known; there are {', '.join(known)}", file="dockledger.yaml")


def _frame(rows: Iterable[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema)


def _facilities(workspace: Workspace) -> pl.DataFrame:
    contract = CONTRACTS["facility"]
    rows = [
        {
            "facility_id": f.id,
            "name": f.name or f.id,
            "kind": f.kind,
            "timezone": f.timezone,
            "country": f.country,
            "legal_entity_id": f.legal_entity_id,
            "gln": f.gln,
            "timing_model": f.timing_model,
            "interval_s": f.interval_seconds,
            "calendar": f.calendar,
        }
        for f in workspace.facilities
    ]
    frame = _frame(rows, {name: POLARS_TYPE[contract.kind(name)] for name in contract.columns})
    return _validated(contract, frame, "facilities")


def _facility_codes(workspace: Workspace) -> pl.DataFrame:
    meaning: dict[str, str] = {}
    for facility in workspace.facilities:
        for code in dict.fromkeys([facility.id, *facility.codes, *([facility.gln] if facility.gln else [])]):
            if meaning.setdefault(code, facility.id) != facility.id:
                raise UnusableInput(
                    f"facility code '{code}' means both {meaning[code]} and {facility.id}", file="dockledger.yaml"
                )
    rows = [{"code": code, "facility_id": facility_id} for code, facility_id in meaning.items()]
    return _frame(rows, {"code": pl.String, "facility_id": pl.String})


def _zones(workspace: Workspace) -> pl.DataFrame:
    """Every zone in use with the mask of local days on which its offset changes."""
    declared = {f.system_timezone for f in workspace.feeds if f.system_timezone not in (None, "facility")}
    zones = sorted({f.timezone for f in workspace.facilities} | {str(zone) for zone in declared})
    rows = [{"timezone": zone, "change_mask": change_mask(zone)} for zone in zones]
    return _frame(rows, {"timezone": pl.String, "change_mask": pl.String})


@cache
def change_mask(zone: str) -> str:
    """One character a local day, from FIRST_INSTANT to LAST_INSTANT: `1` where a zone changes its offset from UTC.

    The days beside each are listed too, since a change at midnight touches both. Weeks are compared first.
    """
    info, week, found = ZoneInfo(zone), timedelta(days=7), set[date]()
    start = FIRST_INSTANT.replace(tzinfo=info)
    while start.replace(tzinfo=UTC) < LAST_INSTANT:
        if start.utcoffset() != (start + week).utcoffset():
            days = [start + timedelta(days=n) for n in range(8)]
            for day, following in pairwise(days):
                if day.utcoffset() != following.utcoffset():
                    found |= {(day + timedelta(days=n)).date() for n in (-1, 0, 1)}
        start += week
    mask = bytearray(b"0" * (LAST_INSTANT - FIRST_INSTANT).days)
    for marked in found:
        place = (marked - FIRST_INSTANT.date()).days
        if 0 <= place < len(mask):
            mask[place] = ord("1")
    return mask.decode()


def _feed_codes(feeds: list[Feed], kind: str, canonical: list[str]) -> pl.DataFrame:
    """What each feed calls an event type or a status; the canonical words always hold."""
    rows = []
    for feed in feeds:
        own = feed.event_types if kind == "event_type" else feed.statuses
        for code, meaning in ({word: word for word in canonical} | own).items():
            if meaning not in canonical:
                what = f"feed {feed.name}: {kind}s maps '{code}' to '{meaning}'"
                known = f"there are {', '.join(canonical)}"
                reason = f"{what}, which is not a known {kind.replace('_', ' ')}; {known}"
                raise UnusableInput(reason, file="dockledger.yaml")
            rows.append({"feed": feed.name, "code": code, kind: meaning})
    return _frame(rows, {"feed": pl.String, "code": pl.String, kind: pl.String})


def _build_items(engine: DuckDBEngine, workspace: Workspace) -> None:
    given = workspace.reference
    for name, path in (
        ("item", given.items),
        ("item_alias", given.item_aliases),
        ("uom_conversion", given.uom_conversions),
        ("supplier", given.suppliers),
        ("opening_stock", given.opening_stock),
        ("exchange_rate", given.exchange_rates),
    ):
        contract = CONTRACTS[name]
        empty = pl.DataFrame(schema={c: POLARS_TYPE[contract.kind(c)] for c in contract.columns})
        engine.frame(f"reference.{name}", read_reference(name, workspace.root / path, path) if path else empty)
    engine.table(
        "reference.item_code",
        """WITH gtin AS (SELECT unnest(gtin_spellings(gtin)) AS code, * FROM reference.item WHERE gtin IS NOT NULL)
        SELECT item_id AS code, item_id, base_uom, coalesce(lot_tracked, FALSE) AS lot_tracked
        FROM reference.item UNION ALL
        SELECT code, min(item_id), min(base_uom), bool_or(coalesce(lot_tracked, FALSE)) FROM gtin
        WHERE code NOT IN (SELECT item_id FROM reference.item)
        GROUP BY code HAVING count(DISTINCT item_id) = 1""",
    )


def _feeds(workspace: Workspace) -> pl.DataFrame:
    rows = [
        {"feed": f.name, "adapter": f.adapter, "expected_interval_s": f.expected_interval_seconds}
        for f in workspace.feeds
    ]
    return _frame(rows, {"feed": pl.String, "adapter": pl.String, "expected_interval_s": pl.Int64})


def build_evaluation(engine: DuckDBEngine, workspace: Workspace) -> None:
    """`reference.evaluation(as_of)`: the workspace's instant, else the newest that accepted rows state."""
    if workspace.as_of is not None:
        as_of = f"CAST({literal(workspace.as_of.isoformat())} AS TIMESTAMPTZ)"
    else:
        as_of = "(SELECT max(newest_at) FROM landing.file)"
    engine.table("reference.evaluation", f"SELECT {as_of} AS as_of")


def evaluation_literal(engine: DuckDBEngine) -> str:
    """The evaluation instant as an SQL literal; NULL where no feed states any instant."""
    text = engine.value("SELECT CAST(as_of AS VARCHAR) FROM reference.evaluation")
    return f"CAST({literal(text)} AS TIMESTAMPTZ)"
