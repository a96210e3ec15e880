"""Feeds of formats that the engine does not write itself; each function returns the number of units it wrote."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
PER_FILE = 5000
ISA = "ISA*00*          *00*          *ZZ*THREEPL        *ZZ*DEPOSITOR      *260105*2300*U*00401*{control:09}*0*P*>"
STEPS = ("receiving", "storing", "picking", "shipping")


def epcis_json(folder: Path, count: int) -> int:
    """EPCIS 2.0 documents of PER_FILE object events, one quantity each."""
    for first in range(0, count, PER_FILE):
        events = [_object_event(n) for n in range(first, min(first + PER_FILE, count))]
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": START.isoformat(),
            "epcisBody": {"eventList": events},
        }
        (folder / f"{first:09}.json").write_text(json.dumps(document))
    return count


def _object_event(n: int) -> dict[str, object]:
    moment = START + timedelta(seconds=3 * n)
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{n:012}",
        "eventTime": moment.isoformat(),
        "recordTime": (moment + timedelta(seconds=9)).isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "epcList": [],
        "action": "OBSERVE",
        "bizStep": STEPS[n % 4],
        "readPoint": {"id": "urn:epc:id:sgln:9521234.00001.0"},
        "bizLocation": {"id": "urn:epc:id:sgln:9521234.00001.0"},
        "quantityList": [
            {"epcClass": f"urn:epc:class:lgtin:9521234.{n % 3000:06}.L1", "quantity": 1 + n % 40, "uom": "EA"}
        ],
        "bizTransactionList": [{"type": "po", "bizTransaction": f"urn:epc:id:gdti:9521234.00001.{n // 5}"}],
    }


def x12(folder: Path, count: int) -> int:
    """945 documents of four lines, 500 a group, `count` segments in all, more or less."""
    written = 0
    for number in range(max(1, count // (500 * 22))):
        sets = [_shipment(number * 500 + n) for n in range(500)]
        segments = [
            ISA.format(control=number),
            f"GS*SW*THREEPL*DEPOSITOR*20260105*2300*{number}*X*004010",
            *(segment for one in sets for segment in one),
            f"GE*{len(sets)}*{number}",
            f"IEA*1*{number:09}",
        ]
        (folder / f"{number:05}.edi").write_text("~\n".join(segments) + "~\n")
        written += len(segments)
    return written


def _shipment(n: int) -> list[str]:
    lines = [
        segment
        for line in range(1, 5)
        for segment in (
            f"LX*{line}",
            f"W12*CC*{10 + line}*{10 + line}*0*EA**UP*{n % 3000:012}**********EA",
            f"N9*LI*{line}",
        )
    ]
    body = [
        f"W06*F*SO{n:08}*20260105*SH{n:08}",
        "N1*WH*Main*92*NDC",
        "N1*ST*Shop 7",
        "G62*10*20260105*8*1015",
        *lines,
        "W03*50*100*LB",
    ]
    return [f"ST*945*{n:09}", *body, f"SE*{len(body) + 2}*{n:09}"]
