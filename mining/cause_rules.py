"""Causes that act together, in words: the leaves of a shallow decision tree over counted cells."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from mining.cause_tables import ATTRIBUTES, CAUSE_RULES, MINIMUM_HITS, MINIMUM_UNITS, OUTCOME_KEY
from mining.cause_words import Condition, in_words, sentence
from mining.risk import score_interval
from mining.tree import ORDERED, Leaf, leaves

_POPULATION = ["subject", "population", "activity", "from_activity"]
# Among what an outcome is sought; the others are deviations of whole cases.
_POPULATION_OF = {
    "slow": "passes",
    "late_posting": "events",
    "missing_posting": "events",
    "quantity_mismatch": "events",
    "adjusted": "received_lines",
}
_IN_WORDS = {"events": "events", "received_lines": "received lines"}


def rules(found: pl.DataFrame, population_cells: pl.DataFrame, outcome_cells: pl.DataFrame) -> pl.DataFrame:
    """The leaves of the tree of every outcome that something raises, as CAUSE_RULES says.

    A tree asks about the attributes of which some value is raised and holds within facilities. Where the tree of an
    outcome has no question that is worth asking, the outcome has no rows.

    Args:
        found: rows as CAUSES says.
        population_cells: rows of `process.population_cell`.
        outcome_cells: rows of `process.outcome_cell` with the name of the outcome.
    """
    is_own = pl.col("is_raised") & ~pl.col("is_explained_by_facility").fill_null(value=False)
    asked = found.filter(is_own).group_by(OUTCOME_KEY).agg(pl.col("attribute").unique())
    populations = population_cells.partition_by(_POPULATION, as_dict=True)
    hits = outcome_cells.partition_by(OUTCOME_KEY, as_dict=True)
    rows: list[tuple[Any, ...]] = []
    for *outcome, attributes in asked.sort(OUTCOME_KEY).iter_rows():
        subject, _, kind, activity, from_activity = outcome
        among = _POPULATION_OF.get(kind, "cases")
        place = (subject, among, None if among == "cases" else activity, from_activity)
        cells = counted_cells(populations[place], hits[tuple(outcome)], attributes)
        told = _told(cells, _IN_WORDS.get(among, "cases"))
        rows += [(*outcome, number, *leaf) for number, leaf in enumerate(told, 1)]
    return pl.DataFrame(rows, schema=CAUSE_RULES, orient="row")


def counted_cells(population: pl.DataFrame, hits: pl.DataFrame, attributes: list[str]) -> pl.DataFrame:
    """Cells of a population and those of them with the outcome, over some attributes alone.

    Returns:
        Columns by the names of the attributes, in their usual order, units_count and outcome_count, sorted.
    """
    names = {column: attribute for attribute, column in ATTRIBUTES.items() if attribute in attributes}
    both = pl.concat(
        [
            population.select(*names, "units_count", pl.lit(0, pl.Int64).alias("outcome_count")),
            hits.select(*names, pl.lit(0, pl.Int64).alias("units_count"), "outcome_count"),
        ],
        how="vertical_relaxed",
    ).rename(names)
    keys = list(names.values())
    return both.group_by(keys).agg(pl.col("units_count", "outcome_count").sum()).sort(keys, nulls_last=True)


def _told(cells: pl.DataFrame, units_name: str) -> Iterator[tuple[Any, ...]]:
    """The leaves, the highest share first, with their words, each beside all others."""
    found = sorted(leaves(cells, MINIMUM_UNITS), key=lambda leaf: (-leaf.hits / leaf.units, leaf.path))
    if len(found) < 2:
        return
    units, hits = np.array([(leaf.units, leaf.hits) for leaf in found], dtype=np.float64).T
    lows, highs = score_interval(hits, units, hits.sum() - hits, units.sum() - units)
    for leaf, low, high in zip(found, lows, highs, strict=True):
        others, other_hits = int(units.sum()) - leaf.units, int(hits.sum()) - leaf.hits
        share, other_share = leaf.hits / leaf.units, other_hits / others
        words = in_words(conditions(leaf))
        yield (
            words, leaf.units, leaf.hits, share, others, other_hits, other_share,
            share / other_share if other_hits else None, float(low), float(high) if other_hits else None,
            leaf.hits >= MINIMUM_HITS and bool(low > 1),
            sentence(words, leaf.hits, leaf.units, other_hits, others, units_name),
        )  # fmt: skip


def conditions(leaf: Leaf) -> list[Condition]:
    """What the answers on the way to a leaf come to: of each attribute its value, those that it has not, or a range.

    Of an attribute of which one value is known to hold, what it is not says nothing more.
    """
    said: dict[str, Condition] = {}
    for attribute, value, is_so in leaf.path:
        own = said.setdefault(attribute, Condition(attribute))
        if attribute in ORDERED:
            assert isinstance(value, int)
            own.until, own.since = (min(own.until, value), own.since) if is_so else (own.until, max(own.since, value))
        elif is_so:
            own.is_value = str(value)
        else:
            own.not_values.append(str(value))
    return sorted(said.values(), key=lambda each: list(ATTRIBUTES).index(each.attribute))
