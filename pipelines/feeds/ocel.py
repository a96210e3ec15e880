"""`ocel`: object-centric event logs, OCEL 2.0 in SQLite, JSON and XML, and the flat CSV of OCEL 1.0.

Which notation a file is in is told by its content. The workspace's `columns` say what of an event gives each canonical
column; `docs/how-to/read-event-logs.md` has the words for it, and every decision.
"""

from typing import TYPE_CHECKING

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.ocel_columns import Mapping, ocel_mapping
from pipelines.feeds.ocel_rows import rows_sql
from pipelines.feeds.ocel_sqlite import read_sqlite
from pipelines.feeds.ocel_tables import OcelTables
from pipelines.feeds.ocel_texts import CSV_NEEDED, read_csv, read_json, read_xml
from pipelines.feeds.text_rows import make_text_table
from pipelines.feeds.unpacked import is_packed, unpacked
from pipelines.workspace import Feed
from transforms.contracts import FEED_TABLES
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="ocel",
    title="OCEL 2.0 event logs in SQLite (also with quantities), JSON or XML, and the flat CSV of OCEL 1.0",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "content that is none of the four notations, or text in another encoding than UTF-8 (XML: than it declares)",
        "SQLite: a broken database, one that was copied while in use, a packed one, a table or column that is missing",
        "JSON or XML that is not whole, without `events` or `objects`, or with an event or object of more than 16 MiB",
        "XML with a document type (DOCTYPE); nothing is ever fetched",
        "an archive that unpacks to more than 200 times its size, and more than 64 MiB",
        "a value of an object of which it cannot be said whether it held at an event's time: one states a zone and the "
        "other none, or its time is none",
        "a database without `quantity_operations`, or another notation, where `columns` name quantities",
    ),
    is_mapped=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="the OCEL 2.0 specification of 16 October 2023; for quantities, the tables of quantity event logs (QEL)",
    guide="read-event-logs.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads every file once into temporary tables, and makes its rows from them.

    Errors: UnusableInput for a file that breaks the format, or a mapping that names what no event has.
    """
    mapping = ocel_mapping(feed)
    columns, table = tuple(mapping.sources), str(feed.table)
    rows, aside, received = (f"ocel_{what}_{feed.name}" for what in ("rows", "aside", "received"))
    make_text_table(con, rows, columns)
    make_text_table(con, aside, ("detail", "raw"))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for file in files:
        tables = OcelTables(con, file, mapping.event_attributes, mapping.object_attributes)
        _read(file, tables, mapping)
        tables.flush()
        con.execute(f"INSERT INTO {rows} {rows_sql(tables, mapping, table)}")
        con.execute(f"INSERT INTO {aside} SELECT * FROM {tables.name('malformed')}")
        own = f"(SELECT count(*) FROM {rows} WHERE file = {literal(file.name)})"
        con.execute(f"INSERT INTO {received} SELECT {literal(file.name)}, {own} + {tables.skipped_count}")
        tables.drop()
    return Landing(
        [Scan(table, f"SELECT * FROM {rows}", columns, has_row_number=True)],
        received_sql=f"SELECT file, received_count FROM {received}",
        malformed_sql=f"SELECT file, row_number, detail, raw FROM {aside}",
    )


def _read(file: FeedFile, tables: OcelTables, mapping: Mapping) -> None:
    notation = _notation(file)
    if notation == "SQLite":
        read_sqlite(file, tables, has_quantities=mapping.has_quantities)
    elif notation and mapping.has_quantities:
        raise UnusableInput(f"`columns` name quantities, which {notation} does not hold", file=file.name)
    elif notation == "JSON":
        read_json(file, tables)
    elif notation == "XML":
        read_xml(file, tables)
    elif notation == "CSV":
        read_csv(file, tables)


def _notation(file: FeedFile) -> str | None:
    """What a file is written in, by its first bytes; None for an empty one.

    Errors: UnusableInput for anything else.
    """
    with unpacked(file) as stream:
        head = stream.read(1 << 16)
    if head.startswith(b"SQLite format 3\x00"):
        if is_packed(file.path):
            raise UnusableInput("a packed database cannot be read; unpack it", file=file.name)
        return "SQLite"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16; XML declares it and JSON may not be it
        return "XML"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return None
    if text[:1] in (b"{", b"<"):
        return "JSON" if text[:1] == b"{" else "XML"
    if all(name.encode() in text.split(b"\n", 1)[0] for name in CSV_NEEDED):
        return "CSV"
    raise UnusableInput(
        f"it is no OCEL: neither SQLite, nor JSON, nor XML, nor CSV with {', '.join(CSV_NEEDED)}", file=file.name
    )


ADAPTER = Adapter(SPEC, land)
