"""`mapped_excel`: a sheet of an Excel workbook with a site's own column names, mapped by the workspace."""

from typing import TYPE_CHECKING

import polars as pl

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.csv_text import missing_columns, required_columns
from pipelines.feeds.only_rows import only_expression
from pipelines.feeds.own_columns import own_columns
from pipelines.feeds.text_rows import append_text_frame, make_text_table
from pipelines.feeds.workbooks import MOST_BYTES, MOST_CELLS, SheetRows, read_sheet
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="mapped_excel",
    title="Excel sheets with own names (`columns`), words, `formats` and `system_timezone`, as mapped_csv",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "a file that is no whole .xlsx or .xlsm workbook, an old .xls, or one that a password protects",
        "a workbook without the sheet that `sheet` names",
        "a header without a required column, or one that repeats a column that is read",
        f"a workbook that unpacks to more than {MOST_BYTES >> 20} MiB, or a sheet that spans more than "
        f"{MOST_CELLS // 1_000_000} million cells",
    ),
    is_mapped=True,
    reads_formats=True,
    reads_sheets=True,
    reads_only=True,
    writes_iso=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="Office Open XML workbooks (ISO/IEC 29500); what a column is called, the workspace says",
    guide="use-your-own-files.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads the sheet of every file into a temporary table of text.

    Errors: UnusableInput for a file that cannot be read or lacks the sheet or a required column.
    """
    names = own_columns(feed)
    table, columns = str(feed.table), tuple(c for c in CONTRACTS[str(feed.table)].columns if c in names)
    rows, broken, received = (f"excel_{what}_{feed.name}" for what in ("rows", "broken", "received"))
    make_text_table(con, rows, columns)
    make_text_table(con, broken, ("detail", "raw"))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for file in files:
        sheet = read_sheet(file, feed.sheet, feed.header_row)
        if sheet is None:
            continue
        places = _places(file, feed, sheet.header, names)
        con.execute(f"INSERT INTO {received} VALUES ({literal(file.name)}, {sheet.rows.height})")
        wanted = {str(sheet.header.index(name)): values for name, values in feed.only.items()}
        chosen = sheet.rows.filter(only_expression(wanted))
        whole, spoilt = _apart(chosen, sheet, {c: p for c, p in places.items() if c in columns})
        append_text_frame(con, rows, _canonical(whole, feed, columns, places), file)
        append_text_frame(con, broken, spoilt, file)
    return Landing(
        [Scan(table, f"SELECT * FROM {rows}", columns, has_row_number=True)],
        # Rows that landing sets aside are counted by it.
        received_sql=f"""SELECT r.file, received_count - (SELECT count(*) FROM {broken} b WHERE b.file = r.file)
            AS received_count FROM {received} r""",
        malformed_sql=f"SELECT file, row_number, detail, raw FROM {broken}",
    )


def _places(file: FeedFile, feed: Feed, header: list[str], names: dict[str, str]) -> dict[str, int]:
    """Canonical column -> its place in the sheet; columns that nothing reads may be nameless or repeated."""
    for title in header:
        if title in (*names.values(), *feed.only) and header.count(title) > 1:
            raise UnusableInput(f"column {title} appears twice in the header", file=file.name, row=feed.header_row)
    wanted = [names.get(column, column) for column in required_columns(feed, str(feed.table))]
    there = [title for title in header if title]
    if missing := missing_columns(there, [*wanted, *feed.only]):
        raise UnusableInput(f"{missing}; the header has: {', '.join(there[:30])}", file=file.name, row=feed.header_row)
    return {column: header.index(own) for column, own in names.items() if own in header}


def _apart(chosen: pl.DataFrame, sheet: SheetRows, places: dict[str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows as they are, and those with an error in a cell that is read: number, what is wrong, the row as text."""
    own = {place: column for column, place in places.items()}
    wrong = {row: (place, word) for (row, place), word in sorted(sheet.errors.items(), reverse=True) if place in own}
    is_wrong = pl.col("row_number").is_in(sorted(wrong))
    details = [
        f"column '{sheet.header[wrong[row][0]]}' holds the error {wrong[row][1]}"
        for row in chosen.filter(is_wrong)["row_number"]
    ]
    raw = pl.struct(pl.col(str(place)).alias(column) for column, place in places.items()).struct.json_encode()
    spoilt = chosen.filter(is_wrong).select(
        pl.Series("detail", details, dtype=pl.String), raw.alias("raw"), "row_number"
    )
    return chosen.filter(~is_wrong), spoilt


def _canonical(frame: pl.DataFrame, feed: Feed, columns: tuple[str, ...], places: dict[str, int]) -> pl.DataFrame:
    """The columns by their canonical names; numbers with the decimal sign that the feed declares for its text."""
    kinds = CONTRACTS[str(feed.table)]
    decimal = feed.formats.decimal if feed.formats else "."
    selected = []
    for column in columns:
        if column not in places:
            selected.append(pl.lit(None, dtype=pl.String).alias(column))
            continue
        value = pl.col(str(places[column]))
        if kinds.kind(column) in ("quantity", "amount", "integer"):
            signed = value.str.replace(".", decimal, literal=True)
            value = pl.when(pl.col(f"number_{places[column]}")).then(signed).otherwise(value)
        selected.append(value.alias(column))
    return frame.select(*selected, "row_number")


ADAPTER = Adapter(SPEC, land)
