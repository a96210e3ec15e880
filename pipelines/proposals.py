"""Proposals for codes that nothing maps yet: the most frequent first, ready to be pasted, never applied.

A code is proposed to mean what the nearest known code means: the same but for case, punctuation and leading zeros, else
the most similar by difflib's ratio. Every row that is refused counts, also where its code is not the first problem.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import feed_tables, landing_table
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal

_MOST_CODES = 20
_MOST_COMPARED = 20_000  # known codes: to compare one with more takes seconds
_LEAST_RATIO = 0.6
_KINDS = {"event_type": "event_types", "status": "statuses"}


@dataclass(frozen=True)
class Proposal:
    """One code that nothing maps.

    Attributes:
        code: as delivered.
        facility_id: where, for item codes; '' for the others.
        rows_count: refused rows that bear it.
        meaning: what it may mean; None where no known code is near.
        near: the known code that it resembles.
    """

    code: str
    facility_id: str
    rows_count: int
    meaning: str | None
    near: str | None


def proposals(engine: DuckDBEngine, feed: Feed, kind: str) -> list[Proposal]:
    """The most frequent codes of a landed feed that are not known, each with its nearest known one.

    Args:
        kind: event_type, status, item or facility.
    """
    counted = _unmapped(engine, feed, kind)
    if not counted:
        return []
    known = _known(engine, feed, kind)
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))[:_MOST_CODES]
    return [
        Proposal(code, facility, count, *nearest(code, known)) for (facility, code), count in ordered
    ]  # fmt: skip


def _unmapped(engine: DuckDBEngine, feed: Feed, kind: str) -> Counter[tuple[str, str]]:
    """(facility, code) -> rows; the delivered text stands in `raw`, and its canonical column is empty."""
    counted: Counter[tuple[str, str]] = Counter()
    for table in feed_tables(feed):
        contract = CONTRACTS[table]
        kinds = (kind, "posting_type") if kind == "event_type" else (kind,)
        for column in (c for c in contract.columns if contract.refers(c) in kinds):
            place = "facility_id" if kind == "item" else "''"
            refused = f"""SELECT {place} AS place, json_extract_string(raw, '$.{column}') AS code
                FROM {landing_table(feed.name, table)} WHERE reason IS NOT NULL AND {column} IS NULL"""
            rows = engine.rows(f"""SELECT place, code, count(*) FROM ({refused})
                WHERE place IS NOT NULL AND code IS NOT NULL GROUP BY place, code""")
            counted.update({(place, code): count for place, code, count in rows})
    return counted


def _known(engine: DuckDBEngine, feed: Feed, kind: str) -> dict[str, str]:
    """Known code -> meaning; the feed's own words and the canonical ones before those of other feeds."""
    if kind == "item":
        return dict(engine.rows("SELECT code, item_id FROM reference.item_code ORDER BY code"))
    if kind == "facility":
        return dict(engine.rows("SELECT code, facility_id FROM reference.facility_code ORDER BY code"))
    own = f"feed = {literal(feed.name)}"
    return dict(engine.rows(f"SELECT code, {kind} FROM reference.{kind}_code ORDER BY {own}, code"))


def nearest(code: str, known: dict[str, str]) -> tuple[str | None, str | None]:
    """What a code may mean and the known code that it resembles; (None, None) where it resembles none.

    Known codes that look alike and mean different things are no help, and are left out.
    """
    by_look: dict[str, str | None] = {}
    for other, meaning in known.items():
        look = _look(other)
        other_meaning = known[before] if (before := by_look.get(look)) is not None else meaning
        by_look[look] = other if other_meaning == meaning and (look not in by_look or before) else None
    plain = {look: other for look, other in by_look.items() if look and other is not None}
    found = [_look(code)] if _look(code) in plain else []
    if not found and len(plain) <= _MOST_COMPARED:
        found = get_close_matches(_look(code), plain, n=1, cutoff=_LEAST_RATIO)
    return (known[plain[found[0]]], plain[found[0]]) if found else (None, None)


def _look(code: str) -> str:
    """A code without case, punctuation and leading zeros."""
    return re.sub(r"[\W_]+", "", code.casefold()).lstrip("0")


def proposal_lines(engine: DuckDBEngine, workspace: Workspace, feed: Feed) -> Iterator[str]:
    """What to paste so that the codes of a feed are known; nothing where all are."""
    by_kind = {kind: proposals(engine, feed, kind) for kind in (*_KINDS, "item", "facility")}
    if not any(by_kind.values()):
        return
    yield f"  proposals for feed {feed.name}, most frequent first; look at each, nothing is applied:"
    for kind, key in _KINDS.items():
        yield from _yaml_lines(key, by_kind[kind])
    yield from _facility_lines(by_kind["facility"])
    yield from _alias_lines(by_kind["item"], workspace.reference.item_aliases)


def _yaml_lines(key: str, found: list[Proposal]) -> Iterator[str]:
    """A mapping below the feed in dockledger.yaml; what has no proposal is a comment."""
    if found:
        yield f"    {'' if any(p.meaning for p in found) else '# '}{key}:"
    for p in found:
        if p.meaning:
            yield f"      {_quoted(p.code)}: {p.meaning}  # proposal: near {_quoted(str(p.near))}; {_rows(p)}"
        else:
            yield f"      # {_quoted(p.code)}:  # nothing near; {_rows(p)}"


def _facility_lines(found: list[Proposal]) -> Iterator[str]:
    for p in found:
        if p.meaning:
            yield f"    # facilities: add {_quoted(p.code)} to codes of {p.meaning}?  # proposal; {_rows(p)}"
        else:
            yield f"    # facilities: {_quoted(p.code)} is no code of any; {_rows(p)}"


def _alias_lines(found: list[Proposal], path: str | None) -> Iterator[str]:
    """Lines of the CSV of item aliases; the comments stand before them, since CSV has none."""
    for p in found:
        near = f"proposal: near {_quoted(str(p.near))}" if p.meaning else "nothing near"
        yield f"    # item {_quoted(p.code)} at {p.facility_id}: {near}; {_rows(p)}"
    if any(p.meaning for p in found):
        yield f"    # lines for {path or 'a new file, named by reference: item_aliases'}"
        yield from _csv((p.facility_id, p.code, str(p.meaning)) for p in found if p.meaning)


def _csv(rows: Iterable[tuple[str, ...]]) -> list[str]:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("facility_id", "local_code", "item_id"), *rows])
    return out.getvalue().splitlines()


def _quoted(code: str) -> str:
    """A code as YAML reads it, whatever it holds: a JSON string."""
    return json.dumps(code, ensure_ascii=False)


def _rows(proposal: Proposal) -> str:
    return f"{proposal.rows_count} {'row' if proposal.rows_count == 1 else 'rows'}"
