"""`supplier`: who delivers."""

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "supplier_id": column("text", "identifies the supplier", required=True),
    "name": column("text", "what people call it"),
    "gln": column("text", "GS1 global location number"),
    "country": column("text", "ISO 3166 code"),
}

KEY = ("supplier_id",)
CONTRACT = Contract(name="supplier", schema=schema("supplier", _COLUMNS, KEY), key=KEY)
