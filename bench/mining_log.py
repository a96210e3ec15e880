"""A made-up log of receipts with tens of thousands of variants, and the model that it half follows. Written by SQL."""

from pathlib import Path

import duckdb

from mining.diagram import Tree, draw
from mining.export import bpmn_xml

PATTERNS = 60_000
# Mean number of events of a case.
EVENTS_A_CASE = 11.3
ACTIVITIES = (
    "order_placed", "receipt_announced", "dock_assigned", "yard_called", "yard_left", "labels_printed", "goods_counted",
    "goods_checked", "samples_taken", "putaway_started", "putaway_moved", "receipt_closed",
)  # fmt: skip
# A pattern is a way through the model, with events that are left out, doubled or displaced. Half of the cases follow a
# quarter of the patterns.
LOG = """
CREATE TEMP MACRO chance(a, b, c) AS (hash(hash(a, b), c) % 1000000) / 1e6;
CREATE TEMP TABLE way AS
WITH p AS (
    SELECT CAST(range AS INTEGER) AS pattern, 5 + 3 * chance(range, 'counted', 0) AS counted FROM range({patterns})
), planned AS (
    SELECT pattern, 'order_placed' AS activity, 1.0 AS place FROM p
    UNION ALL SELECT pattern, 'receipt_announced', 2 FROM p
    UNION ALL SELECT pattern, 'dock_assigned', 3 FROM p WHERE pattern % 2 = 0
    UNION ALL SELECT pattern, 'yard_called', 3 FROM p WHERE pattern % 2 = 1
    UNION ALL SELECT pattern, 'yard_left', 4 FROM p WHERE pattern % 2 = 1
    UNION ALL SELECT pattern, 'labels_printed', 5 + 4 * chance(pattern, 'labels', 0) FROM p
    UNION ALL SELECT pattern, 'goods_counted', counted FROM p
    UNION ALL SELECT pattern, 'goods_checked', counted + 0.1 + chance(pattern, 'checked', 0) FROM p
    UNION ALL SELECT pattern, 'samples_taken', 5 + 4 * chance(pattern, 'samples', 0) FROM p
    UNION ALL SELECT pattern, 'putaway_started', 10 + 2 * turn FROM p JOIN range(3) t(turn) ON turn <= pattern % 3
    UNION ALL SELECT pattern, 'putaway_moved', 9 + 2 * turn FROM p JOIN range(1, 3) t(turn) ON turn <= pattern % 3
    UNION ALL SELECT pattern, 'receipt_closed', 20 FROM p
), done AS (
    SELECT
        pattern, activity,
        place + CASE WHEN chance(pattern, activity, place + 1) < 0.04
            THEN 6 * chance(pattern, activity, place + 2) - 3 ELSE 0 END AS place
    FROM planned
    WHERE chance(pattern, activity, place + 3) >= 0.05
    UNION ALL
    SELECT pattern, activity, place + 3 * chance(pattern, activity, place + 4)
    FROM planned
    WHERE chance(pattern, activity, place + 5) < 0.03
)
SELECT pattern, activity, row_number() OVER (PARTITION BY pattern ORDER BY place, activity) AS event_order FROM done;
COPY (
    WITH cases AS (
        SELECT range AS n, CAST({patterns} * power(chance(range, 'case', 0), 2) AS INTEGER) AS pattern
        FROM range({cases})
    )
    SELECT
        'E' || c.n || '-' || w.event_order AS event_id, w.activity AS event_type,
        TIMESTAMPTZ '2026-01-05 08:00:00Z' + to_seconds(
            c.n * 31536000 // {cases} + w.event_order * 600 + CAST(500 * chance(c.n, w.event_order, 1) AS BIGINT)
        ) AS event_time,
        'F' || lpad(CAST(hash(c.n) % 12 AS VARCHAR), 2, '0') AS facility_id,
        'RC-' || lpad(CAST(c.n AS VARCHAR), 9, '0') AS document_id, w.event_order AS sequence_no
    FROM cases c
    JOIN way w ON w.pattern = c.pattern
    ORDER BY hash(c.n, w.event_order)
) TO '{path}' (FORMAT parquet)
"""


def make(path: Path, size: int) -> int:
    """Writes a log of about `size` events in random order; the number of its events."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(LOG.format(path=path, patterns=PATTERNS, cases=round(size / EVENTS_A_CASE)))
        [(events,)] = con.execute(f"SELECT count(*) FROM '{path}'").fetchall()
    return int(events)


def model() -> str:
    """The model that the patterns start from, as BPMN 2.0."""

    def part(operator: str, *children: Tree | str | None) -> Tree:
        return Tree(operator, None, tuple(c if isinstance(c, Tree) else Tree(activity=c) for c in children))

    tree = part(
        "sequence", "order_placed", "receipt_announced",
        part("exclusive", "dock_assigned", part("sequence", "yard_called", "yard_left")),
        part("parallel", "labels_printed", part("sequence", "goods_counted", "goods_checked"), "samples_taken"),
        part("loop", "putaway_started", "putaway_moved"), "receipt_closed",
    )  # fmt: skip
    return bpmn_xml(draw(tree), "receipts", "Receipts")
