"""How far variants keep to the normative model, and where they leave it.

Kinds of deviation, from the optimal alignment of a case:
    skipped      the model asks for the activity, the case does not have it
    inserted     the case has the activity where the model has no place for it
    repeated     the same, of an activity that the case also has in its place
    wrong_order  the case has the activity, but at another place than the model: skipped and inserted at once
A case counts once per kind and activity. A case that is still open may lack what comes after its last event; what it
did and the model still asks for, it did too early.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mining.tables import VARIANT_CONFORMANCE, VARIANT_DEVIATION

SKIPPED, INSERTED, REPEATED, WRONG_ORDER = "skipped", "inserted", "repeated", "wrong_order"
KINDS = (SKIPPED, INSERTED, REPEATED, WRONG_ORDER)


def deviations_of(moves: Sequence[Mapping[str, str]], *, is_open: bool) -> list[tuple[str, str]]:
    """The deviations of one case as (kind, activity), sorted.

    Args:
        moves: its alignment, moves as `mining.engine.align` gives them.
        is_open: whether the case may still go on.
    """
    made: dict[str, set[str]] = {"sync": set(), "log": set(), "model": set(), "trailing": set()}
    for move in moves:
        made[move["kind"]].add(move["activity"])
    asked = made["model"] | made["trailing"]
    found = [(WRONG_ORDER, activity) for activity in made["log"] & asked]
    found += [(REPEATED if a in made["sync"] else INSERTED, a) for a in made["log"] - asked]
    found += [(SKIPPED, a) for a in (made["model"] if is_open else asked) - made["log"]]
    return sorted(found)


def judged(
    frequency: pl.DataFrame, closed: pl.DataFrame, still_open: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each counted variant is worth.

    fitness is 1 - cost / cost of an alignment with a complete run that shares nothing. Where is_exact is false the
    moves would have been too much work: such a variant has no deviations, and `mining.engine.align` says what its
    fitness and cost are.

    Args:
        frequency: rows of one process and model, as VARIANT_FREQUENCY says.
        closed: what `mining.engine.align` says of its closed variants.
        still_open: what it says of its open ones.

    Returns:
        A row per row of frequency, as VARIANT_CONFORMANCE says, and one per deviation of it, as VARIANT_DEVIATION says.
    """
    worth, kinds = [], []
    for is_open, alignments in ((False, closed), (True, still_open)):
        for each in alignments.iter_rows(named=True):
            variant, is_fitting = each["variant"], each["is_fitting"]
            worth.append((variant, is_open, each["fitness"], each["cost"], is_fitting, each["is_exact"]))
            if not is_fitting and each["is_exact"]:
                kinds += [(variant, is_open, *found) for found in deviations_of(each["moves"], is_open=is_open)]
    return _of_each(frequency, worth, VARIANT_CONFORMANCE), _of_each(frequency, kinds, VARIANT_DEVIATION)


def _of_each(frequency: pl.DataFrame, rows: list[Any], schema: pl.Schema) -> pl.DataFrame:
    """Rows that are told of variant and is_open, for every process and facility that has them."""
    own = {name: dtype for name, dtype in schema.items() if name not in ("process", "facility_id")}
    return frequency.join(pl.DataFrame(rows, schema=own, orient="row"), on=["variant", "is_open"]).select(
        schema.names()
    )
