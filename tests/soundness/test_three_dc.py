"""What the head of three-dc's file claims: planners see stock that is allocated or in transit.

A planner sees the books. They learn of goods that leave a place by the posting of that step, and of a promise never.
"""

from collections import defaultdict
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tests.soundness.support import ask, instant

pytestmark = pytest.mark.timeout(900)

SITES = ["NDC", "RDC", "3PL1"]  # by how late their books are
HOUR_S = 3600
# In which step goods stop being what the books still call them: picked ones are an order's, shipped ones are away.
LEAVING = ["pick_confirmed", "transfer_shipped"]


@pytest.fixture(scope="module")
def workspace(workspace_of) -> Path:
    return workspace_of("three-dc")


@pytest.fixture(scope="module")
def events(workspace) -> pl.DataFrame:
    """What truly happened and when it was truly posted, up to the evaluation instant (of this scenario no row is refused)."""
    known = pl.read_parquet(workspace / "truth" / "inventory_event.parquet")
    return known.with_columns(posted_at=pl.when(pl.col("posted_at") <= instant(workspace)).then("posted_at"))


def first_by_document(events: pl.DataFrame, event_type: str, column: str) -> dict[tuple[str, str], datetime]:
    """The first instant of a type of event of each document and line, by its column."""
    own = events.filter((pl.col("event_type") == event_type) & pl.col(column).is_not_null())
    first = own.group_by("document_id", "document_line").agg(pl.col(column).min())
    return {(document, line): at for document, line, at in first.rows()}


def test_three_dcs_post_at_once_by_the_half_hour_and_four_times_a_day(workspace):
    sql = "SELECT facility_id, detected_model, detected_period_s FROM marts.timing_model"
    found = {facility: (model, period) for facility, model, period in ask(workspace, sql)}
    assert found == {"NDC": ("realtime", None), "RDC": ("micro_batch", 1800), "3PL1": ("batch", 21600)}


def test_three_dcs_never_tell_the_books_what_is_promised(workspace, events):
    """An order's goods stay free stock in the books until their shipment is posted: hours, at every site."""
    promised = events.filter(pl.col("event_type").is_in(["inventory_reserved", "transfer_approved"]))
    assert promised["to_status"].unique().to_list() == ["allocated"]
    assert (len(promised) > 10_000, promised["posted_at"].null_count()) == (True, len(promised))
    sql = "SELECT count(*) FROM marts.event_latency WHERE event_type IN ('inventory_reserved', 'transfer_approved')"
    assert ask(workspace, sql) == [(0,)]
    reserved = first_by_document(events, "inventory_reserved", "event_time")
    shipped = first_by_document(events, "shipment_confirmed", "event_time")
    site = {(d, n): f for d, n, f in events.select("document_id", "document_line", "facility_id").rows()}
    held: dict[str, list[float]] = defaultdict(list)
    for line in reserved.keys() & shipped.keys():
        held[site[line]].append((shipped[line] - reserved[line]).total_seconds())
    sql = """SELECT facility_id, p50_s FROM marts.process_milestones
        WHERE from_activity = 'inventory_reserved' AND to_activity = 'shipment_confirmed'"""
    told = dict(ask(workspace, sql))
    assert told == pytest.approx({facility: pl.Series(waits).median() for facility, waits in held.items()})
    assert min(told[facility] for facility in SITES) > 2 * HOUR_S


def test_three_dcs_keep_approved_transfers_for_hours_before_they_ship(workspace):
    as_of, held = instant(workspace), defaultdict(list)
    transfers = pl.read_parquet(workspace / "truth" / "transfers.parquet").drop_nulls(["approved_at", "shipped_at"])
    for row in transfers.filter(pl.max_horizontal("approved_at", "shipped_at") <= as_of).rows(named=True):
        lane = row["from_facility_id"], row["to_facility_id"]
        held[lane].append((row["shipped_at"] - row["approved_at"]).total_seconds())
    sql = "SELECT from_facility_id, to_facility_id, p50_s FROM marts.transfer_lead_time WHERE leg = 'release'"
    told = {row[:2]: row[2] for row in ask(workspace, sql)}
    assert told == pytest.approx({lane: pl.Series(waits).median() for lane, waits in held.items()})
    assert min(told.values()) > 2 * HOUR_S


