"""The workspace: a folder with `dockledger.yaml`, read once, refused by key and line where it is wrong."""

import codecs
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)

from pipelines.columns import RowTemplate, Source, Word
from pipelines.config_file import read_config
from pipelines.engines.settings import Engine, EngineChoice
from pipelines.errors import UnusableInput
from pipelines.places import Database, Pattern
from pipelines.policy import (
    AcceptedDeviation,
    Calendar,
    Effort,
    FiscalCalendar,
    OtherRuns,
    OwnProcess,
    Ratio,
    Sla,
    Strict,
    Thresholds,
    Tolerances,
)
from pipelines.profiles import profile_names, with_profile

CONFIG_NAME = "dockledger.yaml"


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"'{value}' is not an IANA time zone such as America/Chicago")
    return value


def _zone_or_facility(value: str) -> str:
    return value if value == "facility" else _zone(value)


def _instant(value: Any) -> Any:
    if isinstance(value, str) and not re.search(r"\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$", value.strip()):
        raise ValueError("a time must state its zone, for example 2026-03-01T00:00:00Z")
    return value


def _gln(value: str) -> str:
    from pipelines.identifiers import gln_problem

    if problem := gln_problem(value):
        raise ValueError(f"the GLN '{value}' {problem}; a code of another kind belongs in codes")
    return value


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except LookupError:
        raise ValueError(f"'{value}' is not an encoding such as cp1252, latin-1 or utf-16") from None
    return codecs.lookup(value).name


def _profile(value: str) -> str:
    if value not in profile_names():
        raise ValueError(f"there is no profile '{value}'; there are {', '.join(profile_names())}")
    return value


def _names(value: list[str]) -> list[str]:
    for name in value:
        if not name.strip() or value.count(name) > 1:
            raise ValueError(f"'{name}' is given twice" if name.strip() else "a column has no name")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _format(has_time: bool) -> Callable[[str], str]:
    def check(value: str) -> str:
        # Contracts are slow to import, and most commands read no format.
        from transforms.contracts.reading import format_problem

        if problem := format_problem(value, has_time=has_time):
            raise ValueError(problem)
        return value

    return check


Zone = Annotated[str, AfterValidator(_zone)]
SystemZone = Annotated[str, AfterValidator(_zone_or_facility)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Gln = Annotated[str, AfterValidator(_gln)]
Encoding = Annotated[str, AfterValidator(_encoding)]
TimeFormat = Annotated[str, AfterValidator(_format(has_time=True))]
DayFormat = Annotated[str, AfterValidator(_format(has_time=False))]


class Facility(Strict):
    """A place that holds stock. `gln` and `codes` are other names that feeds use for it."""

    id: str = Field(min_length=1)
    timezone: Zone
    name: str | None = None
    kind: str | None = None
    country: str | None = None
    legal_entity_id: str | None = None
    gln: Gln | None = None
    codes: list[str] = []
    timing_model: Literal["realtime", "micro_batch", "batch"] | None = None
    interval_seconds: PositiveInt | None = None
    calendar: str | None = None


class Dst(Strict):
    """How a local time that a clock change makes ambiguous or non-existent is resolved; it is always flagged."""

    ambiguous: Literal["earlier", "later"] = "earlier"
    nonexistent: Literal["forward"] = "forward"


class Formats(Strict):
    """How a mapped feed writes times, days and numbers. Formats of a list are tried in order; `iso` is ISO 8601."""

    datetime: Annotated[list[TimeFormat], BeforeValidator(_as_list), Field(min_length=1)] = ["iso"]
    date: Annotated[list[DayFormat], BeforeValidator(_as_list), Field(min_length=1)] = ["iso"]
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'", "\u2019", "\u00a0", "\u202f"] = ""
    minus: Literal["before", "after"] = "before"

    @model_validator(mode="after")
    def _signs_differ(self) -> "Formats":
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both '{self.decimal}'")
        return self


class Feed(Strict):
    """One source of files. What a `profile` states holds where the feed does not state it itself.

    `columns` and `values` say for canonical names what of the file they are, or a constant; `rows` make several rows of
    one, or none; `header` names the columns of files without a header, `rename` gives those of files other names
    (mapped adapters only). `lifecycle` says which transitions of an activity are events; the others are out of scope.
    `unit_codes` is the standard of its codes of units where it is not that of its adapter; `none`: taken as written.
    `only` says which rows are wanted, by values of the file's own columns; `sheet` and `header_row` where a workbook
    has them.

    `database` and what follows it are for an adapter that extracts its files from a database. `overlap` is in seconds
    where `watermark` is a time, in its own units where it is a number.
    """

    name: Name
    profile: Annotated[str, AfterValidator(_profile)] | None = None
    adapter: str
    path: Pattern
    table: str | None = None
    facility: str | None = None
    system_timezone: SystemZone | None = None
    dst: Dst = Dst()
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Encoding = "utf-8"
    formats: Formats | None = None
    header: Annotated[list[str], AfterValidator(_names)] = []
    rename: dict[str, str] = {}
    columns: dict[str, Source] = {}
    values: dict[str, Word] = {}
    rows: list[RowTemplate] = []
    sheet: str | None = None
    header_row: PositiveInt = 1
    only: dict[str, Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]] = {}
    event_types: dict[str, str] = {}
    statuses: dict[str, str] = {}
    lifecycle: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)] = ["complete"]
    unit_codes: Literal["rec20", "x12", "sap", "none"] | None = None
    expected_interval_seconds: PositiveInt | None = None
    database: Database | None = None
    query: Annotated[str, Field(min_length=1)] | None = None
    watermark: Annotated[str, Field(min_length=1)] | None = None
    overlap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 3600

    @model_validator(mode="before")
    @classmethod
    def _take_profile(cls, given: Any) -> Any:
        return with_profile(given) if isinstance(given, dict) and given.get("profile") in profile_names() else given


