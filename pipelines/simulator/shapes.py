"""What a scenario is written in: codes, ratios, durations, quantities."""

from datetime import time
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

# Names go into CSV and JSON text unescaped.
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Ratio = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]


def known_zone(value: str) -> str:
    """An IANA time zone."""
    if value not in available_timezones():
        raise ValueError(f"'{value}' is not an IANA time zone")
    return value


class Strict(BaseModel):
    """Settings that refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Delay(Strict):
    """A log-normal duration in whole seconds, cut off at both ends."""

    median_s: PositiveInt
    sigma: Annotated[float, Field(ge=0)]
    minimum_s: PositiveInt
    maximum_s: PositiveInt


class Span(Strict):
    """How many days a number of events covers."""

    at_events: PositiveInt
    at_days: Annotated[float, Field(gt=0)]
    exponent: Ratio
    minimum_days: PositiveInt

    def days(self, events: int) -> float:
        """Days that `events` events take."""
        return max(self.minimum_days, self.at_days * (events / self.at_events) ** self.exponent)


class Cost(Strict):
    """A log-normal unit cost in cents."""

    median: PositiveInt
    sigma: Annotated[float, Field(ge=0)]
    minimum: PositiveInt
    maximum: PositiveInt


class Items(Strict):
    """The item master."""

    per_1000_events: Annotated[float, Field(gt=0)]
    minimum: PositiveInt
    maximum: Annotated[int, Field(ge=1, le=99999)]
    lot_tracked_ratio: Ratio
    popularity_exponent: Weight
    unit_cost_cents: Cost
    abc_ratios: dict[Literal["A", "B", "C"], Ratio]

    def count(self, events: int) -> int:
        """Number of items for a number of events."""
        return min(self.maximum, max(self.minimum, round(self.per_1000_events * events / 1000)))


class Skewed(Strict):
    """A quantity of one or more, geometric above its minimum."""

    minimum: PositiveInt
    mean: PositiveInt


class Even(Strict):
    """A quantity between two bounds, all equally likely."""

    minimum: PositiveInt
    maximum: PositiveInt

    @property
    def mean(self) -> float:
        """Expected quantity."""
        return (self.minimum + self.maximum) / 2


class Quantities(Strict):
    """How much moves at a time, in base units."""

    order_line: Skewed
    transfer: Even
    receipt_line: Even
    loss: Even
    supply_ratio: Annotated[float, Field(gt=0)]
    opening_cover_days: Weight


class Lines(Strict):
    """Shares of documents with one, two, three ... lines."""

    receipt: list[Ratio] = Field(min_length=1)
    order: list[Ratio] = Field(min_length=1)


class Between(Strict):
    """Whole seconds between two bounds."""

    minimum_s: PositiveInt
    maximum_s: PositiveInt


def seconds_of(moment: time) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second
