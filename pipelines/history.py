"""The trails of quarantined rows and of exceptions, which a build carries over from the published one.

`replay` tells what has changed of the first. They lie in the published file, which is replaced as a whole or not at
all, has one writer, and is there whatever becomes of the warehouse, which `build --full` makes anew.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.publish import current_file
from pipelines.read import open_published
from pipelines.workspace import Workspace
from transforms.contracts.sqlgen import literal
from transforms.spec import models

_SQL_TYPE = {"number": "BIGINT", "text": "VARCHAR", "id": "VARCHAR", "instant": "TIMESTAMPTZ"}
# The table of schema `reference` that holds a trail as it was before -> the mart that continues it.
_TRAILS = {"quarantine_before": "quarantine_history", "exception_before": "exception_history"}
_SAID = {
    "entered": "entered",
    "replaced": "replaced: another row stands in its place",
    "vanished": "vanished: its place holds no row any more",
    "still": "still quarantined",
    "new": "newly quarantined",
}


def carry_history(engine: DuckDBEngine, workspace: Workspace) -> None:
    """Makes `reference.quarantine_before` and `exception_before` of the published trails; empty where there is none."""
    for name, mart in _TRAILS.items():
        columns = models()[f"marts.{mart}"].header.columns
        empty = ", ".join(f"CAST(NULL AS {_SQL_TYPE[c.unit]}) AS {column}" for column, c in columns.items())
        engine.table(f"reference.{name}", f"SELECT {empty} WHERE FALSE")
    before = current_file(workspace.root)
    if before is None:
        return
    engine.con.execute(f"ATTACH {literal(before)} AS earlier (READ_ONLY)")
    try:
        known = {
            name
            for (name,) in engine.rows("""SELECT table_name FROM duckdb_tables()
            WHERE database_name = 'earlier' AND schema_name = 'marts'""")
        }
        for name, mart in _TRAILS.items():
            if mart in known:
                columns = models()[f"marts.{mart}"].header.columns
                trail = f"SELECT {', '.join(columns)} FROM earlier.marts.{mart}"
                engine.con.execute(f"INSERT INTO reference.{name} BY NAME {trail}")
    finally:
        engine.con.execute("DETACH earlier")


_FATES = """SELECT feed, outcome, reason, count(*) AS n
FROM (
    SELECT feed,
        CASE WHEN ended_run_id = $run THEN outcome WHEN first_run_id = $run THEN 'new' ELSE 'still' END AS outcome,
        CASE WHEN ended_run_id = $run THEN reason ELSE latest_reason END AS reason
    FROM marts.quarantine_history WHERE ended_run_id IS NULL OR ended_run_id = $run)
GROUP BY feed, outcome, reason
ORDER BY feed, list_position($order, outcome), n DESC, reason"""


_COUNTS = """SELECT sum(received_count), sum(accepted_count), sum(quarantined_count), sum(duplicate_count),
    sum(out_of_scope_count)
FROM marts.feed_reconciliation HAVING count(*) > 0"""


def account(root: Path, run_id: str) -> Iterator[str]:
    """What a published build made of the rows that were quarantined before it, a line a feed and outcome."""
    con = open_published(root)
    try:
        found = con.execute(_FATES, {"run": run_id, "order": list(_SAID)}).fetchall()
        counted = con.execute(_COUNTS).fetchall()
    finally:
        con.close()
    if not found:
        yield "nothing was quarantined, and nothing is"
    for (feed, outcome), group in groupby(found, key=lambda row: row[:2]):
        counts = [(reason, n) for _, _, reason, n in group]
        total = sum(n for _, n in counts)
        reasons = ", ".join(f"{n} x {reason}" for reason, n in counts)
        yield f"{feed}: {total} {'row' if total == 1 else 'rows'} {_SAID[outcome]} ({reasons})"
    for received, accepted, quarantined, duplicate, out_of_scope in counted:
        yield (
            f"every row once: {received} received = {accepted} accepted + {quarantined} quarantined "
            f"+ {duplicate} duplicates + {out_of_scope} out of scope"
        )
