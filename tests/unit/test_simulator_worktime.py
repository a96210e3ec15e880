"""Working time: a site's open seconds, counted on and on, and back to UTC across a clock change."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from pipelines.errors import UnusableInput
from pipelines.simulator.scenario import load_scenario
from pipelines.simulator.sites import Site
from pipelines.simulator.worktime import WorkingTime


def site(facility: str = "RDC", **changes: Any) -> Site:
    """A site of three-dc with some settings changed."""
    scenario = load_scenario("three-dc")
    return scenario.facilities[scenario.index(facility)].model_copy(update=changes)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_the_first_working_second_is_the_first_opening_and_the_day_after_follows_the_last_of_a_day():
    clock = WorkingTime(site(), date(2026, 1, 5), 3)
    # 05:30 in New York in winter is 10:30 UTC; open for 17 h, so the second 17 h later is the next day's opening.
    assert clock.to_utc(np.array([0, 17 * 3600 - 1, 17 * 3600])).tolist() == [
        utc("2026-01-05T10:30:00"),
        utc("2026-01-06T03:29:59"),
        utc("2026-01-06T10:30:00"),
    ]


def test_a_day_after_the_clock_change_opens_an_hour_earlier_in_utc():
    clock = WorkingTime(site(), date(2026, 3, 7), 2)
    # On 8 March 2026 New York moves from UTC-5 to UTC-4.
    assert clock.opens.tolist() == [utc("2026-03-07T10:30:00"), utc("2026-03-08T09:30:00")]


def test_closed_hours_become_the_next_opening_and_open_ones_come_back_the_same():
    clock = WorkingTime(site(), date(2026, 3, 7), 3)
    closed = np.array([utc("2026-03-07T00:00:00"), utc("2026-03-08T04:00:00"), utc("2026-03-08T09:30:00")])
    assert clock.to_working(closed).tolist() == [0, 17 * 3600, 17 * 3600]
    working = np.arange(0, 3 * 17 * 3600, 977)
    assert clock.to_working(clock.to_utc(working)).tolist() == working.tolist()


def test_shifts_follow_local_time_also_past_midnight():
    clock = WorkingTime(site("NDC"), date(2026, 1, 5), 2)
    # Chicago is UTC-6: 05:00, 12:59:59, 13:00, 21:00 and 00:30 of the next day.
    times = [
        "2026-01-05T11:00:00",
        "2026-01-05T18:59:59",
        "2026-01-05T19:00:00",
        "2026-01-06T03:00:00",
        "2026-01-06T06:30:00",
    ]
    shifts = [clock.shift_names[i] for i in clock.shift_of(np.array([utc(t) for t in times]))]
    assert shifts == ["early", "early", "late", "night", "night"]


def test_cases_begin_only_in_hours_and_on_days_that_have_a_weight():
    # Two open hours, the second alone has weight; Monday and Tuesday, Tuesday alone has weight.
    two = site(open_hours=2, hour_weights=[0.0, 1.0], weekday_weights=[0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    clock = WorkingTime(two, date(2026, 1, 5), 2)
    begun = clock.arrivals(200, 2, np.random.default_rng(1))
    # Working second 7200 is Tuesday's opening, 10800 its second hour.
    assert 10800 <= begun.min() <= begun.max() < 14400
    assert (np.diff(begun) >= 0).all()


def test_a_site_that_writes_local_time_is_not_open_near_a_clock_change():
    always = site(opens=datetime(2026, 1, 1, 0, 0).time(), open_hours=24, hour_weights=[1.0] * 24)  # noqa: DTZ001
    with pytest.raises(UnusableInput, match="RDC is open too near the clock change of 2026-03-0"):
        WorkingTime(always, date(2026, 3, 1), 14)
