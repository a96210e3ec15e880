"""A small workspace with awkward values, and what other libraries read of its exports."""

import json
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from jsonschema import Draft7Validator
from lxml import etree

from tests.support import ROOT

STANDARDS = ROOT / "tests" / "standards"
CONFIGURATION = """\
as_of: 2026-03-01T00:00:00Z
facilities: [{id: NDC, name: National <DC> & "Hub", timezone: America/Chicago, kind: dc, country: US}, {id: RDC, timezone: UTC, kind: dc}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}
reference: {items: items.csv}
"""
# Receiving in two lots, a transfer, an order in parts, an event of nothing but a place; E4 and E9 are not posted.
EVENTS = """\
event_id,event_type,event_time,recorded_at,facility_id,partner_facility_id,item_id,quantity,uom,lot_id,serial_id,location_id,supplier_id,document_type,document_id,document_line,actor_id,shift,sequence_no
E1,receipt_created,2026-02-02T08:00:00Z,2026-02-02T08:00:01.25Z,NDC,,A&B,10,EA,L<7>,,,"Sons ""&"" Co",PO,R'1,1,Ann,early,1
E2,receipt_confirmed,2026-02-02T08:00:00Z,2026-02-02T08:00:02Z,NDC,,A&B,10,EA,L<7>,,dock 1,"Sons ""&"" Co",PO,R'1,1,Ann,early,2
E3,putaway_completed,2026-02-02T09:30:00.000250Z,,NDC,,A&B,10,EA,L<7>,,B 1,,PO,R'1,1,Bo,,
E4,putaway_completed,2026-02-02T09:31:00Z,,NDC,,A&B,2.125,EA,L8,,B 1,,PO,R'1,2,,,
E5,transfer_shipped,2026-02-03T06:00:00Z,,NDC,RDC,A&B,-5,EA,L<7>,S1,,,sales order,T1,1,,,
E6,transfer_received,2026-02-05T05:00:00Z,,RDC,NDC,A&B,5,EA,L<7>,S1,,,,T1,1,,,
E7,pick_confirmed,2026-02-06T12:00:00Z,,RDC,,Größe,0,EA,,,,,Sales-Order,O1,1,,,
E8,shipment_confirmed,2026-02-06T13:00:00Z,,RDC,,Größe,0.000001,EA,,,,,Sales-Order,O1,1,,,
E9,quality_hold_placed,2026-02-06T14:00:00Z,,RDC,,,,,,,,,,,,,,
E10,return_received,2026-02-07T14:00:00Z,,RDC,,Größe,1,EA,,,,,object,X1,,,,
"""
POSTINGS = """\
posting_id,posted_at,facility_id,item_id,quantity,event_id
P2,2026-02-02T08:10:00Z,NDC,A&B,10,E2
P3,2026-02-02T11:00:00.5Z,NDC,A&B,0,E3
P5,2026-02-03T06:00:30Z,NDC,A&B,-5,E5
P6,2026-02-05T05:20:00Z,RDC,A&B,5,E6
P7,2026-02-06T15:00:00Z,RDC,Größe,0,E7
P8,2026-02-06T15:00:01Z,RDC,Größe,-0.000001,E8
"""
FILES: dict[str, str | bytes] = {
    "feeds/wms/events.csv": EVENTS,
    "feeds/erp/postings.csv": POSTINGS,
    "items.csv": "item_id,gtin,base_uom,unit_cost,abc_class\nA&B,09521234000013,EA,1,A\nGröße,,EA,1,\n",
}
# Of every event: who it concerns in which role, worked out by hand from the rows above.
RELATIONS = {
    "E1": {("document:R'1", "document"), ("line:R'1|1", "line"), ("item:A&B", "item"), ("lot:A&B|L<7>", "lot"),
           ("facility:NDC", "at"), ('supplier:Sons "&" Co', "supplier")},
    "E2": {("document:R'1", "document"), ("line:R'1|1", "line"), ("item:A&B", "item"), ("lot:A&B|L<7>", "lot"),
           ("facility:NDC", "at"), ('supplier:Sons "&" Co', "supplier")},
    "E3": {("document:R'1", "document"), ("line:R'1|1", "line"), ("item:A&B", "item"), ("lot:A&B|L<7>", "lot"),
           ("facility:NDC", "at")},
    "E4": {("document:R'1", "document"), ("line:R'1|2", "line"), ("item:A&B", "item"), ("lot:A&B|L8", "lot"),
           ("facility:NDC", "at")},
    "E5": {("document:T1", "document"), ("line:T1|1", "line"), ("item:A&B", "item"), ("lot:A&B|L<7>", "lot"),
           ("serial:A&B|S1", "serial"), ("facility:NDC", "at"), ("facility:RDC", "partner")},
    "E6": {("document:T1", "document"), ("line:T1|1", "line"), ("item:A&B", "item"), ("lot:A&B|L<7>", "lot"),
           ("serial:A&B|S1", "serial"), ("facility:RDC", "at"), ("facility:NDC", "partner")},
    "E7": {("document:O1", "document"), ("line:O1|1", "line"), ("item:Größe", "item"), ("facility:RDC", "at")},
    "E8": {("document:O1", "document"), ("line:O1|1", "line"), ("item:Größe", "item"), ("facility:RDC", "at")},
    "E9": {("facility:RDC", "at")},
    "E10": {("document:X1", "document"), ("item:Größe", "item"), ("facility:RDC", "at")},
}  # fmt: skip
TYPES = {
    "document:R'1": "PO", "document:T1": "sales order", "document:O1": "Sales-Order", "document:X1": "object",
    "line:R'1|1": "document_line", "line:R'1|2": "document_line", "line:T1|1": "document_line", "line:O1|1": "document_line",
    "item:A&B": "item", "item:Größe": "item", "lot:A&B|L<7>": "lot", "lot:A&B|L8": "lot", "serial:A&B|S1": "serial",
    "facility:NDC": "facility", "facility:RDC": "facility", 'supplier:Sons "&" Co': "supplier",
}  # fmt: skip
BELONGING = {
    ("line:R'1|1", "document:R'1", "line of"), ("line:R'1|2", "document:R'1", "line of"),
    ("line:T1|1", "document:T1", "line of"), ("line:O1|1", "document:O1", "line of"),
    ("lot:A&B|L<7>", "item:A&B", "lot of"), ("lot:A&B|L8", "item:A&B", "lot of"), ("serial:A&B|S1", "item:A&B", "serial of"),
}  # fmt: skip


