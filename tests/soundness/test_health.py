"""Feed health and integration health equal what plain Python makes of the same files."""

import csv
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.building import build_tables
from tests.soundness.support import ask

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)
FACILITIES = {"NDC": 3600, "3PL1": None}  # their interval in seconds
FEEDS = {"wms": 1800, "messages": None}
FAILED = {"failed", "timeout"}
KNOWN = {*FAILED, "delivered", "queued"}
Row = dict[str, str]


def stamp(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def some_messages(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(400):
        sent = AS_OF - timedelta(seconds=draw.randrange(-600, 200_000))
        rows.append(
            {
                "message_id": f"M{draw.randrange(380)}-{number % 400}",
                "interface": draw.choice(["edi", "api", ""]),
                "facility_id": draw.choice(["NDC", "3PL1", ""]),
                "sent_at": stamp(sent),
                "attempts": draw.choice(["", "0", "1", "1", "2", "5"]),
                "status": draw.choice(["", "Failed", "timeout", "delivered", "queued", "parked"]),
                "response_ms": draw.choice(["", str(draw.randrange(5000)), f"{draw.random() * 900:.3f}"]),
                "queue_wait_ms": draw.choice(["", str(draw.randrange(90_000))]),
                "sequence_no": draw.choice(["", *[str(draw.randrange(60)) for _ in range(6)]]),
                "ingested_at": draw.choice(["", stamp(sent + timedelta(seconds=draw.randrange(9000)))]),
            }
        )
    return rows


def some_events(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(300):
        happened = AS_OF - timedelta(seconds=draw.randrange(-5000, 400_000))
        rows.append(
            {
                "event_id": f"E{number}",
                "event_type": draw.choice(["pick_confirmed", "pick_confirmed", "no such type"]),
                "event_time": stamp(happened),
                "facility_id": draw.choice(list(FACILITIES)),
                "recorded_at": draw.choice(["", stamp(happened + timedelta(seconds=draw.randrange(9000)))]),
                "ingested_at": "",
            }
        )
    return rows


def write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def at(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def is_visible(row: Row, clock: str) -> bool:
    ingested = at(row["ingested_at"])
    return datetime.fromisoformat(row[clock]) <= AS_OF and (ingested is None or ingested <= AS_OF)


def sequence_errors(rows: list[Row]) -> tuple[int, int, int] | None:
    """(repeats, out of order, gaps) by walking through the messages."""
    numbered = [r for r in rows if r["sequence_no"]]
    numbered.sort(key=lambda r: (at(r["sent_at"]), int(r["sequence_no"]), r["message_id"]))
    seen: set[int] = set()
    repeats = disorders = 0
    for number in (int(r["sequence_no"]) for r in numbered):
        repeats += number in seen
        disorders += number not in seen and bool(seen) and number < max(seen)
        seen.add(number)
    ordered = sorted(seen)
    gaps = sum(following - number > 1 for number, following in pairwise(ordered))
    return (repeats, disorders, gaps) if numbered else None


def p95(values: list[str]) -> float | None:
    stated = [float(v) for v in values if v]
    return float(np.percentile(stated, 95, method="linear")) if stated else None


def integration(rows: list[Row]) -> dict[tuple, tuple]:
    groups = defaultdict(list)
    for row in rows:
        if is_visible(row, "sent_at"):
            groups[row["interface"] or None, row["facility_id"] or None].append(row)
    found = {}
    for key, own in groups.items():
        attempts = [int(r["attempts"]) for r in own if r["attempts"]]
        statuses = [r["status"].lower() for r in own if r["status"].lower() in KNOWN]
        errors = sequence_errors(own)
        found[key] = (
            len(own),
            sum(a > 1 for a in attempts) / len(attempts) if attempts else None,
            sum(s in FAILED for s in statuses) / len(statuses) if statuses else None,
            p95([r["response_ms"] for r in own]),
            p95([r["queue_wait_ms"] for r in own]),
            *(errors or (None, None, None)),
        )
    return found


def health(rows: list[Row], clock: str, feed: str) -> dict[tuple, tuple]:
    known: dict[tuple, list[datetime]] = defaultdict(list)
    for row in rows:
        if is_visible(row, clock) and row.get("event_type") != "no such type":
            recorded, happened = at(row.get("recorded_at", "")), datetime.fromisoformat(row[clock])
            known[feed, row["facility_id"] or None].append(recorded if recorded and recorded <= AS_OF else happened)
    found: dict[tuple, tuple] = {}
    for (name, facility), moments in known.items():
        interval = FEEDS[name] or FACILITIES.get(str(facility))
        age = (AS_OF - max(moments)).total_seconds()
        if interval is None:
            found[name, facility] = (max(moments), age, None, None, None)
            continue
        first, step = min(moments), timedelta(seconds=interval)
        places = {(m - first) // step for m in moments}
        status = next(
            s for s, most in (("ok", 1), ("late", 2), ("stale", 10), ("silent", 1e9)) if age <= most * interval
        )
        found[name, facility] = (max(moments), age, len(places), max(places) + 1, status)
    return found


@pytest.fixture(scope="module", params=[1, 2])
def feeds(request, tmp_path_factory):
    draw, root = random.Random(request.param), tmp_path_factory.mktemp("health")
    messages, events = some_messages(draw), some_events(draw)
    write(root / "feeds" / "messages" / "a.csv", messages)
    write(root / "feeds" / "wms" / "a.csv", events)
    (root / "dockledger.yaml").write_text(
        f"""as_of: {AS_OF.isoformat()}
facilities: [{{id: NDC, timezone: America/Chicago, interval_seconds: 3600}}, {{id: 3PL1, timezone: UTC}}]
feeds:
  - {{name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv", expected_interval_seconds: 1800}}
  - {{name: messages, adapter: canonical_csv, table: integration_message, path: "feeds/messages/*.csv"}}
"""
    )
    build_tables(root)
    return root, messages, events


def test_integration_health_equals_a_walk_through_the_messages(feeds):
    root, messages, _ = feeds
    rows = ask(root, """SELECT interface, facility_id, messages_count, retry_ratio, failure_ratio, response_p95_ms,
        queue_wait_p95_ms, sequence_repeat_count, sequence_disorder_count, sequence_gap_count
        FROM marts.integration_health""")  # fmt: skip
    expected = integration(messages)
    assert len(expected) == 9  # three interfaces at three facilities, none included
    assert {row[:2]: row[2:] for row in rows} == {k: pytest.approx(v, abs=0.001) for k, v in expected.items()}
    errors = ask(root, """SELECT count(*) FROM marts.integration_health
        WHERE sequence_error_count <> sequence_repeat_count + sequence_disorder_count + sequence_gap_count""")  # fmt: skip
    assert errors == [(0,)]


def test_feed_health_equals_a_walk_through_the_rows(feeds):
    root, messages, events = feeds
    rows = ask(root, """SELECT feed, facility_id, watermark_at, age_s, covered_count, intervals_count, status
        FROM marts.feed_health""")  # fmt: skip
    expected = health(events, "event_time", "wms") | health(messages, "sent_at", "messages")
    assert len(expected) == 5
    assert {row[:2]: row[2:] for row in rows} == expected
