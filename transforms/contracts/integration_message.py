"""`integration_message`: one system handed something to another."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

_COLUMNS = {
    "message_id": column("text", "identifies the message in every attempt", required=True),
    "interface": column("text", "the interface that carried it"),
    "facility_id": column("text", "the facility that it speaks of", refers="facility"),
    "event_id": column("text", "the event that it carries"),
    "sent_at": column("instant", "when it was first sent", required=True, unit="UTC"),
    "acknowledged_at": column("instant", "when the receiver acknowledged it", unit="UTC"),
    "attempts": column("integer", "how often it was sent", checks=[pa.Check.ge(0)]),
    "status": column("text", "what became of it; message_statuses.csv says which words mean a failure"),
    "response_ms": column("amount", "from the last attempt to the answer", unit="ms", checks=[pa.Check.ge(0)]),
    "queue_wait_ms": column("amount", "from being queued to the first attempt", unit="ms", checks=[pa.Check.ge(0)]),
    "error_code": column("text", "error that the receiver or the interface stated"),
    "sequence_no": column("integer", "number that the sender counts its messages with"),
    "ingested_at": column("instant", "when the pipeline received the row, as the feed states it", unit="UTC"),
}

KEY = ("message_id",)
CONTRACT = Contract(
    name="integration_message",
    schema=schema("integration_message", _COLUMNS, KEY),
    key=KEY,
    version_order=("acknowledged_at", "attempts"),
    clock="sent_at",
)
