"""Landing: every delivered row of a feed, typed, with its file and number, and with a reason where it is refused."""

import gzip
import re
import tempfile
import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, FeedFile, Landing, Scan, adapters
from pipelines.feeds.csv_records import is_untidy, tidy
from pipelines.feeds.csv_text import read_header
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import KEY_JOINT, Given, landing_sql, literal

_MANY_FILES, _SMALL_BYTES = 50, 2_000_000
_BLOCK_BYTES = 1 << 20
_MALFORMED_AT_ONCE = 100_000
_PATIENCE = 3  # a feed is read again for so many malformed files one by one, then for all others at once


@dataclass(frozen=True)
class Landed:
    """What landing a feed came to.

    Attributes:
        files: number of files.
        received: rows in them.
        refused: rows with a reason, malformed rows included.
    """

    files: int
    received: int
    refused: int


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
    """The adapter that a feed names."""
    known = adapters()
    if feed.adapter not in known:
        raise UnusableInput(f"feed {feed.name}: there is no adapter '{feed.adapter}'; there are {', '.join(known)}")
    return known[feed.adapter]


def feed_files(workspace: Workspace, feed: Feed) -> list[FeedFile]:
    """The files that a feed's pattern finds now, in name order."""
    root = workspace.root
    found = sorted(p for p in root.glob(feed.path) if p.is_file())
    inside = root.resolve()
    for path in found:
        if not path.resolve().is_relative_to(inside):
            raise UnusableInput(f"feed {feed.name} reaches outside the workspace", file=path.relative_to(root))
    return [FeedFile(path, path.relative_to(root).as_posix()) for path in found]


def landing_table(feed: str, table: str) -> str:
    """The qualified name of the landing table of a feed for a canonical table."""
    return f"landing.{feed}__{table}"


def land_feed(engine: DuckDBEngine, workspace: Workspace, feed: Feed) -> Landed:
    """Reads all files of a feed into its landing tables and accounts for every row.

    Errors: UnusableInput for a file that cannot be read.
    """
    files = feed_files(workspace, feed)
    tables = feed_tables(feed)
    for file in files:
        _refuse_broken_archive(file)
    engine.con.execute("RESET disabled_optimizers")
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.file (feed VARCHAR, table_name VARCHAR, file VARCHAR, "
        "first_row BIGINT, landed_count BIGINT, received_count BIGINT)"
    )
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.malformed (feed VARCHAR, file VARCHAR, row_number BIGINT, "
        "detail VARCHAR, raw VARCHAR)"
    )
    for name in ("file", "malformed"):
        engine.con.execute(f"DELETE FROM landing.{name} WHERE feed = {literal(feed.name)}")
    with tempfile.TemporaryDirectory(prefix="dockledger-") as folder:
        landing = _read_tidily(engine, workspace, feed, files, Path(folder))
    for table in tables:
        _number_around_malformed(engine, feed, landing_table(feed.name, table))
    _account(engine, feed, tables, landing)
    received, refused = _totals(engine, feed, tables)
    return Landed(len(files), received, refused)


def _refuse_broken_archive(file: FeedFile) -> None:
    """Reads a compressed file to its end: the engine takes what can be unpacked and checks no sum."""
    if file.path.suffix != ".gz":
        return
    try:
        with gzip.open(file.path, "rb") as stream:
            while stream.read(_BLOCK_BYTES):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None


def _read_tidily(
    engine: DuckDBEngine, workspace: Workspace, feed: Feed, files: list[FeedFile], folder: Path
) -> Landing:
    """Reads the files as they are; where the engine meets a malformed row, again without that file's malformed rows.

    Args:
        folder: an empty one, for copies without malformed rows.
    """
    is_csv = adapter_of(feed).spec.is_csv
    untidy = {f.name for f in files if is_csv and read_header(f, feed.delimiter) and is_untidy(f.path, feed.delimiter)}
    tidied: set[str] = set()
    attempt = 0
    while True:
        files = [_tidied(engine, feed, f, folder / f"{n}.csv") if f.name in untidy else f for n, f in enumerate(files)]
        tidied |= untidy
        attempt += 1
        try:
            return _read(engine, workspace, feed, files)
        except duckdb.InvalidInputException as error:
            waiting = [f for f in files if f.name not in tidied]
            named = {f.name for f in waiting if f"file = {f.path}\n" in str(error)}
            untidy = named if named and attempt <= _PATIENCE else {f.name for f in waiting}
            if not is_csv or not untidy:
                raise _unreadable(error, files) from None


