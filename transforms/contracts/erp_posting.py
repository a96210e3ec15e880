"""`erp_posting`: the ERP stored a movement of stock."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "posting_id": column("text", "identifies the posting", required=True),
    "posted_at": column("instant", "when the ERP stored it", required=True, unit="UTC"),
    "facility_id": column("text", "whose stock it changes", required=True, refers="facility"),
    "item_id": column("text", "which item", refers="item"),
    "quantity": column("quantity", "signed change of stock", unit="base unit of the item"),
    "uom": column("text", "unit of the delivered quantity", refers="uom"),
    "event_id": column("text", "the event it posts, where the ERP knows it"),
    "posting_type": column("text", "what is posted; an event type gives the direction", refers="posting_type"),
    "movement_type": column("text", "movement type of the ERP"),
    "posting_date": column("date", "accounting day, set by a person"),
    "document_type": column("text", "kind of the business document"),
    "document_id": column("text", "business document"),
    "document_line": column("text", "line of the business document"),
    "value_amount": column("amount", "value of the posting", unit="currency"),
    "currency": column("text", "currency of the value"),
    "legal_entity_id": column("text", "whose books"),
    "posted_by": column("text", "user or interface"),
    "reverses_posting_id": column("text", "the posting that this one takes back"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("posting_id",)
CONTRACT = Contract(
    name="erp_posting",
    schema=schema("erp_posting", _COLUMNS, KEY),
    key=KEY,
    version_order=("posted_at",),
    clock="posted_at",
)
