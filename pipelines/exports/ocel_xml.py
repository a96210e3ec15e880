"""Writes OCEL 2.0 in XML, an event or object a line.

Relations are elements `relationship`, as in the specification's text and example, which readers follow. The XML schema
that is printed in it calls them `object`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.exports.event_log import EventLog, LogType, Related
from pipelines.exports.ocel_json import ALWAYS
from pipelines.exports.xml_text import xml_text


def write_ocel_xml(log: EventLog, path: Path) -> tuple[int, int]:
    """Writes a log; returns the number of events and of objects."""
    with etree.xmlfile(str(path), encoding="UTF-8") as file:
        file.write_declaration()
        with file.element("log"):
            for what, types in (("object", log.object_types()), ("event", log.event_types())):
                _write(file, f"{what}-types", (_type(f"{what}-type", kind) for kind in types))
            objects = _write(
                file, "objects", (_object(o.object_id, o.object_type, o.values, o.related) for o in log.objects())
            )
            events = _write(
                file, "events", (_event(e.event_id, e.event_type, e.time, e.values, e.related) for e in log.events())
            )
    return events, objects


def _write(file: Any, name: str, elements: Iterable[etree._Element]) -> int:
    """Writes elements below one of a name; returns how many."""
    count = 0
    file.write("\n")
    with file.element(name):
        for element in elements:
            file.write("\n")
            file.write(element)
            count += 1
        file.write("\n")
    return count


def _type(tag: str, kind: LogType) -> etree._Element:
    element = etree.Element(tag, {"name": xml_text(kind.name)})
    attributes = etree.SubElement(element, "attributes")
    for name, of in kind.attributes.items():
        etree.SubElement(attributes, "attribute", {"name": name, "type": of})
    return element


def _object(object_id: str, object_type: str, values: list[tuple[str, str]], related: Related) -> etree._Element:
    element = etree.Element("object", {"id": xml_text(object_id), "type": xml_text(object_type)})
    attributes = etree.SubElement(element, "attributes")
    for name, value in values:
        etree.SubElement(attributes, "attribute", {"name": name, "time": ALWAYS}).text = xml_text(value)
    _relate(element, related)
    return element


def _event(
    event_id: str, event_type: str, time: str, values: list[tuple[str, str]], related: Related
) -> etree._Element:
    element = etree.Element("event", {"id": xml_text(event_id), "type": xml_text(event_type), "time": time})
    attributes = etree.SubElement(element, "attributes")
    for name, value in values:
        etree.SubElement(attributes, "attribute", {"name": name}).text = xml_text(value)
    _relate(element, related)
    return element


def _relate(element: etree._Element, related: Related) -> None:
    objects = etree.SubElement(element, "objects")
    for thing, role in related:
        etree.SubElement(objects, "relationship", {"object-id": xml_text(thing), "qualifier": role})
