"""A process model as a Petri net, with all the states that it can reach."""

from typing import Any

from mining.automaton import Automaton, Step
from mining.engine.libraries import Pm4py, pm4py

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
        self.net = pm.to_petri_net(pm.import_bpmn(bpmn_xml))
        self.automaton = _explored(pm, self.net, name)

    def token_fitness(self, activities: list[str]) -> float:
        """The fitness of token replay, from 0 to 1."""
        return float(pm4py().replayed([activities], self.net)[0]["trace_fitness"])


def _explored(pm: Pm4py, accepting_net: Any, name: str) -> Automaton:
    """All states that a net with its markings can reach, numbered alike every time.

    Errors: ValueError when a place can hold two tokens, or the final marking is not among them.
    """
    net, initial, final = accepting_net
    in_order = sorted(net.transitions, key=_place_names)
    found = [initial]
    number = {initial: 0}
    steps: list[tuple[Step, ...]] = []
    for marking in found:
        ways = []
        for transition in in_order:
            if not pm.semantics.is_enabled(transition, net, marking):
                continue
            after = pm.semantics.execute(transition, net, marking)
            element = transition.name.removeprefix("sfl_").removeprefix("tfl_")
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


def _place_names(transition: Any) -> tuple[str, list[str], list[str]]:
    """A key that does not depend on the names of silent transitions, which pm4py draws at random."""
    before = sorted(arc.source.name for arc in transition.in_arcs)
    return transition.label or "", before, sorted(arc.target.name for arc in transition.out_arcs)
