"""The processes of a workspace: the normative ones, with the models and limits that it puts in their place."""

import polars as pl
from pydantic import ValidationError

from mining import ProcessSpec, check_model, load_processes
from pipelines.errors import UnusableInput
from pipelines.workspace import CONFIG_NAME, Workspace


def workspace_processes(workspace: Workspace) -> list[ProcessSpec]:
    """The processes that a workspace is held to.

    Errors: UnusableInput with key and reason for a process or activity that is not known, and with file, line and
        element for a model that cannot be read.
    """
    known = {spec.process: spec for spec in load_processes()}
    for name in workspace.processes:
        _known(f"processes.{name}", name, list(known))
    return [_changed(workspace, spec) if spec.process in workspace.processes else spec for spec in known.values()]


def accepted_deviations(workspace: Workspace, processes: list[ProcessSpec]) -> pl.DataFrame:
    """The allow-list as rows: process, facility_id (NULL: every one), kind, activity, reason, until_date.

    Errors: UnusableInput for a process or an activity that is not known.
    """
    activities = {spec.process: list(spec.activities) for spec in processes}
    for place, entry in enumerate(workspace.accepted_deviations):
        key = f"accepted_deviations.{place}"
        _known(f"{key}.process", entry.process, list(activities))
        _known(f"{key}.activity", entry.activity, activities[entry.process])
    rows = [(e.process, e.facility, e.kind, e.activity, e.reason, e.until) for e in workspace.accepted_deviations]
    texts = dict.fromkeys(("process", "facility_id", "kind", "activity", "reason"), pl.String)
    return pl.DataFrame(rows, schema={**texts, "until_date": pl.Date}, orient="row")


def check_models(workspace: Workspace, processes: list[ProcessSpec]) -> None:
    """Refuses the models that a workspace puts in place where they cannot be read or cannot run.

    Errors: UnusableInput with file, line, element and reason.
    """
    for spec in (s for s in processes if s.process in workspace.processes):
        own = workspace.processes[spec.process]
        for given in dict.fromkeys([*([own.bpmn] if own.bpmn else []), *own.by_facility.values()]):
            path = workspace.root / given
            if not path.resolve().is_relative_to(workspace.root.resolve()):
                raise UnusableInput(
                    f"processes.{spec.process}: '{given}' leads outside the workspace", file=CONFIG_NAME
                )
            try:
                check_model(path, spec.activities)
            except ValueError as error:
                raise UnusableInput(str(error).removeprefix(f"{path.name}: "), file=given) from None


def _changed(workspace: Workspace, spec: ProcessSpec) -> ProcessSpec:
    """A process with what the workspace says of it."""
    own = workspace.processes[spec.process]
    root = workspace.root
    changes = spec.model_dump() | {"bpmn_by_facility": {f: root / p for f, p in own.by_facility.items()}}
    if own.bpmn is not None:
        changes["bpmn"] = root / own.bpmn
    if own.limits is not None:
        changes["limits"] = [limit.model_dump() for limit in own.limits]
    try:
        return ProcessSpec.model_validate(changes)
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise UnusableInput(f"processes.{spec.process}: {reason}", file=CONFIG_NAME) from None


def _known(key: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise UnusableInput(f"{key}: '{name}' is not known; there are {', '.join(names)}", file=CONFIG_NAME)
