"""How far cases keep to the normative model, and where they leave it, per facility.

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

from mining.tables import DEVIATIONS, PROCESS_CONFORMANCE

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


def open_fitness(moves: Sequence[Mapping[str, str]], worst_cost: int) -> float:
    """The fitness of a case that may still go on: what it may yet do costs nothing.

    Args:
        moves: its alignment.
        worst_cost: the cost of an alignment that shares nothing.
    """
    logged = {move["activity"] for move in moves if move["kind"] == "log"}
    awaited = [m for m in moves if m["kind"] == "trailing" and m["activity"] not in logged]
    cost = sum(move["kind"] != "sync" for move in moves) - len(awaited)
    return 1 - cost / worst_cost


def judged(frequency: pl.DataFrame, alignments: pl.DataFrame) -> pl.DataFrame:
    """What each counted variant is worth.

    Args:
        frequency: rows of one process, as VARIANT_FREQUENCY says.
        alignments: what `mining.engine.align` says of its variants.

    Returns:
        frequency with is_conformant, fitness_ratio (0 to 1), is_exact and deviations (list of kind and activity).
    """
    by_variant = {row["variant"]: row for row in alignments.iter_rows(named=True)}
    rows = []
    for variant, is_open in frequency.select("variant", "is_open").unique().sort("variant", "is_open").iter_rows():
        found = by_variant[variant]
        is_conformant = found["is_fitting"] or (is_open and found["is_prefix"])
        fitness, kinds = found["fitness"], []
        if is_conformant:
            fitness = 1.0
        elif found["is_exact"]:
            kinds = [{"kind": k, "activity": a} for k, a in deviations_of(found["moves"], is_open=is_open)]
            fitness = open_fitness(found["moves"], found["worst_cost"]) if is_open else fitness
        rows.append((variant, is_open, is_conformant, fitness, is_conformant or found["is_exact"], kinds))
    schema: dict[str, Any] = {
        "variant": pl.String,
        "is_open": pl.Boolean,
        "is_conformant": pl.Boolean,
        "fitness_ratio": pl.Float64,
        "is_exact": pl.Boolean,
        "deviations": pl.List(pl.Struct({"kind": pl.String, "activity": pl.String})),
    }
    return frequency.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["variant", "is_open"])


def deviations(cases: pl.DataFrame) -> pl.DataFrame:
    """Cases by facility, kind of deviation and activity.

    Args:
        cases: what `judged` returns.
    """
    each = cases.filter(pl.col("deviations").list.len() > 0).explode("deviations").unnest("deviations")
    counted = each.group_by("process", "facility_id", "kind", "activity").agg(pl.col("cases_count").sum())
    return counted.select(DEVIATIONS.names())


def process_conformance(cases: pl.DataFrame) -> pl.DataFrame:
    """Per facility: cases, those that keep to the model, and the mean fitness over cases.

    open_count are the cases that may still go on; approximated_count those whose fitness is that of token replay,
    because an alignment would have been too much work: they are in no row of the deviations.

    Args:
        cases: what `judged` returns.
    """
    n = pl.col("cases_count")
    measured = (
        cases.sort("variant", "is_open")
        .group_by("process", "facility_id", maintain_order=True)
        .agg(
            n.sum().alias("cases_count"),
            n.filter(pl.col("is_conformant")).sum().alias("conformant_count"),
            ((n * pl.col("fitness_ratio")).sum() / n.sum()).alias("fitness_ratio"),
            n.filter(pl.col("is_open")).sum().alias("open_count"),
            n.filter(~pl.col("is_exact")).sum().alias("approximated_count"),
        )
    )
    return measured.select(PROCESS_CONFORMANCE.names())
