"""`dockledger quarantine`: what the published build could not use. Imports nothing heavy."""

from pathlib import Path
from typing import Any

from pipelines.errors import UnusableInput
from pipelines.read import as_text, open_published

_COLUMNS = ("feed", "file", "row_number", "reason", "detail", "raw")


def listing(
    workspace: Path,
    *,
    feed: str | None = None,
    reason: str | None = None,
    shape: str = "table",
    limit: int | None = None,
) -> tuple[str, str]:
    """The quarantined rows in order of feed, file and row, and how many there are by reason.

    Args:
        feed: only rows of this feed.
        reason: only rows with this reason.
        shape: table, csv or json.
        limit: at most so many rows are listed; all are counted.

    Errors: UnusableInput when nothing is published, or for a feed or a reason that there is not.
    """
    con = open_published(workspace)
    try:
        _refuse_unknown(con, feed, reason)
        chosen = "FROM marts.quarantine WHERE feed = coalesce(?, feed) AND reason = coalesce(?, reason)"
        counts = con.execute(
            f"SELECT reason, count(*) AS n {chosen} GROUP BY reason ORDER BY n DESC, reason", [feed, reason]
        ).fetchall()
        rows = con.execute(
            f"SELECT {', '.join(_COLUMNS)} {chosen} ORDER BY feed, file, row_number, part LIMIT ?",
            [feed, reason, limit],
        ).fetchall()
    finally:
        con.close()
    return as_text(_COLUMNS, rows, shape), _summary(counts, len(rows))


def _summary(counts: list[tuple[Any, ...]], listed: int) -> str:
    total = sum(n for _, n in counts)
    if not total:
        return "nothing is quarantined"
    by_reason = ", ".join(f"{n} x {reason}" for reason, n in counts)
    shown = f", {listed} of them listed" if listed < total else ""
    return f"{total} {'row' if total == 1 else 'rows'} quarantined{shown}: {by_reason}"


def _refuse_unknown(con: Any, feed: str | None, reason: str | None) -> None:
    """Refuses a feed or reason that is misspelt; one of which nothing is quarantined is fine."""
    if feed is not None:
        known = [name for (name,) in con.execute("SELECT DISTINCT feed FROM marts.feed_health ORDER BY 1").fetchall()]
        if feed not in known:
            raise UnusableInput(f"there is no feed '{feed}' in what is published; there are {', '.join(known)}")
    is_present = con.execute("SELECT count(*) FROM marts.quarantine WHERE reason = ?", [reason]).fetchone()[0]
    if reason is not None and not is_present and reason not in (reasons := all_reasons()):
        raise UnusableInput(f"there is no reason '{reason}'; there are {', '.join(reasons)}")


def all_reasons() -> list[str]:
    """The closed list of reasons for which a row is quarantined."""
    from transforms.contracts import sqlgen  # loads the contracts: a second that only a misspelt reason costs

    own = (sqlgen.SCHEMA_VIOLATION, sqlgen.NAIVE_TIME, sqlgen.IMPOSSIBLE_TIME, sqlgen.NON_NUMERIC, sqlgen.MISSING_LOT)
    return sorted([*own, sqlgen.DROPPED, *sqlgen.UNKNOWN.values()])
