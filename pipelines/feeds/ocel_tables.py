"""The events, objects and relations of one OCEL file in temporary tables of text, the same for every notation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.feeds.base import FeedFile
from pipelines.feeds.text_rows import ROWS_AT_ONCE, append_text_rows, make_text_table

if TYPE_CHECKING:
    import duckdb

CHARACTERS_AT_ONCE = 64_000_000
Text = str | None
_PREFIX = "ocel_file_"  # of everything that is made for one file


@dataclass(frozen=True)
class Event:
    """One event as a file states it; every value is text as it stands.

    Attributes:
        id: its identifier.
        type: what happened.
        time: when.
        attributes: name -> value.
        relations: (object id, qualifier).
    """

    id: Text
    type: Text
    time: Text
    attributes: Mapping[str, Text] = field(default_factory=dict)
    relations: Iterable[tuple[Text, Text]] = ()


@dataclass(frozen=True)
class Thing:
    """One object as a file states it.

    Attributes:
        id: its identifier.
        type: its object type.
        values: (attribute, time from which it holds, value).
    """

    id: Text
    type: Text
    values: Iterable[tuple[Text, Text, Text]] = ()


def as_text(value: Any) -> Text:
    """A value of JSON or SQLite as the text that a CSV would hold; bytes as hexadecimal digits."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


class OcelTables:
    """The temporary tables of one file; rows come in portions, so that memory is theirs.

    `event` (id, type, time, one column an attribute that is asked for), `relation` (object_id, qualifier; row_number is
    the event's), `thing` (id, type), `value` (object_id, name, time, value), `quantity` (place, item, value; row_number
    is the event's), `malformed` (detail, raw).
    """

    def __init__(
        self,
        con: "duckdb.DuckDBPyConnection",
        file: FeedFile,
        event_attributes: tuple[str, ...],
        object_attributes: frozenset[str],
    ) -> None:
        self.con, self.file = con, file
        self.event_attributes, self.object_attributes = event_attributes, object_attributes
        self.attribute_columns = tuple(f"a{n}" for n in range(len(event_attributes)))
        self.skipped_count = 0
        self._columns = {
            "event": ("id", "type", "time", *self.attribute_columns),
            "relation": ("object_id", "qualifier"),
            "thing": ("id", "type"),
            "value": ("object_id", "name", "time", "value"),
            "quantity": ("place", "item", "value"),
            "malformed": ("detail", "raw"),
        }
        self._rows: dict[str, list[tuple[str | int | None, ...]]] = {}
        self._characters = 0
        self._numbers: dict[str, int] = {}
        for what in self._columns:
            self.make(what, self._columns[what])

    def name(self, what: str) -> str:
        """The temporary table's name."""
        return f"{_PREFIX}{what}"

    def make(self, what: str, columns: tuple[str, ...]) -> None:
        """Makes an empty table."""
        self._columns[what] = columns
        self._rows[what] = []
        self._numbers[what] = 0
        make_text_table(self.con, self.name(what), columns)

    def add(self, what: str, values: tuple[Text, ...], number: int | None = None) -> int:
        """Adds a row, numbered by its place in the table where no number is given; returns the number."""
        self._numbers[what] += 1
        number = self._numbers[what] if number is None else number
        rows = self._rows[what]
        rows.append((*values, number))
        self._characters += sum(len(value) for value in values if value)
        if len(rows) >= ROWS_AT_ONCE or self._characters >= CHARACTERS_AT_ONCE:
            self.flush()
        return number

    def add_event(self, event: Event) -> None:
        """Adds an event with its relations."""
        asked = (event.attributes.get(name) for name in self.event_attributes)
        number = self.add("event", (event.id, event.type, event.time, *asked))
        for object_id, qualifier in event.relations:
            self.add("relation", (object_id, qualifier), number)

    def add_thing(self, thing: Thing) -> None:
        """Adds an object with those of its values that are asked for."""
        self.add("thing", (thing.id, thing.type))
        for name, time, value in thing.values:
            if name in self.object_attributes:
                self.add("value", (thing.id, name, time, value))

    def flush(self) -> None:
        """Writes what was gathered to the tables."""
        for what, rows in self._rows.items():
            append_text_rows(self.con, self.name(what), self._columns[what], rows, self.file)
            rows.clear()
        self._characters = 0

    def drop(self) -> None:
        """Drops every temporary table of the file."""
        own = f"SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, '{_PREFIX}')"
        for (table,) in self.con.execute(own).fetchall():
            self.con.execute(f"DROP TABLE {table}")
