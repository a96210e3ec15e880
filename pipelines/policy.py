"""What the business has agreed on: SLAs, working hours, periods, tolerances. Settings of a workspace."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from pipelines.places import Pattern

Seconds = Annotated[int, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0, allow_inf_nan=False)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
QUARTER_MINUTES, DAY_MINUTES = 15, 24 * 60


class Strict(BaseModel):
    """Settings that refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid")


def _clock(value: Any) -> Any:
    # YAML 1.1 readers take 13:00 for a number in base sixty, so times are quoted; 24:00 ends a day.
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", value):
        raise ValueError(f"'{value}' is not a local time such as '06:30'")
    if int(value[3:]) % QUARTER_MINUTES:
        raise ValueError(f"'{value}' is not a quarter of an hour: working hours begin and end on one")
    return value


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Clock = Annotated[str, BeforeValidator(_clock)]
Day = Annotated[date, BeforeValidator(_day)]


def minutes_of(clock: str) -> int:
    """Minutes from midnight of a time such as 06:30."""
    return int(clock[:2]) * 60 + int(clock[3:])


class SlaRefinement(Strict):
    """SLAs that differ for one facility, or for the facilities of one kind."""

    posting_seconds: Seconds | None = None
    transfer_seconds: Seconds | None = None
    acknowledgement_seconds: Seconds | None = None
    by_event_type: dict[str, Seconds] = {}


class TypeSla(Strict):
    """The SLA of one event type."""

    posting_seconds: Seconds


class LaneSla(Strict):
    """The transfer SLA of one lane."""

    shipper: str = Field(alias="from")
    receiver: str = Field(alias="to")
    transfer_seconds: Seconds


def _seconds_or_refinement(value: Any) -> Any:
    return {"posting_seconds": value} if isinstance(value, int) else value


Refinement = Annotated[SlaRefinement, BeforeValidator(_seconds_or_refinement)]


class Sla(Strict):
    """The SLAs; the most specific holds.

    Posting: a facility's own value for an event type, the facility's, its kind's for the event type, its kind's, the
    event type's, the default. Transfer: the lane's, the receiver's, the receiver's kind's, the default.
    """

    posting_seconds: Seconds = 3600
    transfer_seconds: Seconds = 172800
    acknowledgement_seconds: Seconds = 14400
    by_facility: dict[str, Refinement] = {}
    by_kind: dict[str, Refinement] = {}
    by_lane: list[LaneSla] = []
    by_event_type: dict[str, Annotated[TypeSla, BeforeValidator(_seconds_or_refinement)]] = {}
    by_rule: dict[str, Seconds] = {}


class WorkingShift(Strict):
    """Hours of work on some weekdays, local; one that ends no later than it begins ends on the next day."""

    name: str = Field(min_length=1)
    days: Annotated[list[Weekday], Field(min_length=1)]
    starts: Clock
    ends: Clock

    @property
    def minutes(self) -> tuple[int, int]:
        """First and last minute, from midnight of the day on which it begins."""
        first, last = minutes_of(self.starts), minutes_of(self.ends)
        return first, last if last > first else last + 24 * 60


class Calendar(Strict):
    """When a facility works: shifts, which must not overlap, and days on which none begins."""

    shifts: Annotated[list[WorkingShift], Field(min_length=1)]
    holidays: list[Day] = []

    @model_validator(mode="after")
    def _shifts_are_apart(self) -> "Calendar":
        week = 7 * 24 * 60
        spans = sorted(
            (WEEKDAYS.index(day) * 24 * 60 + shift.minutes[0], shift.minutes[1] - shift.minutes[0], shift.name)
            for shift in self.shifts
            for day in shift.days
        )
        following = [*spans[1:], (spans[0][0] + week, *spans[0][1:])]
        for (start, length, name), (next_start, _, next_name) in zip(spans, following, strict=True):
            if start + length > next_start:
                raise ValueError(f"the shifts {name} and {next_name} overlap")
        return self


class FiscalCalendar(Strict):
    """Accounting periods: calendar months, or weeks in a pattern (4-4-5: two periods of four weeks and one of five).

    `year_starts` is the first day of any one fiscal year, which `year` names; otherwise a year of months is named after
    the calendar year in which it ends, one of weeks after that in which its middle lies. A year has 52 weeks, and 53
    where `long_years` names it.
    """

    pattern: Literal["months", "4-4-5", "4-5-4", "5-4-4"] = "months"
    year_starts: Day = date(2020, 1, 1)
    year: int | None = None
    long_years: list[int] = []

    @model_validator(mode="after")
    def _months_begin_on_their_first(self) -> "FiscalCalendar":
        if self.pattern == "months" and self.year_starts.day != 1:
            raise ValueError(f"a year of months begins on the first of one, not on {self.year_starts}")
        return self


class Tolerances(Strict):
    """Up to which share of the ordered or received value a difference is none; bounds inclusive."""

    invoice_quantity_ratio: Ratio = 0
    invoice_price_ratio: Ratio = 0


class Thresholds(Strict):
    """Bounds of exception rules that are counts."""

    message_attempts: PositiveInt = 3


class Effort(Strict):
    """How long a person works on one exception: an assumption, labelled so wherever it is used."""

    minutes: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 15
    by_rule: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}


class ActivityLimit(Strict):
    """Within which time an activity of a process has to come `after` another one: seconds, or the SLA of its kind."""

    activity: str = Field(min_length=1)
    after: str = Field(min_length=1)
    seconds: PositiveInt | None = None
    sla: Literal["transfer"] | None = None


class OwnProcess(Strict):
    """What a workspace puts in the place of a normative process: models (paths inside it) and limits."""

    bpmn: Pattern | None = None
    by_facility: dict[str, Pattern] = {}
    limits: list[ActivityLimit] | None = None


class AcceptedDeviation(Strict):
    """A deviation from a normative process that does not count as one, up to and with a day (local to the facility)."""

    process: str = Field(min_length=1)
    kind: Literal["skipped", "inserted", "wrong_order", "repeated", "too_late"]
    activity: str = Field(min_length=1)
    facility: str | None = None
    reason: str = Field(min_length=1, pattern=r"\S")
    until: Day


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"'{value}' is not a local time such as '06:30'")
    return value


class OtherRuns(Strict):
    """When an interface might run instead, for what-if: at an interval from midnight, or at given times; local."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Annotated[str, Field(pattern=r"\S")] | None = None
    every_minutes: Annotated[int, Field(ge=1, le=DAY_MINUTES)] | None = None
    at: Annotated[list[Annotated[str, BeforeValidator(_moment)]], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "OtherRuns":
        if (self.every_minutes is None) == (self.at is None):
            raise ValueError(f"{self.name}: give either every_minutes or at")
        if self.every_minutes and DAY_MINUTES % self.every_minutes:
            raise ValueError(f"{self.name}: {self.every_minutes} minutes do not divide a day; its runs would wander")
        return self
