"""Canonical columns of orders, purchases, invoices, reservations and messages, and the feeds that they are told in."""

from dataclasses import dataclass

import polars as pl

from pipelines.simulator.business import Business
from pipelines.simulator.generate import Generated
from pipelines.simulator.messages import ERRORS, STATUSES
from pipelines.simulator.render import UNIT, cents, document, instant, iso, item_code, supplier_id, word
from pipelines.simulator.scenario import Scenario


@dataclass(frozen=True)
class BusinessFeed:
    """A feed of one canonical table; `clock` is the column by whose UTC day its rows are put into files."""

    name: str
    table: str
    clock: str


FEEDS = {
    "orders": BusinessFeed("orders", "order_line", "ordered_at"),
    "purchasing": BusinessFeed("purchases", "purchase_line", "ordered_at"),
    "invoicing": BusinessFeed("invoices", "invoice_line", "invoiced_at"),
    "reservations": BusinessFeed("reservations", "reservation", "reserved_at"),
    "messages": BusinessFeed("messages", "integration_message", "sent_at"),
}


def switched_on(scenario: Scenario) -> list[BusinessFeed]:
    """The feeds that a scenario tells."""
    return [feed for key, feed in FEEDS.items() if getattr(scenario, key) is not None]


def frame_of(business: Business, feed: BusinessFeed) -> pl.DataFrame:
    """The frame behind a feed."""
    return pl.DataFrame(getattr(business, feed.name))


def render(scenario: Scenario, made: Generated, feed: BusinessFeed, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a feed in canonical columns, all text and whole numbers."""
    site = word("facility", [s.id for s in scenario.facilities])
    return {
        "orders": _orders,
        "purchases": _purchases,
        "invoices": _invoices,
        "reservations": _reservations,
        "messages": _messages,
    }[feed.name](scenario, made, rows, site)


def message_id(scenario: Scenario) -> pl.Expr:
    """A message's number, from `facility` and `number`."""
    owner = word("facility", [f"MSG-{s.id}-" for s in scenario.facilities])
    return pl.concat_str(owner, pl.col("number").cast(pl.String).str.zfill(7))


def invoice_id() -> pl.Expr:
    """An invoice's number, from the `document` of its purchase order."""
    return pl.concat_str(pl.lit("IV"), pl.col("document").cast(pl.String).str.zfill(8))


def _orders(_scenario: Scenario, made: Generated, rows: pl.DataFrame, site: pl.Expr) -> pl.DataFrame:
    return _timed(rows, "promised_at", "ordered_at", "shipped_at").select(
        order_id=document("order"),
        order_line=pl.col("line"),
        facility_id=site,
        item_id=item_code(made),
        ordered_quantity=pl.col("ordered_quantity"),
        promised_at=pl.col("promised_at"),
        ordered_at=pl.col("ordered_at"),
        shipped_quantity=pl.col("shipped_quantity"),
        shipped_at=pl.col("shipped_at"),
        uom=pl.lit(UNIT),
    )


def _purchases(scenario: Scenario, made: Generated, rows: pl.DataFrame, site: pl.Expr) -> pl.DataFrame:
    return _timed(rows, "ordered_at").select(
        purchase_order_id=document("receipt"),
        purchase_order_line=pl.col("line"),
        facility_id=site,
        supplier_id=supplier_id("supplier"),
        item_id=item_code(made),
        ordered_quantity=pl.col("ordered_quantity"),
        received_quantity=pl.col("received_quantity"),
        uom=pl.lit(UNIT),
        unit_price=cents("price_cents"),
        currency=pl.lit(scenario.currency),
        ordered_at=pl.col("ordered_at"),
    )


def _invoices(scenario: Scenario, made: Generated, rows: pl.DataFrame, site: pl.Expr) -> pl.DataFrame:
    return _timed(rows, "invoiced_at").select(
        invoice_id=invoice_id(),
        invoice_line=pl.col("line"),
        purchase_order_id=document("receipt"),
        purchase_order_line=pl.col("order_line"),
        facility_id=site,
        supplier_id=supplier_id("supplier"),
        item_id=item_code(made),
        quantity=pl.col("quantity"),
        uom=pl.lit(UNIT),
        unit_price=cents("price_cents"),
        currency=pl.lit(scenario.currency),
        invoiced_at=pl.col("invoiced_at"),
    )


def _reservations(_scenario: Scenario, made: Generated, rows: pl.DataFrame, site: pl.Expr) -> pl.DataFrame:
    return _timed(rows, "reserved_at", "released_at").select(
        reservation_id=pl.col("reservation_id"),
        facility_id=site,
        item_id=item_code(made),
        quantity=pl.col("quantity"),
        uom=pl.lit(UNIT),
        reserved_at=pl.col("reserved_at"),
        released_at=pl.col("released_at"),
        order_id=pl.col("order_id"),
        order_line=pl.col("order_line"),
    )


def _messages(scenario: Scenario, _made: Generated, rows: pl.DataFrame, site: pl.Expr) -> pl.DataFrame:
    return _timed(rows, "sent_at", "acknowledged_at").select(
        message_id=message_id(scenario),
        interface=word("facility", [s.feed.name for s in scenario.facilities]),
        facility_id=site,
        sent_at=pl.col("sent_at"),
        acknowledged_at=pl.col("acknowledged_at"),
        attempts=pl.col("attempts"),
        status=word("status", STATUSES),
        response_ms=pl.col("response_ms"),
        queue_wait_ms=pl.col("queue_wait_ms"),
        error_code=word("status", ERRORS),
        sequence_no=pl.col("number"),
    )


def _timed(rows: pl.DataFrame, *clocks: str) -> pl.DataFrame:
    """UTC seconds as ISO text."""
    return rows.with_columns(instant(c) for c in clocks).with_columns(iso(c) for c in clocks)
