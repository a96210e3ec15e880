"""Receiving: receipt_created, receipt_confirmed, perhaps a quality hold, putaway_completed, per document line."""

import math

import numpy as np
import polars as pl

from pipelines.simulator.draws import Ints, delays, document_lines, happens, quantities
from pipelines.simulator.events import DOCK_IN, Lines, block
from pipelines.simulator.features import ToldReceipt
from pipelines.simulator.shapes import seconds_of
from pipelines.simulator.stock import Flow
from pipelines.simulator.world import Deviation, World

OPENING_S = 7200


def receive(world: World, facility: int) -> None:
    """All receipts of a site: the opening stock on the first morning, then what keeps pace with demand."""
    rng = world.rng("receipts", world.scenario.facilities[facility].id)
    item, quantity = _opening(world, facility)
    clock = world.clocks[facility]
    if world.scenario.opening_stock:
        world.open_with(facility, item, quantity)
    else:
        created = np.sort(clock.to_utc(rng.integers(0, OPENING_S, len(item))))
        _book(world, facility, item, quantity, created, rng)
    count = world.cases(replenishment_weight(world, facility))
    item = world.items.pick(count, rng, facility)
    quantity = quantities(world.scenario.quantities.receipt_line, count, rng)
    _book(world, facility, item, quantity, world.arrivals(facility, count, rng), rng)
    told = world.scenario.told_receipt
    if told and told.facility == world.scenario.facilities[facility].id:
        _book_told(world, facility, told)


def replenishment_weight(world: World, facility: int) -> float:
    """Receipt lines, as a weight, that cover demand less what comes by transfer."""
    scenario, amounts = world.scenario, world.scenario.quantities
    site = scenario.facilities[facility]
    moved = amounts.transfer.mean
    out = site.weights.order_lines * amounts.order_line.mean
    out += sum(lane.weight * moved for lane in scenario.lanes if lane.shipper == site.id)
    came = sum(lane.weight * moved for lane in scenario.lanes if lane.receiver == site.id)
    return max(0.0, amounts.supply_ratio * out - came) / amounts.receipt_line.mean


def _opening(world: World, facility: int) -> tuple[Ints, Ints]:
    """One line per stocked item: some days of its demand."""
    amounts = world.scenario.quantities
    site = world.scenario.facilities[facility]
    out: float = world.cases(site.weights.order_lines) * amounts.order_line.mean
    for lane in world.scenario.lanes:
        out += world.cases(lane.weight) * amounts.transfer.mean * (lane.shipper == site.id)
    cover = world.items.shares(facility) * out / world.days * amounts.opening_cover_days
    item = np.flatnonzero(world.items.is_stocked[facility]).astype(np.int64)
    least = math.ceil(amounts.receipt_line.mean)
    return item, np.maximum(least, np.ceil(cover[item])).astype(np.int64)


def _book(world: World, facility: int, item: Ints, quantity: Ints, arrival: Ints, rng: np.random.Generator) -> None:
    number, line = document_lines(world.scenario.lines_per_document.receipt, len(item), rng)
    suppliers = rng.integers(0, world.scenario.suppliers, len(item))[number]
    document = world.documents("receipt", number)
    created = arrival[np.searchsorted(number, number, side="left")] + 3 * (line - 1)
    confirmed = world.after(facility, created, "receipt_confirmed", rng)
    lines = Lines("receipt", document, line, item, quantity, world.lots(item))
    usable = _hold(world, facility, lines, confirmed, rng)
    putaway = world.after(facility, usable, "putaway_completed", rng)
    is_skipped = happens(world.scenario.ratio("skipped_putaway_ratio", facility), len(item), rng)
    put = ~is_skipped
    world.blocks += [
        block("receipt_created", created, facility, lines, location=DOCK_IN, supplier=suppliers),
        block("receipt_confirmed", confirmed, facility, lines, location=DOCK_IN, supplier=suppliers),
        block(
            "putaway_completed", putaway[put], facility, lines[put],
            location=world.home_bin(item[put]), supplier=suppliers[put],
        ),
    ]  # fmt: skip
    world.deviations.append(
        Deviation(
            process="procure_to_receive",
            kind="skipped",
            activity="putaway_completed",
            evidence="receipt_confirmed",
            lines=lines[is_skipped],
            facility=facility,
        )
    )
    world.move(facility, Flow(item, confirmed, quantity))
    taken = _adjust_receipts(world, facility, lines, suppliers, putaway)
    world.supply(facility, Flow(item, putaway, quantity - taken), lines.lot)
    _note_purchases(world, facility, lines, suppliers, created)


