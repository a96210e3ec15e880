"""OCEL 2.0 in SQLite: a table for all events and one for each event type, the same of objects, and their relations.

The extension with quantities is read, too: `quantity_operations` has a row for each event and collection point, and a
column for each item type.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.ocel_tables import OcelTables, as_text
from pipelines.feeds.unpacked import RECORD_BYTES
from transforms.contracts.reading import quoted

_NEEDED = ("event", "object", "event_map_type", "object_map_type", "event_object")
QUANTITIES = "quantity_operations"


def read_sqlite(file: FeedFile, into: OcelTables, *, has_quantities: bool) -> None:
    """Reads a database as it lies there; it is never written to.

    Args:
        has_quantities: whether quantity operations are asked for.

    Errors: UnusableInput, in one sentence, for a database that is broken, was not closed, or is no OCEL 2.0.
    """
    for ending in ("-wal", "-journal"):
        beside = file.path.with_name(file.path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise UnusableInput(f"{beside.name} lies beside it, so it was copied while it was in use", file=file.name)
    try:
        address = f"file:{quote(str(file.path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, RECORD_BYTES)
            database.execute("PRAGMA trusted_schema = OFF")
            _Database(database, file, into).read(has_quantities=has_quantities)
    except sqlite3.Error as error:
        raise UnusableInput(f"the database cannot be read ({error})", file=file.name) from None


class _Database:
    def __init__(self, database: sqlite3.Connection, file: FeedFile, into: OcelTables) -> None:
        self._database, self._file, self._into = database, file, into
        # No views and no virtual tables: what they yield is a program's doing.
        found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        self._tables = {name.lower() for name, sql in found if not str(sql).upper().startswith("CREATE VIRTUAL")}

    def read(self, *, has_quantities: bool) -> None:
        needed = [*_NEEDED, QUANTITIES] if has_quantities else [*_NEEDED]
        if missing := [name for name in needed if name not in self._tables]:
            raise self._refused(f"it has no table {', '.join(missing)}")
        self._events()
        self._objects()
        if has_quantities:
            self._quantities()
        self._into.flush()
        _join(self._into, has_quantities=has_quantities)

    def _events(self) -> None:
        into = self._into
        into.make("stated_event", ("id", "type"))
        into.make("detail", ("type", "id", "time", *into.attribute_columns))
        into.make("stated_relation", ("event_id", "object_id", "qualifier"))
        for row in self._rows("event", ("ocel_id", "ocel_type")):
            into.add("stated_event", row)
        for kind, table in self._typed_tables("event"):
            for row in self._rows(table, ("ocel_id", "ocel_time"), into.event_attributes):
                into.add("detail", (kind, *row))
        for row in self._rows("event_object", ("ocel_event_id", "ocel_object_id"), ("ocel_qualifier",)):
            into.add("stated_relation", row)

    def _objects(self) -> None:
        into = self._into
        for row in self._rows("object", ("ocel_id", "ocel_type")):
            into.add("thing", row)
        names = tuple(sorted(into.object_attributes))
        for _, table in self._typed_tables("object"):
            for own, time, changed, *values in self._rows(
                table, ("ocel_id",), ("ocel_time", "ocel_changed_field", *names)
            ):
                for name, value in zip(names, values, strict=True):
                    # A row that names a changed field states that one alone; it may have become empty.
                    if changed == name or (not changed and value is not None):
                        into.add("value", (own, name, time, value or ""))

    def _quantities(self) -> None:
        into = self._into
        into.make("stated_quantity", ("event_id", "place", "item", "value"))
        items = [name for name in self._columns(QUANTITIES) if name not in ("ocel_id", "ocel_cpid")]
        for event, place, *values in self._rows(QUANTITIES, ("ocel_id", "ocel_cpid"), tuple(items)):
            moved = [(item, value) for item, value in zip(items, values, strict=True) if value is not None]
            for item, value in moved:
                into.add("stated_quantity", (event, place, item, value))
            into.skipped_count += not moved

    def _typed_tables(self, what: str) -> Iterator[tuple[str | None, str]]:
        """(type, its own table)."""
        for kind, name in self._rows(f"{what}_map_type", ("ocel_type", "ocel_type_map")):
            if f"{what}_{name}".lower() not in self._tables:
                raise self._refused(f"{what}_map_type names the table {what}_{name}, which there is not")
            yield kind, f"{what}_{name}"

    def _columns(self, table: str) -> list[str]:
        return [row[1] for row in self._database.execute(f"PRAGMA table_info({quoted(table)})")]

    def _rows(self, table: str, needed: tuple[str, ...], others: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """A table's rows in the order in which they lie there, as text; a column of `others` may be missing."""
        present = self._columns(table)
        if missing := [name for name in needed if name not in present]:
            raise self._refused(f"table {table} has no column {', '.join(missing)}")
        columns = ", ".join(quoted(name) if name in present else "NULL" for name in (*needed, *others))
        # An index that covers the columns would give its own order.
        cursor = self._database.execute(f"SELECT {columns} FROM {quoted(table)} NOT INDEXED")
        for row in cursor:  # one at a time: a row may be as large as SQLITE_LIMIT_LENGTH lets it
            yield tuple(as_text(value) for value in row)

    def _refused(self, reason: str) -> UnusableInput:
        return UnusableInput(f"it is not OCEL 2.0: {reason}", file=self._file.name)


