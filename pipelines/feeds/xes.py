"""`xes`: event logs in XES (IEEE 1849), also packed. An event is a row; what its trace states is known to it.

The workspace's `columns` name the keys of attributes: of the event as they are, of its trace with `trace:` before them,
nested ones with a stroke between (`cost:total/currency`). `docs/how-to/read-event-logs.md` has every decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.own_columns import check_required, own_columns
from pipelines.feeds.safe_xml import elements, local_name
from pipelines.feeds.text_rows import ROWS_AT_ONCE, append_text_rows, make_text_table
from pipelines.feeds.unpacked import unpacked
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    import duckdb
    from lxml.etree import _Element

# What the standard's own extensions mean (concept, time, organizational), where a feed says nothing else.
USUAL = {
    "event_type": "concept:name", "event_time": "time:timestamp", "actor_id": "org:resource",
    "posting_type": "concept:name", "posted_at": "time:timestamp", "posted_by": "org:resource",
    "counted_at": "time:timestamp", "counted_by": "org:resource",
    "document_id": "trace:concept:name",
}  # fmt: skip
_TRANSITION = "lifecycle:transition"
_DONE = "complete"
_TYPES = {"string", "date", "int", "float", "boolean", "id", "list", "container"}
_OF_LOG = {"trace", "event", "extension", "global", "classifier", *_TYPES}
_CHARACTERS_AT_ONCE = 64_000_000
_Values = dict[str, str | None]
_Row = tuple[str | int | None, ...]

SPEC = AdapterSpec(
    name="xes",
    title="XES event logs (IEEE 1849), also packed: events with the attributes of their traces",
    tables=FEED_TABLES,
    clocks=("event_time", "recorded_at", "posting_date", "posted_at", "counted_at", "ingested_at"),
    refuses=(
        "content that is not whole XML, whose outermost element is not `log`, or holds what no XES log does",
        "a document type (DOCTYPE); nothing is ever fetched",
        "an event of more than 16 MiB; an archive that unpacks to more than 200 times its size, and more than 64 MiB",
        "a trace that states an attribute after its first event",
    ),
    is_mapped=True,
    reads_lifecycle=True,
    personal_data=("actor_id", "posted_by", "counted_by", "approved_by"),
    layout="IEEE 1849-2016 and 1849-2023, with the concept, time, lifecycle, organizational and identity extensions",
    guide="read-event-logs.md",
)


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads every file once into a temporary table of text.

    Errors: UnusableInput for a file that is no whole XES, or a mapping that leaves a required column without a source.
    """
    table = str(feed.table)
    key = CONTRACTS[table].key[0]
    columns = own_columns(feed, USUAL)
    check_required(feed, {key: "", **columns})
    names = (key, *(column for column in columns if column != key))
    asked = _Asked([columns.get(name) for name in names], _id_keys(table, columns), frozenset(feed.lifecycle))
    rows, received = f"xes_rows_{feed.name}", f"xes_received_{feed.name}"
    make_text_table(con, rows, (*names, "trace_number"))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {received} (file VARCHAR, received_count BIGINT)")
    for file in files:
        received_count = 0
        for portion, skipped in _portions(_rows(file, asked)):
            append_text_rows(con, rows, (*names, "trace_number"), portion, file)
            received_count += len(portion) + skipped
        con.execute(f"INSERT INTO {received} VALUES ({literal(file.name)}, {received_count})")
    sql = f"SELECT * EXCLUDE (trace_number) FROM {rows}"
    if key not in columns:
        # The same thing at the same time in the same trace again is another event, not another delivery.
        nth = f"row_number() OVER (PARTITION BY file, trace_number, {key} ORDER BY row_number)"
        made = f"CASE WHEN nth > 1 THEN {key} || '#' || nth ELSE {key} END AS {key}"
        sql = f"SELECT * EXCLUDE (trace_number, nth) REPLACE ({made}) FROM (SELECT *, {nth} AS nth FROM {rows})"
    return Landing(
        [Scan(table, sql, names, has_row_number=True)],
        received_sql=f"SELECT file, received_count FROM {received}",
    )


