"""What leaves a site: orders, transfers and losses, all served from the same stock in order of time."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulator.draws import Flags, Ints, delays, document_lines, happens, quantities
from pipelines.simulator.events import DOCK_IN, DOCK_OUT, NONE, STATUSES, Lines, block
from pipelines.simulator.sites import Lane
from pipelines.simulator.stock import Flow, fifo, fulfil, joined
from pipelines.simulator.world import Deviation, World

DAMAGED_RATIO = 0.3


@dataclass(frozen=True)
class _Wish:
    """What somebody wants at a time, before stock is looked at."""

    document: Ints
    line: Ints
    flow: Flow


def dispatch(world: World, facility: int) -> None:
    """Orders, transfers and losses of a site: each takes what is there when it is reserved."""
    site = world.scenario.facilities[facility]
    lanes = [lane for lane in world.scenario.lanes if lane.shipper == site.id]
    orders = _orders(world, facility)
    transfers = [_transfers(world, lane) for lane in lanes]
    losses = _losses(world, facility)
    wishes = [orders, *transfers, losses]
    granted = _grant(world, facility, [w.flow for w in wishes])
    _book_orders(world, facility, _lines("order", orders, granted[0]), orders.flow.time[granted[0][0] > 0])
    for lane, wish, grant in zip(lanes, transfers, granted[1:-1], strict=True):
        _book_transfers(world, lane, _lines("transfer", wish, grant), wish.flow.time[grant[0] > 0])
    _note_orders(world, facility, orders, granted[0][0])
    _book_losses(world, facility, _lines("adjustment", losses, granted[-1]), losses.flow.time[granted[-1][0] > 0])


def _note_orders(world: World, facility: int, orders: _Wish, granted: Ints) -> None:
    """What was ordered, and what was promised of it."""
    if world.scenario.orders is None:
        return
    flow = orders.flow
    values = {
        "facility": np.full(len(granted), facility),
        "document": orders.document,
        "line": orders.line,
        "item": flow.item,
        "ordered_quantity": flow.quantity,
        "granted_quantity": granted,
        "ordered_at": flow.time,
    }
    world.ordered.append(pl.DataFrame({name: pl.Series(v).cast(pl.Int64) for name, v in values.items()}))


def _book_losses(world: World, facility: int, lines: Lines, time: Ints) -> None:
    """Losses that nobody sees until somebody counts, and some that somebody writes off by hand at once."""
    rng = world.rng("manual adjustments", facility)
    is_seen = happens(world.scenario.ratio("manual_adjustment_ratio", facility), len(lines), rng)
    hidden, seen, when = lines[~is_seen], lines[is_seen], time[is_seen]
    world.lose(facility, Flow(hidden.item, time[~is_seen], hidden.quantity))
    document = world.documents("adjustment", np.arange(len(seen)))
    written_off = Lines("adjustment", document, seen.line, seen.item, -seen.quantity, seen.lot)
    world.blocks.append(block("inventory_adjusted", when, facility, written_off, location=world.home_bin(seen.item)))
    world.move(facility, Flow(seen.item, when, -seen.quantity))


def _grant(world: World, facility: int, wishes: list[Flow]) -> list[tuple[Ints, Ints]]:
    """(granted quantity, lot) of every line of every wish."""
    supply = joined([flow for flow, _ in world.supplies[facility]])
    lots = np.concatenate([lot for _, lot in world.supplies[facility]])
    demand = joined(wishes)
    granted = fulfil(supply, demand)
    lot = lots[fifo(supply, Flow(demand.item, demand.time, granted))]
    ends = np.cumsum([len(w.item) for w in wishes])[:-1]
    return list(zip(np.split(granted, ends), np.split(lot, ends), strict=True))


def _lines(kind: str, wish: _Wish, grant: tuple[Ints, Ints]) -> Lines:
    """The lines that got something."""
    granted, lot = grant
    got = granted > 0
    return Lines(kind, wish.document[got], wish.line[got], wish.flow.item[got], granted[got], lot[got])


def _orders(world: World, facility: int) -> _Wish:
    site = world.scenario.facilities[facility]
    rng = world.rng("orders", site.id)
    count = world.cases(site.weights.order_lines)
    number, line = document_lines(world.scenario.lines_per_document.order, count, rng)
    arrival = world.arrivals(facility, count, rng)
    reserved = arrival[np.searchsorted(number, number, side="left")] + 2 * (line - 1)
    item = world.items.pick(count, rng, facility)
    flow = Flow(item, reserved, quantities(world.scenario.quantities.order_line, count, rng))
    return _Wish(world.documents("order", number), line, flow)


def _transfers(world: World, lane: Lane) -> _Wish:
    rng = world.rng("transfers", *_name(lane))
    shipper, receiver = world.scenario.index(lane.shipper), world.scenario.index(lane.receiver)
    count = world.cases(lane.weight)
    requested = world.arrivals(shipper, count, rng)
    item = world.items.pick(count, rng, shipper, receiver)
    flow = Flow(item, requested, quantities(world.scenario.quantities.transfer, count, rng))
    documents = world.documents("transfer", np.arange(count))
    if lane.is_urgent:
        world.urgent.append(documents)
    return _Wish(documents, np.ones(count, dtype=np.int64), flow)


def _name(lane: Lane) -> list[str]:
    """What distinguishes a lane from others, also from the one for what is not urgent."""
    return [lane.shipper, lane.receiver, *(["urgent"] if lane.is_urgent else [])]


def _losses(world: World, facility: int) -> _Wish:
    site = world.scenario.facilities[facility]
    rng = world.rng("losses", site.id)
    count = world.cases(site.weights.losses)
    item = world.items.pick(count, rng, facility)
    flow = Flow(item, world.arrivals(facility, count, rng), quantities(world.scenario.quantities.loss, count, rng))
    return _Wish(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), flow)


def _book_orders(world: World, facility: int, lines: Lines, reserved: Ints) -> None:
    """Reserved, released and picked per line; the order ships as one when its last line is picked."""
    rng = world.rng("order steps", world.scenario.facilities[facility].id)
    first = np.flatnonzero(np.diff(lines.document, prepend=NONE))
    order = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(lines))))
    last = np.append(first, len(lines))[1:] - 1
    released = world.after(facility, reserved[last], "pick_released", rng)[order]
    picked = world.after(facility, released, "pick_confirmed", rng)
    is_confirmed, is_double, again = _pick_faults(world, facility, lines, picked)
    ready = np.where(is_double, again, picked)
    complete = np.maximum.reduceat(ready, first) if len(first) else ready
    shipped = world.after(facility, complete, "shipment_confirmed", rng)[order]
    bins = world.home_bin(lines.item)
    world.blocks += [
        block("inventory_reserved", reserved, facility, lines, location=bins),
        block("pick_released", released, facility, lines, location=bins),
        block("pick_confirmed", picked[is_confirmed], facility, lines[is_confirmed], location=bins[is_confirmed]),
        block("pick_confirmed", again[is_double], facility, lines[is_double], location=bins[is_double]),
        block("shipment_confirmed", shipped, facility, lines, location=DOCK_OUT),
    ]
    world.move(facility, Flow(lines.item, shipped, -lines.quantity))
    _returns(world, facility, lines, shipped)


def _pick_faults(world: World, facility: int, lines: Lines, picked: Ints) -> tuple[Flags, Flags, Ints]:
    """Which picks are confirmed at all, which are confirmed a second time, and when; a line has one of both at most."""
    rng = world.rng("pick faults", world.scenario.facilities[facility].id)
    unconfirmed, double = (
        world.scenario.ratio(f"{name}_ratio", facility) for name in ("unconfirmed_pick", "double_pick")
    )
    place = rng.random(len(lines))
    is_confirmed, is_double = place >= unconfirmed, (place >= unconfirmed) & (place < unconfirmed + double)
    for chosen, kind in ((~is_confirmed, "skipped"), (is_double, "repeated")):
        world.deviations.append(
            Deviation(
                process="order_to_fulfil",
                kind=kind,
                activity="pick_confirmed",
                evidence="shipment_confirmed",
                lines=lines[chosen],
                facility=facility,
            )
        )
    return is_confirmed, is_double, world.after(facility, picked, "pick_confirmed", rng)


def _returns(world: World, facility: int, lines: Lines, shipped: Ints) -> None:
    """Some lines come back days later; what comes back is not promised again."""
    rng = world.rng("returns", world.scenario.facilities[facility].id)
    is_back = happens(world.scenario.return_ratio, len(lines), rng)
    back = lines[is_back]
    count = len(back)
    quantity = rng.integers(1, back.quantity + 1)
    documents = world.documents("return", np.arange(count))
    back = Lines("return", documents, np.ones(count, dtype=np.int64), back.item, quantity, back.lot)
    received = world.after(facility, shipped[is_back], "return_received", rng)
    decided = world.after(facility, received, "return_dispositioned", rng)
    is_damaged = happens(DAMAGED_RATIO, count, rng)
    status = np.where(is_damaged, STATUSES.index("damaged"), STATUSES.index("available"))
    world.blocks += [
        block("return_received", received, facility, back, location=DOCK_IN),
        block("return_dispositioned", decided, facility, back, location=world.home_bin(back.item), to_status=status),
    ]
    world.move(facility, Flow(back.item, received, quantity))


@dataclass(frozen=True)
class _Fate:
    """What goes wrong with each transfer; at most one of these, and perhaps a skipped approval."""

    is_never_received: Flags
    is_late: Flags
    is_without_shipment: Flags
    is_before_shipment: Flags
    is_short: Flags
    is_received_twice: Flags
    is_skipping_approval: Flags


FATES = (
    "transfer_never_received_ratio", "transfer_late_ratio", "received_without_shipment_ratio",
    "received_before_shipment_ratio", "transfer_short_ratio", "duplicate_receipt_ratio",
)  # fmt: skip


def _fates(world: World, receiver: int, count: int, rng: np.random.Generator) -> _Fate:
    ends = np.cumsum([world.scenario.ratio(name, receiver) for name in FATES])
    kind = np.searchsorted(ends, rng.random(count), side="right")
    skipping = happens(world.scenario.ratio("skipped_approval_ratio", receiver), count, rng) & (kind >= len(ends))
    never, late, unshipped, early, short, twice = (kind == place for place in range(len(FATES)))
    return _Fate(never, late, unshipped, early, short, twice, skipping)


def _book_transfers(world: World, lane: Lane, lines: Lines, requested: Ints) -> None:
    rng = world.rng("transfer steps", *_name(lane))
    shipper, receiver = world.scenario.index(lane.shipper), world.scenario.index(lane.receiver)
    fate = _fates(world, receiver, len(lines), rng)
    approved = world.after(shipper, requested, "transfer_approved", rng)
    left = world.after(shipper, approved, "transfer_shipped", rng)
    transit = delays(lane.transit, len(lines), rng)
    too_late = world.scenario.sla.transfer(lane.receiver) + delays(
        world.scenario.faults.transfer_late_extra, len(lines), rng
    )
    arrived = left + np.where(fate.is_late, too_late, transit)
    received = world.after(receiver, arrived, "transfer_received", rng)
    scanned = np.where(fate.is_before_shipment, world.after(shipper, received, "transfer_shipped", rng), left)
    is_approved, is_scanned = ~fate.is_skipping_approval, ~fate.is_without_shipment
    bins = world.home_bin(lines.item)
    world.blocks += [
        block("transfer_requested", requested, shipper, lines, location=bins, partner=receiver),
        block(
            "transfer_approved", approved[is_approved], shipper, lines[is_approved],
            location=bins[is_approved], partner=receiver,
        ),
        block(
            "transfer_shipped", scanned[is_scanned], shipper, lines[is_scanned],
            location=DOCK_OUT, partner=receiver,
        ),
    ]  # fmt: skip
    came = _receive_transfers(world, lane, lines, received, fate)
    _note_deviations(world, receiver, lines, fate)
    _move_transfers(world, (shipper, receiver), (lines, came), (left, received), fate)


def _receive_transfers(world: World, lane: Lane, lines: Lines, received: Ints, fate: _Fate) -> Lines:
    """Books the receipts, of some of which units are missing, and some of which are told twice; returns what came."""
    rng = world.rng("transfer receipts", *_name(lane))
    shipper, receiver = world.scenario.index(lane.shipper), world.scenario.index(lane.receiver)
    missing = np.where(fate.is_short, rng.integers(1, np.maximum(lines.quantity // 4, 1) + 1), 0)
    quantity = np.maximum(lines.quantity - missing, 0)
    came = Lines(lines.kind, lines.document, lines.line, lines.item, quantity, lines.lot)
    again = world.after(receiver, received, "transfer_received", rng)
    for chosen, time in ((~fate.is_never_received, received), (fate.is_received_twice, again)):
        world.blocks.append(
            block("transfer_received", time[chosen], receiver, came[chosen], location=DOCK_IN, partner=shipper)
        )
    return came


def _move_transfers(
    world: World, ends: tuple[int, int], sent: tuple[Lines, Lines], times: tuple[Ints, Ints], fate: _Fate
) -> None:
    """Stock leaves when the truck does, whatever was scanned; it can be promised again an hour after receipt.

    Args:
        sent: what left and what came.
    """
    shipper, receiver = ends
    lines, arrived = sent
    left, received = times
    scanned, unscanned = ~fate.is_without_shipment, fate.is_without_shipment
    world.move(shipper, Flow(lines.item[scanned], left[scanned], -lines.quantity[scanned]))
    world.lose(shipper, Flow(lines.item[unscanned], left[unscanned], lines.quantity[unscanned]))
    came = ~fate.is_never_received
    item, time, quantity = arrived.item[came], received[came], arrived.quantity[came]
    world.move(receiver, Flow(item, time, quantity))
    world.supply(receiver, Flow(item, time + 3600, quantity), lines.lot[came])


def _note_deviations(world: World, receiver: int, lines: Lines, fate: _Fate) -> None:
    """A transfer is told at the facility that receives it."""
    kinds = [
        (fate.is_skipping_approval, "skipped", "transfer_approved", "transfer_shipped"),
        (fate.is_never_received, "skipped", "transfer_received", "transfer_shipped"),
        (fate.is_without_shipment, "skipped", "transfer_shipped", "transfer_received"),
        # Of the two steps that are swapped, the later one in the model is named.
        (fate.is_before_shipment, "wrong_order", "transfer_received", "transfer_shipped"),
        (fate.is_late, "too_late", "transfer_received", "transfer_received"),
        (fate.is_received_twice, "repeated", "transfer_received", "transfer_received"),
    ]
    for chosen, kind, activity, evidence in kinds:
        world.deviations.append(
            Deviation(
                process="transfer_to_reconcile",
                kind=kind,
                activity=activity,
                evidence=evidence,
                lines=lines[chosen],
                facility=receiver,
            )
        )
