"""`sap_movements`: SAP goods movements as postings, from table exports or the list of transaction MB51.

A file is of items (MSEG, MATDOC, MB51), or of document headers (MKPF), which the items of all files of the feed are
joined to by MJAHR and MBLNR; its header tells. `data/reference/sap_movement_types.csv` says what a movement type posts;
the feed's `event_types` win. `docs/how-to/read-sap.md` states every decision.
"""

from typing import TYPE_CHECKING

from data import DATA
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.csv_text import read_csv_sql, read_header
from pipelines.feeds.sap_fields import FIELDS, NUMBERS, fields_of, is_of_items, refuse_incomplete
from pipelines.feeds.sap_postings import MACROS, postings_sql
from pipelines.feeds.workbooks import is_workbook, read_sheet
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

_READ = {
    "posting_id": "MJAHR-MBLNR-ZEILE",
    "posted_at": "CPUDT, CPUTM",
    "facility_id": "WERKS/LGORT where a facility has that code, else WERKS",
    "item_id": "MATNR",
    "quantity": "MENGE, else ERFMG; the sign of SHKZG (S +, H -), else its own",
    "uom": "MEINS, or ERFME of an ERFMG",
    "posting_type": "BWART: `event_types`, else `data/reference/sap_movement_types.csv`",
    "movement_type": "BWART",
    "posting_date": "BUDAT",
    "document_type": "`sap_delivery`, `sap_purchase_order`, `sap_order`, `sap_reference`",
    "document_id": "VBELN_IM, else EBELN, AUFNR, XBLNR",
    "document_line": "VBELP_IM, EBELP",
    "value_amount": "DMBTR, signed as the quantity",
    "currency": "WAERS",
    "legal_entity_id": "BUKRS",
    "posted_by": "USNAM",
    "reverses_posting_id": "SJAHR-SMBLN-SMBLP",
}

SPEC = AdapterSpec(
    name="sap_movements",
    unit_codes="sap",
    title="SAP goods movements: tables MKPF and MSEG, table MATDOC, or the list of MB51, as CSV or .xlsx",
    tables=("erp_posting",),
    clocks=("posting_date", "posted_at"),
    refuses=(
        "a binary file that is no .xlsx workbook",
        "a file of items without MBLNR, MJAHR, ZEILE or BWART, or of headers without MBLNR, MJAHR or CPUDT",
        "two columns that are the same field",
    ),
    is_csv=True,
    is_mapped=True,
    reads_formats=True,
    writes_iso=True,
    reads_sheets=True,
    reads_files_together=True,
    types_postings=True,
    personal_data=("posted_by",),
    layout="tables MKPF, MSEG and MATDOC of the SAP data dictionary, with their technical field names; column titles "
    "of transaction MB51 in English and German",
    reads={"erp_posting": _READ},
    guide="read-sap.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads items and headers into temporary tables of text.

    Errors: UnusableInput for a file that cannot be read, or is of neither.
    """
    con.execute(MACROS)
    items, heads, types = (f"sap_{what}_{feed.name}" for what in ("items", "heads", "types"))
    for table in (items, heads):
        texts = ", ".join(f"{field} VARCHAR" for field in FIELDS)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} ({texts}, row_number BIGINT, file VARCHAR, has_xauto BOOLEAN)"
        )
    con.execute(f"""CREATE OR REPLACE TEMP TABLE {types} AS
        SELECT * EXCLUDE (reversal_of), reversal_of IS NOT NULL AS is_reversal
        FROM read_csv({literal(DATA / "reference" / "sap_movement_types.csv")}, all_varchar=true, header=true)""")
    for file in files:
        (_read_workbook if is_workbook(file.path) else _read_csv)(con, feed, file, (items, heads))
    formats = feed.formats.date if feed.formats else []
    counts = [f"SELECT file, count(*) AS received_count FROM {table} GROUP BY file" for table in (items, heads)]
    return Landing(
        [
            Scan(
                "erp_posting",
                postings_sql(items, heads, types, feed.event_types, formats),
                tuple(_READ),
                has_row_number=True,
            )
        ],
        received_sql=" UNION ALL ".join(counts),
    )


def _read_csv(con: "duckdb.DuckDBPyConnection", feed: Feed, file: FeedFile, tables: tuple[str, str]) -> None:
    header = read_header(file, feed.delimiter)
    if header is None:
        return
    places = [f"c{place}" for place in range(len(header))]
    source = f"SELECT *, row_number() OVER () AS row_number FROM {read_csv_sql([file.path], places, feed.delimiter)}"
    _insert(con, feed, file, header, source, tables)


def _read_workbook(con: "duckdb.DuckDBPyConnection", feed: Feed, file: FeedFile, tables: tuple[str, str]) -> None:
    import polars as pl

    sheet = read_sheet(file, feed.sheet, feed.header_row)
    if sheet is None:
        return
    found, decimal = fields_of(file, feed, sheet.header), feed.formats.decimal if feed.formats else "."
    numbers = {found[field] for field in NUMBERS if field in found}
    columns = []
    for place in range(len(sheet.header)):
        text = pl.col(str(place))
        signed = pl.when(pl.col(f"number_{place}")).then(text.str.replace(".", decimal, literal=True)).otherwise(text)
        columns.append((signed if place in numbers else text).alias(f"c{place}"))
    held = sheet.rows.select(*columns, "row_number")
    con.register("sap_sheet", held.to_arrow())
    _insert(con, feed, file, sheet.header, "SELECT * FROM sap_sheet", tables)
    con.unregister("sap_sheet")


def _insert(
    con: "duckdb.DuckDBPyConnection",
    feed: Feed,
    file: FeedFile,
    header: list[str],
    source: str,
    tables: tuple[str, str],
) -> None:
    """Adds a file's rows to the table of items or of headers; `source` yields its columns as c0, c1 ..."""
    found = fields_of(file, feed, header)
    refuse_incomplete(file, header, found)
    table = tables[0] if is_of_items(found) else tables[1]
    fields = ", ".join(f"stripped(c{place}) AS {field}" for field, place in found.items())
    con.execute(f"""INSERT INTO {table} BY NAME SELECT {fields}, row_number, {literal(file.name)} AS file,
        {"XAUTO" in found} AS has_xauto FROM ({source})""")


ADAPTER = Adapter(SPEC, land)