def test_three_dcs_show_planners_what_is_picked_or_under_way_for_as_long_as_its_posting_takes(workspace, events):
    as_of = instant(workspace)
    hours: dict[tuple[str, str], float] = defaultdict(float)
    for facility, kind, happened, posted, units in events.select(
        "facility_id", "event_type", "event_time", "posted_at", "quantity"
    ).rows():
        if kind in LEAVING:
            hours[facility, kind] += abs(units) * ((posted or as_of) - happened).total_seconds() / HOUR_S
    kinds = ", ".join(f"'{kind}'" for kind in LEAVING)
    sql = f"SELECT facility_id, event_type, dark_unit_h FROM marts.dark_stock WHERE event_type IN ({kinds})"
    found = {(facility, kind): units for facility, kind, units in ask(workspace, sql)}
    assert found == pytest.approx(hours)
    # Nothing is sent on from the third party; picked goods are there as elsewhere.
    assert set(found) == {*((site, "pick_confirmed") for site in SITES), *((s, "transfer_shipped") for s in SITES[:2])}
    sql = f"SELECT event_type, facility_id, p50_s FROM marts.latency_by_facility WHERE event_type IN ({kinds})"
    median = {(kind, facility): p50_s for kind, facility, p50_s in ask(workspace, sql)}
    for (kind, facility), p50_s in median.items():
        least, most = {"NDC": (0, 60), "RDC": (600, 1800), "3PL1": (2 * HOUR_S, 6 * HOUR_S)}[facility]
        assert least < p50_s < most, (kind, facility)


def test_three_dcs_books_show_more_than_there_is_at_every_site(workspace):
    """Levels are not known without opening stock; that the books show more than the floor holds needs none."""
    sql = """SELECT facility_id, shortfall_unit_h, shortfall_unit_h / distorted_unit_h, over_promise_s, level_unknown_reason
        FROM marts.atp_distortion WHERE item_id IS NULL"""
    for facility, units, share, over_promise_s, reason in ask(workspace, sql):
        assert units > 10_000, facility
        assert 0.2 < share < 0.8, facility
        assert (over_promise_s, reason) == (None, "no_opening_stock")


def test_three_dcs_receive_what_the_books_still_have_under_way(workspace, events):
    """Goods that are at the receiver stand in the books as under way until its posting: minutes at RDC, hours at the 3PL."""
    sql = """SELECT to_facility_id, leg, p50_s FROM marts.transfer_lead_time
        WHERE leg = 'receipt_posting' AND from_facility_id = 'NDC'"""
    waited = {to: p50_s for to, _, p50_s in ask(workspace, sql)}
    assert (600 < waited["RDC"] < 1800, HOUR_S < waited["3PL1"] < 6 * HOUR_S) == (True, True)
    as_of = instant(workspace)
    under_way = {
        row["transfer_id"]
        for row in pl.read_parquet(workspace / "truth" / "transfers.parquet").rows(named=True)
        if row["shipped_at"] is not None and row["shipped_at"] <= as_of
        and (row["received_at"] is None or row["received_at"] > as_of)
    }  # fmt: skip
    units = events.filter(
        (pl.col("event_type") == "transfer_shipped") & pl.col("document_id").is_in(sorted(under_way))
    )["quantity"].abs().sum()  # fmt: skip
    sql = "SELECT sum(transfers_count), sum(under_way_units) FROM marts.in_transit"
    assert ask(workspace, sql) == [(len(under_way), units)]
    assert len(under_way) > 40
