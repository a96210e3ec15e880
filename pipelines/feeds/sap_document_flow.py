"""`sap_document_flow`: SAP table VBFA, exported as CSV. Warehouse tasks are events, goods movements their postings.

Per delivery item (VBELV, POSNV of rows with VBTYP_V = J) the earliest warehouse task (VBTYP_N = Q) is the
physical event and the earliest goods movement (VBTYP_N = R) its posting; ERDAT and ERZET are their times.
All other rows are out of scope. Source of the codes: the SAP data dictionary, domain VBTYP.
"""

from typing import TYPE_CHECKING

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.csv_text import check_header, read_csv_sql, read_header
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

COLUMNS = ["VBELV", "POSNV", "VBELN", "POSNN", "VBTYP_N", "VBTYP_V", "RFMNG", "MEINS", "ERDAT", "ERZET", "MATNR"]
DELIVERY, WAREHOUSE_TASK, GOODS_MOVEMENT = "J", "Q", "R"
_SAME_OF_BOTH = {
    "document_type": "`sap_delivery`",
    "document_id": "VBELV",
    "document_line": "POSNV",
    "item_id": "MATNR, of the movement before the task",
    "quantity": "RFMNG",
    "uom": "MEINS",
}

SPEC = AdapterSpec(
    name="sap_document_flow",
    title="SAP sales document flow (table VBFA) as CSV: warehouse tasks and the goods movements that post them",
    tables=("inventory_event", "erp_posting"),
    yields_all=True,
    clocks=("event_time", "posted_at"),
    refuses=("a binary file", "a header without VBELV, POSNV, VBELN, POSNN, VBTYP_N, VBTYP_V, ERDAT or ERZET"),
    is_csv=True,
    reads_files_together=True,
    is_mapped=True,
    unit_codes="sap",
    layout="table VBFA of the SAP data dictionary, with its technical field names; codes of domain VBTYP",
    reads={
        "inventory_event": {
            "event_id": "VBELV-POSNV-VBELN-POSNN of the earliest row with VBTYP_N = Q of a delivery item",
            "event_type": "`pick_confirmed`",
            "event_time": "ERDAT, ERZET",
            **_SAME_OF_BOTH,
        },
        "erp_posting": {
            "posting_id": "VBELV-POSNV-VBELN-POSNN of the earliest row with VBTYP_N = R of a delivery item",
            "posting_type": "`pick_confirmed`",
            "posted_at": "ERDAT, ERZET",
            **_SAME_OF_BOTH,
        },
    },
)


def _rows_sql(files: list[FeedFile], header: list[str]) -> str:
    own = ", ".join(f"nullif(trim({c}), '') AS {c}" for c in COLUMNS if c in header)
    absent = "".join(f", CAST(NULL AS VARCHAR) AS {c}" for c in COLUMNS if c not in header)
    source = read_csv_sql([f.path for f in files], header, ",")
    return f"SELECT {own}{absent}, delivered_path AS file FROM {source}"


_TIME = (
    "substr(ERDAT, 1, 4) || '-' || substr(ERDAT, 5, 2) || '-' || substr(ERDAT, 7) || ' ' || "
    "substr(ERZET, 1, 2) || ':' || substr(ERZET, 3, 2) || ':' || substr(ERZET, 5)"
)

# One row of each kind per delivery item: the earliest, and of equals the lowest document and item number.
# The material often stands on the movement alone; it is the delivery item's, so it holds for the task too.
_SELECTED = """SELECT *,
    coalesce(max(MATNR) FILTER (WHERE VBTYP_N = '{movement}') OVER item, max(MATNR) OVER item) AS material,
    row_number() OVER (PARTITION BY VBELV, POSNV, VBTYP_N ORDER BY ERDAT, ERZET, VBELN, POSNN, file, row_number) AS nth
FROM {rows} WHERE VBTYP_V = '{delivery}' AND VBTYP_N IN ('{task}', '{movement}')
WINDOW item AS (PARTITION BY VBELV, POSNV)"""


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads the table once and selects from it the tasks and the goods movements.

    Errors: UnusableInput for a file that is not CSV text or lacks a column.
    """
    rows, chosen = f"sap_rows_{feed.name}", f"sap_chosen_{feed.name}"
    required = [c for c in COLUMNS if c not in ("RFMNG", "MEINS", "MATNR")]
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {rows} (file VARCHAR, row_number BIGINT, "
        + ", ".join(f"{c} VARCHAR" for c in COLUMNS)
        + ")"
    )
    for file in files:
        header = read_header(file, ",")
        if header is None:
            continue
        check_header(file, header, required)
        con.execute(
            f"INSERT INTO {rows} BY NAME SELECT *, row_number() OVER () AS row_number "
            f"FROM ({_rows_sql([file], header)})"
        )
    if not feed.facility:
        raise UnusableInput(f"feed {feed.name}: the format names no facility, so the feed must state `facility`")
    selected = _SELECTED.format(rows=rows, delivery=DELIVERY, task=WAREHOUSE_TASK, movement=GOODS_MOVEMENT)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {chosen} AS SELECT * FROM ({selected}) WHERE nth = 1 ORDER BY file, row_number"
    )
    received = f"SELECT file, count(*) AS received_count FROM {rows} GROUP BY file"
    return Landing([_tasks(chosen), _movements(chosen)], received_sql=received)


_SHARED = (
    "'sap_delivery' AS document_type, VBELV AS document_id, POSNV AS document_line, material AS item_id, "
    f"RFMNG AS quantity, MEINS AS uom, file, row_number, {_TIME}"
)


def _tasks(chosen: str) -> Scan:
    sql = f"""SELECT concat_ws('-', VBELV, POSNV, VBELN, POSNN) AS event_id, 'pick_confirmed' AS event_type,
        {_SHARED} AS event_time
    FROM {chosen} WHERE VBTYP_N = {literal(WAREHOUSE_TASK)}"""
    return Scan("inventory_event", sql, _columns("event_id", "event_type", "event_time"), has_row_number=True)


def _movements(chosen: str) -> Scan:
    sql = f"""SELECT concat_ws('-', VBELV, POSNV, VBELN, POSNN) AS posting_id, 'pick_confirmed' AS posting_type,
        {_SHARED} AS posted_at
    FROM {chosen} WHERE VBTYP_N = {literal(GOODS_MOVEMENT)}"""
    return Scan("erp_posting", sql, _columns("posting_id", "posting_type", "posted_at"), has_row_number=True)


def _columns(*own: str) -> tuple[str, ...]:
    return (*own, "document_type", "document_id", "document_line", "item_id", "quantity", "uom")


ADAPTER = Adapter(SPEC, land)
