"""`reservation`: stock promised to an order, from when until when."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "reservation_id": column("text", "identifies the reservation", required=True),
    "facility_id": column("text", "whose stock is promised", required=True, refers="facility"),
    "item_id": column("text", "which item", required=True, refers="item"),
    "quantity": column(
        "quantity", "how much is promised", required=True, unit="base unit of the item", checks=[pa.Check.ge(0)]
    ),
    "uom": column("text", "unit of the quantity", refers="uom"),
    "reserved_at": column("instant", "when it was promised", required=True, unit="UTC"),
    "released_at": column("instant", "when the promise ended: picked, shipped or given up", unit="UTC"),
    "order_id": column("text", "the order that it is promised to"),
    "order_line": column("text", "line of the order"),
    "last_changed_at": column("instant", "when its source last changed the row", unit="UTC"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("reservation_id",)
CONTRACT = Contract(
    name="reservation",
    schema=schema("reservation", _COLUMNS, KEY),
    key=KEY,
    version_order=("last_changed_at",),
    clock="reserved_at",
)