def violations(form: str, path: Path) -> list[str]:
    """What of a file the standard does not allow."""
    if form == "ocel-json":
        schema = json.loads((STANDARDS / "ocel_json.json").read_text())
        return [error.message for error in Draft7Validator(schema).iter_errors(json.loads(path.read_text()))]
    if form == "ocel-sqlite":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pm4py.objects.ocel.validation import ocel20_rel_validation as rules
        satisfied, unsatisfied = rules.apply(str(path))
        return [*unsatisfied, *(["rules are missing"] if len(satisfied) + len(unsatisfied) != 24 else [])]
    schema = etree.XMLSchema(file=str(STANDARDS / f"{form.replace('-', '_')}.xsd"))
    schema.validate(etree.parse(path))
    return [str(error) for error in schema.error_log]


def read_by_pm4py(form: str, path: Path) -> Any:
    """A log as pm4py reads it: an OCEL, or the rows of a XES."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
        from pm4py.objects.ocel.importer.jsonocel.variants import ocel20_standard as as_json
        from pm4py.objects.ocel.importer.sqlite.variants import ocel20 as as_sqlite
        from pm4py.objects.ocel.importer.xmlocel.variants import ocel20 as as_xml

        if form == "xes":
            return pm4py.read_xes(str(path), variant="iterparse")
        readers = {"ocel-json": as_json, "ocel-xml": as_xml, "ocel-sqlite": as_sqlite}
        return readers[form].apply(str(path))


def instant(value: Any) -> datetime | None:
    """An instant in any form that readers give it, None where there is none."""
    return None if pd.isna(value) else pd.to_datetime(value, utc=True, format="ISO8601").to_pydatetime()


def number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
