"""`opening_stock`: what was in stock before the first event and the first posting, physically and in the books."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "facility_id": column("text", "where", required=True, refers="facility"),
    "item_id": column("text", "which item", required=True, refers="item"),
    "quantity": column("quantity", "how much", required=True, unit="base unit of the item"),
    "book_quantity": column("quantity", "how much by the ERP's books; NULL: the same", unit="base unit of the item"),
}

KEY = ("facility_id", "item_id")
CONTRACT = Contract(name="opening_stock", schema=schema("opening_stock", _COLUMNS, KEY), key=KEY)
