"""Stock arithmetic over (item, time) without a loop: who gets what, which lot, how much is there.

All functions work on one facility. Times are UTC seconds, quantities whole base units.
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulator.draws import Ints


@dataclass(frozen=True)
class Flow:
    """Quantities of items at times, all arrays of one length."""

    item: Ints
    time: Ints
    quantity: Ints

    def key(self) -> Ints:
        """Sorts by item, then time."""
        return (self.item << 34) | self.time


def joined(flows: list[Flow]) -> Flow:
    """Several flows as one, in the given order."""
    return Flow(*(np.concatenate([getattr(f, name) for f in flows]) for name in ("item", "time", "quantity")))


def fulfil(supply: Flow, demand: Flow) -> Ints:
    """How much of each demand the stock of that moment allows, first come first served.

    Stock is a walk that is held at zero: S = X - min(0, running minimum of X), X = supply so far - demand so far. What
    lowers the running minimum is what nobody gets. Supply at the same instant comes first; what is not there is
    not back-ordered.
    """
    item = np.concatenate([supply.item, demand.item])
    key = (np.concatenate([supply.key(), demand.key()]) << 1) | (np.arange(len(item)) >= len(supply.item))
    order = np.argsort(key, kind="stable")
    change = np.concatenate([supply.quantity, -demand.quantity])[order]
    walk, group = _within_groups(change, item[order])
    step = 1 + int(np.abs(walk).max(initial=0))
    floor = np.minimum.accumulate(np.minimum(walk, 0) - group * step) + group * step
    before = np.concatenate([[0], floor[:-1]])
    before[np.flatnonzero(np.diff(group, prepend=-1))] = 0
    unmet = np.empty(len(item), dtype=np.int64)
    unmet[order] = before - floor
    return demand.quantity - unmet[len(supply.item) :]


def fifo(supply: Flow, taken: Flow) -> Ints:
    """For each taken quantity the position in `supply` of its first unit, oldest supply first.

    `taken` is what `fulfil` granted, so that supply covers it; a quantity of zero gets some position.
    """
    in_order, out_order = np.argsort(supply.key(), kind="stable"), np.argsort(taken.key(), kind="stable")
    supplied, _ = _within_groups(supply.quantity[in_order], supply.item[in_order])
    given, _ = _within_groups(taken.quantity[out_order], taken.item[out_order])
    given -= taken.quantity[out_order]
    step = 2 + int(max(supplied.max(initial=0), given.max(initial=0)))
    ends = supply.item[in_order] * step + supplied
    place = np.searchsorted(ends, taken.item[out_order] * step + given, side="right")
    found = np.empty(len(taken.item), dtype=np.int64)
    found[out_order] = in_order[np.minimum(place, len(in_order) - 1)] if len(in_order) else 0
    return found


def level(changes: Flow, item: Ints, time: Ints) -> Ints:
    """The sum of signed changes of each item up to and including each time."""
    order = np.argsort(changes.key(), kind="stable")
    total = np.concatenate([[0], np.cumsum(changes.quantity[order])])
    keys = changes.key()[order]
    upto = np.searchsorted(keys, (item << 34) | time, side="right")
    first = np.searchsorted(keys, item << 34, side="left")
    return np.asarray(total[upto] - total[first])


def latest(supply: Flow, item: Ints, time: Ints) -> Ints:
    """The position in `supply` of the newest supply of each item up to each time; -1 where there is none."""
    order = np.argsort(supply.key(), kind="stable")
    keys = supply.key()[order]
    place = np.searchsorted(keys, (item << 34) | time, side="right")
    first = np.searchsorted(keys, item << 34, side="left")
    found = np.concatenate([order, [-1]])
    return np.where(place > first, found[place - 1], -1)


def _within_groups(change: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Running sums that start anew with each run of equal `group`; also the number of the run (from 0)."""
    if not len(change):
        return change.copy(), group.copy()
    starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    number = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(group))))
    total = np.cumsum(change)
    base = np.where(starts > 0, total[np.maximum(starts, 1) - 1], 0)
    return total - base[number], number
