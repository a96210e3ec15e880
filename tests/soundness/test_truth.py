"""What is published equals what the simulator knows to have happened, row by row, in every scenario."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.simulator import scenario_names
from tests.soundness.support import ask, instant, opened
from transforms.spec import rules

pytestmark = pytest.mark.timeout(900)

# Whose posting the ERP is not expected to make (domain model, system of record).
NOT_EXPECTED = [
    "receipt_created", "transfer_requested", "transfer_approved", "inventory_reserved", "pick_released",
    "cycle_count_recorded",
]  # fmt: skip
BUCKETS_H = {"0-4h": (0, 4), "4-24h": (4, 24), "1-3d": (24, 72), "3-7d": (72, 168), ">7d": (168, None)}


# All rules of the domain model.
RULES = {
    "missing_posting", "late_posting", "orphan_posting", "duplicate_event", "conflicting_event", "duplicate_posting",
    "duplicate_transfer_receipt", "quantity_mismatch", "out_of_sequence", "negative_latency", "unmapped_code",
    "missing_lot", "transfer_unconfirmed", "transfer_quantity_discrepancy", "delayed_3pl_acknowledgement",
    "count_variance_over_tolerance", "manual_adjustment", "reservation_conflict", "three_way_mismatch",
    "shipped_before_posted", "backdated_posting", "stale_feed", "message_retries_exhausted",
}  # fmt: skip


def truth(workspace: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(workspace / "truth" / f"{name}.parquet")


def refused(workspace: Path) -> pl.DataFrame:
    """The events that no feed tells so that they could be taken."""
    path = workspace / "truth" / "refused_event.parquet"
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema={"event_id": pl.String, "reason": pl.String})


def mart(workspace: Path, sql: str) -> pl.DataFrame:
    with opened(workspace) as con:
        return con.execute(sql).pl()


def assert_same_rows(got: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The same rows in any order; what differs is shown, not a million lines."""
    assert got.columns == expected.columns
    both = [
        frame.cast({c: pl.Datetime("us", "UTC") for c, t in frame.schema.items() if t.is_temporal()})
        for frame in (got, expected)
    ]
    assert len(both[0]) == len(both[1])
    assert both[0].join(both[1], on=got.columns, how="anti", nulls_equal=True).head(5).rows() == []


def test_every_event_has_the_posting_that_it_truly_has(told):
    as_of = instant(told.root)
    known = pl.col("posted_at") <= as_of
    happened = truth(told.root, "inventory_event").join(refused(told.root), on="event_id", how="anti")
    true = happened.select(
        "event_id", "event_type", "event_time", "facility_id",
        posting_id=pl.when(known).then("posting_id"), posted_at=pl.when(known).then("posted_at"),
    )  # fmt: skip
    expected = true.filter(pl.col("posting_id").is_not_null() | ~pl.col("event_type").is_in(NOT_EXPECTED))
    columns = ", ".join(expected.columns)
    assert_same_rows(mart(told.root, f"SELECT {columns} FROM marts.event_latency"), expected)
    latencies = mart(told.root, "SELECT event_time, posted_at, latency_s FROM marts.event_latency WHERE is_posted")
    seconds = (latencies["posted_at"] - latencies["event_time"]).dt.total_microseconds() / 1e6
    assert latencies["latency_s"].to_list() == seconds.to_list()


def test_every_rule_reports_exactly_what_is_true_of_it(told):
    """Precision and recall are 1.0: nothing is missing, nothing is added, nothing is told twice."""
    reported = mart(told.root, "SELECT rule, reference_id FROM marts.exceptions")
    true = truth(told.root, "exceptions").select("rule", "reference_id")
    assert set(true["rule"]) <= set(rules())
    for rule in rules():
        own, expected = (frame.filter(pl.col("rule") == rule)["reference_id"] for frame in (reported, true))
        assert own.is_unique().all(), rule
        missing, added = set(expected) - set(own), set(own) - set(expected)
        assert (rule, sorted(missing)[:5], sorted(added)[:5]) == (rule, [], [])


def test_every_rule_has_something_to_report_in_some_scenario(workspace_of):
    found = {rule for name in scenario_names() for rule in truth(workspace_of(name), "exceptions")["rule"]}
    assert found == RULES == set(rules())


def test_every_exception_opens_and_ends_when_it_truly_does(told):
    columns = "rule, facility_id, reference_id, opened_at, resolved_at"
    as_of = instant(told.root)
    true = truth(told.root, "exceptions").with_columns(
        resolved_at=pl.when(pl.col("resolved_at") <= as_of).then("resolved_at")
    )
    assert_same_rows(mart(told.root, f"SELECT {columns} FROM marts.exceptions"), true.select(columns.split(", ")))


