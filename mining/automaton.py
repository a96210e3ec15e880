"""A process model as a finite automaton: which activities may follow, state by state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush


@dataclass(frozen=True)
class Step:
    """A way from one state to another; the label is None where nothing visible happens."""

    label: str | None
    target: int


@dataclass(frozen=True)
class Automaton:
    """The states of a model. State 0 is its start.

    Attributes:
        steps: for each state the ways out of it.
        goal: the state in which the process is complete; it can be reached.
    """

    steps: tuple[tuple[Step, ...], ...]
    goal: int

    def replay(self, activities: Sequence[str]) -> tuple[bool, bool]:
        """Whether the model allows exactly these activities, and whether it allows them with something after them."""
        states = {0}
        for activity in activities:
            states = {target for state in states for label, target in self.visible[state] if label == activity}
        return not states.isdisjoint(self.final), bool(states)

    @cached_property
    def shortest(self) -> int:
        """How many activities the shortest complete run has."""
        states, length = self._silently([0]), 0
        while self.goal not in states:
            states |= self._silently([step.target for state in states for step in self.steps[state]])
            length += 1
        return length

    def after(self, states: Mapping[int, int], activity: str) -> dict[int, int]:
        """The states after one more activity, each with the silent steps that the shortest way there has.

        Args:
            states: where the model may be, with the silent steps so far.
            activity: what happens.
        """
        found: dict[int, int] = {}
        for state, silent in self._nearby(states).items():
            for step in self.steps[state]:
                if step.label == activity and silent < found.get(step.target, silent + 1):
                    found[step.target] = silent
        return found

    def _nearby(self, states: Mapping[int, int]) -> dict[int, int]:
        """The states that can be reached without anything visible, each with its fewest silent steps."""
        found = dict(states)
        waiting = [(silent, state) for state, silent in states.items()]
        heapify(waiting)
        while waiting:
            silent, state = heappop(waiting)
            if silent > found[state]:
                continue
            for step in self.steps[state]:
                if step.label is None and silent + 1 < found.get(step.target, silent + 2):
                    found[step.target] = silent + 1
                    heappush(waiting, (silent + 1, step.target))
        return found

    @cached_property
    def visible(self) -> tuple[tuple[tuple[str, int], ...], ...]:
        """For each state what may visibly happen next, perhaps after something silent: (activity, state), sorted."""
        return tuple(
            tuple(
                sorted({(s.label, s.target) for near in self._silently([state]) for s in self.steps[near] if s.label})
            )
            for state in range(len(self.steps))
        )

    @cached_property
    def final(self) -> frozenset[int]:
        """The states from which nothing visible has to happen any more."""
        return frozenset(state for state in range(len(self.steps)) if self.goal in self._silently([state]))

    def _silently(self, states: Iterable[int]) -> set[int]:
        """The states that can be reached without anything visible."""
        found = set(states)
        waiting = list(found)
        while waiting:
            fresh = {step.target for step in self.steps[waiting.pop()] if step.label is None} - found
            found |= fresh
            waiting += fresh
        return found
