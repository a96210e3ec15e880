"""The tables that mining makes, as published: their columns and types, also when they are empty."""

from collections.abc import Iterable
from typing import NamedTuple

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
VARIANT_CONFORMANCE = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "variant": pl.String,
        "is_open": pl.Boolean,
        "fitness": pl.Float64,
        "cost": pl.Int64,
        "is_fitting": pl.Boolean,
        "is_exact": pl.Boolean,
    }
)
VARIANT_DEVIATION = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "variant": pl.String,
        "is_open": pl.Boolean,
        "kind": pl.String,
        "activity": pl.String,
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
# What is published as it is, in schema marts.
TABLES: dict[str, pl.Schema] = {"process_models": PROCESS_MODELS}
# What SQL joins to the cases, in schema process.
JUDGEMENTS: dict[str, pl.Schema] = {"variant_conformance": VARIANT_CONFORMANCE, "variant_deviation": VARIANT_DEVIATION}


def stacked(parts: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Parts below each other with the columns and types of a schema, sorted by all of them."""
    whole = pl.concat([pl.DataFrame(schema=schema), *(part.select(schema.names()).cast(schema) for part in parts)])
    return whole.sort(schema.names(), nulls_last=False)


class Meaning(NamedTuple):
    """What the catalogue says about a table that mining makes."""

    title: str
    question: str
    definition: str


MEANINGS: dict[str, Meaning] = {
    "process_models": Meaning(
        "Process models",
        "What is the process meant to be, and what is it?",
        "The normative BPMN model of each process, those of facilities that have their own, and the one discovered "
        "from the variants of each facility.",
    ),
}
