"""`purchase_line`: what was ordered of a supplier, and what became of it."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "purchase_order_id": column("text", "identifies the purchase order", required=True),
    "purchase_order_line": column("text", "line of the purchase order", required=True),
    "facility_id": column("text", "where it is received", refers="facility"),
    "supplier_id": column("text", "who delivers"),
    "item_id": column("text", "which item", refers="item"),
    "ordered_quantity": column("quantity", "what was ordered", unit="base unit of the item"),
    "received_quantity": column("quantity", "what has come, good or not", unit="base unit of the item"),
    "rejected_quantity": column("quantity", "what was rejected of it", unit="base unit of the item"),
    "stocked_quantity": column("quantity", "what was put into stock of it", unit="base unit of the item"),
    "uom": column("text", "unit of the quantities and of the price", refers="uom"),
    "unit_price": column(
        "amount", "price of one unit of `uom`; after landing, of one base unit", unit="currency", is_per_unit=True
    ),
    "currency": column("text", "currency of the price"),
    "ordered_at": column("instant", "when it was ordered", unit="UTC"),
    "ordered_date": column("date", "the day of the order, as it states it"),
    "due_date": column("date", "the day on which it is due"),
    "last_changed_at": column("instant", "when its source last changed the row", unit="UTC"),
}

KEY = ("purchase_order_id", "purchase_order_line")
CONTRACT = Contract(
    name="purchase_line",
    schema=schema("purchase_line", _COLUMNS, KEY),
    key=KEY,
    version_order=("last_changed_at",),
    clock="ordered_at",
    day="ordered_date",
)
