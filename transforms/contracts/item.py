"""`item`: what is stocked."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "item_id": column("text", "identifies the item", required=True),
    "gtin": column("text", "GS1 global trade item number"),
    "base_uom": column("text", "unit in which its stock is kept"),
    "unit_cost": column("amount", "cost of one base unit", unit="currency", checks=[pa.Check.ge(0)]),
    "currency": column("text", "currency of the cost"),
    "abc_class": column("text", "A, B or C; decides the count tolerance", checks=[pa.Check.isin(["A", "B", "C"])]),
    "lot_tracked": column("boolean", "whether every movement must name a lot"),
}

KEY = ("item_id",)
CONTRACT = Contract(name="item", schema=schema("item", _COLUMNS, KEY), key=KEY)
