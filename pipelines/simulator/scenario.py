"""A scenario: what kind of sites, how busy, how they post and what goes wrong, as data in `data/scenarios/`."""

import math
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.simulator.features import (
    AdjustedSupplier,
    Faults,
    Invoicing,
    Messages,
    Orders,
    Purchasing,
    Reservations,
    ToldReceipt,
)
from pipelines.simulator.shapes import Code, Delay, Items, Lines, Quantities, Ratio, Span, Strict
from pipelines.simulator.sites import FeedShape, Lane, Posting, Site, Sla

SCENARIOS = DATA / "scenarios"


class Channel(Strict):
    """One way in which a site tells its events: its system (0) or its spreadsheet (1)."""

    facility: int
    number: int
    feed: FeedShape
    posting: Posting


class Scenario(Strict):
    """The whole scenario; what has a default is switched on by its key.

    `opening_stock`: the stock of the first morning is stated in a file instead of being received.
    `numbers_by_entity`: each legal entity numbers its postings itself.
    `manual_posting_type`: what the ERP calls a posting that somebody made by hand.
    """

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
    opening_stock: bool = False
    numbers_by_entity: bool = False
    manual_posting_type: Code | None = None
    supplier_names: list[str] = []
    adjusted_supplier: AdjustedSupplier | None = None
    told_receipt: ToldReceipt | None = None
    orders: Orders | None = None
    purchasing: Purchasing | None = None
    invoicing: Invoicing | None = None
    reservations: Reservations | None = None
    messages: Messages | None = None

    @model_validator(mode="after")
    def _lanes_run_down_the_list(self) -> "Scenario":
        ids = [site.id for site in self.facilities]
        for lane in self.lanes:
            if lane.shipper not in ids or lane.receiver not in ids:
                raise ValueError(f"lane {lane.shipper} to {lane.receiver}: both must be facilities")
            if ids.index(lane.shipper) >= ids.index(lane.receiver):
                raise ValueError(f"lane {lane.shipper} to {lane.receiver}: the shipper must stand before the receiver")
        return self

    @model_validator(mode="after")
    def _features_fit(self) -> "Scenario":
        own = {name for site in self.facilities for name in site.faults}
        if unknown := own - {name for name in Faults.model_fields if name.endswith("_ratio")}:
            raise ValueError(f"facilities: there is no fault {min(unknown)}")
        if self.supplier_names and len(self.supplier_names) != self.suppliers:
            raise ValueError(f"supplier_names: {self.suppliers} names are needed")
        if self.invoicing and not self.purchasing:
            raise ValueError("invoicing: it needs purchasing")
        if self.reservations and self.reservations.double_promise_ratio and not self.reservations.held:
            raise ValueError("reservations: double_promise_ratio needs held")
        return self

    def index(self, facility_id: str) -> int:
        """Position of a facility in the list."""
        return [site.id for site in self.facilities].index(facility_id)

    def ratio(self, fault: str, facility: int) -> float:
        """The share of a fault at a facility."""
        return self.facilities[facility].faults.get(fault, float(getattr(self.faults, fault)))

    def ratios(self, fault: str) -> list[float]:
        """The share of a fault at every facility."""
        return [self.ratio(fault, number) for number in range(len(self.facilities))]

    def channels(self) -> list[Channel]:
        """Every way in which events are told, systems before spreadsheets."""
        sites = list(enumerate(self.facilities))
        systems = [Channel(facility=n, number=0, feed=s.feed, posting=s.posting) for n, s in sites]
        sheets = [
            Channel(facility=n, number=1, feed=s.spreadsheet.feed, posting=s.spreadsheet.posting)
            for n, s in sites
            if s.spreadsheet
        ]
        return systems + sheets


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
    """Reads a scenario file; what it does not state is as in the scenario that it is `based_on`.

    Errors: UnusableInput with key and reason.
    """
    try:
        return Scenario.model_validate(_tree(path))
    except YAMLError as error:
        raise UnusableInput(f"it is not YAML ({error})", file=path.name) from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in problem["loc"]) or "the file"
        raise UnusableInput(f"{key}: {problem['msg'].removeprefix('Value error, ')}", file=path.name) from None


def _tree(path: Path) -> Any:
    """The settings of a file, each key whole: its own, else its base's."""
    tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    if not isinstance(tree, dict) or "based_on" not in tree:
        return tree
    base = tree.pop("based_on")
    if base not in scenario_names():
        raise UnusableInput(f"based_on: there is no scenario '{base}'", file=path.name)
    return _tree(SCENARIOS / f"{base}.yaml") | tree


def horizon_days(scenario: Scenario, events: int) -> int:
    """Days of arrivals: the span of the events and a margin that the cut at the last event takes off."""
    days = scenario.span.days(events)
    return math.ceil(days + max(1.0, 0.06 * days))
