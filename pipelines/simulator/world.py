"""What the parts of a simulation share: the scenario, the clocks, the items, and what has been made so far."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.simulator.draws import Ints, delays, stream
from pipelines.simulator.events import DOCUMENTS, NONE, Lines
from pipelines.simulator.master import ItemMaster
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.stock import Flow
from pipelines.simulator.worktime import WorkingTime

# Cases that begin on the last day of arrivals still need days to end.
DAYS_AFTER_ARRIVALS = 45


@dataclass(frozen=True)
class Deviation:
    """Injected deviations of one kind.

    Attributes:
        evidence: the event type whose event proves the deviation; where that event is cut off, it has not happened.
    """

    process: str
    kind: str
    activity: str
    evidence: str
    lines: Lines
    facility: int


@dataclass
class World:
    """State of one simulation run.

    Attributes:
        days: days of arrivals.
        scale: cases per unit of weight.
        blocks: event frames made so far.
        supplies: per facility what became available, and its lots.
        physical: per facility the true signed movements of stock, recorded or not.
        hidden: per facility losses that no event records.
        opening: per facility the items and quantities of its stock before the first event, where they are stated.
        ordered: order lines, whatever was granted of them.
        purchased: purchase order lines.
        urgent: document numbers of urgent transfers.
        told: document number of the receipt that is told beforehand, and when it is posted.
    """

    scenario: Scenario
    seed: int
    start: date
    days: int
    scale: float
    items: ItemMaster
    clocks: list[WorkingTime] = field(init=False)
    blocks: list[pl.DataFrame] = field(default_factory=list)
    supplies: dict[int, list[tuple[Flow, Ints]]] = field(default_factory=dict)
    physical: dict[int, list[Flow]] = field(default_factory=dict)
    hidden: dict[int, list[Flow]] = field(default_factory=dict)
    deviations: list[Deviation] = field(default_factory=list)
    counted: list[pl.DataFrame] = field(default_factory=list)
    opening: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    ordered: list[pl.DataFrame] = field(default_factory=list)
    purchased: list[pl.DataFrame] = field(default_factory=list)
    urgent: list[Ints] = field(default_factory=list)
    told: tuple[int, int] | None = None
    _documents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DOCUMENTS, 0))
    _lots: int = 0

    def __post_init__(self) -> None:
        days = self.days + DAYS_AFTER_ARRIVALS
        self.clocks = [WorkingTime(site, self.start, days) for site in self.scenario.facilities]

    def rng(self, *names: object) -> np.random.Generator:
        """The stream of a part of the simulation."""
        return stream(self.seed, *names)

    def cases(self, weight: float) -> int:
        """Number of cases of a weight."""
        return round(weight * self.scale)

    def documents(self, kind: str, numbers: Ints) -> Ints:
        """Document numbers that nobody else has, for numbers from 0."""
        first = self._documents[kind] + 1
        self._documents[kind] += int(numbers.max(initial=-1)) + 1
        return first + numbers

    def lots(self, item: Ints) -> Ints:
        """A new lot for each line of a lot-tracked item, NONE for the others."""
        is_tracked = self.items.is_lot_tracked[item]
        numbers = self._lots + np.cumsum(is_tracked)
        self._lots += int(is_tracked.sum())
        return np.where(is_tracked, numbers, NONE)

    def after(self, facility: int, time: Ints, step: str, rng: np.random.Generator) -> Ints:
        """UTC seconds of the next step: working time of that facility passes."""
        clock = self.clocks[facility]
        return clock.to_utc(clock.to_working(time) + delays(self.scenario.steps[step], len(time), rng))

    def arrivals(self, facility: int, count: int, rng: np.random.Generator) -> Ints:
        """UTC seconds at which cases begin, sorted."""
        clock = self.clocks[facility]
        return clock.to_utc(clock.arrivals(count, self.days, rng))

    def home_bin(self, item: Ints) -> Ints:
        """The storage bin of an item."""
        return item * 37 % 2000

    def supply(self, facility: int, flow: Flow, lot: Ints) -> None:
        """Stock that can be promised from a time on."""
        self.supplies.setdefault(facility, []).append((flow, lot))

    def move(self, facility: int, flow: Flow) -> None:
        """True movements of stock."""
        self.physical.setdefault(facility, []).append(flow)

    def open_with(self, facility: int, item: Ints, quantity: Ints) -> None:
        """Stock that is there before the first event."""
        time = np.full(len(item), self.clocks[facility].opens[0])
        self.opening[facility] = (item, quantity)
        self.move(facility, Flow(item, time, quantity))
        self.supply(facility, Flow(item, time, quantity), self.lots(item))

    def lose(self, facility: int, flow: Flow) -> None:
        """Stock that leaves without an event: part of the truth, not of the records."""
        self.hidden.setdefault(facility, []).append(flow)
        self.move(facility, Flow(flow.item, flow.time, -flow.quantity))