def test_open_exceptions_are_as_old_as_they_truly_are(told):
    as_of = instant(told.root)
    still = truth(told.root, "exceptions").filter(pl.col("resolved_at").is_null() | (pl.col("resolved_at") > as_of))
    expected: dict[tuple[str, str, str], int] = {}
    for rule, facility, _, opened_at, _ in still.rows():
        hours = (as_of - opened_at).total_seconds() / 3600
        bucket = next(b for b, (low, high) in BUCKETS_H.items() if low <= hours and (high is None or hours < high))
        expected[facility, rule, bucket] = expected.get((facility, rule, bucket), 0) + 1
    counted = ask(told.root, "SELECT facility_id, rule, bucket, open_count FROM marts.exception_aging")
    assert {row[:3]: row[3] for row in counted} == expected


def test_every_transfer_took_the_steps_that_it_truly_took(told):
    columns = ["transfer_id", "from_facility_id", "to_facility_id"]
    columns += ["requested_at", "approved_at", "shipped_at", "received_at"]
    got = mart(told.root, f"SELECT {', '.join(columns)}, cycle_time_s FROM marts.transfers")
    took = (pl.col("received_at") - pl.col("shipped_at")).dt.total_seconds().cast(pl.Float64)
    assert_same_rows(got, truth(told.root, "transfers").select(*columns, cycle_time_s=took))


def test_every_count_has_the_variance_that_it_truly_has(told):
    got = mart(
        told.root,
        "SELECT count_id, facility_id, item_id, counted_at, CAST(variance_units AS DOUBLE) AS variance FROM marts.count_records",
    )
    counts = truth(told.root, "count_record").with_columns(pl.col("counted_quantity", "book_quantity").cast(pl.Float64))
    variance = pl.col("counted_quantity") - pl.col("book_quantity")
    assert_same_rows(got, counts.select("count_id", "facility_id", "item_id", "counted_at", variance=variance))


KEYS = ["process", "facility_id", "case_id", "kind", "activity"]
# What the scenarios do to a process on purpose: skipped putaway, received before shipped, double pick, a variance
# adjusted without approval, a pick that nobody confirmed.
INJECTED = {
    ("procure_to_receive", "skipped", "putaway_completed"),
    ("transfer_to_reconcile", "wrong_order", "transfer_received"),
    ("order_to_fulfil", "repeated", "pick_confirmed"),
    ("count_to_adjust", "skipped", "count_variance_approved"),
    ("order_to_fulfil", "skipped", "pick_confirmed"),
}


def test_deviations_of_every_facility_are_found_with_precision_and_recall_one(told):
    """Case by case; a step that is still awaited at as_of is none."""
    found = {(row[1], row) for row in mart(told.root, f"SELECT {', '.join(KEYS)} FROM marts.case_deviation").rows()}
    true = {(row[1], row) for row in truth(told.root, "deviations").select(KEYS).rows()}
    both = found & true
    facilities = {facility for facility, _ in true}
    assert facilities == {facility for (facility,) in ask(told.root, "SELECT facility_id FROM marts.facilities")}
    for facility in sorted(facilities):
        hits, shown, there = (sum(f == facility for f, _ in rows) for rows in (both, found, true))
        assert (facility, hits / shown, hits / there) == (facility, 1.0, 1.0)


def test_every_injected_kind_of_deviation_occurs_and_is_found(told):
    keys = ["process", "kind", "activity"]
    injected = truth(told.root, "deviations").filter("is_injected")
    assert set(injected.select(keys).unique().rows()) >= INJECTED
    found = mart(told.root, f"SELECT {', '.join(KEYS)} FROM marts.case_deviation")
    assert injected.join(found, on=KEYS, how="anti").is_empty()


def test_deviations_of_a_facility_are_the_number_of_their_cases(told):
    keys = [key for key in KEYS if key != "case_id"]
    expected = truth(told.root, "deviations").group_by(keys).agg(pl.len().cast(pl.Int64).alias("cases_count"))
    assert_same_rows(mart(told.root, f"SELECT {', '.join(keys)}, cases_count FROM marts.deviations"), expected)


def test_a_case_conforms_exactly_where_nothing_is_wrong_with_it(told):
    """And the facility's adherence is their share; in a simulated scenario nothing is accepted."""
    cases = mart(told.root, "SELECT process, facility_id, case_id, is_conformant, fitness FROM marts.case_conformance")
    odd = truth(told.root, "deviations").select("process", "case_id").unique()
    deviating = cases.filter(~pl.col("is_conformant")).select("process", "case_id")
    assert_same_rows(deviating, odd)
    by_facility = cases.group_by("process", "facility_id").agg(
        pl.len().cast(pl.Int64).alias("cases_count"),
        pl.col("is_conformant").sum().cast(pl.Int64).alias("conformant_count"),
    )
    columns = "process, facility_id, cases_count, conformant_count"
    assert_same_rows(mart(told.root, f"SELECT {columns} FROM marts.process_conformance"), by_facility)
