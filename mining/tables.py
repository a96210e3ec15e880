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


class Meaning(NamedTuple):
    """What the catalogue says about a table that mining makes."""

    title: str
    question: str
    definition: str


MEANINGS: dict[str, Meaning] = {
    "deviations": Meaning(
        "Deviations from the standard",
        "Which steps are skipped, inserted, repeated or out of order, and where?",
        "Number of cases per process, facility, kind of deviation and activity in which the optimal alignment with the "
        "normative model departs from it; steps missing at the end of a case that may still go on are none.",
    ),
    "process_conformance": Meaning(
        "Conformance to the standard",
        "How closely does each facility follow the normative process?",
        "Cases, cases that follow the normative model, and their mean fitness (ratio, 1 = as the model says).",
    ),
    "process_models": Meaning(
        "Process models",
        "What is the process meant to be, and what is it?",
        "The normative BPMN model of each process and the one discovered from the variants of each facility.",
    ),
}
