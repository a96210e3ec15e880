"""How good a process model is for the cases that it stands for: fitness, precision, generalisation, simplicity."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import polars as pl

from mining.automaton import Automaton
from mining.engine.costs import STATES_LIMIT, alignment_costs
from mining.engine.libraries import pm4py
from mining.engine.nets import Model
from mining.engine.variants import counted_variants, traces

# Events of variants that are replayed, the most frequent variants first; about 5 seconds a model.
REPLAY_LIMIT = 20_000
Traces = Mapping[tuple[str, ...], int]


@dataclass(frozen=True)
class Quality:
    """Ratios from 0 to 1; None where no case could be judged.

    Attributes:
        fitness_ratio: mean over cases of 1 - cost / worst cost of the optimal alignment.
        aligned_count: cases that it is the mean of.
        replay_ratio: mean over cases of the fitness of token replay.
        replayed_count: cases that it, and generalisation, are taken from.
        precision_ratio: of what the model allows next after what cases began with, how much some case did
            (escaping edges of alignments; Adriansyah and others 2015); None where no case begins as the model allows.
        generalisation_ratio: 1 less the mean of 1 / sqrt(uses) over the parts of the net (Buijs and others 2012).
        simplicity_ratio: 1 / (1 + what the mean number of arcs at a part of the net has above 2).
    """

    fitness_ratio: float | None
    aligned_count: int
    replay_ratio: float | None
    replayed_count: int
    precision_ratio: float | None
    generalisation_ratio: float | None
    simplicity_ratio: float | None


def measure(
    bpmn_xml: str,
    variants: pl.DataFrame,
    name: str = "model",
    states_limit: int = STATES_LIMIT,
    replay_limit: int = REPLAY_LIMIT,
) -> Quality:
    """Measures a model on counted variants.

    Args:
        bpmn_xml: the model, as BPMN 2.0.
        variants: columns variant and cases_count; a variant may have several rows.
        name: what the model is called in errors.
        states_limit: see `mining.engine.costs.alignment_costs`.
        replay_limit: how many events of variants are replayed, the most frequent variants first.

    Errors: ValueError with the name when the model cannot run soundly or has too many states.
    """
    model = Model(bpmn_xml, name)
    counted = traces(counted_variants(variants))
    fitness, aligned = _fitness(model, counted, states_limit)
    replay, generalisation, replayed = _replayed(model, counted, replay_limit)
    simplicity = float(pm4py().simplicity(model.net[0]))
    return Quality(fitness, aligned, replay, replayed, precision(model.automaton, counted), generalisation, simplicity)


def _fitness(model: Model, counted: Traces, states_limit: int) -> tuple[float | None, int]:
    """Mean fitness by optimal alignments, and the cases that have one."""
    total, aligned = 0.0, 0
    costs = alignment_costs(model, list(counted), states_limit)
    for trace, cases in counted.items():
        if (cost := costs[trace]) is not None:
            total += cases * (1 - cost / (len(trace) + model.automaton.shortest))
            aligned += cases
    return (total / aligned if aligned else None), aligned


def _replayed(model: Model, counted: Traces, replay_limit: int) -> tuple[float | None, float | None, int]:
    """Mean fitness by token replay, generalisation, and the cases that were replayed."""
    within = []
    for trace in counted:
        if len(trace) <= replay_limit:
            within.append(trace)
            replay_limit -= len(trace)
    if not within:
        return None, None, 0
    total, cases, uses = 0.0, 0, Counter[str]()
    for trace, found in zip(within, pm4py().replayed(within, model.net), strict=True):
        cases += counted[trace]
        total += counted[trace] * found["trace_fitness"]
        for transition in found["activated_transitions"]:
            uses[transition.name] += counted[trace]
    parts = [transition.name for transition in model.net[0].transitions]
    missed = sum(sorted(1 / sqrt(uses[part]) if uses[part] else 1.0 for part in parts))
    return total / cases, 1 - missed / len(parts), cases


def precision(automaton: Automaton, counted: Traces) -> float | None:
    """1 less the share of what the model allows next that no case did, weighted with the cases that came there.

    After a beginning that the model does not allow nothing is judged, nor after the last activity of a case. Where
    the model may be in several states, those with the fewest silent steps count.
    """
    places: dict[tuple[int, str], int] = {}
    reached: list[dict[int, int]] = [{0: 0}]
    cases: Counter[int] = Counter()
    done: defaultdict[int, set[str]] = defaultdict(set)
    for trace, n in counted.items():
        beginning = 0
        for activity in trace:
            if not reached[beginning]:
                break
            cases[beginning] += n
            done[beginning].add(activity)
            if (beginning, activity) not in places:
                places[beginning, activity] = len(reached)
                reached.append(automaton.after(reached[beginning], activity))
            beginning = places[beginning, activity]
    allowed = escaping = 0
    for beginning, n in cases.items():
        least = min(reached[beginning].values())
        states = [state for state, silent in reached[beginning].items() if silent == least]
        possible = {activity for state in states for activity, _ in automaton.visible[state]}
        allowed += n * len(possible)
        escaping += n * len(possible - done[beginning])
    return 1 - escaping / allowed if allowed else None
