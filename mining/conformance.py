"""How far variants keep to the normative model, and where they leave it.

Kinds of deviation, from the optimal alignment of a case:
    skipped      the model asks for the activity, the case does not have it
    inserted     the case has the activity where the model has no place for it
    repeated     the same, of an activity that the case also has in its place
    wrong_order  the case has the activity, but at another place than the model: skipped and inserted at once
A case counts once per kind and activity. A case that is still open may lack what comes after its last event.
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


def open_cost(moves: Sequence[Mapping[str, str]]) -> int:
    """The cost of a case that may still go on: what it may yet do costs nothing.

    Args:
        moves: its alignment.
    """
    logged = {move["activity"] for move in moves if move["kind"] == "log"}
    awaited = [m for m in moves if m["kind"] == "trailing" and m["activity"] not in logged]
    return sum(move["kind"] != "sync" for move in moves) - len(awaited)


def judged(frequency: pl.DataFrame, alignments: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each counted variant is worth.

    fitness is 1 - cost / cost of an alignment that shares nothing. Where is_exact is false the moves would have been
    too much work: such a variant has no deviations, and `mining.engine.align` says what its fitness and cost are.

    Args:
        frequency: rows of one process and model, as VARIANT_FREQUENCY says.
        alignments: what `mining.engine.align` says of its variants.

    Returns:
        A row per row of frequency, as VARIANT_CONFORMANCE says, and one per deviation of it, as VARIANT_DEVIATION says.
    """
    by_variant = {row["variant"]: row for row in alignments.iter_rows(named=True)}
    worth, kinds = [], []
    for variant, is_open in frequency.select("variant", "is_open").unique().sort("variant", "is_open").iter_rows():
        found = by_variant[variant]
        is_fitting = found["is_fitting"] or (is_open and found["is_prefix"])
        fitness, cost = (1.0, 0) if is_fitting else (found["fitness"], found["cost"])
        if not is_fitting and found["is_exact"]:
            kinds += [(variant, is_open, *each) for each in deviations_of(found["moves"], is_open=is_open)]
            if is_open:
                cost = open_cost(found["moves"])
                fitness = 1 - cost / found["worst_cost"]
        worth.append((variant, is_open, fitness, cost, is_fitting, is_fitting or found["is_exact"]))
    return _of_each(frequency, worth, VARIANT_CONFORMANCE), _of_each(frequency, kinds, VARIANT_DEVIATION)


def _of_each(frequency: pl.DataFrame, rows: list[Any], schema: pl.Schema) -> pl.DataFrame:
    """Rows that are told of variant and is_open, for every process and facility that has them."""
    own = {name: dtype for name, dtype in schema.items() if name not in ("process", "facility_id")}
    return frequency.join(pl.DataFrame(rows, schema=own, orient="row"), on=["variant", "is_open"]).select(
        schema.names()
    )
