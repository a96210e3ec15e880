"""Aligns counted variants with a normative model."""

from pathlib import Path
from typing import Any

import polars as pl

from mining.automaton import Automaton
from mining.bpmn import read_bpmn
from mining.engine.costs import STATES_LIMIT, alignment_costs
from mining.engine.nets import Model
from mining.engine.search import Aligner, Moves
from mining.engine.variants import SEPARATOR, counted_variants

# Steps of the search in sum, 10 to 20 seconds a process on one core.
WORK_LIMIT = 60_000_000

_COLUMNS: dict[str, Any] = {
    "variant": pl.String,
    "fitness": pl.Float64,
    "cost": pl.Int64,
    "worst_cost": pl.Int64,
    "moves": pl.List(pl.Struct({"kind": pl.String, "activity": pl.String})),
    "is_fitting": pl.Boolean,
    "is_exact": pl.Boolean,
}
ALIGNMENT_SCHEMA = pl.Schema(_COLUMNS)


def align(
    variants: pl.DataFrame,
    bpmn_path: Path,
    work_limit: int = WORK_LIMIT,
    states_limit: int = STATES_LIMIT,
    *,
    is_open: bool = False,
) -> pl.DataFrame:
    """Aligns each distinct variant once, optimally, with a normative model.

    A variant that the model allows needs no search. The others are searched, the most frequent first; a move of
    the log or of the model alone costs 1. Of equally cheap alignments the one is taken that has the fewest log
    moves, then the one that lets the model go on alone as late as possible, then the one whose moves concern
    later activities of the model. A case that is still open is aligned with the beginning of a run (a prefix
    alignment): what the model asks for after it costs nothing.

    Args:
        variants: columns variant and cases_count; a variant may have several rows.
        bpmn_path: the normative model.
        work_limit: how many steps a search may take, in sum. It bounds the time without a look at the clock, so
            that the same variants always give the same result.
        states_limit: see `mining.engine.costs.alignment_costs`, which answers beyond it.
        is_open: whether the cases may still go on.

    Returns:
        One row per variant, sorted, as ALIGNMENT_SCHEMA says. fitness = 1 - cost / worst_cost, where worst_cost is
        that of an alignment with a complete run that shares nothing, so that a move weighs alike in open and closed
        cases. A move's kind is sync, log, model, or trailing: a model move when nothing synchronises any more, which
        in an open case is what it may yet do. is_fitting: the model allows the variant, an open one with something
        after it. Beyond the work limit moves is empty and is_exact false; fitness and cost are those of r4pm, or,
        where it gives up too, fitness is that of token replay and cost is NULL.

    Errors: ValueError naming the file when the model cannot be read or cannot run soundly.
    """
    activities = read_bpmn(bpmn_path).activities
    counted = counted_variants(variants)
    if counted.is_empty():
        return pl.DataFrame(schema=ALIGNMENT_SCHEMA)
    model = Model(bpmn_path.read_text(encoding="utf-8"), bpmn_path.name)
    unfit = [v for v in counted["variant"] if not model.automaton.replay(v.split(SEPARATOR))[is_open]]
    within, beyond = _divided(model.automaton, unfit, work_limit)
    aligner = Aligner(model.automaton, activities, max(map(len, within), default=0), is_open=is_open)
    searched: dict[str, tuple[int | None, Moves]] = {
        SEPARATOR.join(t): _costed(aligner.aligned(t), is_open=is_open) for t in within
    }
    costs = alignment_costs(model, beyond, states_limit, is_open=is_open)
    searched |= {SEPARATOR.join(trace): (cost, []) for trace, cost in costs.items()}
    rows = [_row(model, variant, searched.get(variant), is_open=is_open) for variant in counted["variant"]]
    return pl.DataFrame(rows, schema=ALIGNMENT_SCHEMA, orient="row").sort("variant")


def _divided(
    automaton: Automaton, variants: list[str], work_limit: int
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The variants that the work limit allows to search, sorted, and the others."""
    size = len(automaton.steps) + sum(len(ways) for ways in automaton.visible)
    within: list[tuple[str, ...]] = []
    beyond: list[tuple[str, ...]] = []
    for variant in variants:
        work = (variant.count(SEPARATOR) + 2) * size
        (within if work <= work_limit else beyond).append(tuple(variant.split(SEPARATOR)))
        work_limit -= work if work <= work_limit else 0
    return sorted(within), beyond


def _costed(moves: Moves, *, is_open: bool) -> tuple[int, Moves]:
    """The cost of moves, and the moves."""
    free = {"sync", "trailing"} if is_open else {"sync"}
    return sum(move["kind"] not in free for move in moves), moves


def _row(model: Model, variant: str, searched: tuple[int | None, Moves] | None, *, is_open: bool) -> tuple[Any, ...]:
    """One row of `align`; what was not searched fits."""
    activities = variant.split(SEPARATOR)
    worst = len(activities) + model.automaton.shortest
    is_fitting = searched is None
    if searched is None:
        searched = 0, [{"kind": "sync", "activity": activity} for activity in activities]
    cost, moves = searched
    fitness = model.token_fitness(activities, is_open=is_open) if cost is None else 1 - cost / worst
    return variant, fitness, cost, worst, moves, is_fitting, bool(moves)
