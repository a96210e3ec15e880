"""A scenario: what kind of sites, how busy, how they post and what goes wrong, as data in `data/scenarios/`."""

import math
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from data import DATA
from pipelines.errors import UnusableInput

SCENARIOS = DATA / "scenarios"

# Names go into CSV and JSON text unescaped.
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Ratio = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"'{value}' is not an IANA time zone")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Delay(_Strict):
    """A log-normal duration in whole seconds, cut off at both ends."""

    median_s: PositiveInt
    sigma: Annotated[float, Field(ge=0)]
    minimum_s: PositiveInt
    maximum_s: PositiveInt


class Span(_Strict):
    """How many days a number of events covers."""

    at_events: PositiveInt
    at_days: Annotated[float, Field(gt=0)]
    exponent: Ratio
    minimum_days: PositiveInt

    def days(self, events: int) -> float:
        """Days that `events` events take."""
        return max(self.minimum_days, self.at_days * (events / self.at_events) ** self.exponent)


class Cost(_Strict):
    """A log-normal unit cost in cents."""

    median: PositiveInt
    sigma: Annotated[float, Field(ge=0)]
    minimum: PositiveInt
    maximum: PositiveInt


class Items(_Strict):
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


class Skewed(_Strict):
    """A quantity of one or more, geometric above its minimum."""

    minimum: PositiveInt
    mean: PositiveInt


class Even(_Strict):
    """A quantity between two bounds, all equally likely."""

    minimum: PositiveInt
    maximum: PositiveInt

    @property
    def mean(self) -> float:
        """Expected quantity."""
        return (self.minimum + self.maximum) / 2


class Quantities(_Strict):
    """How much moves at a time, in base units."""

    order_line: Skewed
    transfer: Even
    receipt_line: Even
    loss: Even
    supply_ratio: Annotated[float, Field(gt=0)]
    opening_cover_days: Weight


class Shift(_Strict):
    """A shift by its local start."""

    name: Code
    starts: time


class Weights(_Strict):
    """Relative numbers of cases."""

    order_lines: Weight
    counts: Weight
    losses: Weight


class Posting(_Strict):
    """How a facility's events reach the ERP."""

    timing_model: Literal["realtime", "micro_batch", "batch"]
    delay: Delay
    key_only_ratio: Ratio
    interval_seconds: PositiveInt | None = None
    acknowledges: list[time] = []

    @model_validator(mode="after")
    def _has_its_clock(self) -> "Posting":
        if self.timing_model == "micro_batch" and not self.interval_seconds:
            raise ValueError("a micro_batch needs interval_seconds")
        if self.timing_model == "batch" and not self.acknowledges:
            raise ValueError("a batch needs acknowledges")
        return self


