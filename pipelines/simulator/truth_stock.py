"""The truth of rules about stock: promised that is not there, shipped that the books do not hold."""

import numpy as np
import polars as pl

from pipelines.simulator.counts import before, book_moves
from pipelines.simulator.draws import Ints
from pipelines.simulator.events import TYPE
from pipelines.simulator.facts import EXCEPTION, Facts, exceptions_of
from pipelines.simulator.render import event_id
from pipelines.simulator.reservations import known_stock
from pipelines.simulator.stock import Flow, joined, level

OUTBOUND = ("shipment_confirmed", "transfer_shipped")


def reservations(facts: Facts) -> pl.DataFrame:
    """reservation_conflict, where the opening stock is stated."""
    told, found = facts.business.reservations, [pl.DataFrame(schema=EXCEPTION)]
    for facility in facts.made.opening if len(told) else []:
        own = told.filter(pl.col("facility") == facility).sort("item", "reserved_at", "reservation_id")
        item, time = own["item"].to_numpy(), own["reserved_at"].to_numpy()
        there = level(known_stock(facts.made, facility), item, time)
        is_short = _promised(own) > there
        found.append(
            exceptions_of(
                "reservation_conflict", own.filter(pl.Series(is_short)), pl.col("reservation_id"),
                "reserved_at", "released_at",
            )
        )  # fmt: skip
    return pl.concat(found)


def _promised(own: pl.DataFrame) -> Ints:
    """What of each row's item is promised when the row is, itself included; rows by item, time and id."""
    promised = own.select(pl.col("quantity").cum_sum().over("item")).to_series().to_numpy()
    ended = own.filter(pl.col("released_at").is_not_null())
    ends = Flow(*(ended[name].to_numpy() for name in ("item", "released_at", "quantity")))
    return np.asarray(promised - level(ends, own["item"].to_numpy(), own["reserved_at"].to_numpy()))


def _settled_by_approval(facts: Facts) -> pl.Series:
    """Which postings approve a count that nobody adjusts afterwards: then the approval itself changes the books."""
    line = ["facility", "document_kind", "document", "item"]
    is_adjusted = pl.col("event_type") == TYPE["inventory_adjusted"]
    adjusted = pl.concat([f.filter(is_adjusted).select(line) for f in (facts.accepted, facts.posted)]).unique()
    is_approval = pl.col("event_type") == TYPE["count_variance_approved"]
    found = facts.posted.join(
        adjusted.with_columns(adjusted=pl.lit(value=True)), on=line, how="left", maintain_order="left"
    )
    return found.select(is_approval & pl.col("adjusted").is_null()).to_series()


def shipments(facts: Facts, links: pl.DataFrame) -> pl.DataFrame:
    """shipped_before_posted, where the opening stock is stated; its own posting ends it."""
    is_out = pl.col("event_type").is_in([TYPE[name] for name in OUTBOUND])
    out = facts.accepted.filter(is_out).join(
        links.select(pl.col("event").cast(pl.UInt32), "posted_at"), on="event", how="left", maintain_order="left"
    )
    moved = facts.posted.filter(pl.Series(book_moves(facts.posted)) | _settled_by_approval(facts))
    found = [pl.DataFrame(schema=EXCEPTION)]
    for facility in facts.made.opening:
        own, posted = out.filter(pl.col("facility") == facility), moved.filter(pl.col("facility") == facility)
        flow = Flow(*(posted[name].to_numpy().astype(np.int64) for name in ("item", "posted_at", "quantity")))
        book = joined([flow, *before(facts.made.opening, facility)])
        held = level(book, own["item"].to_numpy().astype(np.int64), own["event_time"].to_numpy())
        posted_at = pl.max_horizontal("posted_at", "event_time")
        found.append(
            exceptions_of(
                "shipped_before_posted", own.filter(pl.Series(held < np.abs(own["quantity"].to_numpy()))),
                event_id(facts.scenario), "event_time", pl.when(pl.col("posted_at") <= facts.as_of).then(posted_at),
            )
        )  # fmt: skip
    return pl.concat(found)
