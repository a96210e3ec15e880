"""The canonical rows of one OCEL file, made by the engine from its temporary tables as the feed's mapping says.

An event related to several objects of a mapped kind, or with several quantity operations, gives a row for each. Where
more than one kind multiplies it, or a quantity would be repeated, it is set aside: what belongs together is not said.
"""

from collections.abc import Iterator

from pipelines.errors import UnusableInput
from pipelines.feeds.ocel_columns import Mapping, Related, Source
from pipelines.feeds.ocel_tables import OcelTables
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal

# A time without a zone can be compared with such times only; the first value of an object holds from the beginning.
_TIMED = """CREATE OR REPLACE TEMP TABLE {name} AS SELECT *,
    CASE WHEN states_zone(stripped(time)) THEN instant_of(stripped(time)) END AS zoned,
    CASE WHEN NOT states_zone(stripped(time)) THEN naive_time_of(stripped(time)) END AS naive,
    stripped(time) IS NULL OR starts_with(stripped(time), '1970-01-01') AS is_first
FROM {source}"""


def rows_sql(tables: OcelTables, mapping: Mapping, table: str) -> str:
    """A SELECT of the file's rows, columns in the order of the mapping, then `row_number` and `file`.

    Makes the temporary tables that it reads, and adds events that cannot be rows to the malformed ones.

    Errors: UnusableInput where which value an object had at an event's time cannot be said.
    """
    for what in ("event", "value"):
        tables.con.execute(_TIMED.format(name=f"ocel_file_timed_{what}", source=tables.name(what)))
    for number, related in enumerate(mapping.related):
        tables.con.execute(_related_sql(tables, f"ocel_file_related_{number}", related))
        _refuse_incomparable(tables, f"ocel_file_related_{number}")
    tables.con.execute(f"""CREATE OR REPLACE TEMP TABLE ocel_file_operation AS
        SELECT *, row_number() OVER (PARTITION BY row_number ORDER BY place, item, value) AS nth
        FROM {tables.name("quantity")}""")
    _set_aside(tables, mapping, table)
    return _select(mapping, table)


def _related_sql(tables: OcelTables, name: str, related: Related) -> str:
    qualified = "" if related.qualifier is None else f"AND r.qualifier = {literal(related.qualifier)}"
    return f"""CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT *, row_number() OVER (PARTITION BY row_number ORDER BY object_id) AS nth
        FROM (SELECT DISTINCT r.row_number, r.object_id
            FROM {tables.name("relation")} r JOIN {tables.name("thing")} t ON t.id = r.object_id
            WHERE t.type = {literal(related.object_type)} {qualified})"""


def _refuse_incomparable(tables: OcelTables, related: str) -> None:
    found = tables.con.execute(f"""SELECT v.object_id, v.name, v.time, e.id, e.time
        FROM {related} r JOIN ocel_file_timed_event e ON e.row_number = r.row_number
            JOIN ocel_file_timed_value v ON v.object_id = r.object_id
        WHERE NOT v.is_first AND (v.zoned IS NULL AND v.naive IS NULL
            OR v.zoned IS NULL AND e.zoned IS NOT NULL OR v.naive IS NULL AND e.naive IS NOT NULL)
        ORDER BY ALL LIMIT 1""").fetchone()
    if found:
        thing, name, changed, event, time = found
        raise UnusableInput(
            f"object {thing} has a value of {name} from '{changed}', event {event} was at '{time}': which was first "
            "cannot be said",
            file=tables.file.name,
        )


def _multipliers(mapping: Mapping) -> Iterator[tuple[str, str, Related | None]]:
    """(table, words, kind of objects) of what may give an event several rows; None for quantity operations."""
    for number, related in enumerate(mapping.related):
        qualifier = f" as {related.qualifier}" if related.qualifier else ""
        yield f"ocel_file_related_{number}", f"objects of type {related.object_type}{qualifier}", related
    if mapping.has_quantities:
        yield "ocel_file_operation", "quantity operations", None


