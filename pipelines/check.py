"""`dockledger check`: lands every feed in a throw-away database and reports; the workspace is not touched.

Of a database it reads some rows that a build would extract, and lands them beside what was extracted before.
"""

import tempfile
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pipelines.correcting import judge_corrections
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.extraction import extract_feed
from pipelines.feed_files import feed_files
from pipelines.feeds.csv_encoding import is_utf8
from pipelines.feeds.csv_text import read_header
from pipelines.identifiers import gtin_lines
from pipelines.landing import feed_tables, land_feed, landing_table
from pipelines.newest import far_ahead
from pipelines.proposals import proposal_lines
from pipelines.read import open_published
from pipelines.reference import build_evaluation, build_reference
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal
from transforms.spec import models

_MOST_VALUES = 10
_MOST_EXTRACTED = 10_000  # rows of a database


def report(workspace: Workspace) -> Iterator[str]:
    """Lines about every feed: files, rows, refused rows by reason, and proposals for codes that are not known.

    Errors: UnusableInput for a file that cannot be read or a wrong setting.
    """
    with tempfile.TemporaryDirectory(prefix="dockledger-check-") as folder:
        engine = DuckDBEngine(Path(folder) / "check.duckdb", workspace.engine)
        try:
            build_reference(engine, workspace)
            if workspace.reference.items:
                yield from gtin_lines(engine, workspace.reference.items)
            for feed in workspace.feeds:
                extracted = extract_feed(engine, workspace, feed, Path(folder) / feed.name, _MOST_EXTRACTED)
                landed = land_feed(engine, workspace, feed, more=[extracted.file] if extracted else [])
                yield f"{feed.name}: {landed.files} files, {landed.received} rows, {landed.refused} refused"
                if extracted:
                    of = f"{extracted.rows} of them are in the database only; a build extracts them"
                    yield f"  {of} (looked at: the first {_MOST_EXTRACTED:,})"
                elif not landed.files:
                    yield f"  no file matches {feed.path}"
                for table in feed_tables(feed):
                    yield from _refused(engine, landing_table(feed.name, table))
                    yield from _clock_changes(engine, landing_table(feed.name, table))
                yield from _malformed(engine, feed.name)
                yield from _not_read(workspace, feed)
                yield from proposal_lines(engine, workspace, feed)
            yield from _corrections(engine)
            build_evaluation(engine, workspace)
            if sentence := far_ahead(engine, workspace):
                yield sentence
        finally:
            engine.close()


def _corrections(engine: DuckDBEngine) -> Iterator[str]:
    """How many corrections did what, and which of them are not what they should be."""
    engine.materialise(models()["marts.corrections"])
    counted = engine.rows("SELECT state, count(*) FROM marts.corrections GROUP BY state ORDER BY state")
    if counted:
        yield "corrections: " + ", ".join(f"{count} {state}" for state, count in counted)
    for finding in judge_corrections(engine):
        if not finding.passed:
            yield f"  {finding.detail}"


def _refused(engine: DuckDBEngine, table: str) -> Iterator[str]:
    rows = engine.rows(f"""SELECT reason, detail, count(*) AS n, min(file),
        min_by(row_number, (file, row_number)) FROM {table}
        WHERE reason IS NOT NULL GROUP BY reason, detail ORDER BY n DESC, detail LIMIT {_MOST_VALUES}""")
    for reason, detail, count, file, row in rows:
        yield f"  {count} x {reason}: {detail} (first {file} row {row})"


def _clock_changes(engine: DuckDBEngine, table: str) -> Iterator[str]:
    """Accepted rows whose local time a clock change makes ambiguous or leaves out."""
    for flags, count, file, row in engine.rows(f"""SELECT time_flags, count(*), min(file),
            min_by(row_number, (file, row_number)) FROM {table}
            WHERE time_flags IS NOT NULL AND reason IS NULL GROUP BY time_flags ORDER BY time_flags"""):
        yield f"  {count} x local time at a clock change, resolved as `dst` says ({flags}; first {file} row {row})"


def _malformed(engine: DuckDBEngine, feed: str) -> Iterator[str]:
    rows = engine.rows(f"""SELECT count(*), min(file), min_by(row_number, (file, row_number)),
        min_by(detail, (file, row_number)) FROM landing.malformed WHERE feed = {literal(feed)} HAVING count(*) > 0""")
    for count, file, row, detail in rows:
        yield f"  {count} x schema violation: malformed row, first {file} row {row}: {detail}"


def _not_read(workspace: Workspace, feed: Feed) -> Iterator[str]:
    """Columns of canonical files that are no canonical ones, with those they may be meant for: they are left out."""
    if feed.adapter != "canonical_csv" or not is_utf8(feed.encoding):
        return
    known = CONTRACTS[str(feed.table)].columns
    first: dict[str, str] = {}
    for file in feed_files(workspace, feed):
        for name in read_header(file, feed.delimiter) or []:
            if name not in known:
                first.setdefault(name, file.name)
    for name, where in list(first.items())[:_MOST_VALUES]:
        near = get_close_matches(name, known, n=1)
        yield f"  column '{name}' is not read{f'; near it: {near[0]}' if near else ''} (first in {where})"


def quarantine_lines(root: Path) -> list[str]:
    """What the published build has quarantined, by feed and reason."""
    con = open_published(root)
    rows = con.execute("""SELECT feed, reason, count(*), min(file), min_by(row_number, (file, row_number)),
        min_by(detail, (file, row_number))
        FROM marts.quarantine GROUP BY feed, reason ORDER BY feed, reason""").fetchall()
    con.close()
    return [
        f"quarantined: {feed}: {n} x {reason}, for example {file} row {row}: {detail}"
        for feed, reason, n, file, row, detail in rows
    ]
