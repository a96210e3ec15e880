"""`x12`: X12 warehouse documents 943, 944, 945, 947, 861, 856 (events), 945 (order lines) and 846 (counts on hand).

A row is a quantity: its number is the ordinal of the segment that states it. Ids hold the sender (GS02), the document's
own numbers and the line, and no control number, so that they stay the same when a document is sent again. Times are
local unless a time code says otherwise; a date alone gets the time of its group if that was written on the same day,
and else is no instant. What makes no row is out of scope: other transaction sets (997, 999 ...) and acknowledgments
once each, quantities that say nothing of units in the house. `docs/how-to/read-x12.md` states every element that is
read and every decision.
"""

from typing import TYPE_CHECKING

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.text_rows import ROWS_AT_ONCE, append_text_rows, make_text_table
from pipelines.feeds.x12_documents import COUNT_COLUMNS, EVENT_COLUMNS, ORDER_COLUMNS, portions
from pipelines.feeds.x12_heads import KINDS
from pipelines.feeds.x12_text import transactions
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb
_EVENT_ELEMENTS = {
    "event_id": "document, GS02, own numbers (W06, W17, W15, BRA, BSN) and line",
    "event_type": "ST01 with W0601, W0611, W1701, BSN06, N9 TF, REF TF; conditions of W13 and RCD",
    "event_time": "G62, W0603, W1702, W1707, W1501, DTM, BSN03, BSN04; a day alone with GS04, GS05",
    "facility_id": "N104, else N102, of the party that keeps the goods",
    "item_id": "pairs of elements 235 and 234, element 438",
    "quantity": "W0401, W0701, W1203, W1902, W1301, RCD02, RCD04, RCD06 ..., SN102",
    "uom": "the unit that stands beside the quantity",
    "recorded_at": "GS04, GS05",
    "lot_id": "LT, B8 of the item; element 451; N9 LT, BT",
    "serial_id": "SN of the item; N9 SE",
    "location_id": "N9 WS",
    "to_status": "condition of W13 and RCD (element 412)",
    "partner_facility_id": "N1 of the other end of a transfer",
    "supplier_id": "N1 SU, VN, SE (861, 856: SF, too) of a receipt",
    "owner_id": "N1 DE",
    "document_type": "ST01, with W1201, W1901 or the condition",
    "document_id": "N9 TF, REF TF; order (W0602, W1704, LIN PO, PRF, REF PO); own number",
    "document_line": "N9 LI, LIN PL, LIN01",
    "correlation_id": "shipment, receipt or adjustment number",
}
_COUNT_ELEMENTS = {
    "count_id": "846, GS02, BIA03 and LIN01",
    "facility_id": "N104, else N102, of WH, SF, ST",
    "location_id": "N9 WS, REF WS",
    "item_id": "pairs of LIN",
    "counted_at": "DTM 007, BIA04, BIA05",
    "counted_quantity": "QTY02 where QTY01 is 17",
    "uom": "QTY03",
}
_ORDER_ELEMENTS = {
    "order_id": "W0602 of a 945 whose W12 states what was ordered (W1202)",
    "order_line": "N9 LI or PL of the item, else the position; `#2` where a line comes twice",
    "shipment_id": "W0604, else W0603",
    "facility_id": "N104, else N102, of WH, SF",
    "item_id": "W1217 and W1218 where another item was ordered, else as of the event",
    "ordered_quantity": "W1202",
    "shipped_quantity": "W1203",
    "shipped_at": "G62 11, W0603; a day alone with GS04, GS05",
    "uom": "W1205",
    "last_changed_at": "GS04, GS05",
}

SPEC = AdapterSpec(
    name="x12",
    title="X12 warehouse documents: 943, 944, 945, 947, 861, 856 as events, 846 as counts, 945 as order lines, too",
    tables=("inventory_event", "count_record", "order_line"),
    yields_all=True,
    clocks=("event_time", "recorded_at", "counted_at"),
    refuses=(
        "a file that does not begin with an ISA segment, or a binary one",
        "an ISA segment without its sixteen elements, or whose separators cannot be told apart",
        "a transaction set, functional group or interchange without its trailer, or a segment outside of them",
        "a count in SE01, GE01 or IEA01 that is not the number of segments, transaction sets or groups",
        "a control number in SE02, GE02 or IEA02 that is not that of ST02, GS06 or ISA13",
    ),
    is_mapped=True,
    unit_codes="x12",
    gs1_codes=True,
    layout="segment tables of ASC X12 releases 004010 to 007060",
    reads={"inventory_event": _EVENT_ELEMENTS, "count_record": _COUNT_ELEMENTS, "order_line": _ORDER_ELEMENTS},
    guide="read-x12.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads every file once into temporary tables of text.

    Errors: UnusableInput for a file whose envelope is not whole and right, with file, segment and reason.
    """
    kinds = ("events", "counts", "orders", "received")
    events, counts, orders, received = (f"x12_{what}_{feed.name}" for what in kinds)
    make_text_table(con, events, EVENT_COLUMNS)
    make_text_table(con, counts, COUNT_COLUMNS)
    make_text_table(con, orders, ORDER_COLUMNS)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for file in files:
        received_count = 0
        for rows in portions(transactions(file, KINDS), ROWS_AT_ONCE):
            append_text_rows(con, events, EVENT_COLUMNS, rows.events, file)
            append_text_rows(con, counts, COUNT_COLUMNS, rows.counts, file)
            append_text_rows(con, orders, ORDER_COLUMNS, rows.orders, file)
            received_count += rows.received_count()
        con.execute(f"INSERT INTO {received} VALUES ({literal(file.name)}, {received_count})")
    return Landing(
        [
            Scan("inventory_event", f"SELECT * FROM {events}", EVENT_COLUMNS, has_row_number=True),
            Scan("count_record", f"SELECT * FROM {counts}", COUNT_COLUMNS, has_row_number=True),
            Scan("order_line", f"SELECT * FROM {orders}", ORDER_COLUMNS, has_row_number=True),
        ],
        received_sql=f"SELECT file, received_count FROM {received}",
    )


ADAPTER = Adapter(SPEC, land)