def _adjust_receipts(world: World, facility: int, lines: Lines, suppliers: Ints, putaway: Ints) -> Ints:
    """Units by which each line is put right by hand after it was put away; nobody is promised them."""
    own, units = world.scenario.adjusted_supplier, np.zeros(len(lines), dtype=np.int64)
    if own is None:
        return units
    rng = world.rng("adjusted receipts", facility, len(world.blocks))
    chosen = np.flatnonzero(suppliers == own.supplier - 1)
    units[chosen] = np.minimum(quantities(own.units, len(chosen), rng), lines.quantity[chosen] - 1)
    lost = lines[chosen]
    correction = Lines(lost.kind, lost.document, lost.line, lost.item, -units[chosen], lost.lot)
    adjusted = world.after(facility, putaway[chosen], "inventory_adjusted", rng)
    bins = world.home_bin(lost.item)
    world.blocks.append(
        block("inventory_adjusted", adjusted, facility, correction, location=bins, supplier=suppliers[chosen])
    )
    world.move(facility, Flow(lost.item, adjusted, -units[chosen]))
    return units


def _note_purchases(world: World, facility: int, lines: Lines, suppliers: Ints, created: Ints) -> None:
    """What was ordered: some lines come short of it."""
    terms = world.scenario.purchasing
    if terms is None:
        return
    rng = world.rng("purchases", facility, len(world.blocks))
    missing = np.zeros(len(lines), dtype=np.int64)
    if terms.short is not None:
        is_short = happens(terms.short_ratio, len(lines), rng)
        missing = np.where(is_short, quantities(terms.short, len(lines), rng), 0)
    values = {
        "facility": np.full(len(lines), facility),
        "document": lines.document,
        "line": lines.line,
        "item": lines.item,
        "supplier": suppliers,
        "ordered_quantity": lines.quantity + missing,
        "ordered_at": created - delays(terms.lead, len(lines), rng),
    }
    world.purchased.append(pl.DataFrame({name: pl.Series(v).cast(pl.Int64) for name, v in values.items()}))


def _book_told(world: World, facility: int, told: ToldReceipt) -> None:
    """The receipt whose instants the scenario states: one line of the site's most popular item."""
    site, clock = world.scenario.facilities[facility], world.clocks[facility]
    midnight = int(clock.opens[told.day]) - seconds_of(site.opens)
    received = np.array([midnight + seconds_of(told.received)])
    item = np.flatnonzero(world.items.is_stocked[facility])[:1].astype(np.int64)
    document, one = world.documents("receipt", np.zeros(1, dtype=np.int64)), np.ones(1, dtype=np.int64)
    lines = Lines("receipt", document, one, item, np.array([told.quantity]), world.lots(item))
    supplier = np.zeros(1, dtype=np.int64)
    for event_type, time, place in (
        ("receipt_created", received - 1500, DOCK_IN),
        ("receipt_confirmed", received, DOCK_IN),
        ("putaway_completed", received + 2400, world.home_bin(item)),
    ):
        world.blocks.append(block(event_type, time, facility, lines, location=place, supplier=supplier))
    world.move(facility, Flow(item, received, lines.quantity))
    world.supply(facility, Flow(item, received + 2400, lines.quantity), lines.lot)
    _note_purchases(world, facility, lines, supplier, received - 1500)
    world.told = (int(document[0]), midnight + seconds_of(told.posted))


def _hold(world: World, facility: int, lines: Lines, confirmed: Ints, rng: np.random.Generator) -> Ints:
    """Places some lines on quality hold before they are put away; returns from when each line may be put away."""
    is_held = happens(world.scenario.hold_ratio, len(lines), rng)
    held = lines[is_held]
    placed = world.after(facility, confirmed[is_held], "quality_hold_placed", rng)
    released = world.after(facility, placed, "quality_hold_released", rng)
    world.blocks += [
        block("quality_hold_placed", placed, facility, held, location=DOCK_IN),
        block("quality_hold_released", released, facility, held, location=DOCK_IN),
    ]
    usable = confirmed.copy()
    usable[is_held] = released
    return usable
