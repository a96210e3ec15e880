"""Every reference that is true of an exception rule by its definition, whatever made it so."""

import polars as pl

from pipelines.simulator import truth_business, truth_events, truth_stock
from pipelines.simulator.facts import Facts, exceptions_of
from pipelines.simulator.faults import ACCEPTED
from pipelines.simulator.render import document, event_id, instant, word
from pipelines.simulator.truth import is_over_tolerance, posting_exceptions, transfer_exceptions, true_transfers


def true_exceptions(facts: Facts, links: pl.DataFrame) -> pl.DataFrame:
    """rule, facility_id, reference_id, opened_at, resolved_at of all rules at as_of, by rule and reference.

    Args:
        links: per event its posting, as truth.true_links returns them.
    """
    frames = [
        _latencies(facts, links),
        _transfers(facts),
        _counts(facts),
        *truth_events.deliveries(facts),
        truth_events.sequences(facts),
        *truth_events.postings(facts),
        *truth_events.adjustments(facts),
        *truth_events.transfers(facts),
        truth_stock.reservations(facts),
        truth_stock.shipments(facts, links),
        truth_business.invoices(facts),
        *truth_business.messages(facts),
        truth_business.feeds(facts),
    ]
    ids = [site.id for site in facts.scenario.facilities]
    return (
        pl.concat(frames)
        .with_columns(pl.col("facility").fill_null(-1))
        .sort("rule", "reference_id")
        .select(
            "rule",
            "reference_id",
            facility_id=word("facility", ids),
            opened_at=instant("opened"),
            resolved_at=instant("resolved"),
        )
        .select("rule", "facility_id", "reference_id", "opened_at", "resolved_at")
    )


def _latencies(facts: Facts, links: pl.DataFrame) -> pl.DataFrame:
    """missing_posting, late_posting and negative_latency."""
    found = posting_exceptions(facts.scenario, facts.made.events, links, facts.as_of)
    events = facts.made.events[found["row"].to_numpy()].select("facility", "number", "refusal")
    return (
        found.with_columns(events)
        .filter(pl.col("refusal") == ACCEPTED)
        .select(
            "rule",
            facility=pl.col("facility").cast(pl.Int64),
            reference_id=event_id(facts.scenario),
            opened="opened",
            resolved="resolved",
        )
    )


def _transfers(facts: Facts) -> pl.DataFrame:
    """transfer_unconfirmed."""
    found = transfer_exceptions(facts.scenario, true_transfers(facts.accepted), facts.as_of)
    return exceptions_of("transfer_unconfirmed", found, document("transfer"), "opened", "resolved", facility="receiver")


def _counts(facts: Facts) -> pl.DataFrame:
    """count_variance_over_tolerance."""
    counts = facts.made.counts
    abc = facts.made.items.abc[counts["item"].to_numpy()]
    is_over = is_over_tolerance(facts.scenario, abc, counts["counted_quantity"].to_numpy(), facts.book)
    own = document("count")
    return exceptions_of(
        "count_variance_over_tolerance", counts.filter(pl.Series(is_over)), own, "counted_at", "approved_at"
    )
