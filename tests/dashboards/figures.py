"""What the pages must say, computed from a workspace's `truth/` with polars alone: neither marts nor dashboard code.

`truth/` holds Parquet files: the true events, each with the posting that truly posts it, counts, transfers, exceptions.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl


@dataclass(frozen=True)
class Figure:
    """One figure as a person reads it.

    Attributes:
        path: page and filters.
        place: `card <metric> <facility>`, `metric <label>`, `table <row> / <column>` or `said`, anywhere on the page.
        text: what stands there.
    """

    path: str
    place: str
    text: str


def expected_figures(workspace: Path) -> list[Figure]:
    """At least one figure of every page."""
    as_of = _as_of(workspace)
    figures: list[Figure] = []
    latencies = _latencies(workspace, as_of)
    for facility, p50, p90 in latencies.iter_rows():
        figures.append(Figure("/", f"card latency_p90_s {facility}", in_words(p90)))
        figures.append(Figure("/latency", f"table {facility} / Median", in_words(p50)))
    facility, _, p90 = latencies.row(0)
    figures.append(Figure(f"/latency?facility={facility}", f"table {facility} / 90 % within", in_words(p90)))
    exceptions = pl.read_parquet(workspace / "truth" / "exceptions.parquet")
    is_open = pl.col("resolved_at").is_null() | (pl.col("resolved_at") > as_of)
    still = exceptions.filter(pl.col("opened_at") <= as_of, is_open)
    figures.append(Figure("/exceptions", "metric Open", f"{still.height:,}"))
    missing = still.filter(pl.col("rule") == "missing_posting").height
    figures.append(Figure("/exceptions?rule=missing_posting", "metric Open", f"{missing:,}"))
    transfers = pl.read_parquet(workspace / "truth" / "transfers.parquet").filter(pl.col("requested_at") <= as_of)
    is_waiting = pl.col("received_at").is_null() | (pl.col("received_at") > as_of)
    waiting = transfers.filter(pl.col("shipped_at") <= as_of, is_waiting).height
    figures.append(Figure("/transfers", "metric Shipped, not received", f"{waiting:,}"))
    figures.append(Figure("/transfers", "metric Open (not yet received)", f"{transfers.filter(is_waiting).height:,}"))
    for facility, count in transfers.group_by("to_facility_id").len().iter_rows():
        process = "process=transfer_to_reconcile"
        figures.append(Figure(f"/conformance?{process}", f"table {facility} / Cases", f"{count:,}"))
        chosen = f"{count:,} of {transfers.height:,} cases"
        figures.append(Figure(f"/process?{process}&facility={facility}", "said", chosen))
    events = pl.read_parquet(workspace / "truth" / "inventory_event.parquet")
    unposted = still.filter(pl.col("rule") == "missing_posting").join(
        events, left_on="reference_id", right_on="event_id"
    )
    for event_type, count in unposted.group_by("event_type").len().iter_rows():
        path = f"/causes?subject=posting&outcome=missing_posting%20{event_type}"
        figures.append(Figure(path, "metric Have the outcome", f"{count:,}"))
    for facility, exact_ratio in _exact_counts(workspace, as_of).iter_rows():
        figures.append(Figure("/counts", f"table {facility} / IRA, exact", _percent(exact_ratio)))
    return [*figures, *_further_figures(workspace, as_of)]


def _further_figures(workspace: Path, as_of: datetime) -> list[Figure]:
    """Figures of the pages on feeds, on the books, and on purchases."""
    events = pl.read_parquet(workspace / "truth" / "inventory_event.parquet").filter(pl.col("event_time") <= as_of)
    postings = pl.read_parquet(workspace / "truth" / "erp_posting.parquet").filter(pl.col("posted_at") <= as_of)
    figures = [
        Figure("/integration", f"table {facility} / Events", f"{count:,}")
        for facility, count in events.group_by("facility_id").len().iter_rows()
    ]
    for facility, count in postings.group_by("facility_id").len().iter_rows():
        figures.append(Figure("/closing", f"table {facility} / Postings", f"{count:,}"))
    receipts = events.filter(pl.col("event_type") == "receipt_confirmed").group_by("facility_id", "supplier_id").len()
    for facility, supplier, count in receipts.sort("facility_id", "supplier_id").head(2).iter_rows():
        path = f"/orders?purchases=corrected&facility={facility}&supplier={supplier}"
        figures.append(Figure(path, f"table {supplier} / Receipts", f"{count:,}"))
    measured, replayed = _replayed_at_once(workspace, as_of)
    figures.append(Figure("/what_if?scope=RDC", "table As measured / Median latency", in_words(measured)))
    figures.append(Figure("/what_if?scope=RDC", "metric Median latency", in_words(replayed)))
    return figures


def _replayed_at_once(workspace: Path, as_of: datetime) -> tuple[float, float]:
    """Median latencies of RDC, which uploads at every full and half hour: as it is, and if it did not wait for the upload.

    What is not posted stands behind all that is. A posting within half an hour of its upload is half an hour's work; one
    that came earlier or later had other reasons and stays.
    """
    events = pl.read_parquet(workspace / "truth" / "inventory_event.parquet").filter(
        pl.col("facility_id") == "RDC",
        pl.col("event_time") <= as_of,
        pl.col("posting_id").count().over("event_type") > 0,
    )
    times = {name: pl.col(name).dt.epoch("us") / 1e6 for name in ("event_time", "recorded_at", "posted_at")}
    rows = events.select(
        **times, upload=(times["recorded_at"] / 1800).ceil() * 1800, is_posted=pl.col("posted_at") <= as_of
    )
    after_s = pl.col("posted_at") - pl.col("upload")
    saved_s = pl.when(after_s.is_between(0, 1800)).then(pl.col("upload") - pl.col("recorded_at")).otherwise(0)
    medians = []
    for earlier_s in (pl.lit(0), saved_s):
        latency_s = pl.col("posted_at") - pl.col("event_time") - earlier_s
        ordered = rows.select(pl.when("is_posted").then(latency_s).otherwise(float("inf"))).to_series().sort()
        medians.append(float(ordered[(len(ordered) - 1) // 2]))
    return medians[0], medians[1]


def in_words(seconds: float) -> str:
    """A duration with up to three significant digits, by hand: 94 s is "1.57 min", 3600 s "1 h", 172800 s "2 d"."""
    length, unit = (1, "s") if seconds < 59.95 else (60, "min") if seconds < 3597 else (3600, "h")
    if seconds >= 172620:
        length, unit = 86400, "d"
    number = seconds / length
    decimals = 0 if number >= 100 else 1 if number >= 10 else 2
    text = f"{number:.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"


def _as_of(workspace: Path) -> datetime:
    current = (workspace / "published" / "CURRENT").read_text().strip()
    with TemporaryDirectory() as folder:
        # A copy: a page that is open in this process holds the file itself with other settings.
        copied = shutil.copy(workspace / "published" / current, folder)
        with duckdb.connect(copied, read_only=True) as con:
            row = con.execute("SELECT as_of FROM marts.run_info").fetchone()
    assert row is not None
    as_of: datetime = row[0]
    return as_of.astimezone(UTC)


def _latencies(workspace: Path, as_of: datetime) -> pl.DataFrame:
    events = pl.read_parquet(workspace / "truth" / "inventory_event.parquet").filter(
        pl.col("event_time") <= as_of, pl.col("posted_at") <= as_of
    )
    latency_s = (pl.col("posted_at") - pl.col("event_time")).dt.total_microseconds() / 1e6
    quantiles = [latency_s.quantile(q, interpolation="linear").alias(f"p{q}") for q in (0.5, 0.9)]
    return events.group_by("facility_id").agg(quantiles).sort("facility_id")


def _exact_counts(workspace: Path, as_of: datetime) -> pl.DataFrame:
    counts = pl.read_parquet(workspace / "truth" / "count_record.parquet").filter(
        pl.col("counted_at") <= as_of, pl.col("book_quantity").is_not_null()
    )
    return counts.group_by("facility_id").agg((pl.col("counted_quantity") == pl.col("book_quantity")).mean())


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.1f} %".replace(".0 %", " %")