class FeedShape(_Strict):
    """How a facility writes its events down."""

    kind: Literal["epcis", "local_csv", "canonical_csv"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    path: Annotated[str, Field(pattern=r"^[a-z0-9_/-]+$")]
    files: PositiveInt
    events_per_file: PositiveInt | None = None
    expected_interval_seconds: PositiveInt | None = None


class Site(_Strict):
    """A facility of the scenario."""

    id: Code
    name: str
    kind: Code
    timezone: Annotated[str, AfterValidator(_zone)]
    country: Code
    legal_entity_id: Code
    gln_reference: Annotated[int, Field(ge=0, le=99999)]
    codes: list[Code] = []
    opens: time
    open_hours: Annotated[int, Field(ge=1, le=24)]
    shifts: list[Shift] = Field(min_length=1)
    weekday_weights: list[Weight] = Field(min_length=7, max_length=7)
    hour_weights: list[Weight]
    assortment_ratio: Ratio
    workers: PositiveInt
    capture: Delay
    weights: Weights
    posting: Posting
    feed: FeedShape

    @model_validator(mode="after")
    def _hours_fit(self) -> "Site":
        if len(self.hour_weights) != self.open_hours:
            raise ValueError(f"{self.id}: hour_weights needs one weight for each of {self.open_hours} open hours")
        return self


class Lane(_Strict):
    """Transfers from one facility to another."""

    shipper: Annotated[Code, Field(alias="from")]
    receiver: Annotated[Code, Field(alias="to")]
    weight: Weight
    transit: Delay


class Lines(_Strict):
    """Shares of documents with one, two, three ... lines."""

    receipt: list[Ratio] = Field(min_length=1)
    order: list[Ratio] = Field(min_length=1)


class SiteSla(_Strict):
    """A facility's own SLAs."""

    posting_seconds: PositiveInt | None = None
    transfer_seconds: PositiveInt | None = None
    by_event_type: dict[str, PositiveInt] = {}


class Sla(_Strict):
    """The SLAs: facility and event type, then facility, then event type, then the default."""

    posting_seconds: PositiveInt
    transfer_seconds: PositiveInt
    by_facility: dict[str, SiteSla] = {}
    by_event_type: dict[str, PositiveInt] = {}

    def posting(self, facility: str, event_type: str) -> int:
        """Seconds within which an event is to be posted."""
        own = self.by_facility.get(facility, SiteSla())
        found = (own.by_event_type.get(event_type), own.posting_seconds, self.by_event_type.get(event_type))
        return next((s for s in found if s is not None), self.posting_seconds)

    def transfer(self, receiver: str) -> int:
        """Seconds from shipping within which a transfer is to be received."""
        return self.by_facility.get(receiver, SiteSla()).transfer_seconds or self.transfer_seconds


class Between(_Strict):
    """Whole seconds between two bounds."""

    minimum_s: PositiveInt
    maximum_s: PositiveInt


class Faults(_Strict):
    """Shares of what goes wrong."""

    lost_posting_ratio: Ratio
    late_posting_ratio: Ratio
    late_extra: Delay
    clock_skew_ratio: Ratio
    clock_skew: Between
    orphan_posting_ratio: Ratio
    duplicate_delivery_ratio: Ratio
    transfer_never_received_ratio: Ratio
    transfer_late_ratio: Ratio
    transfer_late_extra: Delay
    miscount_ratio: Ratio
    skipped_putaway_ratio: Ratio
    skipped_approval_ratio: Ratio
    received_without_shipment_ratio: Ratio
    received_before_shipment_ratio: Ratio


class Scenario(_Strict):
    """The whole scenario."""

    name: str
    title: str
    start: date
    span: Span
    as_of_hours: PositiveInt
    currency: Code
    gs1_company_prefix: Annotated[str, Field(pattern=r"^\d{7}$")]
    items: Items
    suppliers: PositiveInt
    quantities: Quantities
    facilities: list[Site] = Field(min_length=1)
    lanes: list[Lane]
    steps: dict[str, Delay]
    lines_per_document: Lines
    hold_ratio: Ratio
    return_ratio: Ratio
    key_only_types: list[str]
    sla: Sla
    count_tolerance_ratios: dict[Literal["A", "B", "C"], Ratio]
    faults: Faults
    targets: dict[str, float] = {}

    @model_validator(mode="after")
    def _lanes_run_down_the_list(self) -> "Scenario":
        ids = [site.id for site in self.facilities]
        for lane in self.lanes:
            if lane.shipper not in ids or lane.receiver not in ids:
                raise ValueError(f"lane {lane.shipper} to {lane.receiver}: both must be facilities")
            if ids.index(lane.shipper) >= ids.index(lane.receiver):
                raise ValueError(f"lane {lane.shipper} to {lane.receiver}: the shipper must stand before the receiver")
        return self

    def index(self, facility_id: str) -> int:
        """Position of a facility in the list."""
        return [site.id for site in self.facilities].index(facility_id)


def scenario_names() -> list[str]:
    """The scenarios there are."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load_scenario(name: str) -> Scenario:
    """Reads a scenario by name.

    Errors: UnusableInput for an unknown name, or a scenario file that is wrong (with key and reason).
    """
    if name not in scenario_names():
        raise UnusableInput(f"there is no scenario '{name}'; there are {', '.join(scenario_names())}")
    return read_scenario(SCENARIOS / f"{name}.yaml")


def read_scenario(path: Path) -> Scenario:
    """Reads a scenario file.

    Errors: UnusableInput with key and reason.
    """
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return Scenario.model_validate(tree)
    except YAMLError as error:
        raise UnusableInput(f"it is not YAML ({error})", file=path.name) from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise UnusableInput(f"{key}: {problem['msg'].removeprefix('Value error, ')}", file=path.name) from None


def seconds_of(moment: time) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def horizon_days(scenario: Scenario, events: int) -> int:
    """Days of arrivals: the span of the events and a margin that the cut at the last event takes off."""
    days = scenario.span.days(events)
    return math.ceil(days + max(1.0, 0.06 * days))
