"""Durations in working hours stand beside the elapsed ones, by the calendar of the facility that has to act."""

from pathlib import Path

import pytest

from tests.building import build_tables
from tests.pipelines.support import make_workspace, rows

# 6 March 2026 is a Friday. RDC works Monday to Friday from 8 to 17, local: in winter 14 to 23 UTC, since Sunday the 8th 13 to 22.
CONFIGURATION = """\
as_of: 2026-03-10T14:00:00Z
facilities:
  - {id: RDC, timezone: America/Chicago, calendar: days}
  - {id: NDC, timezone: UTC}
calendars:
  days:
    shifts: [{name: day, days: [monday, tuesday, wednesday, thursday, friday], starts: "08:00", ends: "17:00"}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}
sla: {posting_seconds: 3600, transfer_seconds: 86400}
"""
FILES: dict[str, str | bytes] = {
    "feeds/wms/a.csv": """\
event_id,event_type,event_time,facility_id,document_id,partner_facility_id
E1,receipt_confirmed,2026-03-06T22:00:00Z,RDC,R1,
E2,receipt_confirmed,2026-03-06T22:00:00Z,NDC,R2,
E3,receipt_confirmed,2026-03-09T20:00:00Z,RDC,R3,
E4,transfer_shipped,2026-03-06T21:30:00Z,NDC,T1,RDC
E5,transfer_received,2026-03-09T15:00:00Z,RDC,T1,NDC
E6,transfer_shipped,2026-03-06T15:00:00Z,NDC,T2,RDC
""",
    "feeds/erp/p.csv": """\
posting_id,posted_at,facility_id,event_id
P1,2026-03-09T14:00:00Z,RDC,E1
P2,2026-03-09T14:00:00Z,NDC,E2
P4,2026-03-06T21:31:00Z,NDC,E4
P5,2026-03-09T15:01:00Z,RDC,E5
""",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_workspace(tmp_path_factory.mktemp("hours") / "ws", FILES, CONFIGURATION)
    build_tables(made)
    return made


def test_a_posting_after_the_weekend_took_two_working_hours(root):
    """Friday 16:00 to 17:00 and Monday 8:00 to 9:00; elapsed are 64 hours."""
    found = rows(root, "SELECT event_id, latency_s, business_latency_s FROM marts.event_latency ORDER BY event_id")
    assert [tuple(row.values()) for row in found][:3] == [
        ("E1", 64 * 3600, 2 * 3600),
        ("E2", 64 * 3600, None),  # no calendar
        ("E3", None, None),  # unposted
    ]


def test_an_exception_ages_in_the_working_hours_of_its_facility(root):
    """E3 is missing since Monday 16:00 local (21:00 UTC): an hour to the end of the day, another on Tuesday morning."""
    (found,) = rows(
        root, "SELECT age_s, business_age_s FROM marts.exceptions WHERE exception_id = 'missing_posting:1:E3'"
    )
    assert found == {"age_s": 17 * 3600, "business_age_s": 2 * 3600}


def test_a_transfer_takes_the_working_hours_of_its_receiver(root):
    """Friday 15:30 to 17:00 and Monday 8:00 to 10:00, local at RDC."""
    (found,) = rows(root, "SELECT cycle_time_s, business_cycle_time_s FROM marts.transfers WHERE transfer_id = 'T1'")
    assert found == {"cycle_time_s": 65.5 * 3600, "business_cycle_time_s": 3.5 * 3600}


def test_a_facility_has_quantiles_in_working_hours_with_its_open_events_censored(root):
    """E3 is open since Monday 15:00 local: two hours to the end of the day and one on Tuesday, after the 2 hours of E1.

    All types: 60 s (E5) and 7200 s finished, 10800 s open: S is 2/3 and then 1/3, the naive 90 % lie at 60 + 0.9 x 7140.
    """
    columns = "business_p50_s, business_p90_s, business_km_p50_s, business_km_p90_s"
    found = rows(root, f"SELECT facility_id, event_type, {columns} FROM marts.latency_by_facility")
    told = {(row.pop("facility_id"), row.pop("event_type")): tuple(row.values()) for row in found}
    assert told["RDC", "receipt_confirmed"] == (7200, 7200, 7200, None)
    assert told["RDC", None] == pytest.approx((3630, 6486, 7200, None))
    assert told["NDC", "receipt_confirmed"] == told["NDC", None] == (None, None, None, None)  # no calendar


def test_a_lane_has_quantiles_in_the_working_hours_of_its_receiver(root):
    """T2 is under way since Friday 9:00 local: 8 hours, all Monday and one on Tuesday, 18 in all, after the 3.5 hours of T1."""
    (found,) = rows(
        root,
        "SELECT business_p50_s, business_p90_s, business_km_p50_s, business_km_p90_s FROM marts.transfer_cycle_time",
    )
    assert tuple(found.values()) == (3.5 * 3600, 3.5 * 3600, 3.5 * 3600, None)


def test_exceptions_of_a_rule_are_resolved_in_working_hours(root):
    """E1 is late from Friday 17:00, when RDC closes, to Monday 9:00: one hour. E3 is missing and open: nothing to take from."""
    columns = "business_p50_s, business_p90_s, business_km_p50_s, business_km_p90_s"
    found = rows(root, f"SELECT facility_id, rule, {columns} FROM marts.exception_resolution")
    told = {(row.pop("facility_id"), row.pop("rule")): tuple(row.values()) for row in found}
    assert told["RDC", "late_posting"] == (3600, 3600, 3600, 3600)
    assert told["RDC", "missing_posting"] == (None, None, None, None)
    assert told["NDC", "late_posting"] == (None, None, None, None)  # no calendar
