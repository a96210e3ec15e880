"""A process model as a Petri net, with all the states that it can reach."""

from functools import cached_property
from typing import Any

from mining.automaton import Automaton, Step
from mining.engine.libraries import Pm4py, pm4py
from mining.petri_net import PetriNet, Place, Transition

_MAX_STATES = 10_000


class Model:
    """A process model. It runs soundly: no place ever holds two tokens, and its end is reached.

    Attributes:
        net: the Petri net with its initial and final marking, as pm4py has them.
        automaton: its states.

    Errors: ValueError with the name given where it cannot run soundly, or has more states than can be looked at.
    """

    def __init__(self, bpmn_xml: str, name: str) -> None:
        pm = pm4py()
        self.net = _numbered(pm, pm.to_petri_net(pm.import_bpmn(bpmn_xml)))
        self.automaton = _explored(pm, self.net, name)

    @cached_property
    def net_of_beginnings(self) -> Any:
        """A Petri net whose runs are the beginnings of those of the model: a place a state, and an end after each."""
        pm = pm4py()
        net, end = pm.net("beginnings"), pm.net.Place("end")
        places = [pm.net.Place(f"state {number}") for number in range(len(self.automaton.steps))]
        net.places.update((*places, end))
        for number, ways in enumerate(self.automaton.visible):
            for label, target in (*ways, (None, None)):
                step = pm.net.Transition(f"{number} {label} {target}", label)
                net.transitions.add(step)
                into = end if target is None else places[target]
                for source, goal in ((places[number], step), (step, into)):
                    arc = pm.net.Arc(source, goal)
                    net.arcs.add(arc)
                    source.out_arcs.add(arc)
                    goal.in_arcs.add(arc)
        return _numbered(pm, (net, pm.marking({places[0]: 1}), pm.marking({end: 1})))

    def token_fitness(self, activities: list[str], *, is_open: bool = False) -> float:
        """The fitness of token replay, from 0 to 1; of an open case, on the beginnings of runs."""
        net = self.net_of_beginnings if is_open else self.net
        return float(pm4py().replayed([activities], net)[0]["trace_fitness"])


def petri_net(bpmn_xml: str) -> PetriNet:
    """The Petri net that a BPMN model is run as; the same model gives the same net, numbers included."""
    pm = pm4py()
    net, initial, final = _numbered(pm, pm.to_petri_net(pm.import_bpmn(bpmn_xml)))
    places = sorted(net.places, key=hash)
    transitions = sorted(net.transitions, key=hash)
    ids = {place: f"p{number}" for number, place in enumerate(places, 1)}
    ids |= {transition: f"t{number}" for number, transition in enumerate(transitions, 1)}
    return PetriNet(
        tuple(Place(ids[place], place.name, initial[place], final[place]) for place in places),
        tuple(Transition(ids[transition], transition.label) for transition in transitions),
        tuple((ids[arc.source], ids[arc.target]) for arc in sorted(net.arcs, key=hash)),
    )


def _explored(pm: Pm4py, accepting_net: Any, name: str) -> Automaton:
    """All states that a net with its markings can reach, numbered alike every time.

    Errors: ValueError when a place can hold two tokens, or the final marking is not among them.
    """
    net, initial, final = accepting_net
    in_order = sorted(net.transitions, key=hash)
    found = [initial]
    number = {initial: 0}
    steps: list[tuple[Step, ...]] = []
    for marking in found:
        ways = []
        for transition in in_order:
            if not pm.semantics.is_enabled(transition, net, marking):
                continue
            after = pm.semantics.execute(transition, net, marking)
            element = transition.name.partition(" ")[2].removeprefix("sfl_").removeprefix("tfl_")
            if max(after.values()) > 1:
                raise ValueError(f"{name}: it does not run soundly: work piles up behind '{element}'")
            if len(found) > _MAX_STATES:
                raise ValueError(f"{name}: it has more than {_MAX_STATES:,} states: too much goes on side by side")
            if after not in number:
                number[after] = len(found)
                found.append(after)
            ways.append(Step(transition.label, number[after]))
        steps.append(tuple(ways))
    if final not in number:
        raise ValueError(f"{name}: it does not run soundly: its end event is never reached with all work done")
    return Automaton(tuple(steps), number[final])


def _numbered(pm: Pm4py, accepting_net: Any) -> Any:
    """A copy of a net whose parts are hashed by a number, in an order that follows from the model.

    pm4py's own parts are hashed by where they lie in memory, and silent ones are named at random: token replay, which
    takes one of several silent ways, then answers differently from one run to the next.
    """
    plain, initial, final = accepting_net
    place_type, transition_type, arc_type = (
        type(kind.__name__, (kind,), {"__hash__": lambda part: part.properties["number"], "__eq__": kind.__eq__})
        for kind in (pm.net.Place, pm.net.Transition, pm.net.Arc)
    )
    net, copies = pm.net(plain.name), {}
    for number, place in enumerate(sorted(plain.places, key=lambda place: place.name)):
        copies[place] = place_type(place.name, properties={"number": number})
        net.places.add(copies[place])
    for number, transition in enumerate(sorted(plain.transitions, key=_place_names)):
        name = f"{number:06} {transition.name}"
        copies[transition] = transition_type(name, transition.label, properties={"number": number})
        net.transitions.add(copies[transition])
    ends = ((copies[arc.source], copies[arc.target]) for arc in plain.arcs)
    for number, (source, target) in enumerate(sorted(ends, key=lambda ends: (ends[0].name, ends[1].name))):
        arc = arc_type(source, target, properties={"number": number})
        net.arcs.add(arc)
        source.out_arcs.add(arc)
        target.in_arcs.add(arc)
    markings = (pm.marking({copies[place]: n for place, n in marking.items()}) for marking in (initial, final))
    return net, *markings


def _place_names(transition: Any) -> tuple[str, list[str], list[str]]:
    """A key that does not depend on the names of silent transitions, which pm4py draws at random."""
    before = sorted(arc.source.name for arc in transition.in_arcs)
    return transition.label or "", before, sorted(arc.target.name for arc in transition.out_arcs)
