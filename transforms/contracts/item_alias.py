"""`item_alias`: a facility's own code for an item."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "facility_id": column("text", "whose code it is", required=True, refers="facility"),
    "local_code": column("text", "the code as that facility writes it", required=True),
    "item_id": column("text", "the item it means", required=True, refers="item"),
}

KEY = ("facility_id", "local_code")
CONTRACT = Contract(name="item_alias", schema=schema("item_alias", _COLUMNS, KEY), key=KEY)
