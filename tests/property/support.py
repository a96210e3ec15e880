"""A small workspace whose deliveries can be told in many ways, and what it publishes."""

import csv
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.building import opened_build, run_steps

START = datetime.fromisoformat("2026-01-05T08:00:00+00:00")
Row = dict[str, str]
Tables = dict[str, Counter[tuple[Any, ...]]]
# What a repeated delivery does change, by definition, and the rows' own places.
DELIVERY_TABLES = {
    "exception_history",
    "feed_quality",
    "feed_reconciliation",
    "quarantine",
    "quarantine_history",
    "run_info",
}
# What tells of builds, and so differs between histories of builds.
RUN_TABLES = {"quarantine_history", "exception_history", "run_info"}
LINEAGE = {"file", "row_number", "evidence"}
# A repeated delivery is an exception of its own, and so is in every figure that counts exceptions.
COUNTS_OF_EXCEPTIONS = {
    "open_exceptions_count",
    "breached_exceptions_count",
    "exception_resolution",
    "business_resolution",
}
TABLES_OF_EXCEPTIONS = {"process_or_integration"}


def stamp(minutes: int, shift: timedelta = timedelta()) -> str:
    """An instant some minutes after the start."""
    return (START + shift + timedelta(minutes=minutes)).isoformat()


def tables(shift: timedelta = timedelta()) -> dict[str, list[Row]]:
    """Events, postings and counts of two sites over three days: posted, late, unposted, orphaned, by key and by id."""
    draw = random.Random(4)
    events = [_event(number, 60 * number + draw.randrange(50), shift) for number in range(60)]
    posted = [e for n, e in enumerate(events) if n % 6 != 5 and e["event_type"] != "receipt_created"]
    postings = [_posting(n, event, draw.choice([-5, 2, 30, 90])) for n, event in enumerate(posted)]
    postings.append(
        postings[0] | {"posting_id": "P-orphan", "event_id": "", "document_id": "MANUAL", "document_line": ""}
    )
    events += [_transfer(n, kind, at, shift) for n in range(6) for kind, at in _steps(n)]
    counts = [_count(n, shift) for n in range(8)]
    return {"inventory_event": events, "erp_posting": postings, "count_record": counts}


KINDS = ["receipt_created", "receipt_confirmed", "putaway_completed", "pick_confirmed", "shipment_confirmed"]


def _event(number: int, minute: int, shift: timedelta) -> Row:
    row = {"event_id": f"E{number}", "event_type": KINDS[number % 5], "event_time": stamp(minute, shift)}
    row |= {"facility_id": ["NDC", "3PL1"][number // 5 % 2], "item_id": f"I{number % 7}", "quantity": "5"}
    row |= {"recorded_at": stamp(minute + 1, shift), "sequence_no": str(number)}
    return row | {"document_id": f"D{number // 5}", "document_line": "1", "partner_facility_id": ""}


def _posting(number: int, event: Row, delay_minutes: int) -> Row:
    posted_at = datetime.fromisoformat(event["event_time"]) + timedelta(minutes=delay_minutes)
    row = {"posting_id": f"P{number}", "posted_at": posted_at.isoformat(), "facility_id": event["facility_id"]}
    row |= {"item_id": event["item_id"], "quantity": "-5" if event["event_type"] == "shipment_confirmed" else "5"}
    by_id = number % 3 != 0
    row |= {"event_id": event["event_id"] if by_id else "", "posting_type": event["event_type"]}
    return row | {"document_id": "" if by_id else event["document_id"], "document_line": "" if by_id else "1"}


def _count(number: int, shift: timedelta) -> Row:
    row = {"count_id": f"C{number}", "facility_id": ["NDC", "3PL1"][number % 2], "item_id": f"I{number % 7}"}
    row |= {"counted_at": stamp(500 * number, shift), "counted_quantity": str(100 - number)}
    return row | {"book_quantity": "100" if number else "0"}


def _steps(number: int) -> list[tuple[str, int]]:
    steps = [("transfer_requested", 10), ("transfer_approved", 60), ("transfer_shipped", 120)]
    return steps if number == 0 else [*steps, ("transfer_received", 120 + 900 * number)]


def _transfer(number: int, kind: str, minute: int, shift: timedelta) -> Row:
    site, partner = ("3PL1", "NDC") if kind == "transfer_received" else ("NDC", "3PL1")
    row = {
        "event_id": f"T{number}-{kind}",
        "event_type": kind,
        "event_time": stamp(minute + number, shift),
        "facility_id": site,
    }
    row |= {
        "item_id": "I1",
        "quantity": "3",
        "recorded_at": stamp(minute + number + 1, shift),
        "sequence_no": str(1000 + minute),
    }
    return row | {"document_id": f"TR{number}", "document_line": "1", "partner_facility_id": partner}


def published(root: Path, deliveries: dict[str, list[list[Row]]], as_of: str) -> Tables:
    """Builds a workspace of the given files (lists of rows by table) and returns its marts as multisets of rows."""
    write_settings(root, list(deliveries), as_of)
    for table, files in deliveries.items():
        for number, rows in enumerate(files):
            deliver(root, table, f"{number:03}.csv", rows)
    return {name: rows for name, rows in built(root).items() if name not in DELIVERY_TABLES}


def write_settings(root: Path, feeds: list[str], as_of: str) -> None:
    """Makes a workspace with one canonical feed a table."""
    for table in feeds:
        (root / "feeds" / table).mkdir(parents=True, exist_ok=True)
    lines = [f"  - {{name: {t}, adapter: canonical_csv, table: {t}, path: 'feeds/{t}/*.csv'}}\n" for t in feeds]
    (root / "dockledger.yaml").write_text(
        f"as_of: {as_of}\n"
        "facilities: [{id: NDC, timezone: America/Chicago}, {id: 3PL1, timezone: UTC}]\n"
        f"feeds:\n{''.join(lines)}"
    )


def deliver(root: Path, table: str, name: str, rows: list[Row]) -> None:
    """Writes one file of a feed; a file of this name is replaced."""
    with (root / "feeds" / table / name).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]) if rows else ["event_id"])
        writer.writeheader()
        writer.writerows(rows)


def built(root: Path, *, hidden: set[str] = LINEAGE, is_full: bool = False) -> Tables:
    """Builds a workspace and returns all its marts as multisets of rows, without the columns that are hidden."""
    with opened_build(root, is_full=is_full) as build:
        run_steps(build)
        con = build.engine.con
        return {name: _rows(con, name, hidden) for name in _marts(con)}


def _marts(con: Any) -> list[str]:
    return [r[0] for r in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()]


def _rows(con: Any, name: str, hidden: set[str]) -> Counter[tuple[Any, ...]]:
    columns = [r[0] for r in con.execute(f"DESCRIBE marts.{name}").fetchall() if r[0] not in hidden]
    return Counter(con.execute(f"SELECT {', '.join(columns)} FROM marts.{name}").fetchall())


def assert_same(got: Tables, expected: Tables, *, repeated: bool) -> None:
    """That two workspaces publish the same; where rows were repeated, apart from what counts duplicate deliveries."""
    assert got.keys() == expected.keys()
    for name, rows in expected.items():
        if not repeated:
            assert got[name] == rows, name
        elif name not in TABLES_OF_EXCEPTIONS:
            assert _without_duplicates(got[name]) == _without_duplicates(rows), name


def _without_duplicates(rows: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Rows apart from those of the duplicate_event rule and the figures that count exceptions."""
    words = {"duplicate_event", *COUNTS_OF_EXCEPTIONS}
    return Counter({row: n for row, n in rows.items() if not words & {v for v in row if isinstance(v, str)}})
