"""Writes OCEL 2.0 in SQLite: tables of all events and of each event type, the same of objects, and the relations."""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from pipelines.exports.event_log import EventLog, LogType, Values
from pipelines.exports.ocel_json import ALWAYS
from transforms.contracts.reading import quoted

_ROWS_AT_ONCE = 10_000
_SQL_TYPE = {"string": "TEXT", "float": "REAL", "integer": "INTEGER", "time": "TIMESTAMP"}
_FIXED = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id), ocel_qualifier TEXT,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""
# What a table of a type cannot be called, since the standard has tables of these names.
_TAKEN = ("map_type", "object")


def write_ocel_sqlite(log: EventLog, path: Path) -> tuple[int, int]:
    """Writes a log; returns the number of events and of objects."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_FIXED}")
        writer = _Writer(database)
        objects = writer.add_types("object", log.object_types())
        events = writer.add_types("event", log.event_types())
        counts = [0, 0]
        for thing in log.objects():
            counts[1] += 1
            writer.add("object", (thing.object_id, thing.object_type))
            table, names = objects[thing.object_type]
            writer.add(table, (thing.object_id, ALWAYS, None, *_ordered(names, thing.values)))
            writer.add_all("object_object", ((thing.object_id, *related) for related in thing.related))
        for event in log.events():
            counts[0] += 1
            writer.add("event", (event.event_id, event.event_type))
            table, names = events[event.event_type]
            writer.add(table, (event.event_id, event.time, *_ordered(names, event.values)))
            writer.add_all("event_object", ((event.event_id, *related) for related in event.related))
        writer.flush()
        database.commit()
    return counts[0], counts[1]


def _ordered(names: Iterable[str], values: Values) -> list[str | None]:
    stated = dict(values)
    return [stated.get(name) for name in names]


class _Writer:
    """Puts rows into tables, a portion at a time."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._rows: dict[str, list[tuple[str | None, ...]]] = {}
        self._count = 0

    def add_types(self, what: str, types: list[LogType]) -> dict[str, tuple[str, list[str]]]:
        """Makes the tables of the types of events or objects; returns type -> table and attributes."""
        made = {}
        for (kind, attributes), short in zip(types, table_names(kind.name for kind in types), strict=True):
            table = f"{what}_{short}"
            key = f"ocel_id TEXT PRIMARY KEY REFERENCES {what} (ocel_id), ocel_time TIMESTAMP"
            changed = ", ocel_changed_field TEXT" if what == "object" else ""
            self._database.execute(f"CREATE TABLE {quoted(table)} ({key}{changed}{_columns(attributes)})")
            self._database.execute(f"INSERT INTO {what}_map_type VALUES (?, ?)", (kind, short))
            made[kind] = (table, list(attributes))
        return made

    def add(self, table: str, row: tuple[str | None, ...]) -> None:
        """Adds a row."""
        self._rows.setdefault(table, []).append(row)
        self._count += 1
        if self._count >= _ROWS_AT_ONCE:
            self.flush()

    def add_all(self, table: str, rows: Iterable[tuple[str | None, ...]]) -> None:
        """Adds rows."""
        for row in rows:
            self.add(table, row)

    def flush(self) -> None:
        """Writes what was gathered."""
        for table, rows in self._rows.items():
            marks = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT INTO {quoted(table)} VALUES ({marks})", rows)
        self._rows.clear()
        self._count = 0


def _columns(attributes: Mapping[str, str]) -> str:
    return "".join(f", {quoted(name)} {_SQL_TYPE[kind]}" for name, kind in attributes.items())


def table_names(types: Iterable[str]) -> list[str]:
    """What the tables of types are called behind `event_` or `object_`: letters and digits, each once in any case."""
    used = set(_TAKEN)
    names = []
    for kind in types:
        words = re.findall(r"[^\W_]+", kind)
        base = "".join(word[0].upper() + word[1:] for word in words) or "Type"
        name, number = base, 1
        while name.lower() in used:
            number += 1
            name = f"{base}_{number}"
        used.add(name.lower())
        names.append(name)
    return names
