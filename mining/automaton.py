"""A process model as a finite automaton: which activities may follow, state by state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


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
        states = self._silently([0])
        for activity in activities:
            states = self._silently(s.target for state in states for s in self.steps[state] if s.label == activity)
        return self.goal in states, bool(states)

    @cached_property
    def shortest(self) -> int:
        """How many activities the shortest complete run has."""
        states, length = self._silently([0]), 0
        while self.goal not in states:
            states |= self._silently([step.target for state in states for step in self.steps[state]])
            length += 1
        return length

    def _silently(self, states: Iterable[int]) -> set[int]:
        """The states that can be reached without anything visible."""
        found = set(states)
        waiting = list(found)
        while waiting:
            fresh = {step.target for step in self.steps[waiting.pop()] if step.label is None} - found
            found |= fresh
            waiting += fresh
        return found
