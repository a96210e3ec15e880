"""OCEL 2.0 in JSON and XML, and the flat CSV of OCEL 1.0, read event by event and object by object."""

import ast
import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.json_stream import array_elements
from pipelines.feeds.ocel_tables import Event, OcelTables, Thing, as_text
from pipelines.feeds.safe_xml import elements, local_name
from pipelines.feeds.unpacked import unpacked

if TYPE_CHECKING:
    from lxml.etree import _Element

CSV_NEEDED = ("ocel:eid", "ocel:activity", "ocel:timestamp")
_CSV_TYPE = "ocel:type:"
_RELATED = ("relationship", "relobj", "object")  # today's name, and what exporters wrote before


def read_json(file: FeedFile, into: OcelTables) -> None:
    """Reads the arrays `events` and `objects` of a document.

    Errors: UnusableInput for what is no JSON object with them.
    """
    arrays: set[str] = set()
    for key, element in array_elements(file, arrays):
        if key == "events":
            into.add_event(_json_event(element))
        elif key == "objects" and isinstance(element, dict):
            into.add_thing(_json_thing(element))
    if missing := [key for key in ("events", "objects") if key not in arrays]:
        raise UnusableInput(f"it is not OCEL 2.0: it has no array {', '.join(missing)}", file=file.name)


def _json_event(element: Any) -> Event:
    if not isinstance(element, dict):
        return Event(None, None, None)  # quarantined: it has no id
    return Event(
        as_text(element.get("id")),
        as_text(element.get("type")),
        as_text(element.get("time")),
        {str(a.get("name")): as_text(a.get("value")) for a in _objects(element, "attributes")},
        [(as_text(r.get("objectId")), as_text(r.get("qualifier"))) for r in _objects(element, "relationships")],
    )


def _json_thing(element: dict[str, Any]) -> Thing:
    values = [(a.get("name"), a.get("time"), a.get("value")) for a in _objects(element, "attributes")]
    return Thing(
        as_text(element.get("id")),
        as_text(element.get("type")),
        [(as_text(name), as_text(time), as_text(value) or "") for name, time, value in values],
    )


def _objects(element: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    found = element.get(key)
    yield from (part for part in found if isinstance(part, dict)) if isinstance(found, list) else ()


def read_xml(file: FeedFile, into: OcelTables) -> None:
    """Reads the elements `/log/events/event` and `/log/objects/object`.

    Errors: UnusableInput for what is no XML with them, or has a document type.
    """
    seen = set()
    inner = {("log", "events", "event"), ("log", "objects", "object")}
    for path, element in elements(file, "log", {*inner, ("log", "events"), ("log", "objects")}):
        seen.add(path[1])
        if path == ("log", "events", "event"):
            into.add_event(_xml_event(element))
        elif path in inner:
            into.add_thing(_xml_thing(element))
    if missing := [name for name in ("events", "objects") if name not in seen]:
        raise UnusableInput(f"it is not OCEL 2.0: it has no element {', '.join(missing)}", file=file.name)


def _xml_event(element: "_Element") -> Event:
    relations = [
        (part.get("object-id"), part.get("qualifier", part.get("relationship")))
        for part in _parts(element, "objects")
        if local_name(part) in _RELATED
    ]
    attributes = {str(part.get("name")): part.text for part in _parts(element, "attributes")}
    return Event(element.get("id"), element.get("type"), element.get("time"), attributes, relations)


def _xml_thing(element: "_Element") -> Thing:
    values = [(part.get("name"), part.get("time"), part.text or "") for part in _parts(element, "attributes")]
    return Thing(element.get("id"), element.get("type"), values)


def _parts(element: "_Element", group: str) -> "Iterator[_Element]":
    for child in element:
        if local_name(child) == group:
            yield from child


def read_csv(file: FeedFile, into: OcelTables) -> None:
    """Reads rows with `ocel:eid`, `ocel:activity`, `ocel:timestamp` and lists of objects in `ocel:type:<object type>`.

    Other columns are attributes of the event. A row that is none is set aside.

    Errors: UnusableInput for a header without the three, or text that is not UTF-8.
    """
    with unpacked(file) as stream:
        text = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8-sig", newline="")
        number = 0
        try:
            rows = csv.reader(text, strict=True)
            header = next(rows)
            _check_header(file, header)
            for number, row in enumerate(rows, 1):
                stream.begin_record()
                _add_row(into, header, row, number)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnusableInput(f"it cannot be read on ({error})", file=file.name, row=number + 1) from None


def _check_header(file: FeedFile, header: list[str]) -> None:
    if missing := [name for name in CSV_NEEDED if name not in header]:
        raise UnusableInput(f"the header has no column {', '.join(missing)}", file=file.name, row=1)
    if repeated := [name for name in header if header.count(name) > 1]:
        raise UnusableInput(f"column {repeated[0]} appears twice in the header", file=file.name, row=1)


def _add_row(into: OcelTables, header: list[str], row: list[str], number: int) -> None:
    if len(row) != len(header):
        detail = f"it has {len(row)} cells where the header has {len(header)}"
        into.add("malformed", (detail, ",".join(row)), number)
        return
    cells = dict(zip(header, row, strict=True))
    related: dict[str, list[str]] = {}
    for column in (name for name in header if name.startswith(_CSV_TYPE)):
        found = _listed(cells[column])
        if found is None:
            into.add("malformed", (f"{column} '{cells[column][:200]}' is no list of objects", ",".join(row)), number)
            return
        related[column.removeprefix(_CSV_TYPE)] = found
    asked = (cells.get(name) for name in into.event_attributes)
    into.add("event", (*(cells[name] for name in CSV_NEEDED), *asked), number)
    for kind, object_id in ((kind, one) for kind, ids in related.items() for one in ids):
        into.add("thing", (object_id, kind))  # an object is told by every event that is related to it
        into.add("relation", (object_id, None), number)


def _listed(cell: str) -> list[str] | None:
    """The objects of a cell: none, one as it stands, or a list such as ['I1', 'I2']; None where it is no list."""
    if not cell.strip().startswith("["):
        return [cell] if cell.strip() else []
    try:
        found = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    is_list = isinstance(found, list) and all(isinstance(one, str | int) for one in found)
    return [str(one) for one in found] if is_list else None
