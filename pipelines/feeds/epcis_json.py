"""`epcis_json`: EPCIS 2.0 documents and query results in JSON or JSON-LD, read inside the engine.

One canonical row per thing that an event names: an entry of a quantity list, or a serialised EPC (quantity 1). From the
second on, the event id bears `#2`, `#3` ...; a row's number is the place of its event in the document. Standard fields
are read in every spelling (CBV words, `cbv:` CURIEs, web URIs, URNs; GS1 digital links and EPC URNs). The business
transaction whose type decided the event type, else the first, gives document and line: `.../bt/<document>/<line>`,
`urn:epcglobal:cbv:bt:<gln>:<document>`, or else its last segment. What EPCIS has no word for may come as an extension
with the prefix `dockledger:` (actor_id, shift, sequence_no, supplier_id, from_status, to_status, location_id, lot_id,
document_id, document_line, partner_facility_id, quantity, uom).
"""

import re
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from data import DATA
from pipelines.errors import UnusableInput
from pipelines.feeds.base import Adapter, AdapterSpec, FeedFile, Landing, Scan
from pipelines.workspace import Feed
from transforms.contracts.sqlgen import literal

if TYPE_CHECKING:
    from pathlib import Path

SPEC = AdapterSpec(
    name="epcis_json",
    title="EPCIS 2.0 documents and query results in JSON or JSON-LD",
    tables=("inventory_event",),
    clocks=("event_time", "recorded_at"),
    refuses=("a file that is not JSON or is cut off", "a document without epcisBody", "more than one document in a file"),
    is_mapped=True,
    personal_data=("actor_id",),
)

COLUMNS = (
    "event_id", "event_type", "event_time", "facility_id", "item_id", "quantity", "uom", "recorded_at", "lot_id", "serial_id",
    "location_id", "from_status", "to_status", "partner_facility_id", "supplier_id", "document_type", "document_id",
    "document_line", "actor_id", "shift", "sequence_no",
)  # fmt: skip

# The reader allocates twice the largest document it may meet, per thread: the largest file decides, not a guess.
LEAST_OBJECT_BYTES = 1 << 16

# Everything is text here: values of another type become NULL or their JSON text, and are judged as text later.
EVENT_SHAPE = """{
    "type": "VARCHAR", "eventID": "VARCHAR", "eventTime": "VARCHAR", "recordTime": "VARCHAR",
    "bizStep": "VARCHAR", "disposition": "VARCHAR",
    "readPoint": {"id": "VARCHAR"}, "bizLocation": {"id": "VARCHAR"},
    "errorDeclaration": {"declarationTime": "VARCHAR"},
    "bizTransactionList": [{"type": "VARCHAR", "bizTransaction": "VARCHAR"}],
    "sourceList": [{"type": "VARCHAR", "source": "VARCHAR"}],
    "destinationList": [{"type": "VARCHAR", "destination": "VARCHAR"}],
    "quantityList": [{"epcClass": "VARCHAR", "quantity": "VARCHAR", "uom": "VARCHAR"}],
    "childQuantityList": [{"epcClass": "VARCHAR", "quantity": "VARCHAR", "uom": "VARCHAR"}],
    "epcList": ["VARCHAR"], "childEPCs": ["VARCHAR"],
    "dockledger:actor_id": "VARCHAR", "dockledger:shift": "VARCHAR", "dockledger:sequence_no": "VARCHAR",
    "dockledger:supplier_id": "VARCHAR", "dockledger:from_status": "VARCHAR", "dockledger:to_status": "VARCHAR",
    "dockledger:location_id": "VARCHAR", "dockledger:lot_id": "VARCHAR", "dockledger:partner_facility_id": "VARCHAR",
    "dockledger:document_id": "VARCHAR", "dockledger:document_line": "VARCHAR",
    "dockledger:quantity": "VARCHAR", "dockledger:uom": "VARCHAR"
}"""

# The list of a document's events, whether captured or queried. A lone event stands for a list of one.
EVENT_LIST = """coalesce(
    json -> '$.epcisBody.eventList', json -> '$.epcisBody.queryResults.resultsBody.eventList', '[]')"""

