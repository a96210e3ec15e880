"""What pm4py says of nets and logs, in its own terms: slow, and an independent answer to the same questions."""

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments
    from pm4py.algo.conformance.alignments.petri_net.variants import dijkstra_no_heuristics
    from pm4py.algo.conformance.temporal_profile.variants import log as out_of_time
    from pm4py.algo.discovery.declare.variants import classic as declare
    from pm4py.algo.discovery.footprints.log.variants import entire_event_log as log_footprints
    from pm4py.algo.discovery.footprints.petri.variants import reach_graph as net_footprints
    from pm4py.algo.discovery.heuristics.variants import classic as heuristics
    from pm4py.algo.discovery.temporal_profile.variants import log as profile
    from pm4py.algo.evaluation.generalization.variants import token_based
    from pm4py.algo.evaluation.precision.variants import align_etconformance
    from pm4py.algo.evaluation.replay_fitness.variants import alignment_based, token_replay
    from pm4py.objects.log.obj import Event, EventLog, Trace
    from pm4py.objects.petri_net import semantics
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

SKIP = ">>"
QUIET = {"show_progress_bar": False, "multiprocessing": False}
Traces = Sequence[tuple[str, ...]]


def aligned(traces: Traces, net: Any) -> Any:
    """pm4py's optimal alignments. It takes a warning that is an error for a net that cannot be aligned with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return alignments.apply_log(log_of(traces), *net, parameters=QUIET)


def log_of(traces: Traces) -> Any:
    return EventLog([Trace([Event({"concept:name": activity}) for activity in trace]) for trace in traces])


def costs(traces: Traces, net: Any) -> list[int]:
    """The cost of pm4py's own optimal alignment of each trace, in moves."""
    return [found["cost"] // 10_000 for found in aligned(traces, net)]


def fitnesses(traces: Traces, net: Any) -> list[float]:
    return [found["fitness"] for found in aligned(traces, net)]


def staged_moves(trace: tuple[str, ...], accepting_net: Any, activities: Sequence[str], shortest: int) -> list[tuple]:
    """The moves alone of the preferred alignment, sorted: pm4py's search in a net with a second stage.

    In the second stage nothing synchronises any more; the cost of a move tells its kind and activity in digits.
    """
    net, initial, final, roles = _staged(accepting_net)
    known = [*activities, *sorted(set(trace) - set(activities))]
    base = len(trace) + shortest + 1
    unit = base ** (3 * len(known))

    def cost(kind: int, activity: str) -> int:
        return unit + base ** (kind * len(known) + len(known) - 1 - known.index(activity))

    weights = {"trailing": 0, "model": 1}
    model_costs = {}
    for transition in net.transitions:
        kind, label = roles[transition.name]
        model_costs[transition] = 0 if label is None else cost(weights[kind], label)
    of = dijkstra_no_heuristics.Parameters
    found = dijkstra_no_heuristics.apply(
        log_of([trace])[0], net, initial, final,
        {
            of.PARAM_TRACE_COST_FUNCTION: [cost(2, activity) for activity in trace],
            of.PARAM_MODEL_COST_FUNCTION: model_costs,
            of.PARAM_SYNC_COST_FUNCTION: dict.fromkeys(net.transitions, 0),
            of.PARAM_ALIGNMENT_RESULT_IS_SYNC_PROD_AWARE: True,
        },
    )  # fmt: skip
    moves = []
    for (_, model_name), (logged, _) in found["alignment"]:
        if model_name == SKIP:
            moves.append(("log", logged))
        elif logged == SKIP and roles[model_name][1] is not None:
            moves.append(roles[model_name])
    return sorted(moves)


def _staged(accepting_net: Any) -> tuple[Any, Any, Any, dict[str, tuple[str, str | None]]]:
    """A net of which every transition is there twice, the second time without label, and a turn between the two."""
    plain, initial, final = accepting_net
    net = PetriNet("staged")
    places = {place: PetriNet.Place(place.name) for place in plain.places}
    first, second = PetriNet.Place("first stage"), PetriNet.Place("second stage")
    net.places.update((*places.values(), first, second))
    roles: dict[str, tuple[str, str | None]] = {"turn": ("model", None)}
    for transition in plain.transitions:
        for stage, kind, label in ((first, "model", transition.label), (second, "trailing", None)):
            copied = PetriNet.Transition(f"{kind} {transition.name}", label)
            net.transitions.add(copied)
            roles[copied.name] = (kind, transition.label)
            for arc in transition.in_arcs:
                add_arc_from_to(places[arc.source], copied, net)
            for arc in transition.out_arcs:
                add_arc_from_to(copied, places[arc.target], net)
            add_arc_from_to(stage, copied, net)
            add_arc_from_to(copied, stage, net)
    turn = PetriNet.Transition("turn")
    net.transitions.add(turn)
    add_arc_from_to(first, turn, net)
    add_arc_from_to(turn, second, net)
    start = Marking({**{places[place]: n for place, n in initial.items()}, first: 1})
    end = Marking({**{places[place]: n for place, n in final.items()}, second: 1})
    return net, start, end, roles


def possible_next(net: Any, marking: Any) -> set[Any]:
    """Visible transitions that can fire next, perhaps after silent ones.

    pm4py's own function remembers one marking for each transition and so passes some by; everything else that its
    precision does is taken as it is.
    """
    found, visible = [marking], set()
    for each in found:
        for transition in semantics.enabled_transitions(net, each):
            if transition.label is not None:
                visible.add(transition)
            elif (after := semantics.execute(transition, net, each)) not in found:
                found.append(after)
    return visible


def precision(traces: Traces, net: Any, monkeypatch: Any) -> float:
    name = "get_visible_transitions_eventually_enabled_by_marking"
    monkeypatch.setattr(align_etconformance, name, possible_next)
    monkeypatch.setattr(align_etconformance.utils, name, possible_next)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return align_etconformance.apply(log_of(traces), *net, parameters=QUIET)


def mean_fitness(traces: Traces, net: Any) -> float:
    return alignment_based.evaluate(aligned(traces, net))["average_trace_fitness"]


def replay_fitness(traces: Traces, net: Any) -> float:
    return token_replay.apply(log_of(traces), *net, parameters=QUIET)["average_trace_fitness"]


def generalisation(traces: Traces, net: Any) -> float:
    return token_based.apply(log_of(traces), *net, parameters=QUIET)


def heuristics_arcs(traces: Traces, threshold: float) -> dict[tuple[str, str], float]:
    """Arcs of pm4py's heuristics net with their dependency."""
    of = heuristics.Parameters
    settings = {of.DEPENDENCY_THRESH: threshold, of.DFG_PRE_CLEANING_NOISE_THRESH: 0.0}
    net = heuristics.apply_heu(log_of(traces), settings)
    return {
        (node.node_name, after.node_name): net.dependency_matrix[node.node_name][after.node_name]
        for node in net.nodes.values()
        for after in node.output_connections
    }


def log_footprint(traces: Traces) -> dict[str, set[tuple[str, str]]]:
    return log_footprints.apply(log_of(traces))


def net_footprint(net: Any) -> set[tuple[str, str]]:
    found = net_footprints.apply(net[0], net[1])
    return found["sequence"] | found["parallel"]


def declare_rules(traces: Traces) -> dict[tuple[str, ...], tuple[int, int]]:
    """Template and activities -> cases in which it is activated, and of these those that keep to it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = declare.apply(log_of(traces), {"min_support_ratio": 0.0, "min_confidence_ratio": 0.0})
    return {
        (template, *((activities,) if isinstance(activities, str) else activities)): (n["support"], n["confidence"])
        for template, rules in found.items()
        for activities, n in rules.items()
    }


def timed_log(cases: Sequence[Sequence[tuple[str, datetime]]]) -> Any:
    """A log of cases of (activity, time), in order."""
    return EventLog([Trace([Event({"concept:name": a, "time:timestamp": t}) for a, t in case]) for case in cases])


def temporal_profile(log: Any) -> dict[tuple[str, str], tuple[float, float]]:
    return profile.apply(log)


def temporal_deviations(log: Any, found: dict[tuple[str, str], tuple[float, float]]) -> list[list[tuple]]:
    """For each case (from, to, seconds, zeta) beyond 6 standard deviations."""
    return out_of_time.apply(log, found, {"zeta": 6.0})