class Reference(Strict):
    """CSV files of master data, relative to the workspace; what is not given is not checked against.

    `unit_codes` is the standard of their codes of units.
    """

    items: Pattern | None = None
    item_aliases: Pattern | None = None
    uom_conversions: Pattern | None = None
    suppliers: Pattern | None = None
    opening_stock: Pattern | None = None
    exchange_rates: Pattern | None = None
    unit_codes: Literal["rec20", "x12", "sap"] | None = None


class Schedule(Strict):
    """When the nightly build runs."""

    cron: str = "0 2 * * *"
    timezone: Zone = "UTC"


class Publish(Strict):
    """How many published files are kept: at least the one before, too, which a reader may be about to open."""

    keep: Annotated[int, Field(ge=2)] = 5


class Workspace(Strict):
    """The whole configuration, plus the folder it was read from.

    `posting_expected` says by event type where this ERP differs from the usual; `targets` are by scorecard measure,
    `measure.column` or rule, and so is `materiality`, the least difference worth speaking of; `corrections` is the
    pattern of its files. `processes` are by name; `accepted_deviations` from them count as none until their day.
    `what_if` are further schedules that interfaces are replayed with.
    """

    facilities: list[Facility] = Field(min_length=1)
    feeds: list[Feed] = Field(min_length=1)
    as_of: Instant | None = None
    sla: Sla = Sla()
    reference: Reference = Reference()
    posting_expected: dict[str, bool] = {}
    targets: dict[str, float] = {}
    materiality: dict[str, Ratio] = {}
    calendars: dict[str, Calendar] = {}
    fiscal_calendar: FiscalCalendar = FiscalCalendar()
    tolerances: Tolerances = Tolerances()
    thresholds: Thresholds = Thresholds()
    effort: Effort = Effort()
    processes: dict[str, OwnProcess] = {}
    accepted_deviations: list[AcceptedDeviation] = []
    what_if: list[OtherRuns] = []
    schedule: Schedule = Schedule()
    engine: EngineChoice = Engine()
    publish: Publish = Publish()
    corrections: Pattern = "corrections/*.csv"
    root: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> "Workspace":
        ids = [f.id for f in self.facilities]
        _refuse_repeats("facility", ids)
        _refuse_repeats("feed", [f.name for f in self.feeds])
        lanes = [end for lane in self.sla.by_lane for end in (lane.shipper, lane.receiver)]
        named = [f.facility for f in self.feeds if f.facility] + list(self.sla.by_facility) + lanes
        named += [name for own in self.processes.values() for name in own.by_facility]
        named += [entry.facility for entry in self.accepted_deviations if entry.facility]
        for name in named:
            if name not in ids:
                raise ValueError(f"facility '{name}' is not among the facilities")
        return self

    @model_validator(mode="after")
    def _calendars_and_kinds_are_known(self) -> "Workspace":
        for facility in self.facilities:
            if facility.calendar not in (None, *self.calendars):
                raise ValueError(f"calendar '{facility.calendar}' of {facility.id} is not among the calendars")
        kinds = sorted({f.kind for f in self.facilities if f.kind})
        # Kinds are free text; models compare them without regard to case.
        _refuse_repeats("kind of sla.by_kind", [kind.lower() for kind in self.sla.by_kind])
        for kind in self.sla.by_kind:
            if kind.lower() not in {k.lower() for k in kinds}:
                raise ValueError(f"sla.by_kind: no facility is of kind '{kind}'; there are {', '.join(kinds)}")
        return self

    @property
    def warehouse(self) -> Path:
        """The database that a build writes."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The folder that readers read."""
        return self.root / "published"

    def zone(self, facility_id: str) -> ZoneInfo:
        """The time zone of a facility."""
        return ZoneInfo(next(f.timezone for f in self.facilities if f.id == facility_id))


def _refuse_repeats(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} '{name}' is given twice")


def load_workspace(root: str | Path) -> Workspace:
    """Reads `dockledger.yaml` of a workspace folder.

    Errors: UnusableInput naming file, line, key and reason.
    """
    folder = Path(root)
    path = folder / CONFIG_NAME
    absent = UnusableInput(f"there is no {CONFIG_NAME} here; `dockledger init {folder}` makes one", file=folder)
    config = read_config(path, absent)
    try:
        workspace = Workspace.model_validate(config.settings)
    except ValidationError as error:
        raise config.refusal(error) from None
    for name, given in workspace.reference:
        if isinstance(given, str) and not (folder / given).resolve().is_relative_to(folder.resolve()):
            raise UnusableInput(f"reference.{name}: '{given}' leads outside the workspace", file=path)
    return workspace.model_copy(update={"root": folder})
