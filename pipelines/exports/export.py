"""Exports a built workspace into one file of a form that other tools read."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from pipelines.errors import UnusableInput
from pipelines.exports.built import built_warehouse
from pipelines.exports.choice import Choice
from pipelines.exports.event_log import EventLog
from pipelines.exports.ocel_json import write_ocel_json
from pipelines.exports.ocel_sqlite import write_ocel_sqlite
from pipelines.exports.ocel_xml import write_ocel_xml
from pipelines.exports.whole_file import whole_file
from pipelines.exports.xes import write_xes
from pipelines.processes import workspace_processes
from pipelines.workspace import Workspace

_WRITERS: dict[str, tuple[Callable[[EventLog, Path], tuple[int, int]], str]] = {
    "ocel-json": (write_ocel_json, "objects"),
    "ocel-xml": (write_ocel_xml, "objects"),
    "ocel-sqlite": (write_ocel_sqlite, "objects"),
    "xes": (write_xes, "cases"),
}


def export_log(workspace: Workspace, form: str, path: Path, choice: Choice) -> str:
    """Writes an event log; returns what it came to, in words.

    Args:
        form: ocel-json, ocel-xml, ocel-sqlite or xes.
        path: the file, which is there whole afterwards or as it was before.

    Errors: UnusableInput where nothing was built, or nothing fits the choice; OSError where it cannot be written.
    """
    write, others = _WRITERS[form]
    processes = [spec.process for spec in workspace_processes(workspace)]
    choice.check(workspace, processes)
    if form == "xes" and choice.process is None:
        raise UnusableInput(f"in XES a trace is a case of one process; --process is one of {', '.join(processes)}")
    with whole_file(workspace, path) as part, built_warehouse(workspace, part.parent) as con:
        try:
            events, rest = write(EventLog(con, choice), part)
        except (sqlite3.Error, etree.LxmlError) as error:
            raise UnusableInput(f"it cannot be written ({error})", file=path) from None
        if not events:
            raise UnusableInput("no event fits this choice; nothing was written", file=path)
    return f"{events} events, {rest} {others}"
