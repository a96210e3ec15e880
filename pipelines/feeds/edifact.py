"""`edifact`: UN/EDIFACT DESADV and RECADV (events) and INVRPT (counts of stock on hand, and movements as events).

A row is a quantity: its number is the ordinal of the segment that states it. Ids hold the sender (UNB), the document's
own number (BGM) and the line, and no control reference, so that they stay the same when a document is sent again. Times
are local unless their format states a zone; a date alone gets the time when the message was written if that was on the
same day, and else is no instant. What makes no row is out of scope: other messages (CONTRL, ORDERS ...) once each, and
quantities that say nothing of units in the house. `docs/how-to/read-edifact.md` states every element that is read and
every decision.
"""

from typing import TYPE_CHECKING

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.edifact_documents import COUNT_COLUMNS, EVENT_COLUMNS, KINDS, portions
from pipelines.feeds.edifact_lines import READ
from pipelines.feeds.edifact_text import messages
from pipelines.feeds.text_rows import ROWS_AT_ONCE, append_text_rows, make_text_table
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb

_EVENT_ELEMENTS = {
    "event_id": "message, sender (UNB), own number (BGM), line and what of it",
    "event_type": "message; NAD BY and SU alike: a transfer; 6063 of QTY and QVR; 4501 and 4499 of INV",
    "event_time": "DTM: DESADV 11, 200; RECADV 50, 35; INVRPT 7, 11, 50, 35, 366; a day with recorded_at's time",
    "facility_id": "NAD of the party that keeps the goods (GLN, else code, else name); INVRPT: LOC",
    "item_id": "LIN and PIA: GTIN (SRV, EN, UP), SA, IN, BP ...",
    "quantity": "6060 of QTY, 6064 of QVR",
    "uom": "6411 beside the quantity",
    "recorded_at": "DTM 137 with a time, else UNB's date and time",
    "lot_id": "GIN BX, PIA NB, RFF BT",
    "serial_id": "GIN BN, PIA SN, RFF SE",
    "location_id": "LOC: 3223, or 3225 of a location of goods that is no GLN",
    "to_status": "6063 of what was not accepted",
    "partner_facility_id": "NAD of the other end",
    "supplier_id": "NAD SU, SE of a receipt",
    "owner_id": "NAD GO",
    "document_type": "message, with 6063 and 4221, 4295 or 4499 where they say more",
    "document_id": "RFF ON; RECADV: RFF AAK, DQ; own number",
    "document_line": "line of RFF ON, RFF LI, LIN",
    "correlation_id": "number of the despatch advice (RFF AAK), else own number",
}
_COUNT_ELEMENTS = {
    "count_id": "INVRPT, sender, own number (BGM) and line",
    "facility_id": "LOC 18, 19 (14 with a GLN), else NAD WH, GY",
    "location_id": "LOC: 3223, or 3225 of a location of goods that is no GLN",
    "item_id": "LIN and PIA",
    "counted_at": "DTM 366, 206, 91, 137",
    "counted_quantity": "6060 of QTY 145, 17",
    "uom": "6411",
}

SPEC = AdapterSpec(
    name="edifact",
    title="UN/EDIFACT messages: DESADV and RECADV as events, INVRPT as counts and movements",
    tables=("inventory_event", "count_record"),
    yields_all=True,
    clocks=("event_time", "recorded_at", "counted_at"),
    refuses=(
        "a file that does not begin with UNA or UNB, or a binary one",
        "separators in UNA that cannot be told apart",
        "a syntax identifier that is not known, or text that is not in its characters",
        "a message, group or interchange without its trailer, a segment outside of them, or one without a tag",
        "a count in UNT, UNE or UNZ that is not the number of segments, messages or groups",
        "a reference in UNT, UNE or UNZ that is not that of UNH, UNG or UNB",
        "a message of more than 250,000 segments that are read, or a segment of more than a million characters",
    ),
    is_mapped=True,
    unit_codes="rec20",
    gs1_codes=True,
    layout="UN/EDIFACT directories D.96A to D.01B, syntax ISO 9735, with the codes of EANCOM 1997 and 2002 (GS1)",
    reads={"inventory_event": _EVENT_ELEMENTS, "count_record": _COUNT_ELEMENTS},
    guide="read-edifact.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads every file once into temporary tables of text.

    Errors: UnusableInput for a file whose envelope is not whole and right, with file, segment and reason.
    """
    events, counts, received = (f"edifact_{what}_{feed.name}" for what in ("events", "counts", "received"))
    make_text_table(con, events, EVENT_COLUMNS)
    make_text_table(con, counts, COUNT_COLUMNS)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for file in files:
        received_count = 0
        for rows in portions(messages(file, KINDS, READ), ROWS_AT_ONCE, feed.event_types):
            append_text_rows(con, events, EVENT_COLUMNS, rows.events, file)
            append_text_rows(con, counts, COUNT_COLUMNS, rows.counts, file)
            received_count += len(rows.events) + len(rows.counts) + rows.skipped_count
        con.execute(f"INSERT INTO {received} VALUES ({literal(file.name)}, {received_count})")
    return Landing(
        [
            Scan("inventory_event", f"SELECT * FROM {events}", EVENT_COLUMNS, has_row_number=True),
            Scan("count_record", f"SELECT * FROM {counts}", COUNT_COLUMNS, has_row_number=True),
        ],
        received_sql=f"SELECT file, received_count FROM {received}",
    )


ADAPTER = Adapter(SPEC, land)
