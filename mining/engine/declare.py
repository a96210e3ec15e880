"""DECLARE constraints that cases keep to, from counted variants."""

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from mining.engine.libraries import pm4py
from mining.engine.variants import checked_activities, counted_variants, traces

# Constraints of variants that are judged, about 5 seconds; a variant alone has 13 for each pair of activities.
JUDGED_LIMIT = 4_000_000
_TEMPLATES_OF_PAIRS = 13
_CHUNK = 500
CONSTRAINT_SCHEMA = pl.Schema(
    {
        "template": pl.String,
        "activity": pl.String,
        "other_activity": pl.String,
        "cases_count": pl.Int64,
        "activated_count": pl.Int64,
        "satisfied_count": pl.Int64,
    }
)


def constraints(variants: pl.DataFrame, judged_limit: int = JUDGED_LIMIT) -> pl.DataFrame:
    """Counts for every DECLARE template and activity, or pair of activities, how many cases keep to it.

    Args:
        variants: columns variant and cases_count; a variant may have several rows.
        judged_limit: how many constraints of variants are judged, the most frequent variants first.

    Returns:
        Rows as CONSTRAINT_SCHEMA says, sorted, for what concerns some case: cases judged, those in which the
        constraint is activated, and of these those that keep to it. other_activity is NULL for a single activity.

    Errors: ValueError where there are too many activities.
    """
    counted = traces(counted_variants(variants))
    activities = checked_activities(counted)
    if not activities:
        return pl.DataFrame(schema=CONSTRAINT_SCHEMA)
    room = max(1, judged_limit // (_TEMPLATES_OF_PAIRS * len(activities) ** 2))
    judged = list(counted)[:room]
    cases = sum(counted[trace] for trace in judged)
    activated, satisfied = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for start in range(0, len(judged), _CHUNK):
        chunk = judged[start : start + _CHUNK]
        weights = np.array([counted[trace] for trace in chunk])
        for rule, verdicts in _verdicts(chunk, activities).items():
            activated[rule] += int(weights[verdicts != 0].sum())
            satisfied[rule] += int(weights[verdicts == 1].sum())
    rows = [
        (rule[0], rule[1], rule[2] if len(rule) > 2 else None, cases, n, satisfied[rule])
        for rule, n in activated.items()
        if n
    ]
    return pl.DataFrame(rows, schema=CONSTRAINT_SCHEMA, orient="row").sort(CONSTRAINT_SCHEMA.names())


def _verdicts(traces: list[tuple[str, ...]], activities: list[str]) -> dict[tuple[str, ...], Any]:
    """pm4py's verdict of every constraint on each trace, in order: 1 kept, -1 broken, 0 not activated."""
    miner = pm4py().declare
    table = miner.form_rules_table(pm4py().log_of(traces), {miner.Parameters.CONSIDERED_ACTIVITIES: set(activities)})
    # A rule of one activity has NaN in the place of the other.
    return {tuple(part for part in rule if isinstance(part, str)): table[rule].to_numpy() for rule in table}