MACROS = r"""
-- What follows the last separator of a URI, URN or CURIE, with the CBV's own prefixes (BizStep-, Disp-, BTT-, SDT-) taken off.
CREATE OR REPLACE TEMP MACRO epcis_word(uri) AS
    CASE WHEN regexp_matches(uri, '[/:]')
         THEN regexp_replace(regexp_extract(uri, '([^/:#]*)/?$', 1), '^(BizStep|Disp|BTT|SDT)-', '') ELSE uri END;
-- GS1 check digit of up to 17 digits: weights 3, 1, 3 ... from the right.
CREATE OR REPLACE TEMP MACRO epcis_check_digit(digits) AS
    CAST((10 - list_sum(list_transform(range(1, len(digits) + 1),
        lambda i: CAST(substr(digits, len(digits) + 1 - i, 1) AS INTEGER) * (CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END))) % 10) % 10
        AS VARCHAR);
CREATE OR REPLACE TEMP MACRO epcis_checked(digits) AS digits || epcis_check_digit(digits);
-- GTIN-14 of an EPC or EPC class; NULL where it names no trade item.
CREATE OR REPLACE TEMP MACRO epcis_gtin(epc) AS CASE
    WHEN regexp_matches(epc, '^https?://.*/01/\d{8,14}(/|\?|#|$)') THEN lpad(regexp_extract(epc, '/01/(\d{8,14})', 1), 14, '0')
    WHEN regexp_matches(epc, '^urn:epc:(class:lgtin|id:sgtin|idpat:sgtin):\d{6,12}\.\d{1,7}\.')
    THEN epcis_checked(regexp_replace(epc, '^urn:epc:[a-z]+:[a-z]+:(\d+)\.(\d)(\d*)\..*$', '\2\1\3')) END;
CREATE OR REPLACE TEMP MACRO epcis_lot(epc) AS url_decode(CASE
    WHEN starts_with(epc, 'http') THEN nullif(regexp_extract(epc, '/01/\d+.*/10/([^/?#]+)', 1), '')
    WHEN starts_with(epc, 'urn:epc:class:lgtin:') THEN nullif(regexp_extract(epc, '^urn:epc:class:lgtin:\d+\.\d+\.(.+)$', 1), '') END);
CREATE OR REPLACE TEMP MACRO epcis_serial(epc) AS url_decode(CASE
    WHEN starts_with(epc, 'http') THEN nullif(regexp_extract(epc, '/01/\d+.*/21/([^/?#]+)', 1), '')
    WHEN starts_with(epc, 'urn:epc:id:sgtin:') THEN nullif(regexp_extract(epc, '^urn:epc:id:sgtin:\d+\.\d+\.(.+)$', 1), '') END);
-- GLN-13 of a place or party, else its URI.
CREATE OR REPLACE TEMP MACRO epcis_place(uri) AS CASE
    WHEN regexp_matches(uri, '^https?://.*/(414|417)/\d{13}(/|\?|#|$)') THEN regexp_extract(uri, '/41[47]/(\d{13})', 1)
    WHEN regexp_matches(uri, '^urn:epc:id:(sgln|pgln):\d+\.\d*(\.|$)')
    THEN epcis_checked(regexp_replace(uri, '^urn:epc:id:[a-z]+:(\d+)\.(\d*).*$', '\1\2')) ELSE uri END;
-- The place within a place: the GLN extension, which is 0 where there is none.
CREATE OR REPLACE TEMP MACRO epcis_extension(uri) AS url_decode(nullif(nullif(coalesce(
    nullif(regexp_extract(uri, '/414/\d{13}/254/([^/?#]+)', 1), ''),
    regexp_extract(uri, '^urn:epc:id:sgln:\d+\.\d*\.(.+)$', 1)), ''), '0'));
CREATE OR REPLACE TEMP MACRO epcis_document(transaction) AS CASE
    WHEN regexp_matches(transaction, '/bt/[^/]+/[^/]+$') THEN regexp_extract(transaction, '/bt/([^/]+)/[^/]+$', 1)
    WHEN regexp_matches(transaction, '^https?://|^urn:epcglobal:cbv:bt:') THEN regexp_extract(transaction, '([^/:#]*)/?$', 1)
    ELSE transaction END;
CREATE OR REPLACE TEMP MACRO epcis_document_line(transaction) AS
    nullif(regexp_extract(transaction, '/bt/[^/]+/([^/]+)$', 1), '');
"""


def land(con: duckdb.DuckDBPyConnection, feed: Feed, files: list[FeedFile]) -> Landing:
    """One scan over all documents of a feed.

    Errors: UnusableInput for a file that is not one whole EPCIS document, naming file and reason.
    """
    if not files:
        return Landing([])
    source = _documents_sql(files)
    _refuse_unusable(con, source, files)
    con.execute(MACROS)
    _load_event_types(con)
    return Landing([Scan("inventory_event", _rows_sql(source), COLUMNS, has_row_number=True)])


