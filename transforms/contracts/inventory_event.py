"""`inventory_event`: something happened to stock on the floor."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "event_id": column("text", "identifies the event in every delivery", required=True),
    "event_type": column("text", "what happened", required=True, refers="event_type"),
    "event_time": column("instant", "when it happened on the floor", required=True, unit="UTC"),
    "facility_id": column("text", "where it happened", required=True, refers="facility"),
    "item_id": column("text", "what it happened to", refers="item"),
    "quantity": column(
        "quantity", "how much, either sign; the event type gives the direction", unit="base unit of the item"
    ),
    "uom": column("text", "unit of the delivered quantity", refers="uom"),
    "recorded_at": column("instant", "when the execution system stored it", unit="UTC"),
    "lot_id": column("text", "lot or batch"),
    "serial_id": column("text", "serial number"),
    "location_id": column("text", "bin or storage location"),
    "from_status": column("text", "stock status before", refers="status"),
    "to_status": column("text", "stock status after", refers="status"),
    "partner_facility_id": column("text", "the other end of a transfer", refers="partner"),
    "supplier_id": column("text", "supplier of a receipt"),
    "owner_id": column("text", "owner of the stock"),
    "document_type": column("text", "kind of the business document"),
    "document_id": column("text", "business document, the case of a process"),
    "document_line": column("text", "line of the business document"),
    "actor_id": column("text", "who or what did it"),
    "shift": column("text", "shift in which it happened"),
    "sequence_no": column("integer", "order within the source system"),
    "correlation_id": column("text", "ties messages of one action together"),
    "withdrawn_at": column("instant", "when its source declared the event an error: it did not happen", unit="UTC"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("event_id",)
CONTRACT = Contract(
    name="inventory_event",
    schema=schema("inventory_event", _COLUMNS, KEY),
    key=KEY,
    version_order=("recorded_at",),
    clock="event_time",
)
