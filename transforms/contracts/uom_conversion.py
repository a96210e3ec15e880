"""`uom_conversion`: how many base units one unit of an item is; per item, since a pallet differs by item."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "item_id": column("text", "which item", required=True, refers="item"),
    "uom": column("text", "the unit", required=True),
    "factor": column("quantity", "base units in one such unit", required=True, checks=[pa.Check.gt(0)]),
}

KEY = ("item_id", "uom")
CONTRACT = Contract(name="uom_conversion", schema=schema("uom_conversion", _COLUMNS, KEY), key=KEY)
