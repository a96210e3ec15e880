"""`epcis_json`: EPCIS 2.0 documents and query results in JSON or JSON-LD, read inside the engine.

One canonical row per thing that an event names: an entry of a quantity list, or a serialised EPC (quantity 1). From the
second on, the event id bears `#2`, `#3` ...; a row's number is the place of its event in the document. Standard fields
are read in every spelling (CBV words, `cbv:` CURIEs, web URIs, URNs; GS1 digital links and EPC URNs). The business
transaction whose type decided the event type, else the first, gives document and line: `.../bt/<document>/<line>`,
`urn:epcglobal:cbv:bt:<gln>:<document>`, or else its last segment. `data/reference/epcis_event_types.csv` says which
business step is which event type; where its disposition or transaction_type is blank, any will do, and the rule that
says most wins. What EPCIS has no word for may come as an extension with the prefix `dockledger:` (actor_id, shift,
sequence_no, supplier_id, from_status, to_status, location_id, lot_id, document_id, document_line, partner_facility_id,
quantity, uom).
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
    refuses=("a file that is not whole JSON", "a document without epcisBody or eventList", "two documents in one file"),
    is_mapped=True,
    personal_data=("actor_id",),
    layout="GS1 EPCIS and CBV 2.0, JSON/JSON-LD binding; CBV words, CURIEs, web URIs and URNs alike",
    reads={
        "inventory_event": {
            "event_id": "eventID, with `#2`, `#3` ... for further things of an event",
            "event_type": "bizStep with disposition and bizTransactionList; see `data/reference/epcis_event_types.csv`",
            "event_time": "eventTime",
            "facility_id": "bizLocation, else readPoint: its GLN, else its URI",
            "item_id": "quantityList, epcList, childQuantityList, childEPCs: the GTIN in 14 digits, else the EPC",
            "quantity": "`dockledger:quantity`, quantity of the list; 1 for an EPC",
            "uom": "`dockledger:uom`, uom of the list",
            "recorded_at": "recordTime",
            "lot_id": "`dockledger:lot_id`, lot of the EPC",
            "serial_id": "serial number of the EPC",
            "location_id": "`dockledger:location_id`, GLN extension of readPoint, of bizLocation",
            "from_status": "`dockledger:from_status`",
            "to_status": "`dockledger:to_status`",
            "partner_facility_id": "`dockledger:partner_facility_id`; of a transfer sourceList or destinationList",
            "supplier_id": "`dockledger:supplier_id`; of a receipt owning_party, possessing_party of sourceList",
            "document_type": "type of the bizTransaction",
            "document_id": "`dockledger:document_id`, bizTransaction",
            "document_line": "`dockledger:document_line`, last part of `.../bt/<document>/<line>`",
            "actor_id": "`dockledger:actor_id`",
            "shift": "`dockledger:shift`",
            "sequence_no": "`dockledger:sequence_no`",
            "withdrawn_at": "`errorDeclaration.declarationTime`",
        }
    },
)

COLUMNS = (
    "event_id", "event_type", "event_time", "facility_id", "item_id", "quantity", "uom", "recorded_at", "lot_id",
    "serial_id", "location_id", "from_status", "to_status", "partner_facility_id", "supplier_id", "document_type",
    "document_id", "document_line", "actor_id", "shift", "sequence_no", "withdrawn_at",
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

# Where a document keeps its events, captured or queried; each event stays JSON until it is taken apart.
DOCUMENT_SHAPE = """{"epcisBody": {"eventList": ["JSON"], "queryResults": {"resultsBody": {"eventList": ["JSON"]}}}}"""
CAPTURED, QUERIED = "$.epcisBody.eventList", "$.epcisBody.queryResults.resultsBody.eventList"

# A macro is text: an argument that stands in it twice is computed twice. So each stands once wherever it is costly, and
# what a URI says is first taken out as it is ('' where it says nothing) and judged in a later step.
MACROS = r"""
-- What follows the last separator of a URI, URN or CURIE, without the CBV's own prefixes (BizStep-, Disp-, BTT-, SDT-).
CREATE OR REPLACE TEMP MACRO epcis_word(uri) AS
    CASE WHEN contains(uri, '/') OR contains(uri, ':')
         THEN regexp_extract(uri, '[/:#](?:(?:BizStep|Disp|BTT|SDT)-)?([^/:#]*)/?$', 1) ELSE uri END;
