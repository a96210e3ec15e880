"""`exception_log`: what a source system itself tracks as an exception, and who works on it."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "exception_id": column("text", "identifies the exception in its source", required=True),
    "rule": column("text", "what its source calls it"),
    "facility_id": column("text", "where", refers="facility"),
    "reference_id": column("text", "the event, posting, document or count that it is about"),
    "opened_at": column("instant", "when it was opened", required=True, unit="UTC"),
    "resolved_at": column("instant", "when it was resolved", unit="UTC"),
    "status": column("text", "what has become of it"),
    "assigned_to": column("text", "who works on it"),
    "effort_minutes": column("amount", "how long was worked on it", unit="min", checks=[pa.Check.ge(0)]),
    "last_changed_at": column("instant", "when its source last changed the row", unit="UTC"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("exception_id",)
CONTRACT = Contract(
    name="exception_log",
    schema=schema("exception_log", _COLUMNS, KEY),
    key=KEY,
    version_order=("last_changed_at",),
    clock="opened_at",
)
