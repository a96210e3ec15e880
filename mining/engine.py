"""The only file that imports pm4py: counted variants go in, plain tables and texts come out.

pm4py takes seconds to import, so it is imported on first use. Nothing here depends on the order of rows or on
hash seeds: variants are sorted, and of several optimal alignments always the same one is taken.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from mining.automaton import Automaton, Step
from mining.bpmn import read_bpmn
from mining.diagram import Tree, draw
from mining.export import bpmn_xml, dot

SEPARATOR = " > "
NOISE_THRESHOLD = 0.2
# About 20 to 40 seconds a process on one core.
WORK_LIMIT = 400_000
_MAX_STATES = 10_000
_SKIP = ">>"

_COLUMNS: dict[str, Any] = {
    "variant": pl.String,
    "fitness": pl.Float64,
    "cost": pl.Int64,
    "worst_cost": pl.Int64,
    "moves": pl.List(pl.Struct({"kind": pl.String, "activity": pl.String})),
    "is_fitting": pl.Boolean,
    "is_prefix": pl.Boolean,
    "is_exact": pl.Boolean,
}
ALIGNMENT_SCHEMA = pl.Schema(_COLUMNS)
Moves = list[dict[str, str]]


class _Pm4py:
    """What is used of pm4py, imported without its warnings."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pm4py.algo.conformance.alignments.petri_net.variants import dijkstra_no_heuristics as alignments
            from pm4py.algo.conformance.tokenreplay.variants import token_replay
            from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
            from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL, IMFParameters
            from pm4py.objects.bpmn.importer.variants import lxml as importer
            from pm4py.objects.conversion.bpmn.variants import to_petri_net
            from pm4py.objects.log.obj import Event, EventLog, Trace
            from pm4py.objects.petri_net import semantics
            from pm4py.objects.petri_net.obj import Marking, PetriNet
            from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to
            from pm4py.objects.process_tree.utils.generic import fold
            from pm4py.util.xes_constants import DEFAULT_NAME_KEY
        self.alignments, self.token_replay, self.semantics = alignments, token_replay, semantics
        self.variants, self.miner, self.miner_parameters = IMDataStructureUVCL, IMFUVCL, IMFParameters
        self.import_bpmn, self.to_petri_net = importer.apply, to_petri_net.apply
        self.event_log, self.trace, self.event, self.name_key = EventLog, Trace, Event, DEFAULT_NAME_KEY
        self.net, self.marking, self.connect, self.fold = PetriNet, Marking, add_arc_from_to, fold

    def trace_of(self, activities: Sequence[str]) -> Any:
        """A pm4py trace of activities."""
        return self.trace([self.event({self.name_key: activity}) for activity in activities])


@lru_cache(maxsize=1)
def _pm4py() -> _Pm4py:
    return _Pm4py()


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

    Errors: ValueError when there are no cases.
    """
    counted = _counted(variants).filter(pl.col("cases_count") > 0)
    if counted.is_empty():
        raise ValueError("a process cannot be discovered from no cases")
    pm = _pm4py()
    parameters = {pm.miner_parameters.NOISE_THRESHOLD: noise_threshold}
    log = pm.variants(Counter({tuple(variant.split(SEPARATOR)): n for variant, n in counted.iter_rows()}))
    diagram = draw(_plain(pm.fold(pm.miner(parameters).apply(log, parameters))))
    return bpmn_xml(diagram, process, title or process), dot(diagram.graph)


def _counted(variants: pl.DataFrame) -> pl.DataFrame:
    """Each variant once with its cases, the most frequent first."""
    counted = variants.group_by("variant").agg(pl.col("cases_count").sum())
    return counted.sort(["cases_count", "variant"], descending=[True, False])


def _plain(tree: Any) -> Tree:
    """pm4py's process tree as our own, with the parts of a choice or of parallel work in one order."""
    if tree.operator is None:
        return Tree(activity=tree.label)
    children = tuple(_plain(child) for child in tree.children)
    operator = {"->": "sequence", "X": "exclusive", "+": "parallel", "*": "loop"}[tree.operator.value]
    if operator in ("exclusive", "parallel"):
        children = tuple(sorted(children, key=repr))
    return Tree(operator, None, children)