-- The value after a key such as /01/ of a GS1 digital link.
CREATE OR REPLACE TEMP MACRO epcis_link(uri, key) AS split_part(split_part(uri, key, 2), '/', 1);
-- Digits and their GS1 check digit: weights 3, 1, 3 ... from the right.
CREATE OR REPLACE TEMP MACRO epcis_checked(digits) AS list_transform([digits], lambda d:
    d || CAST((10 - list_sum(list_transform(range(1, len(d) + 1), lambda i:
        CAST(substr(d, len(d) + 1 - i, 1) AS INTEGER) * (CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END)
    )) % 10) % 10 AS VARCHAR))[1];
CREATE OR REPLACE TEMP MACRO epcis_gtin(epc) AS CASE
    WHEN NOT starts_with(epc, 'urn:') THEN epcis_link(epc, '/01/')
    WHEN regexp_matches(epc, '^urn:epc:(class:lgtin|id:sgtin|idpat:sgtin):\d{6,12}\.\d{1,7}\.')
    THEN epcis_checked(regexp_replace(epc, '^urn:epc:[a-z]+:[a-z]+:(\d+)\.(\d)(\d*)\..*$', '\2\1\3')) END;
CREATE OR REPLACE TEMP MACRO epcis_lot(epc) AS CASE
    WHEN NOT starts_with(epc, 'urn:') THEN epcis_link(epc, '/10/')
    WHEN starts_with(epc, 'urn:epc:class:lgtin:')
    THEN regexp_extract(epc, '^urn:epc:class:lgtin:\d+\.\d+\.(.+)$', 1) END;
CREATE OR REPLACE TEMP MACRO epcis_serial(epc) AS CASE
    WHEN NOT starts_with(epc, 'urn:') THEN epcis_link(epc, '/21/')
    WHEN starts_with(epc, 'urn:epc:id:sgtin:') THEN regexp_extract(epc, '^urn:epc:id:sgtin:\d+\.\d+\.(.+)$', 1) END;
-- GLN-13 of a place or party, else its URI.
CREATE OR REPLACE TEMP MACRO epcis_place(uri) AS CASE
    WHEN contains(uri, '/414/') THEN epcis_link(uri, '/414/')
    WHEN contains(uri, '/417/') THEN epcis_link(uri, '/417/')
    WHEN regexp_matches(uri, '^urn:epc:id:(sgln|pgln):\d+\.\d*(\.|$)')
    THEN epcis_checked(regexp_replace(uri, '^urn:epc:id:[a-z]+:(\d+)\.(\d*).*$', '\1\2'))
    ELSE uri END;
-- The place within a place: the GLN extension, which is 0 where there is none.
CREATE OR REPLACE TEMP MACRO epcis_extension(uri) AS CASE
    WHEN starts_with(uri, 'urn:epc:id:sgln:') THEN regexp_extract(uri, '^urn:epc:id:sgln:\d+\.\d*\.(.+)$', 1)
    ELSE epcis_link(uri, '/254/') END;
CREATE OR REPLACE TEMP MACRO epcis_said(part) AS CASE WHEN part NOT IN ('', '0') THEN url_decode(part) END;
CREATE OR REPLACE TEMP MACRO epcis_is_lined(transaction) AS
    contains(transaction, '/bt/') AND regexp_matches(transaction, '/bt/[^/]+/[^/]+$');
