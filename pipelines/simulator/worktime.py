"""A site's working time: seconds during which it is open, counted from its first opening, and back to UTC.

Durations between the steps of a case are drawn in working seconds, so that no scan falls into a closed hour
and the order of steps is kept.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import UnusableInput
from pipelines.simulator.shapes import seconds_of
from pipelines.simulator.sites import Site

Ints = NDArray[np.int64]

# A clock change repeats or skips an hour; two hours on both sides of a window keep local times clear of it.
CLOCK_CHANGE_MARGIN = timedelta(hours=2)


class WorkingTime:
    """The opening windows of one site.

    Attributes:
        opens: UTC seconds of each day's opening, one a day from the first day on.
        length: seconds that a window lasts.
    """

    def __init__(self, site: Site, first_day: date, days: int) -> None:
        self.site = site
        self.length = site.open_hours * 3600
        self._shift_starts = np.sort([self._since_open(seconds_of(shift.starts)) for shift in site.shifts])
        order = np.argsort([self._since_open(seconds_of(shift.starts)) for shift in site.shifts], kind="stable")
        self.shift_names = [site.shifts[int(i)].name for i in order]
        zone = ZoneInfo(site.timezone)
        local = [datetime.combine(first_day + timedelta(days=d), site.opens, tzinfo=zone) for d in range(days)]
        if site.writes_local_time():
            self._refuse_clock_changes(local)
        self.opens: Ints = np.array([int(o.timestamp()) for o in local], dtype=np.int64)
        weekdays = np.array([(first_day + timedelta(days=d)).weekday() for d in range(days)])
        self._day_weights = np.array(site.weekday_weights, dtype=float)[weekdays]

    def _since_open(self, second_of_day: int) -> int:
        return (second_of_day - seconds_of(self.site.opens)) % 86400

    def _refuse_clock_changes(self, local: list[datetime]) -> None:
        """Local time without zone is exact only where no clock change is near."""
        sheet = self.site.spreadsheet
        slowest = max(self.site.capture.maximum_s, sheet.capture.maximum_s if sheet else 0)
        latest = timedelta(seconds=self.length + slowest)
        for opening in local:
            before = (opening.astimezone(UTC) - CLOCK_CHANGE_MARGIN).astimezone(opening.tzinfo)
            after = (opening.astimezone(UTC) + latest + CLOCK_CHANGE_MARGIN).astimezone(opening.tzinfo)
            if before.utcoffset() != after.utcoffset():
                raise UnusableInput(f"scenario: {self.site.id} is open too near the clock change of {opening.date()}")

    def to_utc(self, working: Ints) -> Ints:
        """UTC seconds of working seconds; what lies past the last day is put on its last second."""
        inside = np.minimum(working, self.length * len(self.opens) - 1)
        day = inside // self.length
        return self.opens[day] + inside - day * self.length

    def to_working(self, utc: Ints) -> Ints:
        """Working seconds of UTC seconds; a closed hour becomes the next opening."""
        day = np.searchsorted(self.opens, utc, side="right") - 1
        known = np.maximum(day, 0)
        since = utc - self.opens[known]
        return np.where(day < 0, 0, known * self.length + np.minimum(since, self.length))

    def shift_of(self, utc: Ints) -> Ints:
        """Index into `shift_names` of the shift that works at UTC seconds."""
        day = np.maximum(np.searchsorted(self.opens, utc, side="right") - 1, 0)
        return np.asarray(np.maximum(np.searchsorted(self._shift_starts, utc - self.opens[day], side="right") - 1, 0))

    def arrivals(self, count: int, days: int, rng: np.random.Generator) -> Ints:
        """Sorted working seconds at which `count` cases begin, by the site's weekdays and hours, over `days` days."""
        hours = np.array(self.site.hour_weights, dtype=float)
        cells = np.outer(self._day_weights[:days], hours).ravel()
        ends = np.cumsum(cells)
        cell = np.searchsorted(ends, rng.random(count) * ends[-1], side="right").astype(np.int64)
        return np.sort(np.minimum(cell, len(cells) - 1) * 3600 + rng.integers(0, 3600, count))
