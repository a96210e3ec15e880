"""`order_line`: what a customer or a site ordered, and what was shipped of it."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "order_id": column("text", "identifies the order", required=True),
    "order_line": column("text", "line of the order", required=True),
    "shipment_id": column("text", "the shipment, where a line's shipments come one by one"),
    "facility_id": column("text", "where it is shipped from", refers="facility"),
    "item_id": column("text", "which item", refers="item"),
    "ordered_quantity": column("quantity", "what was ordered", unit="base unit of the item"),
    "promised_at": column("instant", "when it was promised", unit="UTC", is_plan=True),
    "ordered_at": column("instant", "when it was ordered", unit="UTC"),
    "shipped_quantity": column(
        "quantity", "what was shipped: of the line so far, or with this shipment", unit="base unit of the item"
    ),
    "shipped_at": column("instant", "when it was shipped", unit="UTC"),
    "uom": column("text", "unit of the quantities", refers="uom"),
    "last_changed_at": column("instant", "when its source last changed the row", unit="UTC"),
}

KEY = ("order_id", "order_line", "shipment_id")
CONTRACT = Contract(
    name="order_line",
    schema=schema("order_line", _COLUMNS, KEY),
    key=KEY,
    version_order=("last_changed_at",),
    clock="ordered_at",
)
