"""Canonical rows and matching that are made anew only where rows were touched are what a full build makes of all of them."""

import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipelines.neighbourhood
from tests.building import opened_build, run_steps
from tests.property.support import Row, deliver, stamp, write_settings
from tests.property.test_matching import START, documents
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


AS_OF = stamp(100_000)
ROUNDS = 5


def rows_of(seed: int) -> dict[str, list[Row]]:
    """Random documents as rows of feeds; a place within an event's document orders its events."""
    events, postings = documents(seed)
    text = lambda value: "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)  # noqa: E731
    made: dict[str, list[Row]] = {"inventory_event": [], "erp_posting": []}
    for event in events:
        fields = {k: text(getattr(event, k)) for k in ("event_id", "event_type", "event_time", "facility_id")}
        fields |= {k: text(getattr(event, k)) for k in ("document_id", "document_line", "item_id", "quantity")}
        made["inventory_event"].append(fields | {"ingested_at": ""})
    made["erp_posting"] = [
        {k: text(v) for k, v in posting._asdict().items() if k != "taken_from"} for posting in postings
    ]
    return made


def changed(draw: random.Random, row: Row) -> Row:
    """The row as another delivery may state it: in another document, at another time, with another quantity."""
    clock = "event_time" if "event_time" in row else "posted_at"
    changes = [
        {"document_id": f"D{draw.randrange(60)}"},
        {"document_id": f"D{draw.randrange(60)}"},
        {"quantity": str(draw.randint(1, 6))},
        {clock: START.replace(minute=draw.randrange(30)).isoformat()},
        {"event_id": f"E{draw.randrange(60)}-0"} if "posting_id" in row else {},
        {},
    ]
    return row | draw.choice(changes)


def some_delivery(root: Path, draw: random.Random, rows: dict[str, list[Row]], number: int) -> None:
    table = draw.choice(list(rows))
    files = sorted((root / "feeds" / table).glob("0*.csv"))
    some = [changed(draw, row) if draw.random() < 0.6 else row for row in draw.sample(rows[table], 8)]
    if files and draw.random() < 0.3:
        draw.choice(files).unlink()
    elif files and draw.random() < 0.3:
        deliver(root, table, draw.choice(files).name, some)
    else:
        deliver(root, table, f"{number:04}.csv", some)


def built(root: Path, *, is_full: bool) -> tuple[dict[str, Counter[tuple[Any, ...]]], bool]:
    """All canonical and matching tables as multisets, lineage too; whether neighbourhoods alone were matched anew."""
    parts = ("reference", "landing", "canonical", "matching")
    with opened_build(root, is_full=is_full) as build:
        run_steps(build, keep=lambda step: step.group in parts)
        made = {}
        for schema, name in build.engine.rows(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('canonical', 'matching') "
            "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE schema_name IN ('canonical', 'matching')"
        ):
            if name not in ("scope", "progress"):
                rows = f"SELECT * REPLACE (0 AS landed_row) FROM {schema}.{name}"
                has_row = build.engine.value(
                    f"SELECT count(*) FROM (DESCRIBE {schema}.{name}) WHERE column_name = 'landed_row'"
                )
                made[f"{schema}.{name}"] = Counter(build.engine.rows(rows if has_row else f"FROM {schema}.{name}"))
        return made, not build.increment.is_whole


@settings(max_examples=examples(10), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_small_deliveries_change_the_tables_as_a_full_build_would(seed: int) -> None:
    draw, rows = random.Random(seed), rows_of(seed)
    was_partial = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines.neighbourhood, "_LARGEST_RATIO", 1.1)
        root, afresh = Path(folder) / "ws", Path(folder) / "afresh"
        write_settings(root, list(rows), AS_OF)
        for table in rows:
            deliver(root, table, "base.csv", [row for row in rows[table] if draw.random() < 0.6])
        built(root, is_full=True)
        for number in range(ROUNDS):
            for nth in range(draw.randint(0, 3)):
                some_delivery(root, draw, rows, 10 * number + nth)
            if draw.random() < 0.4:
                write_settings(root, list(rows), START.replace(minute=draw.randrange(30)).isoformat())
            step_by_step, is_partial = built(root, is_full=False)
            was_partial.append(is_partial)
        shutil.copytree(root, afresh, ignore=shutil.ignore_patterns("warehouse*", "published"))
        at_once, _ = built(afresh, is_full=True)
    assert any(was_partial)
    assert step_by_step.keys() == at_once.keys()
    for name, made in at_once.items():
        assert step_by_step[name] == made, name
