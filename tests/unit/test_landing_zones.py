"""Landing turns what a clock showed into an instant: stated zones, local times, clock changes."""

import pytest

from tests.landing import event, events, times


def test_offsets_are_read_in_every_spelling_of_iso_8601_in_use(landing):
    """All of them are 09:00 UTC."""
    stated = ["2026-03-01T09:00:00Z", "2026-03-01T09:00:00z", "2026-03-01 09:00:00Z", "2026-03-01T10:00:00+01:00",
              "2026-03-01T10:00:00+0100", "2026-03-01T10:00:00+01", "2026-03-01 10:00:00 +01:00", "2026-03-01T09:00Z",
              "2026-03-01T10:00+01:00", "2026-03-01T03:00:00.000-06:00", "2026-03-01T09:00:00.000000Z",
              "2026-03-01T00:00:00-09:00", "2026-03-01T14:30:00+05:30"]  # fmt: skip
    landing.write("feeds/a.csv", times(*stated))
    rows = landing.land("reason, CAST(event_time AS VARCHAR), time_flags")
    assert rows == [(n, None, "2026-03-01 09:00:00+00", None) for n in range(1, len(stated) + 1)]


def test_a_stated_zone_wins_over_the_system_timezone(landing):
    """Chicago is at UTC-6 in March's first week; a row that says otherwise is believed."""
    stated = ["2026-03-01T10:00:00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+01:00", "2026-03-01 10:00:00 UTC"]
    landing.write("feeds/a.csv", times(*stated))
    assert landing.land("CAST(event_time AS VARCHAR)", system_timezone="America/Chicago") == [
        (1, "2026-03-01 16:00:00+00"),
        (2, "2026-03-01 10:00:00+00"),
        (3, "2026-03-01 09:00:00+00"),
        (4, "2026-03-01 10:00:00+00"),
    ]


def test_fractions_of_a_second_are_kept_to_the_microsecond(landing):
    landing.write("feeds/a.csv", times("2026-03-01T10:00:00.123456Z"))
    assert landing.land("CAST(event_time AS VARCHAR)") == [(1, "2026-03-01 10:00:00.123456+00")]


@pytest.mark.parametrize("zone", [None, "America/Chicago", "facility"])
def test_a_date_without_a_time_is_refused_never_taken_for_midnight(landing, zone):
    landing.write("feeds/a.csv", times("2026-03-01", "20260301", "epoch"))
    reasons = landing.land("reason", system_timezone=zone)
    assert reasons == [(1, "schema violation"), (2, "schema violation"), (3, "schema violation")]


def test_local_times_of_chicago_and_what_its_clock_changes_make_of_them(landing):
    """UTC-6, UTC-5 from 2026-03-08 08:00 UTC to 2026-11-01 07:00 UTC.

    Spring: 02:00 to 03:00 does not occur; 02:30 taken forward is 03:30 summer time, 08:30 UTC. Autumn: 01:00 to 02:00
    occurs twice; the earlier 01:30 is summer time, 06:30 UTC.
    """
    landing.write("feeds/a.csv", times(
        "2026-01-15 10:00:00", "2026-07-15 10:00:00",
        "2026-03-08 01:59:59", "2026-03-08 02:30:00", "2026-03-08 03:00:00",
        "2026-11-01 00:59:59", "2026-11-01 01:00:00", "2026-11-01 01:30:00", "2026-11-01 02:00:00",
        "2026-11-01T01:30:00-06:00", "2026-03-08T02:30:00-06:00",
    ))  # fmt: skip
    rows = landing.land("CAST(event_time AS VARCHAR), time_flags", system_timezone="America/Chicago")
    assert rows == [
        (1, "2026-01-15 16:00:00+00", None),
        (2, "2026-07-15 15:00:00+00", None),
        (3, "2026-03-08 07:59:59+00", None),
        (4, "2026-03-08 08:30:00+00", "event_time nonexistent"),
        (5, "2026-03-08 08:00:00+00", None),
        (6, "2026-11-01 05:59:59+00", None),
        (7, "2026-11-01 06:00:00+00", "event_time ambiguous"),
        (8, "2026-11-01 06:30:00+00", "event_time ambiguous"),
        (9, "2026-11-01 08:00:00+00", None),
        (10, "2026-11-01 07:30:00+00", None),
        (11, "2026-03-08 08:30:00+00", None),
    ]


