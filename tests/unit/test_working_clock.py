"""Working seconds by the calendar of a facility equal the lengths of its shifts, on days with changes of clocks, too."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from transforms.spec import models

# Local shifts as (weekday from 1 Monday, first minute, last minute), and the holidays on which none begins.
EARLY = [(day, 6 * 60, 14 * 60) for day in range(1, 7)]
NIGHTS = [(day, 22 * 60, 30 * 60) for day in range(1, 8)]
ALWAYS = [(day, 0, 24 * 60) for day in range(1, 8)]
W = "worked_s + CASE WHEN is_open THEN seconds_between(starts_at, {t}) ELSE 0 END"


def make_clock(engine, zone, shifts, holidays, first, as_of):
    """The clock of one facility, F, over data from `first` to `as_of`."""
    nothing = "SELECT CAST(NULL AS TIMESTAMPTZ) AS {column}, CAST(NULL AS VARCHAR) AS facility_id, CAST(NULL AS DATE) AS invoice_date WHERE FALSE"
    for table, column in (
        ("erp_posting", "posted_at"), ("count_record", "counted_at"), ("integration_message", "sent_at"),
        ("reservation", "reserved_at"), ("invoice_line", "invoiced_at"),
    ):  # fmt: skip
        engine.table(f"canonical.{table}", nothing.format(column=column))
    engine.table("canonical.inventory_event", f"SELECT TIMESTAMPTZ '{first.isoformat()}' AS event_time")
    engine.table("reference.evaluation", f"SELECT TIMESTAMPTZ '{as_of.isoformat()}' AS as_of")
    engine.table("reference.facility", f"SELECT 'F' AS facility_id, '{zone}' AS timezone, 'c' AS calendar")
    rows = [("c", *shift) for shift in shifts]
    names = ["calendar", "weekday", "start_minute", "end_minute"]
    engine.frame("reference.calendar_shift", pl.DataFrame(rows, schema=names, orient="row"))
    days = pl.DataFrame(
        {"calendar": ["c"] * len(holidays), "day": holidays}, schema={"calendar": pl.String, "day": pl.Date}
    )
    engine.frame("reference.calendar_holiday", days)
    engine.materialise(models()["shared.working_clock"])


def worked(engine, start, end):
    """Working seconds between two instants, as models read them from the clock."""
    at = [f"TIMESTAMPTZ '{t.isoformat()}'" for t in (start, end)]
    found = [
        engine.value(f"SELECT {W.format(t=t)} FROM shared.working_clock WHERE quarter_no = quarter_of({t})") for t in at
    ]
    return found[1] - found[0]


def by_shifts(zone, shifts, holidays, start, end):
    """The same from the shifts themselves: the instants of each by the zone's own rules, cut to the span."""
    info, total = ZoneInfo(zone), timedelta()
    day = start.astimezone(info).date() - timedelta(days=2)
    while day <= end.astimezone(info).date():
        for weekday, *minutes in shifts:
            if day.isoweekday() == weekday and day not in holidays:
                midnight = datetime.combine(day, datetime.min.time())
                ends = [(midnight + timedelta(minutes=m)).replace(tzinfo=info).astimezone(UTC) for m in minutes]
                total += max(timedelta(), min(ends[1], end) - max(ends[0], start))
        day += timedelta(days=1)
    return total.total_seconds()


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # half an hour
        ("Asia/Kathmandu", datetime(2026, 3, 8, 7, tzinfo=UTC)),  # 5:45 ahead, never changes
    ],
)
@pytest.mark.parametrize("shifts", [EARLY, NIGHTS, ALWAYS, EARLY + NIGHTS], ids=["early", "nights", "always", "both"])
def test_working_seconds_are_those_of_the_shifts_in_the_week_around_a_change_of_clocks(engine, zone, change, shifts):
    first, as_of = change - timedelta(days=3, minutes=7), change + timedelta(days=4, seconds=1)
    holidays = [(change + timedelta(days=2)).date()]
    make_clock(engine, zone, shifts, holidays, first, as_of)
    instants = [first + n * timedelta(hours=5, minutes=13, seconds=17) for n in range(32)] + [as_of]
    for start, end in pairwise(instants):
        assert worked(engine, start, end) == by_shifts(zone, shifts, holidays, start, end), (start, end)
    assert worked(engine, as_of, first) == -by_shifts(zone, shifts, holidays, first, as_of)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 7), 7), (date(2026, 10, 31), 9), (date(2026, 6, 6), 8)])
def test_a_night_shift_has_seven_hours_in_spring_nine_in_autumn_and_eight_otherwise(engine, day, hours):
    begins = datetime.combine(day, time(22), ZoneInfo("America/New_York")).astimezone(UTC)
    first, as_of = begins - timedelta(hours=1), begins + timedelta(hours=10)
    make_clock(engine, "America/New_York", NIGHTS, [], first, as_of)
    assert worked(engine, first, as_of) == hours * 3600


def test_no_shift_begins_on_a_holiday_and_that_of_the_evening_before_goes_on(engine):
    first, as_of = datetime(2026, 6, 5, 12, tzinfo=UTC), datetime(2026, 6, 7, 12, tzinfo=UTC)
    make_clock(engine, "UTC", NIGHTS, [date(2026, 6, 6)], first, as_of)
    assert worked(engine, first, datetime(2026, 6, 6, 12, tzinfo=UTC)) == 8 * 3600
    assert worked(engine, datetime(2026, 6, 6, 12, tzinfo=UTC), as_of) == 0


def test_one_event_of_the_year_1970_does_not_make_a_clock_of_half_a_century(engine):
    as_of = datetime(2026, 6, 6, 12, tzinfo=UTC)
    make_clock(engine, "UTC", ALWAYS, [], datetime(1970, 1, 1, tzinfo=UTC), as_of)
    assert engine.count("shared.working_clock") == 3653 * 96 + 1
    assert worked(engine, as_of - timedelta(days=3653), as_of) == 3653 * 86400


def test_without_data_there_is_no_clock(engine):
    as_of = datetime(2026, 6, 6, 12, tzinfo=UTC)
    make_clock(engine, "UTC", ALWAYS, [], as_of, as_of)
    engine.con.execute("DELETE FROM canonical.inventory_event")
    engine.materialise(models()["shared.working_clock"])
    assert engine.count("shared.working_clock") == 0
