"""Writes OCEL 2.0 in JSON, an event or object a line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines.exports.event_log import EventLog, LogType

ALWAYS = "1970-01-01T00:00:00Z"  # the time from which a value holds that was not seen to change


def write_ocel_json(log: EventLog, path: Path) -> tuple[int, int]:
    """Writes a log; returns the number of events and of objects.

    Values are texts, as the schema of the standard wants it; the types say what they are.
    """
    counts = []
    arrays: dict[str, Iterable[Any]] = {
        "objectTypes": map(_type, log.object_types()),
        "eventTypes": map(_type, log.event_types()),
        "objects": _objects(log),
        "events": _events(log),
    }
    encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for place, (name, elements) in enumerate(arrays.items()):
            file.write(f'{"," if place else "{"}\n"{name}":[')
            count = 0
            for element in elements:
                file.write(f"{',' if count else ''}\n{encoded(element)}")
                count += 1
            file.write("\n]")
            counts.append(count)
        file.write("\n}\n")
    return counts[3], counts[2]


def _type(kind: LogType) -> dict[str, Any]:
    return {"name": kind.name, "attributes": [{"name": name, "type": of} for name, of in kind.attributes.items()]}


def _objects(log: EventLog) -> Iterator[dict[str, Any]]:
    for thing in log.objects():
        yield {
            "id": thing.object_id,
            "type": thing.object_type,
            "attributes": [{"name": name, "time": ALWAYS, "value": value} for name, value in thing.values],
            "relationships": [{"objectId": other, "qualifier": role} for other, role in thing.related],
        }


def _events(log: EventLog) -> Iterator[dict[str, Any]]:
    for event in log.events():
        yield {
            "id": event.event_id,
            "type": event.event_type,
            "time": event.time,
            "attributes": [{"name": name, "value": value} for name, value in event.values],
            "relationships": [{"objectId": thing, "qualifier": role} for thing, role in event.related],
        }
