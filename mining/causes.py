"""What raises an outcome: every value of every attribute against the other values, over all cases or events.

An outcome is a deviation, a slow segment or a fault of posting (`process.outcome_cell`). What is told is association:
it says where to look, not why. Three things keep it honest: exact tests corrected for their number, nothing told of few
cases, and a comparison within facilities, since most attributes also say at which facility something happened.
"""

import numpy as np
import polars as pl

from mining.cause_rules import rules
from mining.cause_tables import CAUSE_OUTCOMES, CAUSES, MINIMUM_HITS, MINIMUM_UNITS, OUTCOME_KEY
from mining.cause_words import label
from mining.risk import adjusted, score_interval, upper_tail, within_strata

# Of the values that are called raised, so many may be so by chance.
FALSE_DISCOVERY_RATIO = 0.05
FEW_HITS = f"fewer than {MINIMUM_HITS} have the outcome"
_VALUE_KEY = [*OUTCOME_KEY, "attribute", "value"]


def find_causes(
    counts: pl.DataFrame, population_cells: pl.DataFrame, outcome_cells: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The tables `causes`, `cause_outcomes` and `cause_rules`.

    Args:
        counts: the rows of `process.outcome_count`.
        population_cells: those of `process.population_cell`.
        outcome_cells: those of `process.outcome_cell`.
    """
    named = counts.with_columns(outcome_name())
    found = causes(named)
    told = rules(found, population_cells, outcome_cells.with_columns(outcome_name()))
    return {"causes": found, "cause_outcomes": outcomes(named, found), "cause_rules": told}


def outcome_name() -> pl.Expr:
    """An outcome in one text, unique within its subject: its kind and what it concerns."""
    segment = pl.concat_str("kind", "from_activity", pl.lit("to"), "activity", separator=" ")
    return pl.coalesce(segment, pl.concat_str("kind", "activity", separator=" ")).alias("outcome")


def causes(counts: pl.DataFrame) -> pl.DataFrame:
    """Every value of every attribute beside the others, as CAUSES says.

    Args:
        counts: rows of `process.outcome_count` with the name of the outcome.
    """
    compared = _compared(counts).with_columns(_untested_reason().alias("untested_reason"))
    inside = _within_facilities(counts)
    judged = _tested(_rated(compared)).join(inside, on=_VALUE_KEY, how="left", nulls_equal=True)
    is_raised = (
        (pl.col("p_adjusted") <= FALSE_DISCOVERY_RATIO)
        & (pl.col("outcome_count") >= MINIMUM_HITS)
        & (pl.col("share_ratio") > pl.col("others_share_ratio"))
    ).fill_null(value=False)
    words = pl.struct("attribute", "value").map_elements(lambda row: label(**row), return_dtype=pl.String)
    judged = judged.with_columns(is_raised.alias("is_raised"), words.alias("label"))
    judged = _held_to_facilities(judged).with_columns(_explained()).with_columns(_standing().alias("standing"))
    return judged.select(CAUSES.names()).cast(CAUSES).sort(_VALUE_KEY)


def _compared(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts of each value and of the other values that are stated, over all facilities."""
    own = counts.group_by(_VALUE_KEY).agg(pl.col("units_count", "outcome_count").sum())
    stated = [*OUTCOME_KEY, "attribute"]
    return own.with_columns(
        (pl.col("units_count").sum().over(stated) - pl.col("units_count")).alias("others_count"),
        (pl.col("outcome_count").sum().over(stated) - pl.col("outcome_count")).alias("others_outcome_count"),
    ).sort(_VALUE_KEY)


def _untested_reason() -> pl.Expr:
    """Why a value is not tested; all of it known before anybody looks where the outcome is."""
    return (
        pl.when(pl.col("units_count") < MINIMUM_UNITS)
        .then(pl.lit(f"fewer than {MINIMUM_UNITS} have the value"))
        .when(pl.col("others_count") < MINIMUM_UNITS)
        .then(pl.lit(f"fewer than {MINIMUM_UNITS} have another value"))
        .when(pl.col("outcome_count") + pl.col("others_outcome_count") < MINIMUM_HITS)
        .then(pl.lit(FEW_HITS))
    )


def _rated(compared: pl.DataFrame) -> pl.DataFrame:
    """With shares, lift, its interval and the excess."""
    a, n, c, m = (pl.col(x) for x in ("outcome_count", "units_count", "others_outcome_count", "others_count"))
    return compared.with_columns(
        (a / n).alias("share_ratio"),
        pl.when(m > 0).then(c / m).alias("others_share_ratio"),
        pl.when((m > 0) & (c > 0)).then((a / n) / (c / m)).alias("lift_ratio"),
        pl.when(m > 0).then(a - n * c / m).alias("excess_count"),
        pl.when(m == 0).then(pl.lit("nothing has another value")).when(c == 0)
        .then(pl.lit("nothing else has the outcome")).alias("lift_unknown_reason"),
    )  # fmt: skip


def _tested(rated: pl.DataFrame) -> pl.DataFrame:
    """With interval, p-value and adjusted p-value of what is tested. All tests of a build are one family."""
    tested = rated.filter(pl.col("untested_reason").is_null())
    names = ("outcome_count", "units_count", "others_outcome_count", "others_count")
    a, n, c, m = (tested[name].cast(pl.Float64).to_numpy() for name in names)
    low, high = score_interval(a, n, c, m)
    p_values = upper_tail(a, n, c, m)
    figures = tested.select(_VALUE_KEY).with_columns(
        pl.Series("lift_low_ratio", low),
        pl.Series("lift_high_ratio", np.where(np.isinf(high), np.nan, high)).fill_nan(None),
        pl.Series("p_value", p_values),
        pl.Series("p_adjusted", adjusted(p_values)),
    )
    return rated.join(figures, on=_VALUE_KEY, how="left", nulls_equal=True)


def _within_facilities(counts: pl.DataFrame) -> pl.DataFrame:
    """The lift of each value among cases or events of the same facility, for attributes other than the facility."""
    at = [*OUTCOME_KEY, "attribute", "facility_id"]
    strata = counts.filter(pl.col("attribute") != "facility").with_columns(
        pl.col("units_count").sum().over(at).alias("stated_units"),
        pl.col("outcome_count").sum().over(at).alias("stated_hits"),
    )
    strata = strata.select(
        *_VALUE_KEY,
        pl.col("outcome_count").alias("a"),
        pl.col("units_count").alias("n"),
        (pl.col("stated_hits") - pl.col("outcome_count")).alias("c"),
        (pl.col("stated_units") - pl.col("units_count")).alias("m"),
    )
    words = {f: f"facility_lift_{f}_ratio" for f in ("low", "high")}
    words |= {"ratio": "facility_lift_ratio", "p_value": "facility_p_value"}
    return within_strata(strata, _VALUE_KEY).rename(words)


def _held_to_facilities(judged: pl.DataFrame) -> pl.DataFrame:
    """With the p-values within facilities of what is raised, corrected among each other: a second family."""
    asked = judged.filter(pl.col("is_raised") & pl.col("facility_p_value").is_not_null())
    p_adjusted = pl.Series("facility_p_adjusted", adjusted(asked["facility_p_value"].to_numpy()), dtype=pl.Float64)
    own = asked.select(_VALUE_KEY).with_columns(p_adjusted)
    return judged.join(own, on=_VALUE_KEY, how="left", nulls_equal=True)


def _explained() -> list[pl.Expr]:
    """Whether a raised value only stands in for its facility, and why nothing is known within facilities."""
    is_facility = pl.col("attribute") == "facility"
    reason = (
        pl.when(is_facility)
        .then(pl.lit("it is the facility itself"))
        .when(pl.col("strata_count") == 0)
        .then(pl.lit("no facility has this value and another"))
        .when(pl.col("facility_lift_ratio").is_null())
        .then(pl.lit("within facilities, one side never has the outcome"))
    )
    is_held = (pl.col("facility_p_adjusted") <= FALSE_DISCOVERY_RATIO).fill_null(value=False)
    return [
        reason.alias("facility_lift_reason"),
        pl.when(pl.col("is_raised") & ~is_facility).then(~is_held).alias("is_explained_by_facility"),
    ]


def _standing() -> pl.Expr:
    """How a value is to be taken."""
    return (
        pl.when(pl.col("is_explained_by_facility"))
        .then(pl.lit("raised, as its facility is"))
        .when(pl.col("is_raised"))
        .then(pl.lit("raised"))
        .when(pl.col("p_value").is_not_null())
        .then(pl.lit("not raised beyond chance"))
        .otherwise(pl.lit("not tested"))
    )


def outcomes(counts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Every outcome with its counts and with how many values raise it, as CAUSE_OUTCOMES says."""
    whole = counts.filter(pl.col("attribute") == "facility").group_by(OUTCOME_KEY)
    tested = found.group_by(OUTCOME_KEY).agg(
        pl.col("p_value").is_not_null().sum().alias("tested_count"), pl.col("is_raised").sum().alias("raised_count")
    )
    joined = whole.agg(pl.col("units_count", "outcome_count").sum()).join(tested, on=OUTCOME_KEY, nulls_equal=True)
    reason = (
        pl.when(pl.col("outcome_count") < MINIMUM_HITS)
        .then(pl.lit(FEW_HITS))
        .when(pl.col("tested_count") == 0)
        .then(pl.lit(f"no value has {MINIMUM_UNITS} with it and {MINIMUM_UNITS} without it"))
        .when(pl.col("raised_count") == 0)
        .then(pl.lit("nothing raises it beyond chance"))
    )
    return (
        joined.with_columns((pl.col("outcome_count") / pl.col("units_count")).alias("share_ratio"))
        .with_columns(reason.alias("unknown_reason"))
        .select(CAUSE_OUTCOMES.names())
        .cast(CAUSE_OUTCOMES)
        .sort(OUTCOME_KEY)
    )