def _documents_sql(files: list[FeedFile]) -> str:
    largest = max((f.path.stat().st_size for f in files), default=0)
    if any(f.path.suffix == ".gz" for f in files):
        # A compressed document may be many times its size on disk.
        largest *= 40
    paths = ", ".join(literal(_unglobbed(f.path)) for f in files)
    return (
        f"(SELECT filename AS path, json FROM read_json_objects([{paths}], format = 'unstructured', filename = true, "
        f"maximum_object_size = {min(max(largest + 1024, LEAST_OBJECT_BYTES), (1 << 32) - 1)}))"
    )


def _unglobbed(path: "Path") -> str:
    """A path of which DuckDB takes no character for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _refuse_unusable(con: duckdb.DuckDBPyConnection, source: str, files: list[FeedFile]) -> None:
    """Parses every document once; a broken one is named with its byte, one that is no EPCIS document with the reason."""
    names = {str(f.path): f.name for f in files}
    try:
        odd = con.execute(
            f"SELECT path, count(*), bool_and(json_type(json, '$.epcisBody') IS NOT DISTINCT FROM 'OBJECT') FROM {source} "
            "GROUP BY path HAVING count(*) > 1 OR NOT bool_and(json_type(json, '$.epcisBody') IS NOT DISTINCT FROM 'OBJECT') "
            "ORDER BY path LIMIT 1"
        ).fetchone()
    except duckdb.Error as error:
        raise _unreadable(error, files) from None
    if odd is None:
        return
    path, count, has_body = odd
    if not has_body:
        raise UnusableInput("the document has no epcisBody, so it is not an EPCIS document", file=names.get(path, path))
    raise UnusableInput(f"it holds {count} JSON documents where one is expected", file=names.get(path, path))


def _unreadable(error: duckdb.Error, files: list[FeedFile]) -> Exception:
    """The engine's complaint as a sentence about one file; a complaint about anything else stays what it is."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    for file in sorted(files, key=lambda f: -len(str(f.path))):
        if f'"{file.path}"' in text or f"'{file.path}'" in text:
            found = re.search(r"at byte (\d+).*?: (.*?)\.?$", text)
            reason = f"{found[2].rstrip('. ')} at byte {found[1]}" if found else text.split(":", 1)[-1].strip()
            return UnusableInput(f"it is not a whole JSON document ({reason})", file=file.name)
    return error


def _load_event_types(con: duckdb.DuckDBPyConnection) -> None:
    """`epcis_rule`: per business step its rules, the most specific first; `epcis_event_type`: the canonical words."""
    rules = pl.read_csv(DATA / "reference" / "epcis_event_types.csv", infer_schema=False)
    known = pl.read_csv(DATA / "reference" / "event_types.csv", infer_schema=False).select("event_type")
    con.register("epcis_rules_given", rules.to_arrow())
    con.register("epcis_types_given", known.to_arrow())
    con.execute("""CREATE OR REPLACE TEMP TABLE epcis_rule AS
        SELECT biz_step, list({disposition: nullif(disposition, ''), transaction_type: nullif(transaction_type, ''), event_type: event_type}
            ORDER BY (coalesce(disposition, '') <> '')::INT + (coalesce(transaction_type, '') <> '')::INT DESC,
                     coalesce(transaction_type, '') <> '' DESC, event_type) AS rules
        FROM epcis_rules_given GROUP BY biz_step
        UNION ALL
        SELECT event_type, [{disposition: NULL, transaction_type: NULL, event_type: event_type}] FROM epcis_types_given""")
    con.unregister("epcis_rules_given")
    con.unregister("epcis_types_given")


