"""One line, text or segment that never ends is refused or set aside, in one sentence, in bounded memory and time."""

import subprocess
from pathlib import Path

import pytest

from tests.pipelines.support import EVENTS_HEADER, command_telling_peak, environment, make_workspace, rows, sentence
from tests.support import ROOT, is_thorough

MIB = 1 << 20
LENGTH_MIB = 2048 if is_thorough() else 300
MOST_KIB = 1.5 * MIB  # what the process may take: 1.5 GiB, in KiB
CONFIGURATION = """\
facilities: [{{id: NDC, timezone: UTC}}]
feeds: [{{name: wms, path: "feeds/*", {}}}]
"""
EVENT = "receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,1\n"
CSV = "adapter: canonical_csv, table: inventory_event"
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~"
LONG_LINE = "it is longer than 1048576 characters"
LONG_FIELD = "the line is not CSV (field larger than field limit (131072))"

# What reads it, how it begins, what is repeated, how it ends.
SET_ASIDE = {
    "a field": (CSV, f"{EVENTS_HEADER}\nA1,{EVENT}L", "x", f",{EVENT}A2,{EVENT}", LONG_FIELD),
    "a quoted field": (CSV, f'{EVENTS_HEADER}\nA1,{EVENT}"L', "x", f'",{EVENT}A2,{EVENT}', LONG_FIELD),
    "a line of fields": (CSV, f"{EVENTS_HEADER}\nA1,{EVENT}L", "x,", f",{EVENT}A2,{EVENT}", LONG_LINE),
}
REFUSED = {
    "a header": (CSV, "event_id", "x", f"\nA1,{EVENT}", "row 1: the header cannot be read (field larger"),
    "a header of columns": (CSV, f"{EVENTS_HEADER}", ",x", f"\nA1,{EVENT}", "row 1: the header is longer than 1048576"),
    "a header of a table": ("adapter: sap_document_flow, facility: NDC", "VBELV", "x", "\n", "row 1: the header cannot"),
    "a JSON line": (CSV.replace("csv", "jsonl"), '{"event_id": "', "x", '"}\n', "row 1: the line is longer than 1048576"),
    "a JSON text": (
        "adapter: epcis_json",
        '{"epcisBody": {"eventList": [{"eventID": "',
        "x",
        '"}]}}',
        "there is no begin or end of a string between bytes 1048576 and 2097152; it holds a text that is too long",
    ),
    "a JSON text of quotes": (
        "adapter: epcis_json",
        '{"epcisBody": {"eventList": [{"eventID": "',
        r"\"",
        '"}]}}',
        "it holds a text that is too long",
    ),
    "a segment": (
        "adapter: x12",
        f"{ISA}GS*RE*S*R*20260101*1200*1*X*004010~ST*944*0001~W17*F*",
        "x",
        "~SE*3*0001~GE*1*1~IEA*1*000000001~",
        "segment 4: it is longer than 1048576 characters",
    ),
    "an EDIFACT segment": (
        "adapter: edifact",
        "UNB+UNOC:3+S+R+260101:1200+1'UNH+1+DESADV:D:96A:UN'BGM+351+",
        "x",
        "+9'UNT+3+1'UNZ+1+1'",
        "longer than",
    ),
    "an XML text": (
        "adapter: epcis_xml",
        '<EPCISDocument xmlns="urn:epcglobal:epcis:xsd:2"><EPCISBody><EventList><ObjectEvent><eventID>',
        "x",
        "</eventID></ObjectEvent></EventList></EPCISBody></EPCISDocument>",
        "longer than",
    ),
    "an XES text": (
        "adapter: xes, table: inventory_event, facility: NDC, columns: {event_type: 'concept:name'}",
        '<log xmlns="http://www.xes-standard.org/"><trace><event><string key="concept:name" value="',
        "x",
        '"/></event></trace></log>',
        "there is no event or object within 16 MiB",
    ),
    "an OCEL text": (
        "adapter: ocel, table: inventory_event, facility: NDC",
        '{"eventTypes": [], "objectTypes": [], "objects": [], "events": [{"id": "',
        "x",
        '"}]}',
        "there is no event or object within 16 MiB",
    ),
}  # fmt: skip


def flooded(root: Path, settings: str, begin: str, repeated: str, end: str) -> subprocess.CompletedProcess[str]:
    """Builds a workspace with one file that is LENGTH_MIB long between its begin and its end."""
    make_workspace(root, {"feeds/flood": b""}, CONFIGURATION.format(settings))
    block = (repeated * (MIB // len(repeated))).encode()
    with (root / "feeds" / "flood").open("wb") as stream:
        stream.write(begin.encode())
        for _ in range(LENGTH_MIB):
            stream.write(block)
        stream.write(end.encode())
    ran = subprocess.run(
        command_telling_peak("build", root, "--quiet"),
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=1200 if is_thorough() else 250,
    )  # fmt: skip
    (root / "feeds" / "flood").unlink()
    assert int(ran.stdout.splitlines()[-1]) < MOST_KIB
    return ran


@pytest.mark.soundness
@pytest.mark.timeout(1300 if is_thorough() else 300)
@pytest.mark.parametrize("what", SET_ASIDE)
def test_a_line_of_csv_without_end_is_one_quarantined_row_and_the_others_are_used(tmp_path, what):
    *given, detail = SET_ASIDE[what]
    ran = flooded(tmp_path / "ws", *given)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == f"quarantined: wms: 1 x schema violation, for example feeds/flood row 2: {detail}\n"
    told = rows(tmp_path / "ws", "SELECT row_number, length(raw) AS n FROM marts.quarantine")
    assert told == [{"row_number": 2, "n": 1000}], "the beginning is kept"
    used = rows(tmp_path / "ws", "SELECT event_id, row_number FROM marts.event_latency ORDER BY event_id")
    assert used == [{"event_id": "A1", "row_number": 1}, {"event_id": "A2", "row_number": 3}]


@pytest.mark.soundness
@pytest.mark.timeout(1300 if is_thorough() else 300)
@pytest.mark.parametrize("what", REFUSED)
def test_what_never_ends_is_refused_in_one_sentence(tmp_path, what):
    *given, reason = REFUSED[what]
    ran = flooded(tmp_path / "ws", *given)
    assert ran.returncode == 2, ran.stderr
    told = sentence(ran.stderr)
    assert told.startswith("feeds/flood: ")
    assert reason in told
