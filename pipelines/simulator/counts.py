"""Cycle counts: what was really there, what the books said at that instant, and what came of the difference."""

import numpy as np
import polars as pl

from pipelines.simulator.draws import Flags, Ints, happens
from pipelines.simulator.events import IS_EXPECTED, NONE, SIGN, TYPE, Lines, block
from pipelines.simulator.stock import Flow, joined, latest, level
from pipelines.simulator.world import Deviation, World


def count_stock(world: World, facility: int) -> None:
    """Counts of a site. A loss that a count finds is approved and adjusted; a miscount is only counted again."""
    site = world.scenario.facilities[facility]
    rng = world.rng("counts", site.id)
    supply = joined([flow for flow, _ in world.supplies[facility]])
    lots = np.concatenate([lot for _, lot in world.supplies[facility]])
    candidates = world.cases(site.weights.counts)
    time = world.arrivals(facility, candidates, rng)
    item = world.items.pick(candidates, rng, facility)
    newest = latest(supply, item, time)
    time, item, newest = time[newest >= 0], item[newest >= 0], newest[newest >= 0]
    there = level(joined(world.physical[facility]), item, time)
    found = _losses_found(joined(world.hidden[facility]), item, time)
    is_wrong = happens(world.scenario.ratio("miscount_ratio", facility), len(item), rng) & (found == 0)
    counted = np.where(is_wrong, _miscounted(there, rng), there)
    is_recurring = _recurs(world, facility, item, time) & (found == 0)
    counted = np.where(is_recurring, np.maximum(there - np.maximum(there // 8, 2), 0), counted)
    document = world.documents("count", np.arange(len(item)))
    lines = Lines("count", document, np.ones(len(item), dtype=np.int64), item, counted, lots[newest])
    bins = world.home_bin(item)
    world.blocks.append(block("cycle_count_recorded", time, facility, lines, location=bins))
    approved = _adjust(world, facility, lines, time, found, rng)
    world.counted.append(
        pl.DataFrame(
            {
                "document": document,
                "facility": np.full(len(item), facility),
                "item": item,
                "location": bins,
                "counted_at": time,
                "counted_quantity": counted,
                "approved_at": approved,
                "is_miscount": counted != there,
            }
        )
    )


def _recurs(world: World, facility: int, item: Ints, time: Ints) -> Flags:
    """Whether a count is one of those that go wrong again and again: some items in one shift."""
    spec, clock = world.scenario.facilities[facility].recurring_variances, world.clocks[facility]
    if spec is None:
        return np.zeros(len(item), dtype=bool)
    often = np.flatnonzero(world.items.is_stocked[facility])[: spec.items]
    is_shift = clock.shift_of(time) == clock.shift_names.index(spec.shift)
    return np.isin(item, often) & is_shift & happens(spec.ratio, len(item), world.rng("recurring", facility))


def _losses_found(hidden: Flow, item: Ints, time: Ints) -> Ints:
    """Units lost since the previous count of the same item."""
    lost = level(hidden, item, time)
    order = np.lexsort((time, item))
    is_first = np.diff(item[order], prepend=NONE) != 0
    known = np.where(is_first, 0, np.concatenate([[0], lost[order][:-1]])) if len(order) else lost
    found = np.empty_like(lost)
    found[order] = lost[order] - known
    return found


def _miscounted(there: Ints, rng: np.random.Generator) -> Ints:
    """A wrong count: off by up to a tenth, at least by a unit or two."""
    error = rng.integers(1, np.maximum(3, there // 10 + 1))
    return np.maximum(there + np.where(rng.random(len(there)) < 0.5, -error, error), 0)


def _adjust(world: World, facility: int, lines: Lines, time: Ints, found: Ints, rng: np.random.Generator) -> Ints:
    """count_variance_approved and inventory_adjusted, signed, for losses; returns the approval's time, NONE without."""
    is_lost = found > 0
    lost = lines[is_lost]
    approved = world.after(facility, time[is_lost], "count_variance_approved", rng)
    adjusted = world.after(facility, approved, "inventory_adjusted", rng)
    correction = Lines(lost.kind, lost.document, lost.line, lost.item, -found[is_lost], lost.lot)
    bins = world.home_bin(lost.item)
    is_approved = _approvals(world, facility, lost)
    world.blocks += [
        block(
            "count_variance_approved",
            approved[is_approved],
            facility,
            correction[is_approved],
            location=bins[is_approved],
        ),
        block("inventory_adjusted", adjusted, facility, correction, location=bins),
    ]
    times = np.full(len(lines), NONE, dtype=np.int64)
    times[is_lost] = np.where(is_approved, approved, NONE)
    return times


def _approvals(world: World, facility: int, lost: Lines) -> Flags:
    """Which adjustments somebody approved; the others are made all the same."""
    ratio = world.scenario.ratio("unapproved_variance_ratio", facility)
    is_unapproved = happens(ratio, len(lost), world.rng("unapproved variances", facility))
    world.deviations.append(
        Deviation(
            process="count_to_adjust",
            kind="skipped",
            activity="count_variance_approved",
            evidence="inventory_adjusted",
            lines=lost[is_unapproved],
            facility=facility,
        )
    )
    return ~is_unapproved


def book_moves(postings: pl.DataFrame) -> np.ndarray:
    """Whether each posting changes the stock that the books hold: what comes, what goes, and corrections."""
    moves = np.array([*np.where(IS_EXPECTED, SIGN != 0, False), True])
    moves[TYPE["inventory_adjusted"]] = True
    return moves[postings["event_type"].to_numpy()]


def book_quantities(counts: pl.DataFrame, postings: pl.DataFrame, opening: dict[int, tuple[Ints, Ints]]) -> Ints:
    """What the ERP had posted of each counted item at that facility up to each count, on top of the opening stock.

    Args:
        counts: facility, item, counted_at.
        postings: facility, item, posted_at, event_type (NONE: manual), signed quantity.
        opening: per facility the items and quantities that were there before.
    """
    counts_in_book = book_moves(postings)
    book = np.zeros(len(counts), dtype=np.int64)
    for facility in counts["facility"].unique().to_list():
        chosen = (counts["facility"] == facility).to_numpy()
        posted = postings.filter(pl.Series(counts_in_book) & (pl.col("facility") == facility))
        flow = Flow(*(posted[c].to_numpy().astype(np.int64) for c in ("item", "posted_at", "quantity")))
        wanted = counts.filter(pl.Series(chosen))
        flow = joined([flow, *before(opening, facility)])
        book[chosen] = level(flow, wanted["item"].to_numpy(), wanted["counted_at"].to_numpy())
    return book


def before(opening: dict[int, tuple[Ints, Ints]], facility: int) -> list[Flow]:
    """The opening stock of a facility as a flow at the beginning of time; none where it is not stated."""
    if facility not in opening:
        return []
    item, quantity = opening[facility]
    return [Flow(item, np.zeros(len(item), dtype=np.int64), quantity)]
