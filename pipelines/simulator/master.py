"""Master data of a simulation: items with valid GS1 numbers, and where each is stocked."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulator.draws import Flags, Floats, Ints, stream
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.shapes import Items


@dataclass(frozen=True)
class ItemMaster:
    """The items, position = item number; the most popular first.

    Attributes:
        popularity: share of all movements.
        abc: position in "ABC".
        is_lot_tracked: whether its movements name a lot.
        cost_cents: unit cost.
        is_stocked: per facility (rows) and item whether the facility holds it.
    """

    popularity: Floats
    abc: Ints
    is_lot_tracked: Flags
    cost_cents: Ints
    is_stocked: np.ndarray

    def __len__(self) -> int:
        return len(self.popularity)

    def shares(self, *facilities: int) -> Floats:
        """Popularity among the items that all these facilities hold, as shares of one."""
        weights = self.popularity * self.is_stocked[list(facilities)].all(axis=0)
        return np.asarray(weights / weights.sum())

    def pick(self, count: int, rng: np.random.Generator, *facilities: int) -> Ints:
        """`count` items by popularity among those that all these facilities hold."""
        ends = np.cumsum(self.shares(*facilities))
        place = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
        return np.minimum(place, len(self) - 1).astype(np.int64)


def make_items(scenario: Scenario, events: int, seed: int) -> ItemMaster:
    """The items of a simulation of about this many events."""
    spec, count = scenario.items, scenario.items.count(events)
    rng = stream(seed, "items")
    popularity = 1.0 / np.arange(1, count + 1) ** spec.popularity_exponent
    cost = spec.unit_cost_cents.median * np.exp(spec.unit_cost_cents.sigma * rng.standard_normal(count))
    # At least one item in three is stocked everywhere, so that every lane has something to carry.
    stocked = [
        (rng.random(count) < site.assortment_ratio) | (np.arange(count) % 3 == 0) for site in scenario.facilities
    ]
    return ItemMaster(
        popularity=popularity / popularity.sum(),
        abc=_abc(spec, count),
        is_lot_tracked=rng.random(count) < spec.lot_tracked_ratio,
        cost_cents=np.clip(np.rint(cost), spec.unit_cost_cents.minimum, spec.unit_cost_cents.maximum).astype(np.int64),
        is_stocked=np.array(stocked),
    )


def _abc(spec: Items, count: int) -> Ints:
    ends = np.cumsum([spec.abc_ratios.get(c, 0.0) for c in ("A", "B", "C")])
    return np.minimum(np.searchsorted(ends, np.arange(count) / count, side="right"), 2).astype(np.int64)


def check_digit(digits: str) -> str:
    """The GS1 check digit of the digits before it (GS1 General Specifications, 7.9)."""
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits)))
    return str(-total % 10)


def item_id(number: int) -> str:
    """Item number as text, the same everywhere but at sites with codes of their own."""
    return f"SKU-{number + 1:05d}"


def gtin(prefix: str, number: int) -> str:
    """GTIN-14 of an item of a company."""
    digits = f"0{prefix}{number + 1:05d}"
    return digits + check_digit(digits)


def gln(prefix: str, reference: int) -> str:
    """GLN-13 of a location of a company."""
    digits = f"{prefix}{reference:05d}"
    return digits + check_digit(digits)


def local_code(number: int) -> str:
    """The code that a site with codes of its own uses: unlike the item id, and not in its order."""
    return f"R{(number * 7919 + 1234) % 100003:06d}"
