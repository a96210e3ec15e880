"""The sites of a scenario: when they work, how they post, how they write their events down."""

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from pipelines.simulator.shapes import Code, Delay, Ratio, Strict, Weight, known_zone


class Shift(Strict):
    """A shift by its local start."""

    name: Code
    starts: time


class Weights(Strict):
    """Relative numbers of cases."""

    order_lines: Weight
    counts: Weight
    losses: Weight


class Posting(Strict):
    """How a facility's events reach the ERP; `by_event_type` delays some of them further."""

    timing_model: Literal["realtime", "micro_batch", "batch"]
    delay: Delay
    key_only_ratio: Ratio
    interval_seconds: PositiveInt | None = None
    acknowledges: list[time] = []
    by_event_type: dict[str, Delay] = {}

    @model_validator(mode="after")
    def _has_its_clock(self) -> "Posting":
        if self.timing_model == "micro_batch" and not self.interval_seconds:
            raise ValueError("a micro_batch needs interval_seconds")
        if self.timing_model == "batch" and not self.acknowledges:
            raise ValueError("a batch needs acknowledges")
        return self


class FeedShape(Strict):
    """How a facility writes its events down."""

    kind: Literal["epcis", "local_csv", "canonical_csv"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    path: Annotated[str, Field(pattern=r"^[a-z0-9_/-]+$")]
    files: PositiveInt
    events_per_file: PositiveInt | None = None
    expected_interval_seconds: PositiveInt | None = None


class Spreadsheet(Strict):
    """Where a supervisor writes urgent transfers down, how much later, and how they are typed into the ERP."""

    feed: FeedShape
    capture: Delay
    posting: Posting

    @model_validator(mode="after")
    def _is_local(self) -> "Spreadsheet":
        if self.feed.kind != "local_csv":
            raise ValueError("a spreadsheet is a local_csv")
        return self


class Recurring(Strict):
    """Items (the most popular of the site) that are miscounted again and again in one shift."""

    items: PositiveInt
    shift: Code
    ratio: Ratio


class Site(Strict):
    """A facility of the scenario.

    `faults` are its own shares where they differ from the scenario's; from `silent_from` on, a share of the time that
    its events cover, nothing of it reaches anybody.
    """

    id: Code
    name: str
    kind: Code
    timezone: Annotated[str, AfterValidator(known_zone)]
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
    spreadsheet: Spreadsheet | None = None
    recurring_variances: Recurring | None = None
    faults: dict[str, Ratio] = {}
    silent_from: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _hours_fit(self) -> "Site":
        if len(self.hour_weights) != self.open_hours:
            raise ValueError(f"{self.id}: hour_weights needs one weight for each of {self.open_hours} open hours")
        if self.recurring_variances and self.recurring_variances.shift not in [s.name for s in self.shifts]:
            raise ValueError(f"{self.id}: there is no shift {self.recurring_variances.shift}")
        return self

    def writes_local_time(self) -> bool:
        """Whether some of its files state local times without zone."""
        return self.feed.kind == "local_csv" or self.spreadsheet is not None


class Lane(Strict):
    """Transfers from one facility to another; urgent ones go into spreadsheets where a site has one."""

    shipper: Annotated[Code, Field(alias="from")]
    receiver: Annotated[Code, Field(alias="to")]
    weight: Weight
    transit: Delay
    is_urgent: bool = False


class SiteSla(Strict):
    """A facility's own SLAs."""

    posting_seconds: PositiveInt | None = None
    transfer_seconds: PositiveInt | None = None
    acknowledgement_seconds: PositiveInt | None = None
    by_event_type: dict[str, PositiveInt] = {}


class Sla(Strict):
    """The SLAs: facility and event type, then facility, then event type, then the default."""

    posting_seconds: PositiveInt
    transfer_seconds: PositiveInt
    acknowledgement_seconds: PositiveInt | None = None
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

    def acknowledgement(self, facility: str) -> int:
        """Seconds from sending within which a 3PL is to acknowledge; four hours where nothing is agreed."""
        own = self.by_facility.get(facility, SiteSla()).acknowledgement_seconds
        return own or self.acknowledgement_seconds or ACKNOWLEDGEMENT_S


ACKNOWLEDGEMENT_S = 14400
