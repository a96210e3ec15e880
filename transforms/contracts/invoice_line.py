"""`invoice_line`: what a supplier charges for a line of a purchase order."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "invoice_id": column("text", "identifies the invoice", required=True),
    "invoice_line": column("text", "line of the invoice", required=True),
    "purchase_order_id": column("text", "the purchase order that it charges"),
    "purchase_order_line": column("text", "its line"),
    "facility_id": column("text", "where the goods were received", refers="facility"),
    "supplier_id": column("text", "who charges"),
    "item_id": column("text", "which item", refers="item"),
    "quantity": column("quantity", "how much is charged; a credit is negative", unit="base unit of the item"),
    "uom": column("text", "unit of the quantity and of the price", refers="uom"),
    "unit_price": column(
        "amount", "price of one unit of `uom`; after landing, of one base unit", unit="currency", is_per_unit=True
    ),
    "currency": column("text", "currency of the price"),
    "invoice_date": column("date", "the day of the invoice, as it states it"),
    "invoiced_at": column("instant", "when it was entered", unit="UTC"),
    "due_date": column("date", "the day on which it is to be paid"),
    "disputed_at": column("instant", "when it was disputed", unit="UTC"),
    "dispute_resolved_at": column("instant", "when the dispute ended", unit="UTC"),
    "dispute_reason": column("text", "why it was disputed"),
    "paid_at": column("instant", "when it was paid", unit="UTC"),
    "last_changed_at": column("instant", "when its source last changed the row", unit="UTC"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("invoice_id", "invoice_line")
CONTRACT = Contract(
    name="invoice_line",
    schema=schema("invoice_line", _COLUMNS, KEY),
    key=KEY,
    version_order=("last_changed_at",),
    clock="invoiced_at",
    day="invoice_date",
)