def align(variants: pl.DataFrame, bpmn_path: Path, work_limit: int = WORK_LIMIT) -> pl.DataFrame:
    """Aligns each distinct variant once, optimally, with a normative model.

    A variant that the model allows needs no search. The others are searched, the most frequent first; a move of
    the log or of the model alone costs 1. Of equally cheap alignments the one is taken that has the fewest log
    moves, then the one that lets the model go on alone as late as possible, then the one whose moves concern
    later activities of the model.

    Args:
        variants: columns variant and cases_count; a variant may have several rows.
        bpmn_path: the normative model.
        work_limit: how many states may be searched, in sum. It bounds the time without a look at the clock, so
            that the same variants always give the same result.

    Returns:
        One row per variant, sorted, as ALIGNMENT_SCHEMA says. fitness = 1 - cost / worst_cost, where worst_cost is
        that of an alignment that shares nothing. A move's kind is sync, log, model, or trailing: a model move when
        nothing synchronises any more. is_fitting: the model allows the variant; is_prefix: it allows the variant
        with something after it. Beyond the work limit the fitness is that of token replay, cost is NULL, moves is
        empty and is_exact false.

    Errors: ValueError naming the file when the model cannot be read or cannot run soundly.
    """
    activities = read_bpmn(bpmn_path).activities
    counted = _counted(variants)
    if counted.is_empty():
        return pl.DataFrame(schema=ALIGNMENT_SCHEMA)
    model = _Model(_pm4py(), bpmn_path, activities)
    rows = []
    for variant in counted["variant"]:
        row, work = _judged(model, variant, work_limit)
        rows.append(row)
        work_limit -= work
    return pl.DataFrame(rows, schema=ALIGNMENT_SCHEMA, orient="row").sort("variant")


def _judged(model: "_Model", variant: str, work_limit: int) -> tuple[tuple[Any, ...], int]:
    """One row of `align`, and how many states were searched for it at most."""
    activities = variant.split(SEPARATOR)
    worst = len(activities) + model.automaton.shortest
    is_fitting, is_prefix = model.automaton.replay(activities)
    if is_fitting:
        moves = [{"kind": "sync", "activity": activity} for activity in activities]
        return (variant, 1.0, 0, worst, moves, True, True, True), 0
    work = 2 * (len(activities) + 1) * len(model.automaton.steps)
    if work > work_limit:
        return (variant, model.token_fitness(activities), None, worst, [], False, is_prefix, False), 0
    moves = model.aligned(activities)
    cost = sum(move["kind"] != "sync" for move in moves)
    return (variant, 1 - cost / worst, cost, worst, moves, False, is_prefix, True), work