CREATE OR REPLACE TEMP MACRO epcis_document(transaction) AS CASE
    WHEN epcis_is_lined(transaction) THEN split_part(transaction, '/', -2)
    WHEN starts_with(transaction, 'http') OR starts_with(transaction, 'urn:epcglobal:cbv:bt:')
    THEN regexp_extract(transaction, '([^/:#]*)/?$', 1)
    ELSE transaction END;
CREATE OR REPLACE TEMP MACRO epcis_document_line(transaction) AS
    CASE WHEN epcis_is_lined(transaction) THEN split_part(transaction, '/', -1) END;
"""

FIELDS = {
    "kind": "type",
    "stated_event_id": "eventID",
    "stated_event_time": "eventTime",
    "record_time": "recordTime",
    "biz_step": "bizStep",
    "stated_disposition": "disposition",
    "read_point": "readPoint",
    "biz_location": "bizLocation",
    "error_declaration": "errorDeclaration",
    "stated_transactions": "bizTransactionList",
    "sources": "sourceList",
    "destinations": "destinationList",
    "quantities": "quantityList",
    "child_quantities": "childQuantityList",
    "epcs": "epcList",
    "child_epcs": "childEPCs",
    "own_actor": "dockledger:actor_id",
    "own_shift": "dockledger:shift",
    "own_sequence": "dockledger:sequence_no",
    "own_supplier": "dockledger:supplier_id",
    "own_from_status": "dockledger:from_status",
    "own_to_status": "dockledger:to_status",
    "own_location": "dockledger:location_id",
    "own_lot": "dockledger:lot_id",
    "own_partner": "dockledger:partner_facility_id",
    "own_document": "dockledger:document_id",
    "own_line": "dockledger:document_line",
    "own_quantity": "dockledger:quantity",
    "own_uom": "dockledger:uom",
}

# An event that names nothing still happened: one row without item.
THINGS = """CASE WHEN len(quantities) = 1 AND epcs IS NULL AND child_epcs IS NULL AND child_quantities IS NULL
    THEN [{epc: quantities[1].epcClass, quantity: quantities[1].quantity, uom: quantities[1].uom}]
    ELSE coalesce(nullif(list_concat(
        list_transform(list_concat(quantities, child_quantities),
            lambda q: {epc: q.epcClass, quantity: q.quantity, uom: q.uom}),
        list_transform(list_concat(epcs, child_epcs), lambda c: {epc: c, quantity: '1', uom: NULL})), []),
    [{epc: NULL, quantity: NULL, uom: NULL}]) END"""

# An event that is declared to be an error did not happen. A declaration without its time is no instant: quarantined.
WITHDRAWN = """CASE WHEN error_declaration IS NOT NULL
    THEN coalesce(error_declaration.declarationTime, 'no declarationTime') END"""

# A transformation makes one thing of another: no canonical event type says that. It is passed on under its own name, so
# that it is quarantined in plain sight.
EVENT_TYPE = """CASE WHEN kind = 'TransformationEvent' THEN kind
    ELSE coalesce(rule.event_type, biz_step, kind) END"""

# The other end of a transfer: where it came from, or where it goes; a location before a party.
PARTNER = """CASE event_type
    WHEN 'transfer_received' THEN coalesce(
        list_filter(sources, lambda s: epcis_word(s.type) = 'location')[1].source, sources[1].source)
    WHEN 'transfer_shipped' THEN coalesce(
        list_filter(destinations, lambda s: epcis_word(s.type) = 'location')[1].destination,
        destinations[1].destination)
    WHEN 'transfer_requested' THEN destinations[1].destination
    WHEN 'transfer_approved' THEN destinations[1].destination END"""

SUPPLIER = """CASE WHEN event_type IN ('receipt_created', 'receipt_confirmed') THEN coalesce(
    list_filter(sources, lambda s: epcis_word(s.type) = 'owning_party')[1].source,
    list_filter(sources, lambda s: epcis_word(s.type) = 'possessing_party')[1].source) END"""

# Documents -> events, still JSON. A document at a time is too little for an engine that works on two thousand rows.
EVENTS = f"""WITH document AS (
    SELECT path, from_json(json, '{DOCUMENT_SHAPE}').epcisBody AS body FROM <documents>
), listed AS (
    SELECT path, coalesce(body.eventList, body.queryResults.resultsBody.eventList) AS events FROM document
)
SELECT path, generate_subscripts(events, 1) AS place, unnest(events) AS event FROM listed"""
BATCH_BYTES = 1 << 28  # of documents gathered at once, which bounds the memory they take

# Events -> things -> canonical columns as text.
ROWS = f"""WITH event AS (
    SELECT path, place, from_json(event, '{EVENT_SHAPE}') AS e FROM landing_stage
), flat AS (
    -- Fields as columns of their own: a CASE over a struct copies the whole struct.
    SELECT path, place, {", ".join(f'e."{field}" AS {name}' for name, field in FIELDS.items())} FROM event
), worded AS (
    SELECT *, epcis_word(biz_step) AS step, epcis_word(stated_disposition) AS disposition,
        list_transform(stated_transactions,
            lambda t: {{type: epcis_word(t.type), id: t.bizTransaction}}) AS transactions,
        coalesce(biz_location.id, read_point.id) AS place_id,
        read_point.id AS read_point_id, biz_location.id AS biz_location_id,
        {THINGS} AS things, {WITHDRAWN} AS withdrawn_at
    FROM flat
), ruled AS (
    SELECT w.*, list_filter(s.rules, lambda r:
        (r.disposition IS NULL OR r.disposition = w.disposition)
        AND (r.transaction_type IS NULL
            OR list_contains(list_transform(w.transactions, lambda t: t.type), r.transaction_type)))[1] AS rule
    FROM worded w LEFT JOIN epcis_rule s ON s.biz_step = w.step
), typed AS (
    SELECT *, {EVENT_TYPE} AS event_type,
        coalesce(list_filter(transactions, lambda t: t.type = rule.transaction_type)[1], transactions[1]) AS bt
    FROM ruled
), ended AS (
    SELECT *, bt.type AS bt_type, bt.id AS bt_id, {PARTNER} AS partner_uri, {SUPPLIER} AS supplier_uri,
        generate_subscripts(things, 1) AS thing_no, unnest(things) AS thing
    FROM typed
), thing AS (
    -- A digital link may end in a query, which is no part of the key.
    SELECT *, split_part(thing.epc, '?', 1) AS epc, thing.quantity AS stated_quantity, thing.uom AS stated_uom
    FROM ended
), parted AS (
    SELECT *, epcis_gtin(epc) AS gtin, epcis_lot(epc) AS lot, epcis_serial(epc) AS serial,
        epcis_extension(read_point_id) AS read_point_part, epcis_extension(biz_location_id) AS biz_location_part
    FROM thing
)
SELECT
    CASE WHEN thing_no > 1 THEN stated_event_id || '#' || thing_no ELSE stated_event_id END AS event_id,
    event_type,
    stated_event_time AS event_time,
    epcis_place(place_id) AS facility_id,
    CASE WHEN regexp_full_match(gtin, '\\d{{8,14}}') THEN lpad(gtin, 14, '0') ELSE epc END AS item_id,
    coalesce(own_quantity, stated_quantity) AS quantity,
    coalesce(own_uom, stated_uom) AS uom,
    record_time AS recorded_at,
    coalesce(own_lot, CASE WHEN lot <> '' THEN url_decode(lot) END) AS lot_id,
    CASE WHEN serial <> '' THEN url_decode(serial) END AS serial_id,
    coalesce(own_location, epcis_said(read_point_part), epcis_said(biz_location_part)) AS location_id,
    own_from_status AS from_status,
    own_to_status AS to_status,
    coalesce(own_partner, epcis_place(partner_uri)) AS partner_facility_id,
    coalesce(own_supplier, epcis_place(supplier_uri)) AS supplier_id,
    bt_type AS document_type,
    coalesce(own_document, epcis_document(bt_id)) AS document_id,
    coalesce(own_line, epcis_document_line(bt_id)) AS document_line,
    own_actor AS actor_id,
    own_shift AS shift,
    own_sequence AS sequence_no,
    withdrawn_at,
    path AS file,
    CAST(place AS BIGINT) AS row_number
