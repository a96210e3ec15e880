"""The accounts of landing: how many rows of every file were received, landed, or could not be read as a row at all."""

from collections.abc import Iterable, Iterator

import polars as pl

from pipelines.correcting import make_hits
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.feeds.base import FeedFile, Landing
from pipelines.feeds.csv_records import Malformed
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal

_MALFORMED_AT_ONCE, _CHARS_AT_ONCE = 100_000, 1 << 25


def make_accounts(engine: DuckDBEngine) -> None:
    """Makes the tables of the accounts where there are none."""
    make_hits(engine)
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.file (feed VARCHAR, table_name VARCHAR, file VARCHAR, "
        "landed_count BIGINT, received_count BIGINT)"
    )
    # Of a warehouse that an earlier version made; its rows come anew.
    engine.con.execute("ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS refused_count BIGINT")
    engine.con.execute("ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS newest_at TIMESTAMPTZ")
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.malformed (feed VARCHAR, file VARCHAR, row_number BIGINT, "
        "detail VARCHAR, raw VARCHAR)"
    )


def set_aside(engine: DuckDBEngine, feed: Feed, file: FeedFile, malformed: Iterable[Malformed]) -> None:
    """Keeps records that have no columns to speak of in `landing.malformed`."""
    for some in _portions(malformed):
        columns = {"row_number": pl.Int64, "detail": pl.String, "raw": pl.String}
        frame = pl.DataFrame([(m.row_number, m.detail, m.raw) for m in some], schema=columns, orient="row")
        with engine.given(frame) as given:
            engine.con.execute(f"""INSERT INTO landing.malformed
                SELECT {literal(feed.name)}, {literal(file.name)}, * FROM {given}""")


def _portions(malformed: Iterable[Malformed]) -> Iterator[list[Malformed]]:
    """So many records at once that neither their number nor their texts fill the memory."""
    some: list[Malformed] = []
    chars = 0
    for record in malformed:
        some.append(record)
        chars += len(record.raw)
        if len(some) == _MALFORMED_AT_ONCE or chars > _CHARS_AT_ONCE:
            yield some
            some, chars = [], 0
    yield some


def keep_malformed(engine: DuckDBEngine, feed: Feed, landing: Landing) -> None:
    """Keeps what an adapter could make no row of in `landing.malformed`."""
    if landing.malformed_sql:
        engine.con.execute(f"""INSERT INTO landing.malformed
            SELECT {literal(feed.name)}, o.file, m.row_number, m.detail, m.raw
            FROM ({landing.malformed_sql}) m JOIN lookup_file o ON o.code = m.file""")


def number_around_malformed(
    engine: DuckDBEngine, feed: Feed, tables: dict[str, str], landing: Landing, *, is_csv: bool
) -> None:
    """Rows of files with malformed rows get their number in the whole file: place plus malformed rows before it.

    Rows that a scan has numbered itself bear that number already, but for CSV: there the scan saw a copy without them.
    """
    own = f"feed = {literal(feed.name)} AND file IN (SELECT file FROM lookup_file)"
    if not engine.value(f"SELECT count(*) FROM landing.malformed WHERE {own}"):
        return
    for table in {tables[scan.table] for scan in landing.scans if is_csv or not scan.has_row_number}:
        _number(engine, table, own)


def _number(engine: DuckDBEngine, table: str, own: str) -> None:
    engine.con.execute(f"""UPDATE {table} AS t SET row_number = t.row_number + p.before
        FROM (SELECT l.rowid AS landed_row, s.before
              FROM {table} l
              ASOF JOIN (
                  SELECT file, row_number - nth AS accepted_before, max(nth) AS before FROM (
                      SELECT file, row_number, row_number() OVER (PARTITION BY file ORDER BY row_number) AS nth
                      FROM landing.malformed WHERE {own})
                  GROUP BY file, accepted_before) s
                ON s.file = l.file AND l.row_number > s.accepted_before) p
        WHERE t.rowid = p.landed_row""")


def account(
    engine: DuckDBEngine, feed: Feed, tables: dict[str, str], landing: Landing, last_rows: dict[str, int]
) -> None:
    """One row per file just read and table: rows landed, refused, received (first table only), the newest instant.

    Args:
        tables: canonical table -> landing table.
        last_rows: landing table -> its last row of the time before.
    """
    name = literal(feed.name)
    malformed = f"(SELECT count(*) FROM landing.malformed m WHERE m.feed = {name} AND m.file = f.file)"
    for number, (table, landed) in enumerate(tables.items()):
        newest = [f"max({c}) FILTER (WHERE reason IS NULL)" for c in CONTRACTS[table].past_instants()]
        counted = f"""SELECT file, count(*) AS landed_count, count(reason) AS refused_count,
                greatest({", ".join(newest)}) AS newest_at
            FROM {landed}
            WHERE rowid > {last_rows[landed]} GROUP BY file"""
        received = "coalesce(c.landed_count, 0)"
        if landing.received_sql:
            own = f"""SELECT sum(received_count) FROM ({landing.received_sql}) r
                JOIN lookup_file o ON o.code = r.file WHERE o.file = f.file"""
            received = f"coalesce(({own}), 0)"
        engine.con.execute(f"""INSERT INTO landing.file BY NAME
            SELECT {name} AS feed, {literal(table)} AS table_name, f.file,
                coalesce(c.landed_count, 0) AS landed_count, coalesce(c.refused_count, 0) AS refused_count, c.newest_at,
                {f"{received} + {malformed}" if number == 0 else "0"} AS received_count
            FROM (SELECT DISTINCT file FROM lookup_file) f LEFT JOIN ({counted}) c ON c.file = f.file""")


def totals(engine: DuckDBEngine, feed: Feed) -> tuple[int, int]:
    """Rows received, and rows refused, malformed ones included."""
    own = f"WHERE feed = {literal(feed.name)}"
    counted = "SELECT coalesce(sum(received_count), 0), coalesce(sum(refused_count), 0) FROM landing.file"
    received, refused = engine.rows(f"{counted} {own}")[0]
    return int(received), int(refused + engine.value(f"SELECT count(*) FROM landing.malformed {own}"))
