"""One event log in every notation of OCEL, written after the specification, for tests to spoil."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Values = dict[str, Any]


@dataclass
class Log:
    """Events and objects.

    Attributes:
        events: (id, type, time, attributes, [(object id, qualifier)]).
        objects: (id, type, [(attribute, time from which it holds, value)]).
        operations: (event id, collection point, {item: quantity}), which only SQLite holds.
    """

    events: Sequence[tuple[str | None, str | None, str | None, Values, Sequence[tuple[str, str]]]]
    objects: Sequence[tuple[str, str, Sequence[tuple[str, str | None, Any]]]] = ()
    operations: Sequence[tuple[str, str, Values]] = field(default_factory=list)


def as_json(log: Log) -> str:
    """The JSON notation."""
    events = [
        {"id": own, "type": kind, "time": time,
         "attributes": [{"name": n, "value": v} for n, v in attributes.items()],
         "relationships": [{"objectId": o, "qualifier": q} for o, q in related]}
        for own, kind, time, attributes, related in log.events
    ]  # fmt: skip
    objects = [
        {"id": own, "type": kind, "attributes": [{"name": n, "time": t, "value": v} for n, t, v in values]}
        for own, kind, values in log.objects
    ]
    return json.dumps({"objectTypes": [], "eventTypes": [], "objects": objects, "events": events})


def as_xml(log: Log) -> str:
    """The XML notation."""

    def given(**attributes: str | None) -> str:
        return "".join(f" {n.replace('_', '-')}={quoteattr(v)}" for n, v in attributes.items() if v is not None)

    objects, events = [], []
    for own, kind, values in log.objects:
        inner = "".join(f"<attribute{given(name=n, time=t)}>{escape(str(v))}</attribute>" for n, t, v in values)
        objects.append(f"<object{given(id=own, type=kind)}><attributes>{inner}</attributes></object>")
    for event, what, time, attributes, related in log.events:
        inner = "".join(f"<attribute{given(name=n)}>{escape(str(v))}</attribute>" for n, v in attributes.items())
        relations = "".join(f"<relationship{given(object_id=o, qualifier=q)}/>" for o, q in related)
        events.append(
            f"<event{given(id=event, type=what, time=time)}><attributes>{inner}</attributes>"
            f"<objects>{relations}</objects></event>"
        )
    return f"<log><events>{''.join(events)}</events><objects>{''.join(objects)}</objects></log>"


def as_sqlite(log: Log, path: Path) -> None:
    """The relational notation, with quantity operations where the log has some."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as con:
        con.executescript("""
            CREATE TABLE event (ocel_id TEXT, ocel_type TEXT);
            CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);
            CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);
            CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
            CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);""")
        _fill_events(con, log)
        _fill_objects(con, log)
        if log.operations:
            items = sorted({item for _, _, moved in log.operations for item in moved})
            _make(con, "quantity_operations", "ocel_id", "ocel_cpid", *items)
            for event, place, moved in log.operations:
                _insert(con, "quantity_operations", event, place, *(moved.get(item) for item in items))
        con.commit()


def _fill_events(con: sqlite3.Connection, log: Log) -> None:
    names = sorted({name for event in log.events for name in event[3]})
    for number, kind in enumerate(sorted({event[1] for event in log.events if event[1]})):
        _insert(con, "event_map_type", kind, f"E{number}")
        _make(con, f"event_E{number}", "ocel_id", "ocel_time", *names)
        for own, what, time, attributes, _ in log.events:
            if what == kind:
                _insert(con, f"event_E{number}", own, time, *(attributes.get(name) for name in names))
    for own, what, _, _, related in log.events:
        _insert(con, "event", own, what)
        for thing, qualifier in related:
            _insert(con, "event_object", own, thing, qualifier)


def _fill_objects(con: sqlite3.Connection, log: Log) -> None:
    """The first value of an attribute stands in a row of all first values, a later one in a row that names it."""
    names = sorted({name for thing in log.objects for name, _, _ in thing[2]})
    for number, kind in enumerate(sorted({thing[1] for thing in log.objects})):
        _insert(con, "object_map_type", kind, f"O{number}")
        _make(con, f"object_O{number}", "ocel_id", "ocel_time", "ocel_changed_field", *names)
        for own, what, values in log.objects:
            if what != kind:
                continue
            _insert(con, "object", own, kind)
            first = {name: value for name, _, value in reversed(values)}
            _insert(con, f"object_O{number}", own, "1970-01-01T00:00:00Z", None, *(first.get(name) for name in names))
            for n, (name, time, value) in enumerate(values):
                if name in [earlier for earlier, _, _ in values[:n]]:
                    row = [value if other == name else None for other in names]
                    _insert(con, f"object_O{number}", own, time, name, *row)


def _make(con: sqlite3.Connection, table: str, *columns: str) -> None:
    con.execute(f'CREATE TABLE "{table}" ({", ".join(f"{chr(34)}{c}{chr(34)}" for c in columns)})')


def _insert(con: sqlite3.Connection, table: str, *values: Any) -> None:
    con.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', values)
