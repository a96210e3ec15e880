"""What the head of each scenario's file claims comes out of the published marts."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.soundness.support import ask

pytestmark = pytest.mark.timeout(900)

# Two records of the same goods say different things (head of six-warehouses.yaml).
DISCREPANCIES = (
    "missing_posting", "orphan_posting", "duplicate_posting", "quantity_mismatch", "count_variance_over_tolerance",
    "transfer_quantity_discrepancy", "shipped_before_posted", "manual_adjustment", "duplicate_transfer_receipt",
    "unmapped_code", "missing_lot", "conflicting_event",
)  # fmt: skip


def test_six_warehouses_have_seven_tenths_of_their_discrepancies_at_two_sites(workspace_of):
    sql = f"""SELECT count(*) FILTER (WHERE facility_id IN ('W5', 'W6')), count(*)
        FROM marts.exceptions WHERE rule IN {DISCREPANCIES}"""
    [(of_two, of_all)] = ask(workspace_of("six-warehouses"), sql)
    assert of_all > 300
    assert 0.66 <= of_two / of_all <= 0.74


def test_six_warehouses_know_a_receipt_of_10_02_that_the_erp_knows_at_10_37(workspace_of):
    # W3 is in Chicago, six hours behind UTC in January.
    received, posted = datetime(2026, 1, 7, 16, 2, tzinfo=UTC), datetime(2026, 1, 7, 16, 37, tzinfo=UTC)
    sql = """SELECT event_time, posted_at, latency_s, quantity FROM marts.event_latency
        WHERE facility_id = 'W3' AND event_type = 'receipt_confirmed' AND event_time = '2026-01-07 16:02:00Z'"""
    assert ask(workspace_of("six-warehouses"), sql) == [(received, posted, 2100.0, 48)]


def medians(workspace, event_type: str) -> dict[str, float]:
    """Median event-to-posting latency of an event type by facility, in seconds."""
    sql = f"SELECT facility_id, p50_s FROM marts.latency_by_facility WHERE event_type = '{event_type}'"
    return dict(ask(workspace, sql))


def test_five_sites_post_within_minutes_by_handheld_and_after_hours_by_shift(workspace_of):
    found = medians(workspace_of("five-sites"), "receipt_confirmed")
    assert set(found) == {"DE1", "DE2", "PL1", "DE3", "PL2"}
    assert max(found[site] for site in ("DE1", "DE2", "PL1")) < 120
    assert min(found[site] for site in ("DE3", "PL2")) > 3600


def test_five_sites_write_what_is_urgent_down_hours_later(workspace_of):
    sql = """SELECT feed, median(epoch(recorded_at) - epoch(event_time)) FROM marts.event_latency
        WHERE facility_id IN ('DE1', 'PL1') GROUP BY feed"""
    waited = dict(ask(workspace_of("five-sites"), sql))
    assert set(waited) == {"de1_handheld", "pl1_handheld", "de1_urgent", "pl1_urgent"}
    assert min(waited["de1_urgent"], waited["pl1_urgent"]) > 3600
    assert max(waited["de1_handheld"], waited["pl1_handheld"]) < 60


def test_five_sites_hear_nothing_of_the_silent_one(workspace_of):
    sql = "SELECT status FROM marts.feed_health WHERE feed = 'pl2_export' AND facility_id = 'PL2'"
    assert ask(workspace_of("five-sites"), sql) == [("stale",)]


def test_two_entities_post_transfer_receipts_late(workspace_of):
    workspace = workspace_of("two-entities")
    late, usual = medians(workspace, "transfer_received"), medians(workspace, "receipt_confirmed")
    assert set(late) == {"A2", "B1", "B2", "B3"}
    assert min(late.values()) >= 6 * 3600
    assert max(usual.values()) < 3600


def test_two_entities_post_a_transfer_in_both_books_under_one_document(workspace_of):
    """The posting's number tells the entity: each numbers its postings itself."""
    sql = """SELECT s.posting_id, r.posting_id
        FROM marts.event_latency s JOIN marts.event_latency r ON r.document_id = s.document_id
        WHERE s.event_type = 'transfer_shipped' AND s.facility_id LIKE 'A%'
          AND r.event_type = 'transfer_received' AND r.facility_id LIKE 'B%' AND s.is_posted AND r.is_posted"""
    pairs = ask(workspace_of("two-entities"), sql)
    assert len(pairs) > 100
    assert {(issue.split("-")[0], receipt.split("-")[0]) for issue, receipt in pairs} == {("US01", "MX01")}


