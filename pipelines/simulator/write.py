"""Writes a simulation as a workspace: feeds as each site would send them, master data, configuration and truth."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.simulator import epcis_documents
from pipelines.simulator.counts import book_quantities
from pipelines.simulator.delivery import Delivery, deliver
from pipelines.simulator.events import DOCUMENTS
from pipelines.simulator.generate import Generated
from pipelines.simulator.master import gtin, item_id, local_code
from pipelines.simulator.render import (
    UNIT,
    cents,
    instant,
    iso,
    local,
    posting_id,
    render_counts,
    render_events,
    render_postings,
    word,
)
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.truth import (
    is_over_tolerance,
    posting_exceptions,
    transfer_exceptions,
    true_links,
    true_transfers,
)
from pipelines.simulator.workspace_file import (
    LOCAL_COLUMNS,
    LOCAL_DELIMITER,
    LOCAL_EVENT_TYPES,
    LOCAL_STATUSES,
    workspace_text,
)

# Rows that are text at one time: bounds the memory of a long simulation.
CHUNK_ROWS = 250_000
DAY_S = 86400


class Writer:
    """One simulation on its way to disk.

    Attributes:
        counts: files written per feed.
    """

    def __init__(
        self, scenario: Scenario, made: Generated, postings: pl.DataFrame, *, seed: int, as_of: int, out: Path
    ) -> None:
        self.scenario, self.made, self.seed, self.as_of, self.out = scenario, made, seed, as_of, out
        self.postings = postings.with_columns(number=pl.int_range(1, len(postings) + 1, dtype=pl.Int64))
        self.book = book_quantities(made.counts, postings)
        self.files: dict[str, int] = {}
        self.deliveries = [deliver(scenario, n, made.events, seed) for n in range(len(scenario.facilities))]

    def write(self, progress: Callable[[str], None]) -> None:
        """Writes everything; `dockledger.yaml` last, so that a workspace that has it is whole."""
        for number, site in enumerate(self.scenario.facilities):
            progress(f"writing feed {site.feed.name}")
            self._events(number)
        progress("writing postings and counts")
        self._postings()
        self._counts()
        self._master()
        progress("writing truth")
        self._truth()
        (self.out / "dockledger.yaml").write_text(workspace_text(self.scenario, self.as_of), encoding="utf-8")

    def _events(self, number: int) -> None:
        site = self.scenario.facilities[number]
        folder = self._folder(site.feed.path)
        delivery = self.deliveries[number]
        kind = site.feed.kind
        for files in _chunks(delivery):
            first, last = files[0][1], files[-1][2]
            rows = self.made.events[delivery.row[first:last]]
            texts = self._event_texts(number, rows)
            for file, start, end in files:
                sent_at = int(delivery.sent_at[file])
                name = f"{site.id.lower()}-{_stamp(sent_at)}-{file:05d}"
                body = texts[start - first : end - first]
                if kind == "epcis":
                    text = epcis_documents.header(sent_at) + body.str.join(",\n").item() + epcis_documents.FOOTER
                    (folder / f"{name}.json").write_text(text, encoding="utf-8")
                else:
                    self._csv(folder / f"{name}.csv", self._event_header(number), body)
        self.files[site.feed.name] = len(delivery.bounds())

    def _event_texts(self, number: int, rows: pl.DataFrame) -> pl.Series:
        site = self.scenario.facilities[number]
        if site.feed.kind == "epcis":
            return epcis_documents.event_texts(self.scenario, self.made, number, rows)
        shown = render_events(self.scenario, self.made, rows)
        if site.feed.kind == "canonical_csv":
            return _csv_lines(shown.with_columns(iso("event_time"), iso("recorded_at")), ",")
        partners = [s.codes[0] if s.codes else s.id for s in self.scenario.facilities]
        codes = [local_code(n) for n in range(len(self.made.items))]
        local_words = shown.with_columns(
            local("event_time", site.timezone),
            local("recorded_at", site.timezone),
            pl.col("event_type").replace_strict(LOCAL_EVENT_TYPES),
            pl.col("from_status", "to_status").replace_strict(LOCAL_STATUSES),
            rows.select(word("item", codes)).to_series().alias("item_id"),
            rows.select(word("partner", partners)).to_series().alias("partner_facility_id"),
        )
        return _csv_lines(local_words.select(list(LOCAL_COLUMNS)), LOCAL_DELIMITER)

    def _event_header(self, number: int) -> str:
        if self.scenario.facilities[number].feed.kind == "local_csv":
            return LOCAL_DELIMITER.join(LOCAL_COLUMNS.values())
        return ",".join(render_events(self.scenario, self.made, self.made.events[:0]).columns)

    def _postings(self) -> None:
        """A file a day, by UTC day of posting."""
        folder = self._folder("feeds/erp")
        day = self.postings["posted_at"].to_numpy() // DAY_S
        for number in np.unique(day):
            first, last = np.searchsorted(day, number, side="left"), np.searchsorted(day, number, side="right")
            shown = render_postings(self.scenario, self.made, self.postings[int(first) : int(last)])
            text = shown.drop("true_event_id").with_columns(iso("posted_at"))
            self._csv(folder / f"postings-{_day(number)}.csv", ",".join(text.columns), _csv_lines(text, ","))
            self.files["erp"] = self.files.get("erp", 0) + 1

    def _counts(self) -> None:
        """A file a day: the counts that were settled on that UTC day."""
        folder = self._folder("feeds/counts")
        shown = self._shown_counts()
        settled = self.made.counts.select(pl.max_horizontal("counted_at", "approved_at") // DAY_S).to_series()
        for number in settled.unique().sort():
            text = shown.filter(settled == number).with_columns(iso("counted_at"), iso("approved_at"))
            self._csv(folder / f"counts-{_day(number)}.csv", ",".join(text.columns), _csv_lines(text, ","))
        self.files["counts"] = settled.n_unique()

    def _shown_counts(self) -> pl.DataFrame:
        return render_counts(self.scenario, self.made, self.made.counts, self.book)

    def _master(self) -> None:
        folder = self._folder("master")
        items, prefix = self.made.items, self.scenario.gs1_company_prefix
        numbers = range(len(items))
        master = pl.DataFrame(
            {
                "item_id": [item_id(n) for n in numbers],
                "gtin": [gtin(prefix, n) for n in numbers],
                "base_uom": [UNIT] * len(items),
                "unit_cost": pl.Series(items.cost_cents),
                "currency": [self.scenario.currency] * len(items),
                "abc_class": ["ABC"[c] for c in items.abc],
                "lot_tracked": ["true" if t else "false" for t in items.is_lot_tracked],
            }
        ).with_columns(cents("unit_cost").alias("unit_cost"))
        (folder / "items.csv").write_text(master.write_csv(), encoding="utf-8", newline="\n")
        aliases = [
            (site.id, local_code(n), item_id(n))
            for site in self.scenario.facilities
            if site.feed.kind == "local_csv"
            for n in numbers
        ]
        schema = ["facility_id", "local_code", "item_id"]
        text = pl.DataFrame(aliases, schema=schema, orient="row").write_csv()
        (folder / "item_aliases.csv").write_text(text, encoding="utf-8", newline="\n")

    def _truth(self) -> None:
        folder = self._folder("truth")
        links = true_links(self.made.events, self.postings)
        _parquet(folder / "inventory_event.parquet", self._true_events(links))
        _parquet(folder / "erp_posting.parquet", self._true_postings())
        _parquet(folder / "count_record.parquet", iter([self._shown_counts()]))
        transfers = true_transfers(self.made.events)
        _parquet(folder / "transfers.parquet", iter([self._shown_transfers(transfers)]))
        _parquet(folder / "exceptions.parquet", iter([self._exceptions(links, transfers)]))
        _parquet(folder / "deviations.parquet", iter([self._deviations()]))

    def _true_events(self, links: pl.DataFrame) -> Iterator[pl.DataFrame]:
        for first in range(0, max(1, len(self.made.events)), CHUNK_ROWS):
            own = links[first : first + CHUNK_ROWS].with_columns(number=pl.col("posting") + 1)
            shown = render_events(self.scenario, self.made, self.made.events[first : first + CHUNK_ROWS])
            yield shown.with_columns(own.select(posting_id=posting_id("number"), posted_at=instant("posted_at")))

    def _true_postings(self) -> Iterator[pl.DataFrame]:
        for first in range(0, max(1, len(self.postings)), CHUNK_ROWS):
            yield render_postings(self.scenario, self.made, self.postings[first : first + CHUNK_ROWS])

    def _shown_transfers(self, transfers: pl.DataFrame) -> pl.DataFrame:
        ids = [site.id for site in self.scenario.facilities]
        return transfers.select(
            transfer_id=_number("transfer", "document"),
            from_facility_id=word("shipper", ids),
            to_facility_id=word("receiver", ids),
            item_id=word("item", [item_id(n) for n in range(len(self.made.items))]),
            quantity=pl.col("quantity"),
            requested_at=instant("requested_at"),
            approved_at=instant("approved_at"),
            shipped_at=instant("shipped_at"),
            received_at=instant("received_at"),
        )

    def _exceptions(self, links: pl.DataFrame, transfers: pl.DataFrame) -> pl.DataFrame:
        """Every reference that is true of a rule at as_of."""
        ids = [site.id for site in self.scenario.facilities]
        found = posting_exceptions(self.scenario, self.made.events, links, self.as_of)
        events = render_events(self.scenario, self.made, self.made.events[found["row"].to_numpy()])
        of_events = found.with_columns(events.select("facility_id", reference_id="event_id"))
        again = self.made.events[self._repeated_rows()]
        shown = render_events(self.scenario, self.made, again)
        duplicates = shown.select("facility_id", reference_id="event_id").with_columns(
            rule=pl.lit("duplicate_event"), opened=again["event_time"], resolved=pl.lit(None, dtype=pl.Int64)
        )
        manual = self.postings.filter((pl.col("event") < 0) & (pl.col("posted_at") <= self.as_of))
        orphans = render_postings(self.scenario, self.made, manual).select("facility_id", reference_id="posting_id")
        orphans = orphans.with_columns(
            rule=pl.lit("orphan_posting"), opened=manual["posted_at"], resolved=pl.lit(None, dtype=pl.Int64)
        )
        unconfirmed = transfer_exceptions(self.scenario, transfers, self.as_of).select(
            "opened",
            "resolved",
            rule=pl.lit("transfer_unconfirmed"),
            reference_id=_number("transfer", "document"),
            facility_id=word("receiver", ids),
        )
        columns = ["rule", "facility_id", "reference_id", "opened", "resolved"]
        frames = [f.select(columns) for f in (of_events, duplicates, orphans, unconfirmed, self._count_exceptions())]
        return (
            pl.concat(frames)
            .sort("rule", "reference_id")
            .select("rule", "facility_id", "reference_id", opened_at=instant("opened"), resolved_at=instant("resolved"))
        )

    def _count_exceptions(self) -> pl.DataFrame:
        counts = self.made.counts
        abc = self.made.items.abc[counts["item"].to_numpy()]
        is_over = is_over_tolerance(self.scenario, abc, counts["counted_quantity"].to_numpy(), self.book)
        return (
            self._shown_counts()
            .with_columns(
                rule=pl.lit("count_variance_over_tolerance"),
                reference_id=pl.col("count_id"),
                opened=counts["counted_at"],
                resolved=counts["approved_at"],
            )
            .filter(pl.Series(is_over))
        )

    def _repeated_rows(self) -> np.ndarray:
        rows = np.concatenate([d.row for d in self.deliveries])
        values, counts = np.unique(rows, return_counts=True)
        return np.asarray(values[counts > 1])

    def _deviations(self) -> pl.DataFrame:
        ids = [site.id for site in self.scenario.facilities]
        kinds = [prefix for prefix, _ in DOCUMENTS.values()]
        return self.made.deviations.select(
            "process",
            case_id=pl.concat_str(word("document_kind", kinds), pl.col("document").cast(pl.String).str.zfill(8)),
            document_line=pl.col("line").cast(pl.String),
            facility_id=word("facility", ids),
            kind="kind",
            activity="activity",
            last_event_at=instant("last_event"),
        )

    def _folder(self, name: str) -> Path:
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @staticmethod
    def _csv(path: Path, header: str, lines: pl.Series) -> None:
        path.write_text(header + "\n" + str(lines.str.join("\n").item()) + "\n", encoding="utf-8", newline="\n")


def _number(kind: str, column: str) -> pl.Expr:
    return pl.concat_str(pl.lit(DOCUMENTS[kind][0]), pl.col(column).cast(pl.String).str.zfill(8))


def _csv_lines(shown: pl.DataFrame, delimiter: str) -> pl.Series:
    """Rows as CSV text. No value holds a delimiter, quote or line end: all are codes, numbers and times."""
    texts = [pl.col(c).cast(pl.String).fill_null("") for c in shown.columns]
    return shown.select(pl.concat_str(texts, separator=delimiter)).to_series()


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


def _parquet(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Appends frames to one Parquet file; a disk that is full is an OSError here, which polars hides."""
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        table: pa.Table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y%m%dT%H%MZ")


def _day(number: int) -> str:
    return datetime.fromtimestamp(int(number) * DAY_S, tz=UTC).strftime("%Y-%m-%d")