FROM parted"""


def land(con: duckdb.DuckDBPyConnection, _feed: Feed, files: list[FeedFile]) -> Landing:
    """One scan over each batch of documents of a feed.

    Errors: UnusableInput for a file that is not one whole EPCIS document, naming file and reason.
    """
    if not files:
        return Landing([])
    _refuse_unusable(con, _documents_sql(files), files)
    con.execute(MACROS)
    _load_event_types(con)
    staged = (EVENTS.replace("<documents>", _documents_sql(batch)) for batch in _batches(files))
    return Landing([Scan("inventory_event", ROWS, COLUMNS, has_row_number=True, stage_sql=sql) for sql in staged])


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


def _refuse_unusable(con: duckdb.DuckDBPyConnection, source: str, files: list[FeedFile]) -> None:
    """Parses every document once; names the first that is broken (with its byte) or is no EPCIS document."""
    names = {str(f.path): f.name for f in files}
    try:
        odd = con.execute(f"""
            SELECT path, count(*) AS documents_count, bool_and(has_body), bool_and(has_list)
            FROM (
                SELECT path, kinds[1] IS NOT DISTINCT FROM 'OBJECT' AS has_body,
                    list_contains(kinds[2:], 'ARRAY') AS has_list
                FROM (SELECT path, json_type(json, ['$.epcisBody', '{CAPTURED}', '{QUERIED}']) AS kinds
                    FROM {source}))
            GROUP BY path
            HAVING documents_count > 1 OR NOT bool_and(has_list)
            ORDER BY path LIMIT 1""").fetchone()
    except duckdb.Error as error:
        raise _unreadable(error, files) from None
    if odd is None:
        return
    path, count, has_body, has_list = odd
    if not has_body:
        reason = "the document has no epcisBody, so it is not an EPCIS document"
    elif not has_list:
        reason = "epcisBody holds no eventList, neither its own nor that of queryResults"
    else:
        reason = f"it holds {count} JSON documents where one is expected"
    raise UnusableInput(reason, file=names.get(path, path))


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


def _load_event_types(con: duckdb.DuckDBPyConnection) -> None:
    """`epcis_rule`: per business step its rules, the most specific first; a canonical event type is its own step."""
    rules = pl.read_csv(DATA / "reference" / "epcis_event_types.csv", infer_schema=False)
    known = pl.read_csv(DATA / "reference" / "event_types.csv", infer_schema=False).select("event_type")
    con.register("epcis_rules_given", rules.to_arrow())
    con.register("epcis_types_given", known.to_arrow())
    con.execute("""CREATE OR REPLACE TEMP TABLE epcis_rule AS
        SELECT biz_step,
            list({disposition: disposition, transaction_type: transaction_type, event_type: event_type}
                ORDER BY (disposition IS NOT NULL)::INT + (transaction_type IS NOT NULL)::INT DESC,
                    transaction_type IS NOT NULL DESC, event_type) AS rules
        FROM epcis_rules_given GROUP BY biz_step
        UNION ALL
        SELECT event_type, [{disposition: NULL, transaction_type: NULL, event_type: event_type}]
        FROM epcis_types_given""")
    con.unregister("epcis_rules_given")
    con.unregister("epcis_types_given")


ADAPTER = Adapter(SPEC, land)
