"""The truth of rules about single events, postings and transfers: what was told twice, wrongly, or without reason."""

import numpy as np
import polars as pl

from pipelines.simulator.events import DOCUMENT_KIND, TYPE
from pipelines.simulator.facts import Facts, exceptions_of
from pipelines.simulator.faults import MISSING_LOT, REFUSALS, UNKNOWN_CODES, UNKNOWN_ITEM
from pipelines.simulator.render import document, event_id, posting_id

TRANSFER_LINE = ("document", "line", "item")


def deliveries(facts: Facts) -> list[pl.DataFrame]:
    """duplicate_event, conflicting_event, unmapped_code and missing_lot."""
    scenario, events = facts.scenario, facts.made.events
    own = event_id(scenario)
    rows = np.concatenate([d.row[~d.is_variant] for d in facts.deliveries])
    copies = np.bincount(rows, minlength=len(events))
    again = facts.accepted.filter(pl.lit(pl.Series(copies > 1)).gather(pl.col("event")))
    lotless = events.filter(pl.col("refusal") == MISSING_LOT)
    return [
        exceptions_of("duplicate_event", again, own, "event_time"),
        exceptions_of("conflicting_event", facts.accepted.filter("is_conflicting"), own, "event_time"),
        exceptions_of("missing_lot", lotless, own, "event_time"),
        _unmapped(facts),
    ]


def _unmapped(facts: Facts) -> pl.DataFrame:
    """One per feed and code; all of a feed's rows are of one facility."""
    feeds = pl.DataFrame(
        [(c.facility, c.number, c.feed.name) for c in facts.scenario.channels()],
        schema={"facility": pl.Int8, "channel": pl.Int8, "feed": pl.String}, orient="row",
    )  # fmt: skip
    refused = facts.made.events.filter(pl.col("refusal") == UNKNOWN_ITEM).with_columns(code=unknown_code())
    grouped = refused.join(feeds, on=["facility", "channel"]).group_by("feed", "facility", "code", maintain_order=True)
    reference = pl.concat_str("feed", pl.lit(REFUSALS[UNKNOWN_ITEM]), "code", separator=":")
    return exceptions_of("unmapped_code", grouped.agg(opened=pl.col("event_time").min()), reference, "opened")


def unknown_code() -> pl.Expr:
    """The code that a site makes up for an `item`."""
    return pl.lit(pl.Series(UNKNOWN_CODES)).gather(pl.col("item").cast(pl.Int64) % len(UNKNOWN_CODES))


def sequences(facts: Facts) -> pl.DataFrame:
    """out_of_sequence: numbered below what the same facility had recorded strictly before in the same way (a feed)."""
    source = ["facility", "channel"]
    site = [*source, "recorded_at"]
    known = facts.accepted.filter(pl.col("recorded_at") <= facts.as_of)
    highest = (
        known.group_by(site)
        .agg(pl.col("sequence_no").max())
        .sort(site)
        .select(*site, before=pl.col("sequence_no").cum_max().shift(1).over(source))
    )
    told = known.join(highest, on=site, how="left", maintain_order="left")
    found = told.filter(pl.col("sequence_no") < pl.col("before"))
    return exceptions_of("out_of_sequence", found, event_id(facts.scenario), "recorded_at")


def postings(facts: Facts) -> list[pl.DataFrame]:
    """orphan_posting, duplicate_posting, quantity_mismatch and backdated_posting."""
    own, posted = posting_id(facts.scenario), facts.posted
    doubles = posted.filter(pl.col("is_double") & ~pl.col("is_orphan"))
    firsts = posted.filter(~pl.col("is_double")).select("event", "quantity", "posted_at")
    told = facts.accepted.select(pl.col("event").cast(pl.Int64), "facility", "number", "event_time", told="quantity")
    both = told.join(firsts, on="event", how="inner", maintain_order="left")
    other = both.filter(pl.col("told").abs() != pl.col("quantity").abs())
    return [
        exceptions_of("orphan_posting", posted.filter("is_orphan"), own, "posted_at"),
        exceptions_of("duplicate_posting", doubles, own, "posted_at"),
        exceptions_of(
            "quantity_mismatch", other, event_id(facts.scenario), pl.max_horizontal("event_time", "posted_at")
        ),
        exceptions_of("backdated_posting", posted.filter(pl.col("days_back") > 0), own, "posted_at"),
    ]


