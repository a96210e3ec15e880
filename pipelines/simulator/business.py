"""What a business tells beside events, postings and counts: orders, purchases, invoices, reservations, messages.

All frames hold whole numbers, facts up to the evaluation instant only; NULL where something has not happened yet.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.simulator.delivery import Delivery
from pipelines.simulator.draws import Ints, delays, stream
from pipelines.simulator.events import DOCUMENT_KIND, TYPE
from pipelines.simulator.generate import Generated
from pipelines.simulator.messages import messages_of
from pipelines.simulator.reservations import reservations_of
from pipelines.simulator.scenario import Scenario

# A wrong price is five percent and a cent higher.
WRONG_PRICE_PERCENT = 105
UNKNOWN_LINES_FROM = 900


@dataclass(frozen=True)
class Business:
    """The frames that the scenario switches on; the others have no columns.

    Attributes:
        orders: facility, document, line, item, ordered_quantity, shipped_quantity, ordered_at, promised_at, shipped_at.
        purchases: facility, document, line, item, supplier, ordered_quantity, received_quantity, price_cents,
            ordered_at, received_at.
        invoices: facility, document, line, order_line, item, supplier, quantity, price_cents, invoiced_at.
        reservations: facility, reservation_id, order_id, order_line, item, quantity, reserved_at, released_at.
        messages: facility, number, sent_at, acknowledged_at, attempts, status (a position in messages.STATUSES),
            response_ms, queue_wait_ms.
    """

    orders: pl.DataFrame = field(default_factory=pl.DataFrame)
    purchases: pl.DataFrame = field(default_factory=pl.DataFrame)
    invoices: pl.DataFrame = field(default_factory=pl.DataFrame)
    reservations: pl.DataFrame = field(default_factory=pl.DataFrame)
    messages: pl.DataFrame = field(default_factory=pl.DataFrame)


def business_of(scenario: Scenario, made: Generated, deliveries: list[Delivery], seed: int, as_of: int) -> Business:
    """What the scenario's other systems say at `as_of` (UTC seconds)."""
    nothing = pl.DataFrame()
    purchases = _purchases(scenario, made) if scenario.purchasing else nothing
    invoices = _invoices(scenario, purchases, seed, as_of) if scenario.invoicing else nothing
    return Business(
        orders=_orders(scenario, made, seed) if scenario.orders else nothing,
        purchases=purchases,
        invoices=invoices,
        reservations=reservations_of(scenario, made, seed, as_of) if scenario.reservations else nothing,
        messages=messages_of(scenario, deliveries, seed, as_of) if scenario.messages else nothing,
    )


def _happened(made: Generated, kind: str, event_type: str) -> pl.DataFrame:
    """document, line, quantity and time of the events of a type of a kind of documents, whatever is told of them."""
    own = (pl.col("document_kind") == DOCUMENT_KIND[kind]) & (pl.col("event_type") == TYPE[event_type])
    return made.events.filter(own).select(
        pl.col("document", "line").cast(pl.Int64), happened_quantity="quantity", happened_at="event_time"
    )


def _orders(scenario: Scenario, made: Generated, seed: int) -> pl.DataFrame:
    assert scenario.orders is not None
    shipped = _happened(made, "order", "shipment_confirmed")
    promise = delays(scenario.orders.promise, len(made.ordered), stream(seed, "promises"))
    return (
        made.ordered.with_columns(promised_at=pl.col("ordered_at") + pl.Series(promise, dtype=pl.Int64))
        .join(shipped, on=["document", "line"], how="left", maintain_order="left")
        .with_columns(shipped_quantity=pl.col("happened_quantity").fill_null(0), shipped_at="happened_at")
        .drop("granted_quantity", "happened_quantity", "happened_at")
        .sort("ordered_at", "document", "line")
    )


def _purchases(scenario: Scenario, made: Generated) -> pl.DataFrame:
    assert scenario.purchasing is not None
    received = _happened(made, "receipt", "receipt_confirmed")
    prices: Ints = np.maximum(np.rint(made.items.cost_cents * scenario.purchasing.price_ratio), 1).astype(np.int64)
    return (
        made.purchased.with_columns(price_cents=pl.lit(pl.Series(prices)).gather(pl.col("item")))
        .join(received, on=["document", "line"], how="left", maintain_order="left")
        .with_columns(received_quantity=pl.col("happened_quantity").fill_null(0), received_at="happened_at")
        .drop("happened_quantity", "happened_at")
        .sort("ordered_at", "document", "line")
    )


def _invoices(scenario: Scenario, purchases: pl.DataFrame, seed: int, as_of: int) -> pl.DataFrame:
    """One invoice a purchase order, with what had come when it was entered; some lines charge something else."""
    terms = scenario.invoicing
    assert terms is not None
    come = purchases.filter(pl.col("received_at").is_not_null())
    last = come.group_by("document").agg(invoiced_at=pl.col("received_at").max()).sort("document")
    rng = stream(seed, "invoices")
    entered = last.with_columns(
        invoiced_at=pl.col("invoiced_at") + pl.Series(delays(terms.after, len(last), rng), dtype=pl.Int64)
    )
    entered = entered.filter(pl.col("invoiced_at") <= as_of)
    charged = come.join(entered, on="document", how="inner", maintain_order="left")
    count = len(charged)
    is_more, is_dear, is_unknown = (
        rng.random(count) < ratio
        for ratio in (terms.wrong_quantity_ratio, terms.wrong_price_ratio, terms.unknown_line_ratio)
    )
    ordered, received = charged["ordered_quantity"].to_numpy(), charged["received_quantity"].to_numpy()
    wrong = np.where(ordered > received, ordered, received + rng.integers(1, 5, count))
    price = charged["price_cents"].to_numpy()
    line = charged["line"].to_numpy()
    return charged.select("facility", "document", "line", "item", "supplier", "invoiced_at").with_columns(
        order_line=pl.Series(np.where(is_unknown, UNKNOWN_LINES_FROM + line, line)),
        quantity=pl.Series(np.where(is_more, wrong, received)),
        price_cents=pl.Series(np.where(is_dear, price * WRONG_PRICE_PERCENT // 100 + 1, price)),
    ).sort("invoiced_at", "document", "line")  # fmt: skip
