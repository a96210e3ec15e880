"""Writes a published process model for other tools."""

from contextlib import closing
from pathlib import Path

from mining.formats import written
from pipelines.errors import UnusableInput
from pipelines.exports.choice import Choice
from pipelines.exports.whole_file import whole_file
from pipelines.processes import workspace_processes
from pipelines.read import open_published
from pipelines.workspace import Workspace

_MODEL = """SELECT bpmn_xml FROM marts.process_models
    WHERE process = ? AND kind = ? AND (facility_id = ? OR facility_id IS NULL)
    ORDER BY facility_id NULLS LAST LIMIT 1"""


def export_model(workspace: Workspace, form: str, path: Path, choice: Choice, *, is_discovered: bool) -> str:
    """Writes a model; returns which one, in words.

    Args:
        form: bpmn, pnml or svg.
        path: the file, which is there whole afterwards or as it was before.
        choice: the process and, if it is to be the model of one, the facility.
        is_discovered: what the facility does, instead of what it is meant to do.

    Errors: UnusableInput where there is no such model; OSError where it cannot be written.
    """
    processes = [spec.process for spec in workspace_processes(workspace)]
    choice.check(workspace, processes)
    process, facility = choice.process, choice.facility
    if process is None:
        raise UnusableInput(f"a model is of one process; --process is one of {', '.join(processes)}")
    if choice.since or choice.until or choice.has_actors:
        raise UnusableInput("--since, --until and --with-actors are for event logs, not for models")
    if is_discovered and facility is None:
        raise UnusableInput("a discovered model is of one facility; say which with --facility")
    kind = "discovered" if is_discovered else "normative"
    with closing(open_published(workspace.root)) as con:
        found = con.execute(_MODEL, [process, kind, facility]).fetchone()
    if found is None:
        raise UnusableInput(f"there is no {kind} model of {process}" + (f" at {facility}" if facility else ""))
    name = f"{kind} model of {process}" + (f" at {facility}" if facility else "")
    try:
        text = written(form, found[0], process, name)
    except ValueError as error:
        raise UnusableInput(f"{name}: {error}") from None
    with whole_file(workspace, path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return name
