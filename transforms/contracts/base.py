"""The shape of a contract: a pandera schema whose column metadata says what SQL needs to know.

A contract is written once, as a pandera schema. Small frames are validated with pandera itself; big
tables by one-scan SQL generated from the same schema (`transforms.contracts.sqlgen`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandera.polars as pa
import polars as pl

QUANTITY_SCALE = 6
QUANTITY_SQL = f"DECIMAL(18,{QUANTITY_SCALE})"
UNIT_RATIO_SCALE = 12
UNIT_RATIO_SQL = f"DECIMAL(20,{UNIT_RATIO_SCALE})"  # a quantity times it fits the widest decimal, exactly
FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(2100, 1, 1, tzinfo=UTC)

SQL_TYPE = {
    "text": "VARCHAR",
    "instant": "TIMESTAMPTZ",
    "date": "DATE",
    "quantity": QUANTITY_SQL,
    "amount": QUANTITY_SQL,
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}

POLARS_TYPE: dict[str, Any] = {
    "text": pl.String,
    "instant": pl.Datetime("us", "UTC"),
    "date": pl.Date,
    "quantity": pl.Decimal(18, QUANTITY_SCALE),
    "amount": pl.Decimal(18, QUANTITY_SCALE),
    "integer": pl.Int64,
    "boolean": pl.Boolean,
}


@dataclass(frozen=True)
class Contract:
    """One canonical table: its pandera schema and what the pipeline needs beside it.

    Attributes:
        name: table name, as in the design's list of canonical tables.
        schema: pandera schema; a column's metadata holds `kind` (a key of SQL_TYPE), `refers`
            (the vocabulary that its value must be found in), `unit`, `is_plan` and `is_per_unit`.
        key: the columns that identify one row; one that is not required may be NULL, which equals NULL.
        version_order: the columns that, before the content hash, decide which content of a conflicting key is
            used: the highest, of instants the highest up to `as_of`; NULL counts as lowest.
        clock: the column that says when the row happened; rows after `as_of` are outside, rows without it are not.
        day: the column of the day that stands for a clock that is not stated: rows of a later day than that of `as_of`
            in UTC are outside.
    """

    name: str
    schema: pa.DataFrameSchema
    key: tuple[str, ...]
    version_order: tuple[str, ...] = ()
    clock: str | None = None
    day: str | None = None

    @property
    def columns(self) -> list[str]:
        """Column names in contract order."""
        return list(self.schema.columns)

    @property
    def required(self) -> list[str]:
        """Columns that a file must have and a row must fill."""
        return [name for name, column in self.schema.columns.items() if column.required]

    def kind(self, column: str) -> str:
        """The kind (a key of SQL_TYPE) of a column."""
        return str(self.schema.columns[column].metadata["kind"])

    def refers(self, column: str) -> str | None:
        """The vocabulary a column's value must be found in, or None."""
        return self.schema.columns[column].metadata.get("refers")

    def of_kind(self, *kinds: str) -> list[str]:
        """Columns of the given kinds, in contract order."""
        return [c for c in self.columns if self.kind(c) in kinds]

    def is_per_unit(self, column: str) -> bool:
        """Whether a column is an amount for one unit of the row's `uom`."""
        return bool(self.schema.columns[column].metadata.get("is_per_unit"))

    def past_instants(self) -> list[str]:
        """Columns of instants that lie in the past when their row is written: all but plans."""
        return [c for c in self.of_kind("instant") if not self.schema.columns[c].metadata.get("is_plan")]

    def same_key(self, left: str, right: str) -> str:
        """SQL that is true where two rows have the same key; NULL equals NULL where a key column may be NULL."""
        operators = {c: "=" if c in self.required else "IS NOT DISTINCT FROM" for c in self.key}
        return " AND ".join(f"{left}.{c} {operator} {right}.{c}" for c, operator in operators.items())

    def content_columns(self) -> list[str]:
        """The columns that make two deliveries of a key the same or a conflict: all but `ingested_at`."""
        return [c for c in self.columns if c != "ingested_at"]


def column(
    kind: str,
    description: str,
    *,
    required: bool = False,
    refers: str | None = None,
    unit: str | None = None,
    checks: list[pa.Check] | None = None,
    is_plan: bool = False,
    is_per_unit: bool = False,
) -> pa.Column:
    """One contract column. A required column is non-null; every other may be absent, and then is NULL.

    Args:
        is_plan: an instant that may lie in the future: it says nothing of how far the data go.
        is_per_unit: an amount for one unit of the row's `uom`; landing brings it to one base unit, as quantities.
    """
    return pa.Column(
        POLARS_TYPE[kind],
        nullable=not required,
        required=required,
        checks=checks or [],
        description=description,
        metadata={"kind": kind, "refers": refers, "unit": unit, "is_plan": is_plan, "is_per_unit": is_per_unit},
    )


def schema(name: str, columns: dict[str, pa.Column], key: tuple[str, ...]) -> pa.DataFrameSchema:
    """A pandera schema whose key is unique."""
    return pa.DataFrameSchema(columns, name=name, unique=list(key), strict=False)