def adjustments(facts: Facts) -> list[pl.DataFrame]:
    """manual_adjustment: of events and of orphan postings that no approved count explains."""
    approvals = facts.accepted.filter(pl.col("event_type") == TYPE["count_variance_approved"])["document"].to_list()
    records = facts.made.counts.filter(pl.col("approved_at").is_not_null())["document"].to_list()
    is_count = pl.col("document_kind") == DOCUMENT_KIND["count"]
    is_explained = is_count & pl.col("document").is_in(pl.lit(pl.Series([*approvals, *records])).implode())
    is_adjusted = pl.col("event_type") == TYPE["inventory_adjusted"]
    if facts.scenario.manual_posting_type == "inventory_adjusted":
        is_adjusted |= pl.col("event") < 0
    events = facts.accepted.filter((pl.col("event_type") == TYPE["inventory_adjusted"]) & ~is_explained)
    orphans = facts.posted.filter(is_adjusted & pl.col("is_orphan") & ~is_explained)
    return [
        exceptions_of("manual_adjustment", events, event_id(facts.scenario), "event_time"),
        exceptions_of("manual_adjustment", orphans, posting_id(facts.scenario), "posted_at"),
    ]


def transfers(facts: Facts) -> list[pl.DataFrame]:
    """transfer_quantity_discrepancy and duplicate_transfer_receipt."""
    events = facts.accepted.with_columns(pl.col("quantity").abs())
    shipped = events.filter(pl.col("event_type") == TYPE["transfer_shipped"])
    received = events.filter(pl.col("event_type") == TYPE["transfer_received"])
    return [_discrepancies(shipped, received), _second_receipts(facts, shipped, received)]


def _discrepancies(shipped: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """A transfer carries one item, so that what differs in sum differs for it."""
    both = [
        shipped.with_columns(sent="quantity", came=0, is_receipt=False),
        received.with_columns(sent=0, came="quantity", is_receipt=True),
    ]
    in_order = pl.concat(both, how="vertical_relaxed").sort("event_time", "recorded_at", "sequence_no", "number")
    is_told = [(pl.col("is_receipt") == end).cum_max().over("document") for end in (True, False)]
    told = in_order.with_columns(
        pl.col("sent", "came").cum_sum().over("document"),
        is_judged=is_told[0] & is_told[1],
        facility=pl.col("facility").filter("is_receipt").last().over("document"),
    ).filter("is_judged")
    # It is one from the first event on after which the sums never agreed again.
    differs = (pl.col("sent") != pl.col("came")).cum_min(reverse=True).over("document")
    for_good = told.filter(differs).group_by("document")
    found = for_good.agg(pl.col("facility").last(), opened=pl.col("event_time").first()).sort("document")
    return exceptions_of("transfer_quantity_discrepancy", found, document("transfer"), "opened")


def _second_receipts(facts: Facts, shipped: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    line, place = list(TRANSFER_LINE), [*TRANSFER_LINE, "facility"]
    sent = shipped.group_by(line).agg(sent=pl.col("quantity").sum())
    in_order = received.sort("event_time", "recorded_at", "sequence_no", "number").with_columns(
        nth=pl.col("event").cum_count().over([*place, "quantity"]),
        before=pl.col("quantity").cum_sum().over(place) - pl.col("quantity"),
    )
    told = in_order.join(sent, on=line, how="left", maintain_order="left")
    is_covered = (pl.col("before") >= pl.col("sent")).fill_null(value=True)
    found = told.filter((pl.col("nth") > 1) & is_covered)
    return exceptions_of("duplicate_transfer_receipt", found, event_id(facts.scenario), "event_time")
