"""Discovers process models from counted variants."""

from collections import Counter
from math import isqrt
from typing import Any

import polars as pl

from mining.diagram import Tree, draw
from mining.engine.libraries import pm4py
from mining.engine.variants import checked_activities, counted_variants, traces
from mining.export import bpmn_xml, dot

NOISE_THRESHOLD = 0.2
# About 10 seconds: many short variants cost time by their events, a long one by the square of them.
WORK_LIMIT = 200_000_000
_SHORT = 150


def discover(
    variants: pl.DataFrame, noise_threshold: float = NOISE_THRESHOLD, *, process: str = "process", title: str = ""
) -> tuple[str, str]:
    """Discovers a process model with the inductive miner (infrequent) from counted variants.

    Args:
        variants: columns variant (activities joined with " > ") and cases_count; a variant may have several rows.
        noise_threshold: ratio of the most frequent successor below which a successor is left out, 0 to 1.
        process: id of the model, an XML name.
        title: its name; the id when empty.

    Returns:
        The model as BPMN 2.0 with a diagram, and as a Graphviz drawing.

    Only the most frequent variants are read, as far as WORK_LIMIT goes: it bounds the time without a clock.

    Errors: ValueError when there are no cases, or too many activities.
    """
    counted = traces(counted_variants(variants))
    if not counted:
        raise ValueError("a process cannot be discovered from no cases")
    checked_activities(counted)
    pm = pm4py()
    parameters = {pm.miner_parameters.NOISE_THRESHOLD: noise_threshold}
    log = pm.variants(Counter(_most_frequent(counted)))
    diagram = draw(_plain(pm.fold(pm.miner(parameters).apply(log, parameters))))
    return bpmn_xml(diagram, process, title or process), dot(diagram.graph)


def _most_frequent(counted: dict[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """The variants that fit the limit; where not even the first does, the beginning of it."""
    found, room = {}, WORK_LIMIT
    for trace, cases in counted.items():
        room -= len(trace) * (len(trace) + _SHORT)
        if room < 0:
            break
        found[trace] = cases
    first = next(iter(counted))
    return found or {first[: isqrt(WORK_LIMIT) - _SHORT]: counted[first]}


def _plain(tree: Any) -> Tree:
    """pm4py's process tree as our own, with the parts of a choice or of parallel work in one order."""
    if tree.operator is None:
        return Tree(activity=tree.label)
    children = tuple(_plain(child) for child in tree.children)
    operator = {"->": "sequence", "X": "exclusive", "+": "parallel", "*": "loop"}[tree.operator.value]
    if operator in ("exclusive", "parallel"):
        children = tuple(sorted(children, key=repr))
    return Tree(operator, None, children)