def _set_aside(tables: OcelTables, mapping: Mapping, table: str) -> None:
    """Puts events that break the format's rules, or whose rows would be a guess, among the malformed ones."""
    things = f"(SELECT id, count(DISTINCT type) AS types FROM {tables.name('thing')} GROUP BY id)"
    related = f"""SELECT r.row_number, 1 AS rule, concat(
            'it is related to object ''', r.object_id, ''', which the file ',
            CASE WHEN t.id IS NULL THEN 'does not hold' ELSE 'gives more than one type' END) AS detail
        FROM {tables.name("relation")} r LEFT JOIN {things} t ON t.id = r.object_id
        WHERE t.id IS NULL OR t.types > 1"""
    found = [related]
    counted = [
        f"SELECT row_number, {literal(words)} AS words, {n} AS kind, count(*) AS many FROM {name} GROUP BY row_number"
        for n, (name, words, _) in enumerate(_multipliers(mapping))
    ]
    if counted:
        found.append(f"""SELECT row_number, 2, concat('it is related to ',
                string_agg(concat(many, ' ', words), ' and to ' ORDER BY kind), ': which belong together is not said')
            FROM ({" UNION ALL ".join(counted)}) WHERE many > 1 GROUP BY row_number HAVING count(*) > 1""")
    found += list(_repeated(mapping, table))
    tables.con.execute(f"""CREATE OR REPLACE TEMP TABLE ocel_file_aside AS
        SELECT row_number, first(detail ORDER BY rule, detail) AS detail
        FROM ({" UNION ALL ".join(found)}) GROUP BY row_number""")
    tables.con.execute(f"""INSERT INTO {tables.name("malformed")}
        SELECT a.detail, CAST(to_json({{id: e.id, type: e.type, time: e.time}}) AS VARCHAR), a.row_number, e.file
        FROM ocel_file_aside a JOIN {tables.name("event")} e ON e.row_number = a.row_number""")


def _repeated(mapping: Mapping, table: str) -> Iterator[str]:
    """Events with several rows of one kind, whose quantity is not stated by that kind."""
    for column in CONTRACTS[table].of_kind("quantity", "amount"):
        source = mapping.sources.get(column)
        if source is None:
            continue
        stated = _stated_by(source, mapping)
        for name, words, related in _multipliers(mapping):
            if source.related == related and (related or source.is_quantity):
                continue
            yield f"""SELECT row_number, 3, concat('it is related to ', count(*),
                    {literal(f" {words}, but states one {column}: how it is divided is not said")})
                FROM {name} WHERE row_number IN ({stated}) GROUP BY row_number HAVING count(*) > 1"""


def _stated_by(source: Source, mapping: Mapping) -> str:
    """A SELECT of the events for which a source states something."""
    if source.is_quantity:
        return "SELECT row_number FROM ocel_file_operation"
    if source.related:
        return f"SELECT row_number FROM ocel_file_related_{mapping.related.index(source.related)}"
    return f"SELECT row_number FROM ocel_file_timed_event e WHERE {_event_value(source, mapping)} IS NOT NULL"


def _event_value(source: Source, mapping: Mapping) -> str:
    if source.kind == "attribute":
        return f"e.a{mapping.event_attributes.index(str(source.attribute))}"
    return f"e.{source.kind}"


def _select(mapping: Mapping, table: str) -> str:
    """Events joined with what multiplies them, and with the values that objects had at the event's time."""
    joins = [f"LEFT JOIN {name} ON {name}.row_number = e.row_number" for name, _, _ in _multipliers(mapping)]
    places = [f"coalesce({name}.nth, 1)" for name, _, _ in _multipliers(mapping)]
    nth = f"greatest(1, {', '.join(places)})" if places else "1"
    columns = []
    for number, (column, source) in enumerate(mapping.sources.items()):
        value = _event_value(source, mapping)
        if source.is_quantity:
            value = f"ocel_file_operation.{source.kind}"
        elif source.related:
            related = f"ocel_file_related_{mapping.related.index(source.related)}"
            value = f"{related}.object_id"
            if source.attribute:
                value = f"known_{number}.value"
                joins.append(_known(f"known_{number}", related, source.attribute))
        if column in CONTRACTS[table].key:
            value = f"CASE WHEN {nth} > 1 THEN {value} || '#' || {nth} ELSE {value} END"
        columns.append(f"{value} AS {column}")
    return f"""SELECT {", ".join(columns)}, e.row_number, e.file FROM ocel_file_timed_event e {" ".join(joins)}
        WHERE e.row_number NOT IN (SELECT row_number FROM ocel_file_aside)
        ORDER BY e.row_number, {nth}"""


def _known(name: str, related: str, attribute: str) -> str:
    """A join of the value that an attribute of the related object had at the event's time: the last until then."""
    return f"""LEFT JOIN (
        SELECT r.row_number, r.object_id,
            last(v.value ORDER BY NOT v.is_first, coalesce(epoch_us(v.zoned), epoch_us(v.naive)), v.row_number) AS value
        FROM {related} r JOIN ocel_file_timed_event e ON e.row_number = r.row_number
            JOIN ocel_file_timed_value v ON v.object_id = r.object_id AND v.name = {literal(attribute)}
        WHERE v.is_first OR v.zoned <= e.zoned OR v.naive <= e.naive
        GROUP BY r.row_number, r.object_id
    ) {name} ON {name}.row_number = {related}.row_number AND {name}.object_id = {related}.object_id"""
