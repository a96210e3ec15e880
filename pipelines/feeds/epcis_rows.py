"""EPCIS events as canonical rows, whatever notation they came in: what an event means is said here alone.

One canonical row per thing that an event names: an entry of a quantity list, or a serialised EPC (quantity 1). From the
second on, the event id bears `#2`, `#3` ...; where an event states no id, which EPCIS allows, a hash of what the row
says is its id. A row's number is the place of its event in the document. EPCIS lists have no order, so nothing depends
on one: quantities come before EPCs, each in the order of their keys. Standard fields are
read in every spelling (CBV words, `cbv:` CURIEs, web URIs, URNs; GS1 digital links and EPC URNs). The business
transaction whose type decided the event type, else an order (po, prodorder, rma), else an advice (desadv, recadv), else
the first by type and number, gives document and line: `.../bt/<document>/<line>`,
`urn:epcglobal:cbv:bt:<gln>:<document>`, or else its last segment.
`data/reference/epcis_event_types.csv` says which business step is which event type; where its disposition or
transaction_type is blank, any will do, and the rule that says most wins. What EPCIS has no word for may come as an
extension with the prefix `dockledger:` (actor_id, shift, sequence_no, supplier_id, from_status, to_status, location_id,
lot_id, document_id, document_line, partner_facility_id, quantity, uom).
"""

from typing import TYPE_CHECKING

import polars as pl

from data import DATA
from pipelines.feeds.epcis_macros import MACROS

if TYPE_CHECKING:
    import duckdb

# What an extension's prefix stands for, where a notation has namespaces.
NAMESPACE = "https://dockledger.example/epcis/"