def _read(engine: DuckDBEngine, workspace: Workspace, feed: Feed, files: list[FeedFile]) -> Landing:
    """Lands all rows of the files that the engine finds well-formed."""
    _define_lookups(engine, feed, files)
    for table in feed_tables(feed):
        _empty_landing_table(engine, workspace, feed, table)
    try:
        landing = adapter_of(feed).land(engine.con, feed, files)
        for scan in landing.scans:
            _land_scan(engine, workspace, feed, scan, is_scattered=scan.reads_csv and _is_scattered(files))
    except duckdb.InvalidInputException:
        raise
    except duckdb.Error as error:
        raise _unreadable(error, files) from None
    return landing


def _tidied(engine: DuckDBEngine, feed: Feed, file: FeedFile, path: Path) -> FeedFile:
    """A copy of a CSV file without its malformed rows, which go to `landing.malformed`."""
    malformed = tidy(file.path, feed.delimiter, path)
    while some := list(islice(malformed, _MALFORMED_AT_ONCE)):
        columns = {"row_number": pl.Int64, "detail": pl.String, "raw": pl.String}
        frame = pl.DataFrame([(m.row_number, m.detail, m.raw) for m in some], schema=columns, orient="row")
        engine.con.register("given_malformed", frame.to_arrow())
        engine.con.execute(f"""INSERT INTO landing.malformed
            SELECT {literal(feed.name)}, {literal(file.name)}, * FROM given_malformed""")
        engine.con.unregister("given_malformed")
    return FeedFile(path, file.name)


def _given(workspace: Workspace, feed: Feed, scan: Scan) -> Given:
    zone = feed.system_timezone
    reference = workspace.reference
    return Given(
        feed=feed.name,
        columns=scan.columns,
        facility=feed.facility,
        zone="facility_zone" if zone == "facility" else literal(zone) if zone else None,
        change_days="facility_change_days" if zone == "facility" else "getvariable('change_days')",
        fold=feed.dst.ambiguous,
        has_row_number=scan.has_row_number,
        is_mapped=adapter_of(feed).spec.is_mapped,
        has_items=reference.items is not None,
        has_aliases=reference.item_aliases is not None,
        has_conversions=reference.uom_conversions is not None,
    )


def _empty_landing_table(engine: DuckDBEngine, workspace: Workspace, feed: Feed, table: str) -> None:
    """A landing table without rows, so that a feed without files has one, too."""
    columns = tuple(CONTRACTS[table].columns)
    nothing = ", ".join(f"CAST(NULL AS VARCHAR) AS {c}" for c in columns)
    scan = Scan(table, f"SELECT {nothing}, CAST(NULL AS VARCHAR) AS file WHERE FALSE", columns)
    sql = landing_sql(CONTRACTS[table], scan.sql, _given(workspace, feed, scan))
    engine.con.execute(f"CREATE OR REPLACE TABLE {landing_table(feed.name, table)} AS {sql}")


def _is_scattered(files: list[FeedFile]) -> bool:
    """Whether rows come in many small pieces: typing them piece by piece costs three times the work."""
    return len(files) >= _MANY_FILES and sum(f.path.stat().st_size for f in files) < len(files) * _SMALL_BYTES


def _land_scan(engine: DuckDBEngine, workspace: Workspace, feed: Feed, scan: Scan, *, is_scattered: bool) -> None:
    # Where rows bear no number, it is their position in their file.
    engine.con.execute(f"SET preserve_insertion_order = {not scan.has_row_number}")
    source = scan.sql
    if is_scattered:
        engine.con.execute(f"CREATE OR REPLACE TEMP TABLE landing_stage AS {source}")
        source = "SELECT * FROM landing_stage"
    sql = landing_sql(CONTRACTS[scan.table], source, _given(workspace, feed, scan))
    engine.con.execute(f"INSERT INTO {landing_table(feed.name, scan.table)} BY NAME {sql}")
    engine.con.execute("DROP TABLE IF EXISTS temp.landing_stage")


