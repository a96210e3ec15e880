"""The tables that mining makes, as published: their columns and types, also when they are empty."""

from collections.abc import Iterable

import polars as pl

VARIANT_FREQUENCY = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "variant": pl.String,
        "is_open": pl.Boolean,
        "cases_count": pl.Int64,
    }
)
DEVIATIONS = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "kind": pl.String,
        "activity": pl.String,
        "cases_count": pl.Int64,
    }
)
PROCESS_CONFORMANCE = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "cases_count": pl.Int64,
        "conformant_count": pl.Int64,
        "fitness_ratio": pl.Float64,
        "open_count": pl.Int64,
        "approximated_count": pl.Int64,
    }
)
PROCESS_MODELS = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "kind": pl.String,
        "bpmn_xml": pl.String,
        "dot": pl.String,
    }
)
TABLES: dict[str, pl.Schema] = {
    "deviations": DEVIATIONS,
    "process_conformance": PROCESS_CONFORMANCE,
    "process_models": PROCESS_MODELS,
}


def stacked(parts: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Parts below each other with the columns and types of a schema, sorted by all of them."""
    whole = pl.concat([pl.DataFrame(schema=schema), *(part.select(schema.names()).cast(schema) for part in parts)])
    return whole.sort(schema.names(), nulls_last=False)