def test_two_entities_miscount_the_same_items_in_the_same_shift(workspace_of):
    recurring = "facility_id = 'B3' AND shift = 'night' AND item_id IN (FROM often)"
    sql = f"""WITH often AS (
            SELECT item_id FROM marts.event_latency WHERE facility_id = 'B3' AND event_type = 'shipment_confirmed'
            GROUP BY item_id ORDER BY count(*) DESC LIMIT 3
        )
        SELECT {recurring} AS is_recurring, count(*), avg(CASE WHEN is_within_tolerance THEN 0 ELSE 1 END)
        FROM marts.count_records GROUP BY is_recurring ORDER BY is_recurring"""
    [(_, others, usual), (_, recurrences, often)] = ask(workspace_of("two-entities"), sql)
    assert (others > 1000, recurrences > 10) == (True, True)
    assert often >= 0.8
    assert usual < 0.3


def test_two_entities_put_every_receipt_of_one_supplier_right(workspace_of):
    sql = """SELECT supplier_id, sum(receipts_count), sum(adjusted_count) FROM marts.receipt_adjustments
        GROUP BY supplier_id ORDER BY supplier_id"""
    found = ask(workspace_of("two-entities"), sql)
    assert [supplier for supplier, _, _ in found] == [f"SUP-{n:02d}" for n in range(1, 8)]
    for supplier, received, adjusted in found:
        assert received > 50
        # What came in the last days is still to be put away and counted over; no other supplier's is ever touched.
        least, most = (0.9 * received, received) if supplier == "SUP-03" else (0, 0)
        assert least <= adjusted <= most


def test_stale_allocation_learns_after_hours_what_the_warehouse_knows_at_once(workspace_of):
    sql = """SELECT facility_id, median(latency_s), median(epoch(recorded_at) - epoch(event_time))
        FROM marts.event_latency WHERE is_posted GROUP BY facility_id"""
    found = ask(workspace_of("stale-allocation"), sql)
    assert {facility for facility, _, _ in found} == {"CDC", "STORE1", "3PL2"}
    for facility, posted, recorded in found:
        assert posted > 3600
        assert recorded < (300 if facility == "3PL2" else 10)


def test_stale_allocation_sends_half_of_one_lanes_transfers_in_a_hurry(workspace_of):
    """Hurried ones are a second lane between the same ends; the lane to the third party has none."""
    sql = """SELECT to_facility_id, avg(CASE WHEN cycle_time_s < 36000 THEN 1 ELSE 0 END) FROM marts.transfers
        WHERE from_facility_id = 'CDC' AND cycle_time_s > 0 GROUP BY to_facility_id ORDER BY to_facility_id"""
    [(_, usual), (_, mixed)] = ask(workspace_of("stale-allocation"), sql)
    assert usual < 0.05
    assert 0.4 < mixed < 0.6
    sql = """SELECT to_facility_id, transfers_count, declared_count FROM marts.expedited_transfers ORDER BY to_facility_id"""
    [(_, to_third_party, none), (_, to_store, urgent)] = ask(workspace_of("stale-allocation"), sql)
    assert min(to_third_party, to_store) > 100
    assert none == 0
    assert 0.4 < urgent / to_store < 0.6


def test_stale_allocation_promises_stock_twice(workspace_of):
    """Every second promise is a conflict, so there are at least as many as orders that no customer placed."""
    workspace = workspace_of("stale-allocation")
    second = {row["reservation_id"] for row in feed(workspace, "reservations") if row["order_id"].startswith("SD")}
    assert len(second) > 50
    # What a feed tells so that it cannot be taken moves the known stock: a few promises may be covered after all.
    assert len(second - reported(workspace, "reservation_conflict")) <= 0.02 * len(second)


def test_stale_allocation_is_charged_for_other_than_it_received(workspace_of):
    workspace = workspace_of("stale-allocation")
    mismatched = reported(workspace, "three_way_mismatch")
    orders = {(r["purchase_order_id"], r["purchase_order_line"]): r for r in feed(workspace, "purchases")}
    kinds = {"line": 0, "price": 0, "quantity": 0}
    for row in feed(workspace, "invoices"):
        order = orders.get((row["purchase_order_id"], row["purchase_order_line"]))
        if f"{row['invoice_id']}/{row['invoice_line']}" in mismatched:
            kind = "line" if order is None else "price" if row["unit_price"] != order["unit_price"] else "quantity"
            kinds[kind] += 1
    assert min(kinds.values()) > 0


def reported(workspace: Path, rule: str) -> set[str]:
    """What a rule reports."""
    sql = f"SELECT reference_id FROM marts.exceptions WHERE rule = '{rule}'"
    return {reference for (reference,) in ask(workspace, sql)}


def feed(workspace: Path, name: str) -> list[dict[str, str]]:
    """All rows of a CSV feed."""
    rows = []
    for path in sorted((workspace / "feeds" / name).glob("*.csv")):
        with path.open(newline="") as stream:
            rows += list(csv.DictReader(stream))
    return rows
