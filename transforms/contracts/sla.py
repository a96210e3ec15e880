"""`sla`: how many seconds a step may take. A NULL scope column means "any"; the most specific row wins."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

KINDS = ("posting", "transfer", "acknowledgement", "rule")

_COLUMNS = {
    "sla_kind": column(
        "text",
        "what is timed: posting, transfer, acknowledgement or rule",
        required=True,
        checks=[pa.Check.isin(list(KINDS))],
    ),
    "facility_id": column("text", "only at this facility; NULL: any", refers="facility"),
    "facility_kind": column("text", "only at facilities of this kind; NULL: any"),
    "from_facility_id": column("text", "only of transfers from here; NULL: any", refers="facility"),
    "event_type": column("text", "only for this event type; NULL: any", refers="event_type"),
    "rule": column("text", "only for this exception rule (sla_kind rule)"),
    "seconds": column(
        "integer", "allowed time; exactly this long is in time", required=True, unit="s", checks=[pa.Check.ge(0)]
    ),
}

KEY = ("sla_kind", "facility_id", "facility_kind", "from_facility_id", "event_type", "rule")
CONTRACT = Contract(name="sla", schema=schema("sla", _COLUMNS, KEY), key=KEY)
