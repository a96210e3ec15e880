"""`count_record`: somebody counted stock."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "count_id": column("text", "identifies the count", required=True),
    "facility_id": column("text", "where", required=True, refers="facility"),
    "location_id": column("text", "bin or storage location"),
    "item_id": column("text", "which item", required=True, refers="item"),
    "counted_at": column("instant", "when it was counted", required=True, unit="UTC"),
    "counted_quantity": column(
        "quantity", "what was found", required=True, unit="base unit of the item", checks=[pa.Check.ge(0)]
    ),
    "book_quantity": column("quantity", "what the books said", unit="base unit of the item"),
    "uom": column("text", "unit of both quantities", refers="uom"),
    "shift": column("text", "shift in which it was counted"),
    "counted_by": column("text", "who counted"),
    "approved_at": column("instant", "when the variance was approved", unit="UTC"),
    "approved_by": column("text", "who approved"),
    "reason_code": column("text", "why it differs"),
}

KEY = ("count_id",)
CONTRACT = Contract(
    name="count_record",
    schema=schema("count_record", _COLUMNS, KEY),
    key=KEY,
    version_order=("counted_at", "approved_at"),
    clock="counted_at",
)
