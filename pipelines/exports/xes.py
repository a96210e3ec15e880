"""Writes XES (IEEE 1849-2016): a case of a process is a trace."""

from pathlib import Path

from lxml import etree

from pipelines.exports.event_log import EventLog, LoggedCase, LoggedEvent
from pipelines.exports.xml_text import xml_text

_EXTENSIONS = ("Concept", "Time", "Lifecycle", "Organizational")
_PREFIXES = {"Organizational": "org"}
_TAG = {"string": "string", "float": "float", "integer": "int", "time": "date"}
# What the standard's extensions have a word for.
_KEYS = {"actor_id": "org:resource"}


def write_xes(log: EventLog, path: Path) -> tuple[int, int]:
    """Writes the cases of one process; returns the number of events and of cases."""
    counts = [0, 0]
    with etree.xmlfile(str(path), encoding="UTF-8") as file:
        file.write_declaration()
        with file.element("log", {"xes.version": "1849.2016", "xes.features": ""}):
            for element in _head(str(log.choice.process)):
                file.write("\n")
                file.write(element)
            for case in log.cases():
                file.write("\n")
                file.write(_trace(case, log))
                counts[0] += len(case.events)
                counts[1] += 1
            file.write("\n")
    return counts[0], counts[1]


def _head(process: str) -> list[etree._Element]:
    """What the log says of itself: extensions, what every trace and event has, what makes an activity, its name."""
    found = []
    for name in _EXTENSIONS:
        prefix = _PREFIXES.get(name, name.lower())
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        found.append(etree.Element("extension", {"name": name, "prefix": prefix, "uri": uri}))
    of_trace = etree.Element("global", {"scope": "trace"})
    _add(of_trace, "string", "concept:name", "")
    of_event = etree.Element("global", {"scope": "event"})
    _add(of_event, "string", "concept:name", "")
    _add(of_event, "date", "time:timestamp", "1970-01-01T00:00:00Z")
    _add(of_event, "string", "lifecycle:transition", "complete")
    classifier = etree.Element("classifier", {"name": "Activity", "scope": "event", "keys": "concept:name"})
    return [*found, of_trace, of_event, classifier, etree.Element("string", {"key": "concept:name", "value": process})]


def _trace(case: LoggedCase, log: EventLog) -> etree._Element:
    trace = etree.Element("trace")
    _add(trace, "string", "concept:name", case.case_id)
    _add(trace, "string", "facility_id", case.facility_id)
    _add(trace, "boolean", "is_open", str(case.is_open).lower())
    for event in case.events:
        trace.append(_event(event, log))
    return trace


def _event(event: LoggedEvent, log: EventLog) -> etree._Element:
    element = etree.Element("event")
    _add(element, "string", "concept:name", event.event_type)
    _add(element, "date", "time:timestamp", event.time)
    _add(element, "string", "lifecycle:transition", "complete")
    _add(element, "string", "event_id", event.event_id)
    for name, value in event.values:
        _add(element, _TAG[log.attributes[name]], _KEYS.get(name, name), value)
    return element


def _add(element: etree._Element, tag: str, key: str, value: str) -> None:
    etree.SubElement(element, tag, {"key": key, "value": xml_text(value)})
