"""The events, objects and relations of an export, streamed in one order; every value is text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb

from pipelines.exports.choice import Choice
from transforms.contracts.reading import literal

_ROWS_AT_ONCE = 10_000
# Attributes of events with their types in OCEL.
EVENT_ATTRIBUTES = {
    "facility_id": "string", "partner_facility_id": "string", "item_id": "string", "quantity": "float", "uom": "string",
    "recorded_at": "time", "posted_at": "time", "lot_id": "string", "serial_id": "string", "location_id": "string",
    "from_status": "string", "to_status": "string", "supplier_id": "string", "owner_id": "string",
    "document_type": "string", "document_id": "string", "document_line": "string", "shift": "string",
    "sequence_no": "integer", "correlation_id": "string",
}  # fmt: skip
ACTOR = {"actor_id": "string"}
# Attributes of objects by their type, from what reference data says of them.
OBJECT_ATTRIBUTES = {"item": ("gtin", "base_uom", "abc_class"), "facility": ("name", "kind", "timezone", "country")}
_ORDER = "e.event_time, e.recorded_at NULLS FIRST, e.sequence_no NULLS FIRST, e.event_id"
_BESIDE = """LEFT JOIN matching.event_posting m ON m.event_id = e.event_id
    LEFT JOIN reference.item i ON i.item_id = e.item_id"""
Values = list[tuple[str, str]]
Related = list[tuple[str, str]]


class LogType(NamedTuple):
    """A type of events or objects: its name, and the names of its attributes with their types."""

    name: str
    attributes: Mapping[str, str]


class LoggedEvent(NamedTuple):
    """An event: id, type, time, (attribute, value) of what is stated, (object id, qualifier)."""

    event_id: str
    event_type: str
    time: str
    values: Values
    related: Related


class LoggedObject(NamedTuple):
    """An object: id, type, (attribute, value) of what is stated, (id of the object that it belongs to, qualifier)."""

    object_id: str
    object_type: str
    values: Values
    related: Related


class LoggedCase(NamedTuple):
    """A case: id, the facility that it is told at, whether it may still go on, its events in order without objects."""

    case_id: str
    facility_id: str
    is_open: bool
    events: list[LoggedEvent]


@dataclass(frozen=True)
class EventLog:
    """What an export says; equal warehouses and choices give equal logs, in equal order.

    Attributes:
        con: the warehouse, as `built_warehouse` gives it.
        choice: which events.
        slice_size: how many events are put in order at a time, so that memory is that of a slice and not of the log.
    """

    con: duckdb.DuckDBPyConnection
    choice: Choice
    slice_size: int = 50_000

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes that events may have, with their types."""
        return {**EVENT_ATTRIBUTES, **(ACTOR if self.choice.has_actors else {})}

    def event_types(self) -> list[LogType]:
        """Types of the chosen events by name, each with the attributes that at least one of its events states."""
        stated = ", ".join(f"count({_column(name)}) > 0" for name in self.attributes)
        rows = self._rows(f"SELECT e.event_type, {stated} FROM {self._events_sql()} GROUP BY 1 ORDER BY 1")
        return [
            LogType(name, {a: kind for (a, kind), known in zip(self.attributes.items(), marks, strict=True) if known})
            for name, *marks in rows
        ]

    def object_types(self) -> list[LogType]:
        """Types of the chosen events' objects by name."""
        rows = self._rows(f"SELECT DISTINCT r.object_type FROM {self._relations_sql()} ORDER BY 1")
        return [LogType(name, dict.fromkeys(OBJECT_ATTRIBUTES.get(name, ()), "string")) for (name,) in rows]

    def events(self) -> Iterator[LoggedEvent]:
        """The chosen events in total order."""
        for slice_sql in self._slices_of_time():
            rows = self._rows(
                f"SELECT e.event_id, e.event_type, {_text('e.event_time', 'time')}, {self._values_sql()} "
                f"FROM {self._events_sql()} AND {slice_sql} ORDER BY {_ORDER}"
            )
            relations = self._rows(
                f"SELECT e.event_id, e.object_id, e.qualifier FROM process.event_object e "
                f"WHERE {self.choice.event_sql('e.event_id')} AND {slice_sql} "
                f"ORDER BY {_ORDER}, e.object_id, e.qualifier"
            )
            for (event_id, event_type, time, *values), related in _joined(rows, relations):
                yield LoggedEvent(event_id, event_type, time, _stated(self.attributes, values), related)

    def objects(self) -> Iterator[LoggedObject]:
        """The objects of the chosen events by id."""
        names = [(kind, name) for kind, attributes in OBJECT_ATTRIBUTES.items() for name in attributes]
        rows = self._rows(f"""SELECT o.object_id, o.object_type, {", ".join(f"{kind}.{name}" for kind, name in names)}
            FROM ({self._objects_sql()}) o
            LEFT JOIN reference.item item ON o.object_type = 'item' AND o.object_id = 'item:' || item.item_id
            LEFT JOIN reference.facility facility
                ON o.object_type = 'facility' AND o.object_id = 'facility:' || facility.facility_id
            ORDER BY o.object_id""")
        relations = self._rows(f"""SELECT r.source_object_id, r.target_object_id, r.qualifier
            FROM process.object_object r
            WHERE r.source_object_id IN (SELECT object_id FROM ({self._objects_sql()}))
            ORDER BY ALL""")
        for (object_id, object_type, *values), related in _joined(rows, relations):
            yield LoggedObject(object_id, object_type, _stated([name for _, name in names], values), related)

    def cases(self) -> Iterator[LoggedCase]:
        """The chosen cases of the chosen process by id."""
        for slice_sql in self._slices_of_cases():
            rows = self._rows(f"""SELECT v.case_id, v.facility_id, v.is_open, e.event_id, e.event_type,
                    {_text("e.event_time", "time")}, {self._values_sql()}
                FROM process.case_event c
                JOIN process.case_variant v ON v.case_no = c.case_no
                JOIN canonical.inventory_event e ON e.event_id = c.event_id
                {_BESIDE}
                WHERE {self.choice.case_sql("v")} AND {slice_sql} ORDER BY v.case_id, c.event_order""")
            for (case_id, facility_id, is_open), members in groupby(rows, key=itemgetter(0, 1, 2)):
                events = [
                    LoggedEvent(event_id, event_type, time, _stated(self.attributes, values), [])
                    for _, _, _, event_id, event_type, time, *values in members
                ]
                yield LoggedCase(case_id, facility_id, is_open, events)

    def _slices_of_time(self) -> Iterator[str]:
        """Conditions on event_time of `e` that part the chosen events into slices, in order."""
        bounds = self._rows(f"""SELECT DISTINCT epoch_us(event_time) FROM (
                SELECT e.event_time, row_number() OVER (ORDER BY e.event_time) AS place
                FROM canonical.inventory_event e WHERE {self.choice.event_sql("e.event_id")}
            ) WHERE place % {self.slice_size} = 0 ORDER BY 1""")
        return _slices("e.event_time", [f"make_timestamptz({instant})" for (instant,) in bounds])

    def _slices_of_cases(self) -> Iterator[str]:
        """Conditions on case_id of `v` that part the chosen cases into slices, in order."""
        bounds = self._rows(f"""SELECT case_id FROM (
                SELECT v.case_id, v.events_count,
                    sum(v.events_count) OVER (ORDER BY v.case_id ROWS UNBOUNDED PRECEDING) AS up_to_here
                FROM process.case_variant v WHERE {self.choice.case_sql("v")}
            ) WHERE up_to_here // {self.slice_size} > (up_to_here - events_count) // {self.slice_size} ORDER BY 1""")
        return _slices("v.case_id", [literal(case_id) for (case_id,) in bounds])

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT, a portion at a time; several may be read side by side."""
        cursor = self.con.cursor()
        try:
            cursor.execute(sql)
            while portion := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from portion
        finally:
            cursor.close()

    def _events_sql(self) -> str:
        return f"canonical.inventory_event e {_BESIDE} WHERE {self.choice.event_sql('e.event_id')}"

    def _relations_sql(self) -> str:
        return f"process.event_object r WHERE {self.choice.event_sql('r.event_id')}"

    def _objects_sql(self) -> str:
        return f"SELECT DISTINCT r.object_id, r.object_type FROM {self._relations_sql()}"

    def _values_sql(self) -> str:
        return ", ".join(_text(_column(name), kind) for name, kind in self.attributes.items())


def _slices(column: str, bounds: Sequence[str]) -> Iterator[str]:
    """Conditions that part the values of a column at bounds, which begin a slice each."""
    for first, after in pairwise([None, *bounds, None]):
        sides = [f"{column} >= {first}" if first else "", f"{column} < {after}" if after else ""]
        yield " AND ".join(side for side in sides if side) or "TRUE"


def _column(attribute: str) -> str:
    # Quantities are in the item's base unit, whatever unit they were delivered in.
    elsewhere = {"posted_at": "m.posted_at", "uom": "coalesce(i.base_uom, e.uom)"}
    return elsewhere.get(attribute, f"e.{attribute}")


def _text(column: str, kind: str) -> str:
    """A value as text: an instant in UTC, a number without zeros at its end."""
    if kind == "time":
        return f"replace(strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')"
    if kind == "float":
        return f"rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')"
    return f"CAST({column} AS VARCHAR)"


def _stated(names: Sequence[str] | Mapping[str, str], values: Sequence[str | None]) -> Values:
    return [(name, value) for name, value in zip(names, values, strict=True) if value is not None]


def _joined(
    rows: Iterator[tuple[Any, ...]], relations: Iterator[tuple[str, str, str]]
) -> Iterator[tuple[tuple[Any, ...], Related]]:
    """Each row with the relations of its id; both come in the same order of ids."""
    groups = groupby(relations, key=itemgetter(0))
    waiting, members = next(groups, (None, iter(())))
    for row in rows:
        if row[0] != waiting:
            yield row, []
            continue
        yield row, [(other, qualifier) for _, other, qualifier in members]
        waiting, members = next(groups, (None, iter(())))
