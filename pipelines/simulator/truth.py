"""The truth of a simulation: what every rule must find, from the true link of each posting to its event.

Nothing here reads what the pipeline makes; the definitions are those of the rules, applied to whole seconds.
"""

import numpy as np
import polars as pl

from pipelines.simulator.draws import Ints
from pipelines.simulator.events import DOCUMENT_KIND, IS_EXPECTED, TYPE
from pipelines.simulator.posting import sla_table
from pipelines.simulator.scenario import Scenario

# Tolerances are compared in whole hundredths of a percent, so that "exactly on the bound" is exact.
TOLERANCE_SCALE = 10_000

TRANSFER_STEPS = {
    "requested_at": "transfer_requested",
    "approved_at": "transfer_approved",
    "shipped_at": "transfer_shipped",
    "received_at": "transfer_received",
}


def true_links(events: pl.DataFrame, postings: pl.DataFrame) -> pl.DataFrame:
    """Per event: `posted_at` and `posting` (row of its posting), NULL where it is never posted."""
    real = postings.with_row_index("posting").filter((pl.col("event") >= 0) & ~pl.col("is_double"))
    links = real.select("event", "posting", "posted_at")
    return events.with_row_index("event").select(pl.col("event").cast(pl.Int64)).join(
        links, on="event", how="left", maintain_order="left"
    )  # fmt: skip


def posting_exceptions(scenario: Scenario, events: pl.DataFrame, links: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """missing_posting, late_posting and negative_latency: rule, row of the event, opened, resolved."""
    types, facility = events["event_type"].to_numpy(), events["facility"].to_numpy()
    sla = sla_table(scenario)[facility, types]
    known = events.select("event_time").with_columns(
        row=pl.int_range(len(events), dtype=pl.Int64),
        sla=pl.Series(sla),
        is_expected=pl.Series(IS_EXPECTED[types]),
        posted=pl.when(links["posted_at"] <= as_of).then(links["posted_at"]),
    )
    due = pl.col("event_time") + pl.col("sla")
    missing = known.filter(pl.col("is_expected") & pl.col("posted").is_null() & (due < as_of))
    late = known.filter(pl.col("posted") > due)
    early = known.filter(pl.col("posted") < pl.col("event_time"))
    nothing = pl.lit(None, dtype=pl.Int64)
    return pl.concat(
        [
            missing.select(rule=pl.lit("missing_posting"), row="row", opened=due, resolved=nothing),
            late.select(rule=pl.lit("late_posting"), row="row", opened=due, resolved=pl.col("posted")),
            early.select(rule=pl.lit("negative_latency"), row="row", opened=pl.col("event_time"), resolved=nothing),
        ]
    )


def true_transfers(events: pl.DataFrame) -> pl.DataFrame:
    """One row per transfer document: shipper, receiver, item, quantity and the seconds of its steps.

    The first of each step counts, the last of the receipts. A transfer leaves in one shipment.
    """
    own = events.filter(pl.col("document_kind") == DOCUMENT_KIND["transfer"])
    is_receipt = pl.col("event_type") == TYPE["transfer_received"]
    steps = {
        name: pl.col("event_time").filter(pl.col("event_type") == TYPE[step]).min()
        for name, step in TRANSFER_STEPS.items()
    }
    steps["received_at"] = pl.col("event_time").filter(pl.col("event_type") == TYPE["transfer_received"]).max()
    ends = own.with_columns(
        shipper=pl.when(is_receipt).then("partner").otherwise("facility"),
        receiver=pl.when(is_receipt).then("facility").otherwise("partner"),
    )
    return (
        ends.group_by("document", maintain_order=True)
        .agg(pl.col("shipper", "receiver", "item", "quantity").first(), **steps)
        .sort("document")
    )


def transfer_exceptions(scenario: Scenario, transfers: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """transfer_unconfirmed: document, receiver, opened, resolved (seconds)."""
    slas = pl.Series([scenario.sla.transfer(site.id) for site in scenario.facilities], dtype=pl.Int64)
    due = pl.col("shipped_at") + pl.lit(slas).gather(pl.col("receiver").cast(pl.Int64))
    received = pl.when(pl.col("received_at") <= as_of).then("received_at")
    return transfers.filter(pl.coalesce(received, pl.lit(as_of)) > due).select(
        "document", "receiver", opened=due, resolved=received
    )


def is_over_tolerance(scenario: Scenario, abc: Ints, counted: Ints, book: Ints) -> np.ndarray:
    """Whether counts differ from the book by more than the tolerance of their class; `abc` is a position in "ABC"."""
    ratios = [scenario.count_tolerance_ratios[c] for c in ("A", "B", "C")]
    allowed = np.array([round(r * TOLERANCE_SCALE) for r in ratios], dtype=np.int64)[abc]
    return np.abs(counted - book) * TOLERANCE_SCALE > allowed * np.abs(book)