def _rows_sql(source: str) -> str:
    """Documents -> events -> things -> canonical columns as text."""
    return f"""
WITH document AS (
    SELECT path, {EVENT_LIST} AS list FROM {source}
), event_json AS (
    SELECT path, generate_subscripts(list, 1) AS place, unnest(list) AS event
    FROM (SELECT path, from_json(CASE WHEN json_type(list) = 'ARRAY' THEN list ELSE json_array(list) END, '["JSON"]') AS list FROM document)
), event AS (
    SELECT path, place, from_json(event, '{EVENT_SHAPE}') AS e FROM event_json
), worded AS (
    SELECT path, place, e, epcis_word(e.bizStep) AS step, epcis_word(e.disposition) AS disposition,
        list_transform(e.bizTransactionList, lambda t: {{type: epcis_word(t.type), id: t.bizTransaction}}) AS transactions,
        {THINGS} AS things
    FROM event
), ruled AS (
    SELECT w.*, list_filter(r.rules, lambda r:
        (r.disposition IS NULL OR r.disposition = w.disposition)
        AND (r.transaction_type IS NULL OR list_contains(list_transform(w.transactions, lambda t: t.type), r.transaction_type)))[1] AS rule
    FROM worded w LEFT JOIN epcis_rule r ON r.biz_step = w.step
), thing AS (
    SELECT path, place, e, {EVENT_TYPE} AS event_type,
        coalesce(list_filter(transactions, lambda t: t.type = rule.transaction_type)[1], transactions[1]) AS bt,
        generate_subscripts(things, 1) AS thing_no, unnest(things) AS thing
    FROM ruled
)
SELECT
    CASE WHEN thing_no > 1 THEN e.eventID || '#' || thing_no ELSE e.eventID END AS event_id,
    event_type,
    e.eventTime AS event_time,
    epcis_place(coalesce(e.bizLocation.id, e.readPoint.id)) AS facility_id,
    coalesce(epcis_gtin(thing.epc), thing.epc) AS item_id,
    coalesce(e."dockledger:quantity", thing.quantity) AS quantity,
    coalesce(e."dockledger:uom", thing.uom) AS uom,
    e.recordTime AS recorded_at,
    coalesce(e."dockledger:lot_id", epcis_lot(thing.epc)) AS lot_id,
    epcis_serial(thing.epc) AS serial_id,
    coalesce(e."dockledger:location_id", epcis_extension(e.readPoint.id), epcis_extension(e.bizLocation.id)) AS location_id,
    e."dockledger:from_status" AS from_status,
    e."dockledger:to_status" AS to_status,
    coalesce(e."dockledger:partner_facility_id", {PARTNER}) AS partner_facility_id,
    coalesce(e."dockledger:supplier_id", {SUPPLIER}) AS supplier_id,
    bt.type AS document_type,
    coalesce(e."dockledger:document_id", epcis_document(bt.id)) AS document_id,
    coalesce(e."dockledger:document_line", epcis_document_line(bt.id)) AS document_line,
    e."dockledger:actor_id" AS actor_id,
    e."dockledger:shift" AS shift,
    e."dockledger:sequence_no" AS sequence_no,
    path AS file,
    CAST(place AS BIGINT) AS row_number
FROM thing"""


# An event that names nothing still happened: one row without item.
THINGS = """CASE WHEN len(e.quantityList) = 1 AND e.epcList IS NULL AND e.childEPCs IS NULL AND e.childQuantityList IS NULL
    THEN [{epc: e.quantityList[1].epcClass, quantity: e.quantityList[1].quantity, uom: e.quantityList[1].uom}]
    ELSE coalesce(nullif(list_concat(
        list_transform(list_concat(e.quantityList, e.childQuantityList),
            lambda q: {epc: q.epcClass, quantity: q.quantity, uom: q.uom}),
        list_transform(list_concat(e.epcList, e.childEPCs), lambda c: {epc: c, quantity: '1', uom: NULL})), []),
    [{epc: NULL, quantity: NULL, uom: NULL}]) END"""

# A transformation makes one thing of another: no canonical event type says that. An event that is declared to be an
# error did not happen. Both are passed on under their own name, so that they are quarantined in plain sight.
EVENT_TYPE = """CASE WHEN e.errorDeclaration IS NOT NULL THEN concat(coalesce(e.bizStep, e.type), ' (declared an error)')
    WHEN e.type = 'TransformationEvent' THEN e.type
    ELSE coalesce(rule.event_type, e.bizStep, e.type) END"""

# The other end of a transfer: where it came from, or where it goes; a location before a party.
PARTNER = """CASE event_type
    WHEN 'transfer_received' THEN epcis_place(coalesce(
        list_filter(e.sourceList, lambda s: epcis_word(s.type) = 'location')[1].source, e.sourceList[1].source))
    WHEN 'transfer_shipped' THEN epcis_place(coalesce(
        list_filter(e.destinationList, lambda s: epcis_word(s.type) = 'location')[1].destination, e.destinationList[1].destination))
    WHEN 'transfer_requested' THEN epcis_place(e.destinationList[1].destination)
    WHEN 'transfer_approved' THEN epcis_place(e.destinationList[1].destination) END"""

SUPPLIER = """CASE WHEN event_type IN ('receipt_created', 'receipt_confirmed') THEN epcis_place(coalesce(
    list_filter(e.sourceList, lambda s: epcis_word(s.type) = 'owning_party')[1].source,
    list_filter(e.sourceList, lambda s: epcis_word(s.type) = 'possessing_party')[1].source)) END"""

ADAPTER = Adapter(SPEC, land)