class _Model:
    """A normative model in pm4py's terms. It runs soundly: no place ever holds two tokens, and its end is reached."""

    def __init__(self, pm: _Pm4py, path: Path, activities: Sequence[str]) -> None:
        self._pm = pm
        self._activities = list(activities)
        self._net = pm.to_petri_net(pm.import_bpmn(str(path)))
        self.automaton = _explored(pm, self._net, path.name)
        self._staged, self._roles = _staged(pm, pm.to_petri_net(pm.import_bpmn(str(path))))

    def token_fitness(self, activities: Sequence[str]) -> float:
        """The fitness of token replay, from 0 to 1."""
        log = self._pm.event_log([self._pm.trace_of(activities)])
        return float(self._pm.token_replay.apply(log, *self._net)[0]["trace_fitness"])

    def aligned(self, activities: Sequence[str]) -> Moves:
        """The moves of the optimal alignment that `align` describes."""
        log_costs, model_costs = self._costs(activities)
        net, initial, final = self._staged
        settings = self._pm.alignments.Parameters
        found = self._pm.alignments.apply(
            self._pm.trace_of(activities), net, initial, final,
            {
                settings.PARAM_TRACE_COST_FUNCTION: log_costs,
                settings.PARAM_MODEL_COST_FUNCTION: model_costs,
                settings.PARAM_SYNC_COST_FUNCTION: dict.fromkeys(net.transitions, 0),
                settings.PARAM_ALIGNMENT_RESULT_IS_SYNC_PROD_AWARE: True,
            },
        )  # fmt: skip
        moves = []
        for (_, model_name), (logged, _) in found["alignment"]:
            if model_name == _SKIP:
                moves.append({"kind": "log", "activity": logged})
            elif logged != _SKIP:
                moves.append({"kind": "sync", "activity": logged})
            elif (role := self._roles[model_name])[1] is not None:
                moves.append({"kind": role[0], "activity": role[1]})
        return moves

    def _costs(self, activities: Sequence[str]) -> tuple[list[int], dict[Any, int]]:
        """Costs of the log moves by place in the trace, and of the model moves by transition.

        Every move costs one unit. Below the unit, a number whose digits count the moves by kind and activity makes
        two alignments cost the same only where they have the same moves: no digit can overflow, since an optimal
        alignment has fewer moves than the base of the number.
        """
        known = [*self._activities, *sorted(set(activities) - set(self._activities))]
        base = len(activities) + self.automaton.shortest + 1
        unit = base ** (3 * len(known))

        def cost(kind: int, activity: str) -> int:
            return unit + base ** (kind * len(known) + len(known) - 1 - known.index(activity))

        weights = {"trailing": 0, "model": 1}
        model_costs = {}
        for transition in self._staged[0].transitions:
            kind, label = self._roles[transition.name]
            model_costs[transition] = 0 if label is None else cost(weights[kind], label)
        return [cost(2, activity) for activity in activities], model_costs


def _explored(pm: _Pm4py, accepting_net: Any, name: str) -> Automaton:
    """All states that a net with its markings can reach.

    Errors: ValueError when a place can hold two tokens, or the final marking is not among them.
    """
    net, initial, final = accepting_net
    found = [initial]
    number = {initial: 0}
    steps: list[tuple[Step, ...]] = []
    for marking in found:
        ways = []
        for transition in pm.semantics.enabled_transitions(net, marking):
            after = pm.semantics.execute(transition, net, marking)
            if max(after.values()) > 1 or len(found) > _MAX_STATES:
                element = transition.name.removeprefix("sfl_").removeprefix("tfl_")
                raise ValueError(f"{name}: it does not run soundly: work piles up behind '{element}'")
            if after not in number:
                number[after] = len(found)
                found.append(after)
            ways.append(Step(transition.label, number[after]))
        steps.append(tuple(ways))
    if final not in number:
        raise ValueError(f"{name}: it does not run soundly: its end event is never reached with all work done")
    return Automaton(tuple(steps), number[final])


def _staged(pm: _Pm4py, accepting_net: Any) -> tuple[tuple[Any, Any, Any], dict[str, tuple[str, str | None]]]:
    """Gives a net a second stage, in which nothing synchronises any more and in which every run ends.

    So the alignment itself says which model moves trail a case, and their cost can differ.

    Returns:
        The net with its markings, and for each transition name what a move of it is: (kind, activity).
    """
    net, initial, final = accepting_net
    first, second = pm.net.Place("first stage"), pm.net.Place("second stage")
    roles: dict[str, tuple[str, str | None]] = {"turn": ("model", None)}
    for transition in list(net.transitions):
        later = pm.net.Transition(f"later {transition.name}")
        net.transitions.add(later)
        for arc in transition.in_arcs:
            pm.connect(arc.source, later, net)
        for arc in transition.out_arcs:
            pm.connect(later, arc.target, net)
        for each, stage, kind in ((transition, first, "model"), (later, second, "trailing")):
            pm.connect(stage, each, net)
            pm.connect(each, stage, net)
            roles[each.name] = (kind, transition.label)
    turn = pm.net.Transition("turn")
    net.transitions.add(turn)
    net.places.update((first, second))
    pm.connect(first, turn, net)
    pm.connect(turn, second, net)
    return (net, initial + pm.marking({first: 1}), final + pm.marking({second: 1})), roles