def _join(into: OcelTables, *, has_quantities: bool) -> None:
    """Events with their times and relations, which the database keeps apart; what has no event is set aside.

    An operation of no event (such as `init`, the stock at the beginning) is one all the same: without type and time.
    """
    event, stated, detail = (into.name(what) for what in ("event", "stated_event", "detail"))
    own = ", ".join(("d.time", *(f"d.{column}" for column in into.attribute_columns)))
    into.con.execute(f"""INSERT INTO {event}
        SELECT e.id, e.type, {own}, row_number() OVER (ORDER BY e.row_number, d.row_number), e.file
        FROM {stated} e LEFT JOIN {detail} d ON d.id = e.id AND d.type = e.type""")
    asides = [
        f"""SELECT concat('a table of type ''', d.type, ''' holds event ''', d.id,
                ''', which table event does not hold with this type') AS detail,
                CAST(to_json(d) AS VARCHAR) AS raw, d.file
            FROM {detail} d WHERE NOT EXISTS (SELECT 1 FROM {stated} e WHERE e.id = d.id AND e.type = d.type)""",
        f"""SELECT concat('table event_object names event ''', r.event_id, ''', which table event does not hold'),
                CAST(to_json(r) AS VARCHAR), file
            FROM {into.name("stated_relation")} r
            WHERE NOT EXISTS (SELECT 1 FROM {stated} e WHERE e.id = r.event_id)""",
    ]
    into.con.execute(f"""INSERT INTO {into.name("relation")}
        SELECT r.object_id, r.qualifier, e.row_number, r.file
        FROM {into.name("stated_relation")} r JOIN {event} e ON e.id = r.event_id""")
    if has_quantities:
        _join_quantities(into)
    into.con.execute(f"""INSERT INTO {into.name("malformed")}
        SELECT detail, raw, (SELECT count(*) FROM {event}) + row_number() OVER (ORDER BY detail, raw), file
        FROM ({" UNION ALL ".join(asides)})""")


def _join_quantities(into: OcelTables) -> None:
    event, stated = into.name("event"), into.name("stated_quantity")
    nothing = ", ".join(["NULL"] * (2 + len(into.attribute_columns)))
    into.con.execute(f"""INSERT INTO {event}
        SELECT event_id, {nothing}, (SELECT count(*) FROM {event}) + row_number() OVER (ORDER BY min(row_number)), file
        FROM {stated} q WHERE NOT EXISTS (SELECT 1 FROM {event} e WHERE e.id = q.event_id)
        GROUP BY event_id, file""")
    into.con.execute(f"""INSERT INTO {into.name("quantity")}
        SELECT q.place, q.item, q.value, e.row_number, q.file FROM {stated} q JOIN {event} e ON e.id = q.event_id""")