def _define_lookups(engine: DuckDBEngine, feed: Feed, files: list[FeedFile]) -> None:
    """The `lookup_*` macros of this feed, from the reference tables and from its files' names."""
    own = f"WHERE feed = {literal(feed.name)}"
    engine.frame(
        "landing.file_name",
        pl.DataFrame(
            {"code": [str(f.path) for f in files] + [f.name for f in files], "file": [f.name for f in files] * 2},
            schema={"code": pl.String, "file": pl.String},
        ).unique("code"),
    )
    engine.lookup("file", "SELECT code, file FROM landing.file_name")
    engine.lookup(
        "facility",
        """SELECT c.code, c.facility_id, f.timezone, z.change_days
        FROM reference.facility_code c
        JOIN reference.facility f USING (facility_id) JOIN reference.zone z USING (timezone)""",
    )
    zone = literal(feed.system_timezone)
    engine.con.execute(f"SET VARIABLE change_days = (SELECT change_days FROM reference.zone WHERE timezone = {zone})")
    engine.lookup("event_type", f"SELECT code, event_type FROM reference.event_type_code {own}")
    engine.lookup("status", f"SELECT code, status FROM reference.status_code {own}")
    engine.lookup("item", "SELECT code, item_id, base_uom, lot_tracked FROM reference.item_code")
    engine.lookup(
        "alias",
        f"SELECT facility_id || '{KEY_JOINT}' || local_code AS code, item_id AS alias FROM reference.item_alias",
    )
    engine.lookup("conversion", f"SELECT item_id || '{KEY_JOINT}' || uom AS code, factor FROM reference.uom_conversion")


def _number_around_malformed(engine: DuckDBEngine, feed: Feed, table: str) -> None:
    """Rows of files with malformed rows get their number in the whole file: place plus malformed rows before it."""
    if not engine.value(f"SELECT count(*) FROM landing.malformed WHERE feed = {literal(feed.name)}"):
        return
    engine.con.execute(f"""UPDATE {table} AS t SET row_number = p.place + coalesce(s.before, 0)
        FROM (SELECT rowid AS landed_row, file,
                  coalesce(row_number, row_number() OVER (PARTITION BY file ORDER BY rowid)) AS place
              FROM {table}
              WHERE file IN (SELECT file FROM landing.malformed WHERE feed = {literal(feed.name)})) p
        ASOF LEFT JOIN (
            SELECT file, row_number - nth AS accepted_before, max(nth) AS before FROM (
                SELECT file, row_number, row_number() OVER (PARTITION BY file ORDER BY row_number) AS nth
                FROM landing.malformed WHERE feed = {literal(feed.name)})
            GROUP BY file, accepted_before) s
          ON s.file = p.file AND p.place > s.accepted_before
        WHERE t.rowid = p.landed_row""")


def _account(engine: DuckDBEngine, feed: Feed, tables: tuple[str, ...], landing: Landing) -> None:
    """One row per file and table: where its rows begin, how many landed, how many were received (first table only)."""
    name = literal(feed.name)
    malformed = f"(SELECT count(*) FROM landing.malformed m WHERE m.feed = {name} AND m.file = f.file)"
    for number, table in enumerate(tables):
        counted = f"""SELECT file, min(rowid) AS first_row, max(rowid) AS last_row, count(*) AS landed_count,
            bool_or(row_number IS NULL) AS is_positional FROM {landing_table(feed.name, table)} GROUP BY file"""
        broken = engine.rows(
            f"SELECT file FROM ({counted}) WHERE is_positional AND last_row - first_row + 1 <> landed_count"
        )
        if broken:
            raise RuntimeError(f"rows of {broken[0][0]} did not land in file order; row numbers would be wrong")
        received = "coalesce(c.landed_count, 0)"
        if landing.received_sql:
            own = f"SELECT sum(received_count) FROM ({landing.received_sql}) r WHERE lookup_file(r.file) = f.file"
            received = f"coalesce(({own}), 0)"
        engine.con.execute(f"""INSERT INTO landing.file
            SELECT {name}, {literal(table)}, f.file, c.first_row, coalesce(c.landed_count, 0),
                {f"{received} + {malformed}" if number == 0 else "0"}
            FROM (SELECT DISTINCT file FROM landing.file_name) f LEFT JOIN ({counted}) c ON c.file = f.file""")


def _totals(engine: DuckDBEngine, feed: Feed, tables: tuple[str, ...]) -> tuple[int, int]:
    name = literal(feed.name)
    received = engine.value(f"SELECT coalesce(sum(received_count), 0) FROM landing.file WHERE feed = {name}")
    refused = engine.value(f"SELECT count(*) FROM landing.malformed WHERE feed = {name}")
    for table in tables:
        refused += engine.value(f"SELECT count(reason) FROM {landing_table(feed.name, table)}")
    return int(received), int(refused)


def _unreadable(error: duckdb.Error, files: list[FeedFile]) -> Exception:
    """DuckDB's complaint about a file as a sentence; anything else stays what it is."""
    text = re.sub(r"\s+", " ", str(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        return error
    for file in files:
        if str(file.path) in text or Path(file.path).name in text:
            reason = text.split(":", 1)[-1].strip().replace(str(file.path), file.name)
            return UnusableInput(f"the file cannot be read ({reason[:300]})", file=file.name)
    return error
