"""`facility`: a place that holds stock."""

import pandera.polars as pa

from transforms.contracts.base import Contract, column, schema

TIMING_MODELS = ("realtime", "micro_batch", "batch")

_COLUMNS = {
    "facility_id": column("text", "identifies the facility", required=True),
    "name": column("text", "what people call it"),
    "kind": column("text", "free text, for example national_dc or 3pl"),
    "timezone": column("text", "IANA zone of its local days and hours", required=True),
    "country": column("text", "ISO 3166 code"),
    "legal_entity_id": column("text", "whose books its stock is in"),
    "gln": column("text", "GS1 global location number"),
    "timing_model": column("text", "how it posts, as declared", checks=[pa.Check.isin(list(TIMING_MODELS))]),
    "interval_s": column("integer", "declared period of its uploads", unit="s", checks=[pa.Check.gt(0)]),
    "calendar": column("text", "the calendar of its working hours; NULL: it works at all hours"),
}

KEY = ("facility_id",)
CONTRACT = Contract(name="facility", schema=schema("facility", _COLUMNS, KEY), key=KEY)
