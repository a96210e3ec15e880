"""The truth as files beside the feeds: what happened, what was posted of it, and what every rule must find."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.simulator.events import DOCUMENT_KIND, DOCUMENTS
from pipelines.simulator.exceptions import true_exceptions
from pipelines.simulator.facts import Facts
from pipelines.simulator.faults import REFUSALS
from pipelines.simulator.files import write_parquet
from pipelines.simulator.render import (
    document,
    event_id,
    instant,
    item_code,
    posting_id,
    render_counts,
    render_events,
    render_postings,
    word,
)
from pipelines.simulator.truth import true_links, true_transfers
from pipelines.simulator.truth_process import true_deviations


def write_truth(facts: Facts, folder: Path, chunk_rows: int) -> None:
    """Writes every table; `refused_event` only where a feed tells some events so that they cannot be taken."""
    made = facts.made
    links = true_links(made.events, facts.postings)
    write_parquet(folder / "inventory_event.parquet", _events(facts, links, chunk_rows))
    write_parquet(folder / "erp_posting.parquet", _postings(facts, chunk_rows))
    counts = render_counts(facts.scenario, made, made.counts, facts.book)
    write_parquet(folder / "count_record.parquet", iter([counts]))
    write_parquet(folder / "transfers.parquet", iter([_transfers(facts)]))
    write_parquet(folder / "exceptions.parquet", iter([true_exceptions(facts, links)]))
    write_parquet(folder / "deviations.parquet", iter([_deviations(facts)]))
    refused = made.events.filter(pl.col("refusal") > 0)
    if len(refused):
        told = refused.select(event_id=event_id(facts.scenario), reason=word("refusal", REFUSALS))
        write_parquet(folder / "refused_event.parquet", iter([told]))


def _events(facts: Facts, links: pl.DataFrame, chunk_rows: int) -> Iterator[pl.DataFrame]:
    """All that happened, whatever was told of it."""
    events = facts.made.events
    numbers = pl.lit(facts.postings["number"])
    for first in range(0, max(1, len(events)), chunk_rows):
        rows = events[first : first + chunk_rows]
        own = links[first : first + chunk_rows].with_columns(
            rows["facility"], number=numbers.gather(pl.col("posting")).cast(pl.Int64)
        )
        shown = render_events(facts.scenario, facts.made, rows)
        yield shown.with_columns(own.select(posting_id=posting_id(facts.scenario), posted_at=instant("posted_at")))


def _postings(facts: Facts, chunk_rows: int) -> Iterator[pl.DataFrame]:
    for first in range(0, max(1, len(facts.postings)), chunk_rows):
        yield render_postings(facts.scenario, facts.made, facts.postings[first : first + chunk_rows])


def _transfers(facts: Facts) -> pl.DataFrame:
    ids = [site.id for site in facts.scenario.facilities]
    return true_transfers(facts.accepted).select(
        transfer_id=document("transfer"),
        from_facility_id=word("shipper", ids),
        to_facility_id=word("receiver", ids),
        item_id=item_code(facts.made),
        quantity=pl.col("quantity"),
        requested_at=instant("requested_at"),
        approved_at=instant("approved_at"),
        shipped_at=instant("shipped_at"),
        received_at=instant("received_at"),
    )


def _deviations(facts: Facts) -> pl.DataFrame:
    """`case_id` is the case as the marts name it; of a transfer it is the document alone."""
    ids = [site.id for site in facts.scenario.facilities]
    kinds = [prefix for prefix, _ in DOCUMENTS.values()]
    own = pl.concat_str(word("document_kind", kinds), pl.col("document").cast(pl.String).str.zfill(8))
    line = pl.concat_str(word("facility", ids), own, pl.col("line").cast(pl.String), separator="|")
    return true_deviations(facts).select(
        "process",
        case_id=pl.when(pl.col("document_kind") == DOCUMENT_KIND["transfer"]).then(own).otherwise(line),
        document_id=own,
        document_line=pl.col("line").cast(pl.String),
        facility_id=word("facility", ids),
        kind="kind",
        activity="activity",
        last_event_at=instant("last_event"),
        is_injected="is_injected",
    )
