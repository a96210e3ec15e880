"""The truth of rules about what is told beside events and postings: invoices, messages, and feeds that fall silent."""

from collections.abc import Iterator

import polars as pl

from pipelines.simulator.business_text import frame_of, invoice_id, message_id, switched_on
from pipelines.simulator.events import TYPE
from pipelines.simulator.facts import EXCEPTION, Facts, exceptions_of
from pipelines.simulator.workspace_file import CENTRAL_INTERVAL_S

STALE_INTERVALS = 2
MOST_ATTEMPTS = 3


def invoices(facts: Facts) -> pl.DataFrame:
    """three_way_mismatch, without any tolerance: a line is charged once, when all of it has come, and opens then."""
    told, ordered = facts.business.invoices, facts.business.purchases
    if not len(told):
        return pl.DataFrame(schema=EXCEPTION)
    line = ["document", "line"]
    received = facts.accepted.filter(pl.col("event_type") == TYPE["receipt_confirmed"]).group_by(line)
    come = received.agg(pl.col("quantity").sum().alias("come")).with_columns(pl.col(line).cast(pl.Int64))
    known = ordered.select(*line, "received_quantity", order_price="price_cents").join(come, on=line, how="left")
    terms = known.select(
        "document", "order_price", order_line="line", come=pl.coalesce("come", "received_quantity")
    )  # fmt: skip
    charged = told.with_columns(charged=pl.col("quantity").sum().over("document", "order_line"))
    judged = charged.join(terms, on=["document", "order_line"], how="left", maintain_order="left")
    is_equal = (pl.col("charged") == pl.col("come")) & (pl.col("price_cents") == pl.col("order_price"))
    found = judged.filter(~is_equal.fill_null(value=False))
    reference = pl.concat_str(invoice_id(), pl.lit("/"), pl.col("line").cast(pl.String))
    return exceptions_of("three_way_mismatch", found, reference, "invoiced_at")


def messages(facts: Facts) -> list[pl.DataFrame]:
    """delayed_3pl_acknowledgement and message_retries_exhausted."""
    told, sites = facts.business.messages, facts.scenario.facilities
    if not len(told):
        return []
    slas = pl.Series([facts.scenario.sla.acknowledgement(s.id) for s in sites], dtype=pl.Int64)
    kinds = pl.Series([s.kind == "3pl" for s in sites])
    due = pl.col("sent_at") + pl.lit(slas).gather(pl.col("facility"))
    delayed = told.filter(
        pl.lit(kinds).gather(pl.col("facility")) & (pl.col("acknowledged_at").fill_null(facts.as_of) > due)
    )
    failed = pl.col("status") == 2  # the one status of messages.STATUSES that is a failure
    exhausted = told.filter(failed & (pl.col("attempts") >= MOST_ATTEMPTS))
    own = message_id(facts.scenario)
    return [
        exceptions_of("delayed_3pl_acknowledgement", delayed, own, due, "acknowledged_at"),
        exceptions_of("message_retries_exhausted", exhausted, own, "sent_at", "acknowledged_at"),
    ]


def feeds(facts: Facts) -> pl.DataFrame:
    """stale_feed: the newest row of a feed and facility is older than two intervals; none at all counts at as_of."""
    found = [pl.DataFrame(schema=EXCEPTION)]
    for name, interval, known in _known(facts):
        newest = known.filter(pl.col("known_at") <= facts.as_of).group_by("facility").agg(pl.col("known_at").max())
        nothing = pl.DataFrame({"facility": [None], "known_at": [None]}, schema=newest.schema)
        due = pl.col("known_at") + STALE_INTERVALS * interval
        stale = newest.sort("facility").filter(due < facts.as_of) if len(newest) else nothing
        ids = pl.lit(pl.Series([site.id for site in facts.scenario.facilities]))
        reference = pl.concat_str(pl.lit(f"{name}:"), ids.gather(pl.col("facility").cast(pl.Int64)))
        found.append(exceptions_of("stale_feed", stale, reference.fill_null(name), due.fill_null(facts.as_of)))
    return pl.concat(found)


def _known(facts: Facts) -> Iterator[tuple[str, int, pl.DataFrame]]:
    """Every feed that is expected at intervals, the interval, and when which facility's rows were known."""
    for channel in facts.scenario.channels():
        interval = channel.feed.expected_interval_seconds
        interval = interval or facts.scenario.facilities[channel.facility].posting.interval_seconds
        own = (pl.col("facility") == channel.facility) & (pl.col("channel") == channel.number)
        if interval:
            yield channel.feed.name, interval, facts.accepted.filter(own).select("facility", known_at="recorded_at")
    yield "erp", CENTRAL_INTERVAL_S, facts.postings.select("facility", known_at="posted_at")
    yield "counts", CENTRAL_INTERVAL_S, facts.made.counts.select("facility", known_at="counted_at")
    for feed in switched_on(facts.scenario):
        rows = frame_of(facts.business, feed)
        yield feed.name, CENTRAL_INTERVAL_S, rows.select("facility", known_at=feed.clock)
