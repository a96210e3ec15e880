"""The optimal alignment of a case with a model, of equally cheap ones always the same.

pm4py and r4pm find a cheapest alignment, but which one of several is chance, and neither counts moves of different
activities differently at this speed (docs/adr/0025). The states of a model are known here, so that what is left is a
table: how cheaply each state is reached after each event. Cases with the same beginning share the rows of it.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from mining.automaton import Automaton

Moves = list[dict[str, str]]


class _Row(NamedTuple):
    """How cheaply each state is reached after some events, and the end if nothing synchronises any more."""

    activity: str | None
    reached: dict[int, int]
    ended: int


class Aligner:
    """Aligns cases with a model. Cases in sorted order are fastest: only what differs from the last one is searched.

    Every move of the log or of the model alone costs one unit. Below the unit, a number whose digits count the moves
    by kind and activity makes two alignments cost the same only where they have the same moves: no digit can overflow,
    since an optimal alignment has fewer moves than the base of the number, and a way to the end fewer than states.

    A case that is still open is aligned with the beginning of a run: it may stop in every state, and what the model
    asks for from there on costs no unit, only the digits that choose among equally cheap ones.

    Args:
        automaton: the model.
        activities: those of the model, in its order.
        longest: how many events the longest case has.
        is_open: whether the cases may still go on.
    """

    def __init__(self, automaton: Automaton, activities: Sequence[str], longest: int, *, is_open: bool = False) -> None:
        count, base = len(activities), longest + (len(automaton.steps) if is_open else automaton.shortest) + 1
        self._unit = base ** (3 * count)

        def costs(kind: int) -> dict[str, int]:
            digit = (kind + 1) * count - 1
            return {activity: self._unit + base ** (digit - place) for place, activity in enumerate(activities)}

        self._trailing, self._model, self._log = costs(0), costs(1), costs(2)
        self._ways = automaton.visible
        self._sync: list[dict[str, list[int]]] = [{} for _ in self._ways]
        self._from: list[list[tuple[str, int]]] = [[] for _ in self._ways]
        for state, ways in enumerate(self._ways):
            for label, target in ways:
                self._sync[state].setdefault(label, []).append(target)
                self._from[target].append((label, state))
        self._goal = self._to_goal(automaton)
        self._end = {s: cost % self._unit for s, cost in self._goal.items()} if is_open else self._goal
        self._rows = [self._row(None, self._spread({0: 0}, [(0, 0)]))]

    def aligned(self, activities: Sequence[str]) -> Moves:
        """The moves of the cheapest alignment, in order."""
        del self._rows[self._shared(activities) + 1 :]
        for activity in activities[len(self._rows) - 1 :]:
            self._rows.append(self._next(self._rows[-1].reached, activity))
        alone, best, last = 0, self._rows[-1].ended, len(activities)
        for place in range(len(activities) - 1, -1, -1):
            alone += self._log.get(activities[place], self._unit)
            if self._rows[place].ended + alone < best:
                best, last = self._rows[place].ended + alone, place
        row = self._rows[last]
        state = min(s for s, cost in row.reached.items() if s in self._end and cost + self._end[s] == row.ended)
        inserted = [{"kind": "log", "activity": activity} for activity in activities[last:]]
        return [*self._back(last, state), *inserted, *self._on(state)]

    def _shared(self, activities: Sequence[str]) -> int:
        """How many events the case has in common with the one before."""
        for place, (row, activity) in enumerate(zip(self._rows[1:], activities, strict=False)):
            if row.activity != activity:
                return place
        return min(len(self._rows) - 1, len(activities))

    def _next(self, before: dict[int, int], activity: str) -> _Row:
        """The row after one more event: left out as a move of the log, or synchronous."""
        alone = self._log.get(activity, self._unit)
        reached = {state: cost + alone for state, cost in before.items()}
        better = []
        for state, cost in before.items():
            for target in self._sync[state].get(activity, ()):
                if cost < reached.get(target, cost + 1):
                    reached[target] = cost
                    better.append((cost, target))
        # What was spread before is spread still: only what became cheaper can make other states cheaper.
        return self._row(activity, self._spread(reached, better))

    def _spread(self, reached: dict[int, int], better: list[tuple[int, int]]) -> dict[int, int]:
        """Lets the model go on alone from the states that became cheaper."""
        heapify(better)
        while better:
            cost, state = heappop(better)
            if cost > reached[state]:
                continue
            for label, target in self._ways[state]:
                there = cost + self._model[label]
                if there < reached.get(target, there + 1):
                    reached[target] = there
                    heappush(better, (there, target))
        return reached

    def _row(self, activity: str | None, reached: dict[int, int]) -> _Row:
        end = self._end
        return _Row(activity, reached, min(cost + end[state] for state, cost in reached.items() if state in end))

    def _to_goal(self, automaton: Automaton) -> dict[int, int]:
        """The cost of the cheapest way from each state to the end, as moves that trail."""
        found = dict.fromkeys(automaton.final, 0)
        waiting = [(0, state) for state in automaton.final]
        while waiting:
            cost, state = heappop(waiting)
            if cost > found[state]:
                continue
            for label, before in self._from[state]:
                there = cost + self._trailing[label]
                if there < found.get(before, there + 1):
                    found[before] = there
                    heappush(waiting, (there, before))
        return found

    def _back(self, place: int, state: int) -> Moves:
        """The moves from the start to a state after some events."""
        moves: Moves = []
        while place or self._rows[0].reached[state]:
            row = self._rows[place]
            kind, activity, place, state = self._before(row, row.reached[state], place, state)
            moves.append({"kind": kind, "activity": activity})
        return moves[::-1]

    def _before(self, row: _Row, cost: int, place: int, state: int) -> tuple[str, str, int, int]:
        """The last move of a cheapest way to a state, and where it came from: (kind, activity, place, state)."""
        for label, source in self._from[state]:
            if row.reached.get(source, cost) + self._model[label] == cost:
                return "model", label, place, source
        activity, earlier = str(row.activity), self._rows[place - 1].reached
        for label, source in self._from[state]:
            if label == activity and earlier.get(source) == cost:
                return "sync", activity, place - 1, source
        return "log", activity, place - 1, state

    def _on(self, state: int) -> Moves:
        """The moves from a state to the end."""
        moves: Moves = []
        while cost := self._goal[state]:
            label, state = next(
                (label, target)
                for label, target in self._ways[state]
                if target in self._goal and self._goal[target] + self._trailing[label] == cost
            )
            moves.append({"kind": "trailing", "activity": label})
        return moves