READS = {
    "event_id": "eventID, with `#2`, `#3` ... for further things of an event; without one a hash",
    "event_type": "bizStep with disposition and bizTransactionList; see `data/reference/epcis_event_types.csv`",
    "event_time": "eventTime",
    "facility_id": "bizLocation, else readPoint: its GLN, else its URI",
    "item_id": "quantityList, epcList, childQuantityList, childEPCs: GTIN in 14 digits, else digital link, else URI",
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

COLUMNS = (
    "event_id", "event_type", "event_time", "facility_id", "item_id", "quantity", "uom", "recorded_at", "lot_id",
    "serial_id", "location_id", "from_status", "to_status", "partner_facility_id", "supplier_id", "document_type",
    "document_id", "document_line", "actor_id", "shift", "sequence_no", "withdrawn_at",
)  # fmt: skip

# Everything is text here: values of another type become NULL or their JSON text, and are judged as text later.
_EVENT_SHAPE = """{
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

_FIELDS = {
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
_THINGS = """CASE WHEN len(quantities) = 1 AND epcs IS NULL AND child_epcs IS NULL AND child_quantities IS NULL
    THEN [{epc: epcis_thing(quantities[1].epcClass), quantity: quantities[1].quantity, uom: quantities[1].uom}]
    ELSE coalesce(nullif(list_concat(
        list_sort(list_transform(list_concat(quantities, child_quantities),
            lambda q: {epc: epcis_thing(q.epcClass), quantity: q.quantity, uom: q.uom})),
        list_sort(list_transform(list_concat(epcs, child_epcs),
            lambda c: {epc: epcis_thing(c), quantity: '1', uom: NULL}))), []),
    [{epc: NULL, quantity: NULL, uom: NULL}]) END"""

# An event that is declared to be an error did not happen. A declaration without its time is no instant: quarantined.
_WITHDRAWN = """CASE WHEN error_declaration IS NOT NULL
    THEN coalesce(error_declaration.declarationTime, 'no declarationTime') END"""

# A transformation makes one thing of another: no canonical event type says that. It is passed on under its own name, so
# that it is quarantined in plain sight.
_EVENT_TYPE = """CASE WHEN kind = 'TransformationEvent' THEN kind
    ELSE coalesce(rule.event_type, biz_step, kind) END"""

# The other end of a transfer: where it came from, or where it goes; a location before a party.
_PARTNER = """CASE
    WHEN event_type = 'transfer_received'
    THEN epcis_end(list_transform(sources, lambda s: {type: s.type, uri: s.source}))
    WHEN event_type IN ('transfer_shipped', 'transfer_requested', 'transfer_approved')
    THEN epcis_end(list_transform(destinations, lambda s: {type: s.type, uri: s.destination})) END"""

_SUPPLIER = """CASE WHEN event_type IN ('receipt_created', 'receipt_confirmed') THEN
    coalesce(epcis_source(sources, 'owning_party'), epcis_source(sources, 'possessing_party')) END"""

# What an ERP posts against before what goes with it.
_TRANSACTIONS = """list_sort(list_transform(
    list_transform(stated_transactions, lambda t: {type: epcis_word(t.type), id: t.bizTransaction}),
    lambda t: {place: coalesce(list_position(['po', 'prodorder', 'rma', 'desadv', 'recadv'], t.type), 9),
        type: t.type, id: t.id}))"""

# The id of what states none: a hash of all that the row says of the movement, in one spelling. Like the hash that CBV
# offers it leaves out what a repository adds (recordTime) and what is said of the event later (errorDeclaration).
_SAID = [
    c for c in COLUMNS if c not in ("event_id", "event_type", "event_time", "quantity", "recorded_at", "withdrawn_at")
]
_OWN_ID = f"""'md5:' || md5(concat_ws(chr(31), thing_no, epcis_word(event_type),
    coalesce(CAST(epoch_us(TRY_CAST(event_time AS TIMESTAMPTZ)) AS VARCHAR), event_time, ''),
    coalesce(CAST(TRY_CAST(quantity AS DECIMAL(18, 6)) AS VARCHAR), quantity, ''),
    {", ".join(f"coalesce({c}, '')" for c in _SAID)}))"""

# Events -> things -> canonical columns as text.
_ROWS = f"""WITH event AS (
    SELECT path, place, from_json(event, '{_EVENT_SHAPE}') AS e FROM <events>
), flat AS (
    -- Fields as columns of their own: a CASE over a struct copies the whole struct.
    SELECT path, place, {", ".join(f'e."{field}" AS {name}' for name, field in _FIELDS.items())} FROM event
), worded AS (
    SELECT *, epcis_word(biz_step) AS step, epcis_word(stated_disposition) AS disposition,
        {_TRANSACTIONS} AS transactions,
        coalesce(biz_location.id, read_point.id) AS place_id,
        read_point.id AS read_point_id, biz_location.id AS biz_location_id,
        {_THINGS} AS things, {_WITHDRAWN} AS withdrawn_at
    FROM flat
), ruled AS (
    SELECT w.*, list_filter(s.rules, lambda r:
        (r.disposition IS NULL OR r.disposition = w.disposition)
        AND (r.transaction_type IS NULL
            OR list_contains(list_transform(w.transactions, lambda t: t.type), r.transaction_type)))[1] AS rule
    FROM worded w LEFT JOIN epcis_rule s ON s.biz_step = w.step
), typed AS (
    SELECT *, {_EVENT_TYPE} AS event_type,
        coalesce(list_filter(transactions, lambda t: t.type = rule.transaction_type)[1], transactions[1]) AS bt
    FROM ruled
), ended AS (
    SELECT *, bt.type AS bt_type, bt.id AS bt_id, {_PARTNER} AS partner_uri, {_SUPPLIER} AS supplier_uri,
        generate_subscripts(things, 1) AS thing_no, unnest(things) AS thing
    FROM typed
), thing AS (
    SELECT *, thing.epc AS epc, thing.quantity AS stated_quantity, thing.uom AS stated_uom FROM ended
), parted AS (
    SELECT *, epcis_part(epc, '/01/') AS gtin, epcis_part(epc, '/10/') AS lot, epcis_part(epc, '/21/') AS serial,
        epcis_extension(read_point_id) AS read_point_part, epcis_extension(biz_location_id) AS biz_location_part
    FROM thing
), told AS (SELECT
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
    thing_no,
    path AS file,
    CAST(place AS BIGINT) AS row_number
FROM parted)
SELECT * EXCLUDE (thing_no)
    REPLACE (CASE WHEN event_id IS NULL AND event_time IS NOT NULL THEN {_OWN_ID} ELSE event_id END AS event_id)
FROM told"""


def prepare(con: "duckdb.DuckDBPyConnection") -> None:
    """Gives a connection what `rows_sql` needs: macros and the rules of event types."""
    con.execute(MACROS)
    _load_event_types(con)


def rows_sql(events: str) -> str:
    """A SELECT of COLUMNS as text, `file` and `row_number`.

    Args:
        events: SQL of a relation of events: `path`, `place` (1 is the first event of its file), and `event`, a JSON
            object of the shape that EPCIS 2.0 gives it.
    """
    return _ROWS.replace("<events>", events)


def _load_event_types(con: "duckdb.DuckDBPyConnection") -> None:
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
