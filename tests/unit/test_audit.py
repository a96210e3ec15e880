"""The audit of a model: bounds and grain of all rows of a table, and of a part of a large view."""

import pytest

from pipelines import audit
from pipelines.engines.duckdb import DuckDBEngine
from transforms.spec import Model, models

OBJECT_STEP = models()["process.object_step"]


def outcome(engine: DuckDBEngine, model: Model) -> dict[str, tuple[bool, str]]:
    return {finding.name: (finding.passed, finding.detail) for finding in audit.audit_model(engine, model)}


@pytest.fixture
def steps(engine: DuckDBEngine) -> DuckDBEngine:
    """Ten events of one item each; the view's rows are `given`."""
    engine.con.execute(
        "CREATE TABLE canonical.inventory_event AS SELECT n FROM range(10) r(n);"
        "CREATE TABLE given AS SELECT n AS event_no, 'item' AS object_type, n AS object_no, 'picked' AS activity,"
        " TIMESTAMPTZ '2026-02-02' AS event_time FROM range(10) r(n);"
        "CREATE VIEW process.object_step AS FROM given"
    )
    return engine


def test_a_view_that_keeps_its_header(steps: DuckDBEngine) -> None:
    assert outcome(steps, OBJECT_STEP)["grain"] == (True, "one row per (event_no, object_type, object_no)")


def test_values_are_compared_themselves_where_hashes_meet(steps: DuckDBEngine) -> None:
    steps.con.execute(
        "INSERT INTO given FROM given WHERE event_no IN (3, 4); INSERT INTO given FROM given WHERE event_no = 3"
    )
    found = outcome(steps, OBJECT_STEP)
    assert found["grain"] == (False, "2 values of (event_no, object_type, object_no) are repeated")
    assert found["bounds"] == (True, "every value is within its bounds")


def test_of_a_large_view_whole_keys_are_seen(steps: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten events in two parts: each event is either seen with all of its rows, or not at all."""
    seen = {n for (n,) in steps.rows("SELECT event_no FROM given WHERE hash(event_no) % 2 = 0")}
    assert 0 < len(seen) < 10
    steps.con.execute("INSERT INTO given FROM given; UPDATE given SET activity = NULL")
    monkeypatch.setattr(audit, "VIEW_EVENTS", 5)
    found = outcome(steps, OBJECT_STEP)
    part = "(in one of 2 parts)"
    assert found["grain"] == (False, f"{len(seen)} values of (event_no, object_type, object_no) are repeated {part}")
    assert found["bounds"] == (False, f"activity is missing: {2 * len(seen)} {part}")
