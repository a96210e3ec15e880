"""Reservations: every order line's, and stock that is promised a second time by a system that sees an old stock."""

import numpy as np
import polars as pl

from pipelines.simulator.counts import before
from pipelines.simulator.draws import Ints, delays, happens, stream
from pipelines.simulator.events import DOCUMENT_KIND, SIGN, TYPE
from pipelines.simulator.faults import ACCEPTED
from pipelines.simulator.generate import Generated
from pipelines.simulator.render import document
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.stock import Flow, joined, level

# A second promise covers what is there and a few units more; it is made within the hour after the first.
LATEST_SECOND_S, MOST_UNITS_MORE = 3600, 4


def known_stock(made: Generated, facility: int) -> Flow:
    """Signed movements of a facility's stock as its accepted events tell them, on top of its opening stock.

    The approval of a count that nobody adjusts is itself the change.
    """
    own = made.events.filter((pl.col("facility") == facility) & (pl.col("refusal") == ACCEPTED))
    types, quantity = own["event_type"].to_numpy(), own["quantity"].to_numpy()
    line = ["document_kind", "document", "item"]
    is_adjustment = pl.col("event_type") == TYPE["inventory_adjusted"]
    adjusted = own.filter(is_adjustment).select(line).unique().with_columns(is_adjusted=pl.lit(value=True))
    is_alone = own.join(adjusted, on=line, how="left", maintain_order="left")["is_adjusted"].is_null().to_numpy()
    is_as_stated = (types == TYPE["inventory_adjusted"]) | ((types == TYPE["count_variance_approved"]) & is_alone)
    signed = np.where(is_as_stated, quantity, SIGN[types] * np.abs(quantity))
    flow = Flow(own["item"].to_numpy().astype(np.int64), own["event_time"].to_numpy(), signed)
    return joined([flow, *before(made.opening, facility)])


def reservations_of(scenario: Scenario, made: Generated, seed: int, as_of: int) -> pl.DataFrame:
    """See business.Business; in order of reservation."""
    found = [_of_orders(made)]
    spec = scenario.reservations
    if spec is not None and spec.double_promise_ratio and spec.held is not None:
        rng = stream(seed, "second promises")
        is_again = happens(spec.double_promise_ratio, len(found[0]), rng)
        chosen = found[0].filter(pl.Series(is_again))
        reserved = chosen["reserved_at"].to_numpy() + rng.integers(1, LATEST_SECOND_S + 1, len(chosen))
        number = np.arange(1, len(chosen) + 1)
        names = pl.DataFrame({"document": number}).select(text=pl.col("document").cast(pl.String).str.zfill(8))["text"]
        second = chosen.with_columns(
            reservation_id=pl.lit("RD") + names,
            order_id=pl.lit("SD") + names,
            order_line=pl.lit(1, dtype=pl.Int64),
            quantity=pl.Series(_at_hand(made, chosen, reserved) + rng.integers(1, MOST_UNITS_MORE + 1, len(chosen))),
            reserved_at=pl.Series(reserved),
            released_at=pl.Series(reserved + delays(spec.held, len(chosen), rng)),
        )
        found.append(second)
    together = pl.concat(found).filter(pl.col("reserved_at") <= as_of).sort("reserved_at", "reservation_id")
    return together.with_columns(released_at=pl.when(pl.col("released_at") <= as_of).then("released_at"))


def _of_orders(made: Generated) -> pl.DataFrame:
    """An order line's reservation ends when the line is shipped."""
    own = made.events.filter(pl.col("document_kind") == DOCUMENT_KIND["order"])
    shipped = own.filter(pl.col("event_type") == TYPE["shipment_confirmed"])
    keys = ["document", "line"]
    ends = shipped.select(*keys, released_at="event_time")
    return (
        own.filter(pl.col("event_type") == TYPE["inventory_reserved"])
        .join(ends, on=keys, how="left", maintain_order="left")
        .select(
            facility=pl.col("facility").cast(pl.Int64),
            reservation_id=pl.concat_str(
                pl.lit("RV"),
                pl.col("document").cast(pl.String).str.zfill(8),
                pl.lit("-"),
                pl.col("line").cast(pl.String),
            ),
            order_id=document("order"),
            order_line=pl.col("line").cast(pl.Int64),
            item=pl.col("item").cast(pl.Int64),
            quantity=pl.col("quantity"),
            reserved_at=pl.col("event_time"),
            released_at=pl.col("released_at"),
        )
    )


def _at_hand(made: Generated, chosen: pl.DataFrame, time: Ints) -> Ints:
    """Stock of each row's item at its facility at a time, as the events tell it; not below zero."""
    facility, item = chosen["facility"].to_numpy(), chosen["item"].to_numpy()
    found = np.zeros(len(chosen), dtype=np.int64)
    for number in np.unique(facility):
        own = facility == number
        found[own] = level(known_stock(made, int(number)), item[own], time[own])
    return np.maximum(found, 0)
