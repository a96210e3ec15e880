"""`epcis_xml`: EPCIS 1.2 and 2.0 documents and query results in XML.

`epcis_xml_text` makes of each event the JSON that EPCIS 2.0 would write; `epcis_rows` says what it means. Extensions
are read in the namespace `https://dockledger.example/epcis/`.
"""

from itertools import chain, islice
from typing import TYPE_CHECKING

from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.feeds.epcis_rows import COLUMNS, READS, prepare, rows_sql
from pipelines.feeds.epcis_xml_text import events
from pipelines.feeds.text_rows import append_text_rows, make_text_table
from pipelines.workspace import Feed

if TYPE_CHECKING:
    import duckdb

SPEC = AdapterSpec(
    name="epcis_xml",
    title="EPCIS 1.2 and 2.0 documents and query results in XML",
    tables=("inventory_event",),
    clocks=("event_time", "recorded_at"),
    refuses=(
        "a file that is not whole XML",
        "a document type declaration (DOCTYPE), whatever it holds",
        "a root that is no EPCISDocument or EPCISQueryDocument, such as a single event, or one without EventList",
        "a text of more than 1,048,576 characters, an event of more than 16,777,216, elements more than 256 deep",
    ),
    is_mapped=True,
    unit_codes="rec20",
    gs1_codes=True,
    personal_data=("actor_id",),
    layout="GS1 EPCIS 1.2 and 2.0, XML schemas; CBV words, CURIEs, web URIs and URNs alike",
    reads={"inventory_event": READS},
)
_EVENTS_AT_ONCE = 5_000


def land(con: "duckdb.DuckDBPyConnection", feed: Feed, files: list[FeedFile]) -> Landing:
    """Reads every file once into a temporary table of events.

    Errors: UnusableInput for a file that is not one whole EPCIS document, with file, line or event, and reason.
    """
    table = f"epcis_xml_{feed.name}"
    make_text_table(con, table, ("event",))
    for file in files:
        numbered = ((event, number) for number, event in enumerate(events(file), 1))
        for first in numbered:
            append_text_rows(con, table, ("event",), [*chain([first], islice(numbered, _EVENTS_AT_ONCE))], file)
    prepare(con)
    rows = rows_sql(f"(SELECT file AS path, row_number AS place, event FROM {table})")
    return Landing([Scan("inventory_event", rows, COLUMNS, has_row_number=True)])


ADAPTER = Adapter(SPEC, land)
