"""The tables that mining makes, as published: their columns and types, also when they are empty."""

from collections.abc import Iterable

import polars as pl

from mining.cause_tables import CAUSE_MEANINGS
from mining.meaning import Meaning

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
PROCESS_MODEL_QUALITY = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "kind": pl.String,
        "cases_count": pl.Int64,
        "variants_count": pl.Int64,
        "fitness_ratio": pl.Float64,
        "aligned_count": pl.Int64,
        "replay_ratio": pl.Float64,
        "replayed_count": pl.Int64,
        "precision_ratio": pl.Float64,
        "generalisation_ratio": pl.Float64,
        "simplicity_ratio": pl.Float64,
        "unknown_reason": pl.String,
    }
)
PROCESS_RELATIONS = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "from_activity": pl.String,
        "to_activity": pl.String,
        "follows_count": pl.Int64,
        "relation": pl.String,
        "dependency": pl.Float64,
        "is_in_heuristics_net": pl.Boolean,
        "is_allowed": pl.Boolean,
    }
)
PROCESS_CONSTRAINTS = pl.Schema(
    {
        "process": pl.String,
        "facility_id": pl.String,
        "template": pl.String,
        "activity": pl.String,
        "other_activity": pl.String,
        "cases_count": pl.Int64,
        "activated_count": pl.Int64,
        "satisfied_count": pl.Int64,
        "support_ratio": pl.Float64,
        "confidence_ratio": pl.Float64,
    }
)
# What is published as it is, in schema marts.
TABLES: dict[str, pl.Schema] = {
    "process_models": PROCESS_MODELS,
    "process_model_quality": PROCESS_MODEL_QUALITY,
    "process_relations": PROCESS_RELATIONS,
    "process_constraints": PROCESS_CONSTRAINTS,
}
# What SQL joins to the cases, in schema process.
JUDGEMENTS: dict[str, pl.Schema] = {"variant_conformance": VARIANT_CONFORMANCE, "variant_deviation": VARIANT_DEVIATION}


def stacked(parts: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Parts below each other with the columns and types of a schema, sorted by all of them."""
    whole = pl.concat([pl.DataFrame(schema=schema), *(part.select(schema.names()).cast(schema) for part in parts)])
    return whole.sort(schema.names(), nulls_last=False)


MEANINGS: dict[str, Meaning] = {
    "process_models": Meaning(
        "Process models",
        "What is the process meant to be, and what is it?",
        "The normative BPMN model of each process, those of facilities that have their own, and the one discovered "
        "from the variants of each facility.",
    ),
    "process_model_quality": Meaning(
        "Quality of process models",
        "How well does the normative or the discovered model describe what a facility does?",
        "Of each model on the closed cases of a facility, as ratios: fitness (mean over cases of 1 - cost / worst cost "
        "of the optimal alignment), token replay's fitness, precision (of what the model allows next, how much cases "
        "do), generalisation (how often its parts are used) and simplicity (arcs at a part); 1 is best. aligned_count "
        "and replayed_count say how many cases the figures are of; unknown_reason why there are none.",
    ),
    "process_relations": Meaning(
        "Relations of activities",
        "What directly follows what at a facility, is it a sequence or side by side, and does the standard allow it?",
        "Number of times that one activity directly follows another in closed cases of a facility; `parallel` where "
        "they follow each other both ways; the dependency of the heuristics miner (-1 to 1) and whether the pair is in "
        "its net (dependency at least 0.5); whether the normative model allows the one directly after the other.",
    ),
    "process_constraints": Meaning(
        "Rules that cases keep to",
        "Which rules of order and existence (DECLARE) do the cases of a facility keep to?",
        "DECLARE constraints that concern at least a tenth of the closed cases of a facility (support_ratio = "
        "activated / cases) and that at least nine tenths of these keep to (confidence_ratio = satisfied / activated).",
    ),
    **CAUSE_MEANINGS,
}