def _portions(rows: Iterator[_Row | None]) -> Iterator[tuple[list[_Row], int]]:
    """(rows, number of events among them that are none); the last portion may be empty."""
    portion: list[_Row] = []
    characters = skipped = 0
    for row in rows:
        if row is None:
            skipped += 1
            continue
        portion.append(row)
        characters += sum(len(value) for value in row if isinstance(value, str))
        if len(portion) >= ROWS_AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
            yield portion, skipped
            portion, characters, skipped = [], 0, 0
    yield portion, skipped


@dataclass(frozen=True)
class _Asked:
    """What a feed asks of each event.

    Attributes:
        keys: of the attributes that give its columns; None for an id that is made of the event.
        id_keys: of the attributes that such an id is made of.
        lifecycle: the transitions that are events.
    """

    keys: list[str | None]
    id_keys: tuple[str, ...]
    lifecycle: frozenset[str]


def _id_keys(table: str, columns: dict[str, str]) -> tuple[str, ...]:
    """Trace, activity and time, wherever the feed takes the latter two from."""
    kind = next((columns[name] for name in ("event_type", "posting_type") if name in columns), "concept:name")
    return "trace:concept:name", kind, columns[str(CONTRACTS[table].clock)]


def _rows(file: FeedFile, asked: _Asked) -> Iterator[_Row | None]:
    """One row an event: the values that are asked for, the number of its trace and its own.

    None for an event of a transition that the feed does not ask for.
    """
    wanted = {transition.lower() for transition in asked.lifecycle}
    for number, (trace_number, trace, event) in enumerate(_events(file), 1):
        if (event.get(_TRANSITION) or _DONE).lower() not in wanted:
            yield None
            continue
        found = (_made_id(asked, trace, event) if key is None else _value(key, trace, event) for key in asked.keys)
        yield (*found, str(trace_number), number)


def _value(key: str, trace: _Values, event: _Values) -> str | None:
    return trace.get(key.removeprefix("trace:")) if key.startswith("trace:") else event.get(key)


def _made_id(asked: _Asked, trace: _Values, event: _Values) -> str | None:
    """Trace, activity and time, and the transition where it is not the usual one; None where one is missing."""
    parts = [_value(key, trace, event) for key in asked.id_keys]
    transition = event.get(_TRANSITION)
    if transition and transition.lower() != _DONE:
        parts.append(transition)
    return "/".join(str(part) for part in parts) if all(parts) else None


def _events(file: FeedFile) -> Iterator[tuple[int, _Values, _Values]]:
    """(number of the trace, what it states, what the event states); an event outside of traces has an empty trace."""
    if _is_empty(file):
        return
    trace: _Values = {}
    trace_number, has_events = 1, False
    of_trace = ("log", "trace")
    for path, element in elements(file, "log", {("log", "*"), (*of_trace, "*")}):
        if len(path) == len(of_trace) and path[-1] not in _OF_LOG:
            raise UnusableInput(
                f"line {element.sourceline}: an event log in XES holds no element {path[-1]}", file=file.name
            )
        if path == of_trace:
            trace, has_events = {}, False
            trace_number += 1
        elif path == ("log", "event"):
            yield 0, {}, _attributes(element)
        elif len(path) == len(of_trace):
            continue  # what the log says of itself
        elif path[-1] == "event":
            has_events = True
            yield trace_number, trace, _attributes(element)
        elif has_events:
            raise UnusableInput(
                f"line {element.sourceline}: a trace states {element.get('key')} after its first event", file=file.name
            )
        else:
            trace.update(_attribute(element, ""))


def _is_empty(file: FeedFile) -> bool:
    with unpacked(file) as stream:
        while block := stream.read(1 << 16):
            if block.strip():
                return False
    return True


def _attributes(element: "_Element", above: str = "") -> _Values:
    found: _Values = {}
    for child in element:
        found.update(_attribute(child, above))
    return found


def _attribute(element: "_Element", above: str) -> _Values:
    """An attribute and those within it, by key; what a list holds is no attribute of its own."""
    if local_name(element) not in _TYPES:
        return {}
    key = f"{above}{element.get('key')}"
    return {key: element.get("value"), **_attributes(element, f"{key}/")}


ADAPTER = Adapter(SPEC, land)
