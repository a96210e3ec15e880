"""The physical world: stock-consistent events of all sites in order of time, exactly as many as asked for."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.simulator.counts import count_stock
from pipelines.simulator.draws import Flags, Ints, delays, stream
from pipelines.simulator.events import DOCUMENT_KIND, TYPE, URGENT_TRANSFER
from pipelines.simulator.inbound import receive, replenishment_weight
from pipelines.simulator.master import ItemMaster, make_items
from pipelines.simulator.outbound import dispatch
from pipelines.simulator.scenario import Scenario, horizon_days
from pipelines.simulator.worktime import WorkingTime
from pipelines.simulator.world import World

# More than asked for is made and cut at the last event asked for; stock-outs make the number a little uncertain.
OVERSHOOT = 1.08
EVENTS_PER_ORDER_LINE, EVENTS_PER_RECEIPT_LINE, EVENTS_PER_TRANSFER = 4, 3, 4


@dataclass(frozen=True)
class Generated:
    """What happened.

    Attributes:
        events: one row an event in order of event_time: events.COLUMNS, document_type (a position in DOCUMENT_TYPES),
            channel, recorded_at, number (its own at the site), sequence_no (as told), shift, actor, refusal (a position
            in faults.REFUSALS), is_conflicting.
        counts: one row a count: document, facility, item, location, counted_at, counted_quantity, approved_at (NULL
            where nothing was approved up to the last event), is_miscount, actor, shift.
        deviations: injected process deviations that the events show, with the last event of their line.
        opening: per facility items and quantities of the stated opening stock.
        ordered: order lines told up to the last event; purchased: purchase lines.
        told: document number of the receipt that is told beforehand, and when it is posted.
    """

    items: ItemMaster
    clocks: list[WorkingTime]
    events: pl.DataFrame
    counts: pl.DataFrame
    deviations: pl.DataFrame
    opening: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    ordered: pl.DataFrame = field(default_factory=pl.DataFrame)
    purchased: pl.DataFrame = field(default_factory=pl.DataFrame)
    told: tuple[int, int] | None = None


def generate(scenario: Scenario, *, events: int, seed: int, start: date) -> Generated:
    """Makes `events` events from `start` on; the same arguments make the same events."""
    items = make_items(scenario, events, seed)
    world = World(scenario, seed, start, horizon_days(scenario, events), _scale(scenario, events, items), items)
    made = _run(world)
    while len(made) < events:
        world = World(scenario, seed, start, world.days, world.scale * 1.25 + 1, items)
        made = _run(world)
    kept = _described(world, made.head(events))
    last = int(kept["event_time"].to_numpy()[-1])
    ordered, purchased = (
        pl.concat(frames).filter(pl.col("ordered_at") <= last) if frames else pl.DataFrame()
        for frames in (world.ordered, world.purchased)
    )
    return Generated(
        items, world.clocks, kept, _counts(world, kept), _deviations(world, kept),
        opening=world.opening, ordered=ordered, purchased=purchased, told=world.told,
    )  # fmt: skip


def _scale(scenario: Scenario, events: int, items: ItemMaster) -> float:
    """Cases per unit of weight so that a little more than `events` events happen before the arrivals end."""
    weight = sum(lane.weight for lane in scenario.lanes) * EVENTS_PER_TRANSFER
    probe = World(scenario, 0, scenario.start, 1, 1.0, items)
    for facility, site in enumerate(scenario.facilities):
        weight += site.weights.order_lines * EVENTS_PER_ORDER_LINE + site.weights.counts
        weight += replenishment_weight(probe, facility) * EVENTS_PER_RECEIPT_LINE
    opening = 0 if scenario.opening_stock else EVENTS_PER_RECEIPT_LINE * int(items.is_stocked.sum())
    margin = OVERSHOOT * horizon_days(scenario, events) / scenario.span.days(events)
    return max(0.0, events * margin - opening) / weight


def _run(world: World) -> pl.DataFrame:
    """All sites, shippers before receivers, so that a site knows what comes to it."""
    for facility in range(len(world.scenario.facilities)):
        receive(world, facility)
        dispatch(world, facility)
        count_stock(world, facility)
    return pl.concat(world.blocks).sort("event_time", maintain_order=True)


def _described(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """Adds when each event was recorded, its number at its site, its shift and who did it."""
    facility, time = events["facility"].to_numpy(), events["event_time"].to_numpy()
    recorded, shift, actor = (np.zeros(len(events), dtype=np.int64) for _ in range(3))
    is_urgent = _are_urgent(world, events)
    has_sheet = np.array([site.spreadsheet is not None for site in world.scenario.facilities])
    channel = (is_urgent & has_sheet[facility]).astype(np.int64)
    for number, site in enumerate(world.scenario.facilities):
        here = np.flatnonzero(facility == number)
        rng = stream(world.seed, "capture", site.id)
        recorded[here] = time[here] + delays(site.capture, len(here), rng)
        written = here[channel[here] == 1]
        if site.spreadsheet:
            own = stream(world.seed, "spreadsheet capture", site.id)
            recorded[written] = time[written] + delays(site.spreadsheet.capture, len(written), own)
        shift[here] = world.clocks[number].shift_of(time[here])
        actor[here] = rng.integers(0, site.workers, len(here))
    order = np.argsort((facility.astype(np.int64) << 40) | recorded, kind="stable")
    first = np.searchsorted(facility[order], facility[order], side="left")
    sequence = np.empty(len(events), dtype=np.int64)
    sequence[order] = np.arange(len(events)) - first + 1
    return events.with_columns(
        document_type=pl.Series(np.where(is_urgent, URGENT_TRANSFER, events["document_kind"].to_numpy())).cast(pl.Int8),
        channel=pl.Series(channel).cast(pl.Int8),
        recorded_at=pl.Series(recorded),
        number=pl.Series(sequence),
        sequence_no=pl.Series(sequence),
        shift=pl.Series(shift).cast(pl.Int8),
        actor=pl.Series(actor).cast(pl.Int16),
    )


def _are_urgent(world: World, events: pl.DataFrame) -> Flags:
    """Which events are of an urgent transfer."""
    is_transfer = events["document_kind"].to_numpy() == DOCUMENT_KIND["transfer"]
    urgent = np.concatenate(world.urgent) if world.urgent else np.zeros(0, dtype=np.int64)
    return np.asarray(is_transfer & np.isin(events["document"].to_numpy(), urgent))


def _counts(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """The counts whose event happened, and the approvals that happened."""
    is_count = pl.col("document_kind") == DOCUMENT_KIND["count"]
    recorded = events.filter(is_count & (pl.col("event_type") == TYPE["cycle_count_recorded"]))
    approved = events.filter(is_count & (pl.col("event_type") == TYPE["count_variance_approved"]))
    counts = pl.concat(world.counted).with_columns(pl.col("document").cast(pl.Int32))
    return (
        recorded.select("document", "actor", "shift")
        .join(counts.drop("approved_at"), on="document", how="inner", maintain_order="left")
        .join(
            approved.select("document", approved_at="event_time", approver="actor"),
            on="document",
            how="left",
            maintain_order="left",
        )
    )


def _deviations(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """The injected deviations whose proving event happened."""
    frames = [
        pl.DataFrame(
            {
                "process": [d.process] * len(d.lines),
                "document_kind": np.full(len(d.lines), DOCUMENT_KIND[d.lines.kind]),
                "document": d.lines.document,
                "line": d.lines.line,
                "facility": np.full(len(d.lines), d.facility),
                "kind": [d.kind] * len(d.lines),
                "activity": [d.activity] * len(d.lines),
                "event_type": np.full(len(d.lines), TYPE[d.evidence]),
            },
            schema_overrides={"process": pl.String, "kind": pl.String, "activity": pl.String},
        )
        for d in world.deviations
    ]
    keys = ["document_kind", "document", "line", "event_type"]
    happened = events.select([*(pl.col(k).cast(pl.Int64) for k in keys), "event_time"])
    last = happened.group_by(keys[:3]).agg(last_event=pl.col("event_time").max())
    found = pl.concat(frames).join(happened, on=keys, how="semi", maintain_order="left")
    found = found.join(last, on=keys[:3], how="left", maintain_order="left")
    return found.drop("event_type").sort("process", "document", "line", "activity", maintain_order=True)
