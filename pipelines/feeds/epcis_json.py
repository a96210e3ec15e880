"""`epcis_json`: EPCIS 2.0 documents and query results in JSON or JSON-LD, read inside the engine.

`epcis_rows` says what an event means; extensions are read by their prefix `dockledger:`.
"""

import re
from functools import partial
from typing import TYPE_CHECKING

import duckdb

from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.epcis_rows import COLUMNS, READS, prepare, rows_sql
from pipelines.feeds.json_strings import refuse_long_strings
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    from pathlib import Path

SPEC = AdapterSpec(
    name="epcis_json",
    title="EPCIS 2.0 documents and query results in JSON or JSON-LD",
    tables=("inventory_event",),
    clocks=("event_time", "recorded_at"),
    refuses=(
        "a file that is not whole JSON",
        "a text of more than 2 MiB",
        "a document without epcisBody or eventList",
        "two documents in one file",
    ),
    is_mapped=True,
    unit_codes="rec20",
    gs1_codes=True,
    personal_data=("actor_id",),
    layout="GS1 EPCIS and CBV 2.0, JSON/JSON-LD binding; CBV words, CURIEs, web URIs and URNs alike",
    reads={"inventory_event": READS},
)

# The reader allocates twice the largest document it may meet, per thread: the largest file decides, not a guess.
LEAST_OBJECT_BYTES = 1 << 16

# Where a document keeps its events, captured or queried; each event stays JSON until it is taken apart.
DOCUMENT_SHAPE = """{"epcisBody": {"eventList": ["JSON"], "queryResults": {"resultsBody": {"eventList": ["JSON"]}}}}"""

# Documents -> events, still JSON, behind a row of place 0 that says what the document is: each is parsed but once. A
# document at a time is too little for an engine that works on two thousand rows.
EVENTS = f"""WITH document AS (
    SELECT path, from_json(json, '{DOCUMENT_SHAPE}').epcisBody AS body FROM <documents>
), listed AS (
    SELECT path, coalesce(body.eventList, body.queryResults.resultsBody.eventList) AS events FROM document
)
SELECT path, events IS NOT NULL AS has_list, generate_subscripts(list_prepend(NULL, events), 1) - 1 AS place,
    unnest(list_prepend(NULL, events)) AS event
FROM listed"""
BATCH_BYTES = 1 << 28  # of documents gathered at once, which bounds the memory they take


def land(con: duckdb.DuckDBPyConnection, _feed: Feed, files: list[FeedFile]) -> Landing:
    """One scan over each batch of documents of a feed.

    Errors: UnusableInput for a file that is not one whole EPCIS document, naming file and reason.
    """
    for file in files:
        refuse_long_strings(file)
    prepare(con)
    rows = rows_sql("(SELECT path, place, event FROM landing_stage WHERE place > 0)")
    batches = _batches(files) if files else []
    return Landing(
        [
            Scan("inventory_event", rows, COLUMNS, has_row_number=True, stage=partial(_gather, files=batch))
            for batch in batches
        ]
    )


def _gather(con: duckdb.DuckDBPyConnection, files: list[FeedFile]) -> None:
    """Makes `landing_stage`: the events of some documents.

    Errors: UnusableInput for the first that is broken (with its byte) or is no EPCIS document.
    """
    events = EVENTS.replace("<documents>", _documents_sql(files))
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE landing_stage AS {events}")
    except duckdb.Error as error:
        raise _unreadable(error, files) from None
    odd = con.execute("""SELECT path, count(*) FROM landing_stage WHERE place = 0
        GROUP BY path HAVING count(*) > 1 OR NOT bool_and(has_list) ORDER BY path LIMIT 1""").fetchone()
    if odd is not None:
        file = next(f for f in files if str(f.path) == odd[0])
        raise UnusableInput(_oddity(con, file, odd[1]), file=file.name)


def _oddity(con: duckdb.DuckDBPyConnection, file: FeedFile, documents_count: int) -> str:
    """Why a file without a list of events in each document, or with several documents, is none to read."""
    kinds = con.execute(f"SELECT json_type(json, '$.epcisBody') FROM {_documents_sql([file])}").fetchall()
    if any(kind != "OBJECT" for (kind,) in kinds):
        return "the document has no epcisBody, so it is not an EPCIS document"
    if documents_count == 1:
        return "epcisBody holds no eventList, neither its own nor that of queryResults"
    return f"it holds {documents_count} JSON documents where one is expected"


def _batches(files: list[FeedFile]) -> list[list[FeedFile]]:
    """The files in groups of about BATCH_BYTES."""
    batches: list[list[FeedFile]] = [[]]
    room = BATCH_BYTES
    for file in files:
        size = _unpacked_bytes(file)
        if batches[-1] and size > room:
            batches.append([])
            room = BATCH_BYTES
        batches[-1].append(file)
        room -= size
    return batches


def _unpacked_bytes(file: FeedFile) -> int:
    """At most so many bytes a file holds: a compressed document may be many times its size on disk."""
    return file.path.stat().st_size * (40 if file.path.suffix == ".gz" else 1)


def _documents_sql(files: list[FeedFile]) -> str:
    largest = max((_unpacked_bytes(f) for f in files), default=0)
    paths = ", ".join(literal(_unglobbed(f.path)) for f in files)
    return (
        f"(SELECT filename AS path, json FROM read_json_objects([{paths}], format = 'unstructured', filename = true, "
        f"maximum_object_size = {min(max(largest + 1024, LEAST_OBJECT_BYTES), (1 << 32) - 1)}))"
    )


def _unglobbed(path: "Path") -> str:
    """A path of which DuckDB takes no character for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _unreadable(error: duckdb.Error, files: list[FeedFile]) -> Exception:
    """The engine's complaint as a sentence about one file; a complaint about anything else stays what it is."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    for file in sorted(files, key=lambda f: -len(str(f.path))):
        if f'"{file.path}"' in text or f"'{file.path}'" in text:
            broken = re.search(r"Malformed JSON .* at byte (\d+).*?: (.*)$", text)
            if broken:
                reason = f"it is not a whole JSON document ({broken[2].rstrip('. ')} at byte {broken[1]})"
            else:
                complaint = text.split(":", 1)[-1].strip().replace(str(file.path), file.name)
                reason = f"the file cannot be read ({complaint})"
            return UnusableInput(reason, file=file.name)
    return error


ADAPTER = Adapter(SPEC, land)
