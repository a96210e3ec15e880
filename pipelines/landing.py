"""Landing: every delivered row of a feed, typed, with its file and number, and with a reason where it is refused."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.accounts import account, keep_malformed, make_accounts, number_around_malformed, set_aside, totals
from pipelines.correcting import Corrected, correct
from pipelines.corrections import corrections_of
from pipelines.deliveries import Changes, find_changes, fingerprint, forget, remember, unchanging
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.feed_files import feed_files, refuse_harmful_archive
from pipelines.feeds.base import Adapter, FeedFile, Landing, Scan, adapters
from pipelines.feeds.csv_encoding import is_utf8, recoded
from pipelines.feeds.csv_records import is_untidy, tidy
from pipelines.feeds.csv_text import read_header
from pipelines.feeds.workbooks import is_workbook
from pipelines.increment import Increment
from pipelines.lookups import define_lookups
from pipelines.units import standard_of, unit_table
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.reading import ISO, Formats, Given
from transforms.contracts.sqlgen import landing_sql, literal

_SMALL_BYTES = 4_000_000
_PATIENCE = 3  # a feed is read again for so many malformed files one by one, then for all others at once
# Settings of a feed that some adapters read: by which flag of a spec, and an adapter that does.
_READ_BY = {
    ("formats",): ("reads_formats", "mapped_csv"),
    ("header", "rename", "values", "rows", "profile"): ("reads_shapes", "mapped_csv"),
    ("sheet", "header_row"): ("reads_sheets", "mapped_excel"),
    ("only",): ("reads_only", "mapped_parquet"),
    ("lifecycle",): ("reads_lifecycle", "xes"),
    ("database", "query", "watermark", "overlap"): ("reads_database", "sql_query"),
}


@dataclass(frozen=True)
class Landed:
    """What landing a feed came to.

    Attributes:
        files: number of files.
        received: rows in them.
        refused: rows with a reason, malformed rows included.
        changes: which of the files are new, changed or gone.
    """

    files: int
    received: int
    refused: int
    changes: Changes


def feed_tables(feed: Feed) -> tuple[str, ...]:
    """The canonical tables that a feed fills.

    Errors: UnusableInput for an unknown adapter or a table that it cannot fill.
    """
    adapter = adapter_of(feed)
    spec = adapter.spec
    if spec.yields_all:
        if feed.table:
            raise UnusableInput(
                f"feed {feed.name}: adapter {spec.name} fills {', '.join(spec.tables)} itself; leave `table` out"
            )
        return spec.tables
    if len(spec.tables) == 1 and feed.table in (None, spec.tables[0]):
        return spec.tables
    if feed.table not in spec.tables:
        given = f"not '{feed.table}'" if feed.table else "and it is missing"
        raise UnusableInput(f"feed {feed.name}: `table` must be one of {', '.join(spec.tables)}, {given}")
    return (str(feed.table),)


def adapter_of(feed: Feed) -> Adapter:
    """The adapter that a feed names.

    Errors: UnusableInput for an unknown one, or a setting that it does not know.
    """
    known = adapters()
    if feed.adapter not in known:
        raise UnusableInput(f"feed {feed.name}: there is no adapter '{feed.adapter}'; there are {', '.join(known)}")
    adapter = known[feed.adapter]
    for keys, (flag, reader) in _READ_BY.items():
        stated = [key for key in keys if getattr(feed, key) != Feed.model_fields[key].default]
        if stated and not getattr(adapter.spec, flag):
            raise UnusableInput(f"feed {feed.name}: adapter {feed.adapter} reads no `{stated[0]}`; {reader} does")
    if not is_utf8(feed.encoding) and not adapter.spec.is_csv:
        raise UnusableInput(f"feed {feed.name}: adapter {feed.adapter} reads no `encoding`; CSV adapters do")
    return adapter


def landing_table(feed: str, table: str) -> str:
    """The qualified name of the landing table of a feed for a canonical table."""
    return f"landing.{feed}__{table}"


def land_feed(
    engine: DuckDBEngine,
    workspace: Workspace,
    feed: Feed,
    increment: Increment | None = None,
    more: Sequence[FeedFile] = (),
) -> Landed:
    """Reads what is new or changed among a feed's files into its landing tables, and accounts for every row.

    Rows of changed and vanished files leave first. A build that dies on the way leaves files unknown, whose rows the
    next build throws away and reads again.

    Args:
        increment: is told which rows come and go.
        more: files beside those that the feed's pattern finds.

    Errors: UnusableInput for a file that cannot be read.
    """
    files, increment = [*feed_files(workspace, feed), *more], increment or Increment()
    tables = {table: landing_table(feed.name, table) for table in feed_tables(feed)}
    make_accounts(engine)
    made_with = increment.fingerprints.get(feed.name) or fingerprint(workspace, feed)
    changes = find_changes(engine, feed, files, made_with)
    if changes.is_none and _has_tables(engine, feed):
        return Landed(len(files), *totals(engine, feed), changes)
    if adapter_of(feed).spec.reads_files_together:
        changes = replace(changes, fresh=files, replaced=[file.name for file in files])
    forget(engine, feed, changes)
    for accounts in ("landing.file", "landing.malformed"):
        engine.con.execute(f"DELETE FROM {accounts} WHERE feed = {literal(feed.name)} AND {_unknown(feed)}")
    if increment.is_whole or changes.replaced or changes.vanished:
        _leave(engine, feed, tables, increment)
    for landed in tables.values():
        increment.note_last_row(engine, landed)
    if changes.fresh or not _has_tables(engine, feed):
        with unchanging(changes):
            _enter(engine, workspace, feed, changes.fresh, tables, increment)
    remember(engine, feed, changes)
    return Landed(len(files), *totals(engine, feed), changes)


def _leave(engine: DuckDBEngine, feed: Feed, tables: dict[str, str], increment: Increment) -> None:
    """Deletes the rows of files that are known no more."""
    for table, landed in tables.items():
        if engine.has_table(landed):
            increment.note_rows(engine, table, landed, _unknown(feed))
    _drop_unknown_rows(engine, feed)


def _enter(
    engine: DuckDBEngine,
    workspace: Workspace,
    feed: Feed,
    fresh: list[FeedFile],
    tables: dict[str, str],
    increment: Increment,
) -> None:
    """Lands the rows of files that are to be read."""
    for file in fresh:
        refuse_harmful_archive(file)
    with tempfile.TemporaryDirectory(prefix="dockledger-") as folder:
        landing = _read_tidily(engine, workspace, feed, fresh, Path(folder))
    keep_malformed(engine, feed, landing)
    number_around_malformed(engine, feed, tables, landing, is_csv=adapter_of(feed).spec.is_csv)
    account(engine, feed, tables, landing, increment.last_rows)
    for table, landed in tables.items():
        increment.note_rows(engine, table, landed, f"rowid > {increment.last_rows[landed]}")


def _has_tables(engine: DuckDBEngine, feed: Feed) -> bool:
    return all(engine.has_table(landing_table(feed.name, table)) for table in feed_tables(feed))


def forget_feeds(engine: DuckDBEngine, workspace: Workspace) -> None:
    """Drops what an earlier build landed of feeds that the workspace names no more."""
    feeds = ", ".join(literal(feed.name) for feed in workspace.feeds)
    for accounts in ("file", "malformed", "delivery", "fingerprint", "correction_hit"):
        engine.con.execute(f"DELETE FROM landing.{accounts} WHERE feed NOT IN ({feeds})")
    own = {landing_table(feed.name, table) for feed in workspace.feeds for table in feed_tables(feed)}
    landed = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'landing' AND contains(table_name, '__')"
    for table in (f"landing.{name}" for (name,) in engine.rows(landed)):
        if table not in own:
            engine.con.execute(f"DROP TABLE {table}")


def _unknown(feed: Feed) -> str:
    return f"file NOT IN (SELECT file FROM landing.delivery WHERE feed = {literal(feed.name)})"


def _drop_unknown_rows(engine: DuckDBEngine, feed: Feed) -> None:
    """Deletes the rows of all files but the known ones; where none is known, the tables go, to be made anew."""
    engine.con.execute(f"DELETE FROM landing.correction_hit WHERE feed = {literal(feed.name)} AND {_unknown(feed)}")
    is_any_known = engine.value(f"SELECT count(*) FROM landing.delivery WHERE feed = {literal(feed.name)}")
    for table in (landing_table(feed.name, table) for table in feed_tables(feed)):
        if engine.has_table(table):
            engine.con.execute(f"DELETE FROM {table} WHERE {_unknown(feed)}" if is_any_known else f"DROP TABLE {table}")


def _read_tidily(
    engine: DuckDBEngine, workspace: Workspace, feed: Feed, files: list[FeedFile], folder: Path
) -> Landing:
    """Reads the files as they are; where the engine meets a malformed row, again without that file's malformed rows.

    Args:
        folder: an empty one, for copies without malformed rows.
    """
    is_csv = adapter_of(feed).spec.is_csv
    if is_utf8(feed.encoding):
        files = list(files)
    else:
        files = [
            file if is_workbook(file.path) else recoded(file, feed.encoding, folder / f"{n}.utf8.csv")
            for n, file in enumerate(files)
        ]
    texts = [f for f in files if is_csv and not is_workbook(f.path)]
    untidy = {f.name for f in texts if read_header(f, feed.delimiter) and is_untidy(f.path, feed.delimiter)}
    tidied: set[str] = set()
    attempt = 0
    while True:
        for n, file in enumerate(files):
            if file.name in untidy:
                malformed = tidy(file.path, feed.delimiter, folder / f"{n}.csv", width=len(feed.header))
                set_aside(engine, feed, file, malformed)
                files[n] = FeedFile(folder / f"{n}.csv", file.name)
        tidied |= untidy
        attempt += 1
        try:
            return _read(engine, workspace, feed, files)
        except duckdb.InvalidInputException as error:
            waiting = [f for f in files if f.name not in tidied and not is_workbook(f.path)]
            named = {f.name for f in waiting if f"file = {f.path}\n" in str(error)}
            untidy = named if named and attempt <= _PATIENCE else {f.name for f in waiting}
            if not is_csv or not untidy:
                raise _unreadable(error, files) from None
            _drop_unknown_rows(engine, feed)  # of this attempt


def _read(engine: DuckDBEngine, workspace: Workspace, feed: Feed, files: list[FeedFile]) -> Landing:
    """Lands all rows of the files that the engine finds well-formed."""
    define_lookups(engine, workspace, feed, adapter_of(feed).spec, files)
    try:
        engine.keep_order(True)
        landing, corrections = adapter_of(feed).land(engine.con, feed, files), corrections_of(workspace, feed)
        for table in feed_tables(feed):
            scans = [scan for scan in landing.scans if scan.table == table] or [_no_rows(table)]
            for number, scan in enumerate(scans):
                is_first = number == 0 and not engine.has_table(landing_table(feed.name, table))
                gathered = _gathered(engine, feed, scan, files)
                _land_rows(engine, workspace, feed, correct(engine, feed, scan, gathered, corrections), is_first)
    except duckdb.InvalidInputException:
        raise
    except duckdb.Error as error:
        raise _unreadable(error, files) from None
    return landing


def _given(workspace: Workspace, feed: Feed, corrected: Corrected) -> Given:
    scan, zone = corrected.scan, feed.system_timezone
    reference = workspace.reference
    spec = adapter_of(feed).spec
    return Given(
        feed=feed.name,
        columns=scan.columns,
        types=scan.types,
        facility=feed.facility,
        zone="facility_zone" if zone == "facility" else literal(zone) if zone else None,
        change_mask="facility_change_mask" if zone == "facility" else "getvariable('change_mask')",
        fold=feed.dst.ambiguous,
        formats=_formats(feed),
        maps_postings=bool(feed.event_types) or spec.types_postings,
        types_postings=spec.types_postings,
        is_mapped=spec.is_mapped,
        has_items=reference.items is not None,
        has_aliases=reference.item_aliases is not None,
        has_conversions=reference.uom_conversions is not None,
        corrected=corrected.columns,
        has_drops=corrected.has_drops,
        has_units=reference.items is not None and standard_of(feed, spec) is not None,
        other_units=unit_table(workspace, feed, spec).other_codes(),
        has_gs1_codes=spec.gs1_codes,
    )


def _formats(feed: Feed) -> Formats:
    stated = feed.formats
    if stated is None:
        return Formats()
    more = [ISO] if adapter_of(feed).spec.writes_iso else []
    datetimes, dates = (tuple(dict.fromkeys([*own, *more])) for own in (stated.datetime, stated.date))
    return Formats(datetimes, dates, stated.decimal, stated.thousands, stated.minus)


def _no_rows(table: str) -> Scan:
    """A scan that yields nothing, so that a feed without files has a landing table, too."""
    columns = tuple(CONTRACTS[table].columns)
    nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {c}" for c in columns)
    sql = f"SELECT {nothing}, CAST(NULL AS VARCHAR) AS file, CAST(NULL AS BIGINT) AS row_number WHERE FALSE"
    return Scan(table, sql, columns, has_row_number=True)


def _is_scattered(files: list[FeedFile]) -> bool:
    """Whether each file is so small that one thread reads it from its beginning to its end."""
    return max((f.path.stat().st_size for f in files), default=0) < _SMALL_BYTES


def _stage(engine: DuckDBEngine, source: str, *, is_scattered: bool) -> str:
    """Gathers rows that bear no number in a temporary table; returns the SELECT that numbers them by their place.

    Without the duty to keep the order of many small files this takes half the time. Where the rows of a file are not
    in one piece, more than one thread read it, and order is kept.
    """
    torn = "SELECT 1 FROM landing_stage GROUP BY file HAVING max(rowid) - min(rowid) + 1 <> count(*) LIMIT 1"
    for is_ordered in (False, True) if is_scattered else (True,):
        engine.keep_order(is_ordered)
        engine.con.execute(f"CREATE OR REPLACE TEMP TABLE landing_stage AS {source}")
        if not engine.rows(torn):
            break
    return """SELECT s.*, s.rowid - f.first_row + 1 AS row_number FROM landing_stage s
        JOIN (SELECT file, min(rowid) AS first_row FROM landing_stage GROUP BY file) f ON f.file = s.file"""


def _gathered(engine: DuckDBEngine, feed: Feed, scan: Scan, files: list[FeedFile]) -> str:
    """The SELECT of a scan's rows with their numbers; what must be gathered first lies in `landing_stage` then."""
    source, is_csv = scan.sql, adapter_of(feed).spec.is_csv
    if not scan.has_row_number:
        source = _stage(engine, source, is_scattered=is_csv and _is_scattered(files))
    if scan.shape:
        source = scan.shape(source)
    engine.keep_order(False)
    if scan.stage:
        scan.stage(engine.con)
    return source


def _land_rows(engine: DuckDBEngine, workspace: Workspace, feed: Feed, corrected: Corrected, is_first: bool) -> None:
    scan = corrected.scan
    sql = landing_sql(CONTRACTS[scan.table], scan.sql, _given(workspace, feed, corrected))
    table = landing_table(feed.name, scan.table)
    # To make a table of rows is cheaper than to add them to one.
    engine.con.execute(
        f"CREATE OR REPLACE TABLE {table} AS {sql}" if is_first else f"INSERT INTO {table} BY NAME {sql}"
    )
    engine.con.execute("DROP TABLE IF EXISTS temp.landing_stage")


def _unreadable(error: duckdb.Error, files: list[FeedFile]) -> Exception:
    """DuckDB's complaint about a file as a sentence; anything else stays what it is."""
    text = re.sub(r"\s+", " ", str(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        return error
    is_unnamed = type(error) is duckdb.Error and len(files) == 1  # the Parquet reader names no file
    for file in files:
        if is_unnamed or str(file.path) in text or Path(file.path).name in text:
            reason = text.split(":", 1)[-1].strip().replace(str(file.path), file.name)
            return UnusableInput(f"the file cannot be read ({reason[:300]})", file=file.name)
    return error