def test_the_later_of_two_equal_local_times_is_an_hour_later(landing):
    """The later 01:30 is standard time, 07:30 UTC; a time that does not occur is taken forward all the same."""
    landing.write("feeds/a.csv", times("2026-11-01 01:30:00", "2026-03-08 02:30:00", "2026-11-01 02:30:00"))
    feed = {"system_timezone": "America/Chicago", "dst": {"ambiguous": "later"}}
    assert landing.land("CAST(event_time AS VARCHAR), time_flags", **feed) == [
        (1, "2026-11-01 07:30:00+00", "event_time ambiguous"),
        (2, "2026-03-08 08:30:00+00", "event_time nonexistent"),
        (3, "2026-11-01 08:30:00+00", None),
    ]


def test_a_clock_change_at_midnight_is_seen_on_both_of_its_days(landing):
    """Havana: 2026-03-08 00:00 becomes 01:00 (UTC-5 to UTC-4); 2026-11-01 01:00 becomes 00:00."""
    landing.write("feeds/a.csv", times("2026-03-07 23:59:59", "2026-03-08 00:30:00", "2026-11-01 00:30:00"))
    assert landing.land("CAST(event_time AS VARCHAR), time_flags", system_timezone="America/Havana") == [
        (1, "2026-03-08 04:59:59+00", None),
        (2, "2026-03-08 05:30:00+00", "event_time nonexistent"),
        (3, "2026-11-01 04:30:00+00", "event_time ambiguous"),
    ]


def test_a_clock_change_of_half_an_hour_is_seen_as_one(landing):
    """Lord Howe Island: 2026-04-05 02:00 (UTC+11) becomes 01:30 (UTC+10:30); 2026-10-04 02:00 becomes 02:30.

    01:45 in April is 14:45 or 15:15 UTC; 01:29:59 occurs once, 14:29:59. 02:15 in October does not occur: taken forward
    it is 02:45 summer time, 15:45 UTC.
    """
    times_told = times("2026-04-05 01:45:00", "2026-04-05 01:29:59", "2026-04-05 02:00:00", "2026-10-04 02:15:00")
    landing.write("feeds/a.csv", times_told)
    expected = [
        (1, "2026-04-04 14:45:00+00", "event_time ambiguous"),
        (2, "2026-04-04 14:29:59+00", None),
        (3, "2026-04-04 15:30:00+00", None),
        (4, "2026-10-03 15:45:00+00", "event_time nonexistent"),
    ]
    seen, feed = "CAST(event_time AS VARCHAR), time_flags", {"system_timezone": "Australia/Lord_Howe"}
    assert landing.land(seen, **feed) == expected
    later = landing.land(seen, **feed, dst={"ambiguous": "later"})
    assert later == [(1, "2026-04-04 15:15:00+00", "event_time ambiguous"), *expected[1:]]


def test_system_timezone_facility_is_the_zone_of_each_rows_own_facility(landing):
    """Chicago is at UTC-6 in January; the 3PL is in UTC, where no local time is ambiguous."""
    lines = [("NDC", "2026-01-15 10:00:00"), ("DC01", "2026-01-15 10:00:00"), ("3PL1", "2026-01-15 10:00:00"),
             ("NDC", "2026-11-01 01:30:00"), ("3PL1", "2026-11-01 01:30:00")]  # fmt: skip
    landing.write("feeds/a.csv", events(*(event(facility_id=f, event_time=t) for f, t in lines)))
    rows = landing.land("facility_id, CAST(event_time AS VARCHAR), time_flags", system_timezone="facility")
    assert rows == [
        (1, "NDC", "2026-01-15 16:00:00+00", None),
        (2, "NDC", "2026-01-15 16:00:00+00", None),
        (3, "3PL1", "2026-01-15 10:00:00+00", None),
        (4, "NDC", "2026-11-01 06:30:00+00", "event_time ambiguous"),
        (5, "3PL1", "2026-11-01 01:30:00+00", None),
    ]


def test_every_instant_column_is_flagged_by_its_own_name(landing):
    landing.write("feeds/a.csv", events(event(event_time="2026-11-01 01:30:00", recorded_at="2026-11-01 01:45:00")))
    rows = landing.land("CAST(recorded_at AS VARCHAR), time_flags", system_timezone="America/Chicago")
    assert rows == [(1, "2026-11-01 06:45:00+00", "event_time ambiguous; recorded_at ambiguous")]
