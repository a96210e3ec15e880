"""Writes a simulation as a workspace: feeds as each site would send them, master data, configuration and truth."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulator import epcis_documents
from pipelines.simulator.business import business_of
from pipelines.simulator.business_text import frame_of, render, switched_on
from pipelines.simulator.counts import book_quantities
from pipelines.simulator.delivery import Delivery, deliver
from pipelines.simulator.facts import Facts
from pipelines.simulator.faults import MISSING_LOT, UNKNOWN_ITEM
from pipelines.simulator.files import DAY_S, csv_lines, day, stamp, write_csv
from pipelines.simulator.generate import Generated
from pipelines.simulator.master import local_code
from pipelines.simulator.master_files import write_master
from pipelines.simulator.render import iso, local, render_counts, render_events, render_postings, word
from pipelines.simulator.scenario import Channel, Scenario
from pipelines.simulator.truth_events import unknown_code
from pipelines.simulator.truth_files import write_truth
from pipelines.simulator.workspace_file import (
    LOCAL_COLUMNS,
    LOCAL_DELIMITER,
    LOCAL_EVENT_TYPES,
    LOCAL_STATUSES,
    workspace_text,
)

# Rows that are text at one time: bounds the memory of a long simulation.
CHUNK_ROWS = 250_000


class Writer:
    """One simulation on its way to disk.

    Attributes:
        files: files written per feed.
    """

    def __init__(
        self, scenario: Scenario, made: Generated, postings: pl.DataFrame, *, seed: int, as_of: int, out: Path
    ) -> None:
        self.scenario, self.made, self.out = scenario, made, out
        self.postings = postings.with_columns(number=_numbers(scenario))
        deliveries = [deliver(scenario, channel, made.events, seed) for channel in scenario.channels()]
        self.facts = Facts(
            scenario=scenario,
            made=made,
            postings=self.postings,
            book=book_quantities(made.counts, postings, made.opening),
            deliveries=deliveries,
            business=business_of(scenario, made, deliveries, seed, as_of),
            as_of=as_of,
        )
        self.files: dict[str, int] = {}

    def write(self, progress: Callable[[str], None]) -> None:
        """Writes everything; `dockledger.yaml` last, so that a workspace that has it is whole."""
        for channel, delivery in zip(self.scenario.channels(), self.facts.deliveries, strict=True):
            progress(f"writing feed {channel.feed.name}")
            self._events(channel, delivery)
        progress("writing postings and counts")
        self._postings()
        self._counts()
        self._business()
        write_master(self.scenario, self.made, self._folder("master"))
        progress("writing truth")
        write_truth(self.facts, self._folder("truth"), CHUNK_ROWS)
        text = workspace_text(self.scenario, self.facts.as_of)
        (self.out / "dockledger.yaml").write_text(text, encoding="utf-8")

    def _events(self, channel: Channel, delivery: Delivery) -> None:
        site = self.scenario.facilities[channel.facility]
        folder = self._folder(channel.feed.path)
        for files in _chunks(delivery):
            first, last = files[0][1], files[-1][2]
            texts = self._event_texts(channel, self._told(delivery, first, last))
            for file, start, end in files:
                sent_at = int(delivery.sent_at[file])
                name = f"{site.id.lower()}-{stamp(sent_at)}-{file:05d}"
                body = texts[start - first : end - first]
                if channel.feed.kind == "epcis":
                    text = epcis_documents.header(sent_at) + body.str.join(",\n").item() + epcis_documents.FOOTER
                    (folder / f"{name}.json").write_text(text, encoding="utf-8")
                else:
                    write_csv(folder / f"{name}.csv", self._event_header(channel), body)
        self.files[channel.feed.name] = len(delivery.bounds())

    def _told(self, delivery: Delivery, first: int, last: int) -> pl.DataFrame:
        """Rows as they are told: some without their lot, some in another, older version with a unit more."""
        variant = pl.lit(pl.Series(delivery.is_variant[first:last]))
        away = pl.when(pl.col("quantity") < 0).then(-1).otherwise(1)
        return self.made.events[delivery.row[first:last]].with_columns(
            lot=pl.when(pl.col("refusal") == MISSING_LOT).then(-1).otherwise("lot"),
            quantity=pl.when(variant).then(pl.col("quantity") + away).otherwise("quantity"),
            recorded_at=pl.when(variant).then(pl.col("recorded_at") - 1).otherwise("recorded_at"),
        )

    def _event_texts(self, channel: Channel, rows: pl.DataFrame) -> pl.Series:
        site = self.scenario.facilities[channel.facility]
        if channel.feed.kind == "epcis":
            return epcis_documents.event_texts(self.scenario, self.made, channel.facility, rows)
        shown = render_events(self.scenario, self.made, rows)
        is_unknown = pl.col("refusal") == UNKNOWN_ITEM
        if channel.feed.kind == "canonical_csv":
            codes = rows.with_columns(item_id=shown["item_id"])
            item = codes.select(item_id=pl.when(is_unknown).then(unknown_code()).otherwise("item_id"))
            return csv_lines(shown.with_columns(iso("event_time"), iso("recorded_at"), item["item_id"]))
        partners = [s.codes[0] if s.codes else s.id for s in self.scenario.facilities]
        own_codes = word("item", [local_code(n) for n in range(len(self.made.items))])
        local_words = shown.with_columns(
            local("event_time", site.timezone),
            local("recorded_at", site.timezone),
            pl.col("event_type").replace_strict(LOCAL_EVENT_TYPES),
            pl.col("from_status", "to_status").replace_strict(LOCAL_STATUSES),
            rows.select(item_id=pl.when(is_unknown).then(unknown_code()).otherwise(own_codes))["item_id"],
            rows.select(word("partner", partners)).to_series().alias("partner_facility_id"),
        )
        return csv_lines(local_words.select(list(LOCAL_COLUMNS)), LOCAL_DELIMITER)

    def _event_header(self, channel: Channel) -> str:
        if channel.feed.kind == "local_csv":
            return LOCAL_DELIMITER.join(LOCAL_COLUMNS.values())
        return ",".join(render_events(self.scenario, self.made, self.made.events[:0]).columns)

    def _postings(self) -> None:
        """A file a day, by UTC day of posting."""
        folder = self._folder("feeds/erp")
        days = self.postings["posted_at"].to_numpy() // DAY_S
        for number in np.unique(days):
            first, last = np.searchsorted(days, number, side="left"), np.searchsorted(days, number, side="right")
            shown = render_postings(self.scenario, self.made, self.postings[int(first) : int(last)])
            text = shown.drop("true_event_id").with_columns(iso("posted_at"))
            write_csv(folder / f"postings-{day(number)}.csv", ",".join(text.columns), csv_lines(text))
            self.files["erp"] = self.files.get("erp", 0) + 1

    def _counts(self) -> None:
        """A file a day: the counts that were settled on that UTC day."""
        folder = self._folder("feeds/counts")
        shown = render_counts(self.scenario, self.made, self.made.counts, self.facts.book)
        settled = self.made.counts.select(pl.max_horizontal("counted_at", "approved_at") // DAY_S).to_series()
        for number in settled.unique().sort():
            text = shown.filter(settled == number).with_columns(iso("counted_at"), iso("approved_at"))
            write_csv(folder / f"counts-{day(number)}.csv", ",".join(text.columns), csv_lines(text))
        self.files["counts"] = settled.n_unique()

    def _business(self) -> None:
        """A file a day of each further feed, by the UTC day of its clock."""
        for feed in switched_on(self.scenario):
            folder, rows = self._folder(f"feeds/{feed.name}"), frame_of(self.facts.business, feed)
            days = rows[feed.clock] // DAY_S
            for number in days.unique().sort():
                text = render(self.scenario, self.made, feed, rows.filter(days == number))
                write_csv(folder / f"{feed.name}-{day(number)}.csv", ",".join(text.columns), csv_lines(text))
            self.files[feed.name] = days.n_unique()

    def _folder(self, name: str) -> Path:
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _numbers(scenario: Scenario) -> pl.Expr:
    """Numbers of postings from 1, of the ERP or of each legal entity."""
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    if not scenario.numbers_by_entity:
        return number
    entities = [site.legal_entity_id for site in scenario.facilities]
    owner = word("facility", entities)
    return number.over(owner)


def _chunks(delivery: Delivery) -> Iterator[list[tuple[int, int, int]]]:
    """Files in groups of about CHUNK_ROWS rows."""
    group: list[tuple[int, int, int]] = []
    for bounds in delivery.bounds():
        group.append(bounds)
        if bounds[2] - group[0][1] >= CHUNK_ROWS:
            yield group
            group = []
    if group:
        yield group
