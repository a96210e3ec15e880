"""The normative processes: what makes a case, which activities belong, when a case is over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from data import DATA

PROCESSES = DATA / "reference" / "processes"
FILE_NAME = "processes.yaml"

ACTIVITY_SCHEMA = pl.Schema(
    {
        "process": pl.String,
        "event_type": pl.String,
        "case_key": pl.String,
        "position": pl.Int32,
        "is_core": pl.Boolean,
        "is_end": pl.Boolean,
        "horizon_s": pl.Int64,
        "value_rank": pl.Int32,
    }
)
LIMIT_SCHEMA = pl.Schema(
    {
        "process": pl.String,
        "activity": pl.String,
        "after_activity": pl.String,
        "sla_kind": pl.String,
        "limit_s": pl.Int64,
    }
)

MILESTONE_SCHEMA = pl.Schema({"process": pl.String, "from_activity": pl.String, "to_activity": pl.String})


class Limit(BaseModel):
    """Until when an activity has to come: seconds after another one, or the SLA of its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    activity: str
    after: str
    seconds: PositiveInt | None = None
    sla: Literal["transfer"] | None = None

    @model_validator(mode="after")
    def _says_one_of_both(self) -> "Limit":
        if (self.seconds is None) == (self.sla is None):
            raise ValueError(f"the limit of '{self.activity}' needs either seconds or sla")
        if self.activity == self.after:
            raise ValueError(f"the limit of '{self.activity}' is after itself")
        return self


class ProcessSpec(BaseModel):
    """One normative process.

    Attributes:
        process: its name in every table.
        title: what people call it.
        case: what one case is, in words.
        case_key: `document` (every event of a document_id) or `document_line` (every event of one line of a
            document at one facility).
        bpmn: the normative model; tasks are named by event types.
        activities: event types that belong, in normative order.
        start: activities that a complete case starts with.
        end: activities that a complete case ends with.
        attached: activities that make no case of their own.
        milestones: pairs of activities of which the second should eventually follow the first.
        value: the activities whose quantity says what a case is about; of those that it has, the first one.
        limits: which activities have to come within which time.
        horizon_s: seconds after its last event for which a case without an end activity counts as open.
        bpmn_by_facility: models of facilities that have their own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    process: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    case: str
    case_key: Literal["document", "document_line"]
    bpmn: Path
    activities: tuple[str, ...] = Field(min_length=1)
    start: tuple[str, ...] = Field(min_length=1)
    end: tuple[str, ...] = Field(min_length=1)
    attached: tuple[str, ...] = ()
    milestones: tuple[tuple[str, str], ...] = ()
    value: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    horizon_s: PositiveInt
    bpmn_by_facility: dict[str, Path] = {}

    @model_validator(mode="after")
    def _activities_are_known(self) -> "ProcessSpec":
        if len(set(self.activities)) < len(self.activities):
            raise ValueError(f"{self.process}: an activity is given twice")
        paired = [activity for pair in self.milestones for activity in pair]
        limited = [activity for limit in self.limits for activity in (limit.activity, limit.after)]
        for activity in (*self.start, *self.end, *self.attached, *self.value, *paired, *limited):
            if activity not in self.activities:
                raise ValueError(f"{self.process}: '{activity}' is not among its activities")
        if len(set(self.milestones)) < len(self.milestones):
            raise ValueError(f"{self.process}: a pair of milestones is given twice")
        return self

    def bpmn_of(self, facility_id: str) -> Path:
        """The normative model that a facility is held to."""
        return self.bpmn_by_facility.get(facility_id, self.bpmn)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    processes: list[ProcessSpec]


def load_processes(folder: Path = PROCESSES) -> list[ProcessSpec]:
    """Reads `processes.yaml` of a folder; the BPMN models lie beside it.

    Errors: ValueError naming the file and what is wrong in it.
    """
    path = folder / FILE_NAME
    try:
        specs = _File.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8"))).processes
    except OSError as error:
        raise ValueError(f"{path.name}: it cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, YAMLError) as error:
        raise ValueError(f"{path.name}: it is not YAML ({error})") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"{path.name}: {key}: {problem['msg']}") from None
    return [spec.model_copy(update={"bpmn": folder / spec.bpmn}) for spec in specs]


def process_activities(specs: Sequence[ProcessSpec]) -> pl.DataFrame:
    """The processes as the table `reference.process_activity` that the SQL models read.

    Returns:
        One row per process and event type, as ACTIVITY_SCHEMA says: `position` is the place in the normative
        order from 1, `is_core` whether the activity alone makes a case, `value_rank` its place among those that say
        what a case is about (NULL: it does not).
    """
    rows = [
        (
            spec.process,
            activity,
            spec.case_key,
            place,
            activity not in spec.attached,
            activity in spec.end,
            spec.horizon_s,
            spec.value.index(activity) + 1 if activity in spec.value else None,
        )
        for spec in specs
        for place, activity in enumerate(spec.activities, 1)
    ]
    return pl.DataFrame(rows, schema=ACTIVITY_SCHEMA, orient="row")


def process_limits(specs: Sequence[ProcessSpec]) -> pl.DataFrame:
    """The time limits as the table `reference.process_limit`, as LIMIT_SCHEMA says: sla_kind or limit_s is NULL."""
    rows = [(s.process, limit.activity, limit.after, limit.sla, limit.seconds) for s in specs for limit in s.limits]
    return pl.DataFrame(rows, schema=LIMIT_SCHEMA, orient="row")


def process_milestones(specs: Sequence[ProcessSpec]) -> pl.DataFrame:
    """The milestones as the table `reference.process_milestone` that the SQL models read, as MILESTONE_SCHEMA says."""
    rows = [(spec.process, *pair) for spec in specs for pair in spec.milestones]
    return pl.DataFrame(rows, schema=MILESTONE_SCHEMA, orient="row")
