"""One line, text or segment that never ends is refused or set aside, in one sentence, in bounded memory and time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.support import EVENTS_HEADER, environment, make_workspace, rows, sentence
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


# One process for all, since it takes longer to start than to read a file: a workspace on each line that it reads, the
# exit code, what was said and the peak of memory on each that it writes. The peak is counted anew (5 in clear_refs).
BUILDER = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from pipelines.cli import main
for line in sys.stdin:
    Path("/proc/self/clear_refs").write_text("5")
    ran = CliRunner(catch_exceptions=False).invoke(main, ["build", line.strip(), "--quiet"], prog_name="dockledger")
    status = Path("/proc/self/status").read_text()
    print(json.dumps([ran.exit_code, ran.stderr, int(status.split("VmHWM:")[1].split()[0])]), flush=True)
"""


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The process that builds, ended with the module."""
    with (tmp_path_factory.mktemp("builder") / "stderr.txt").open("w+") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", BUILDER], cwd=ROOT, env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told,
        )  # fmt: skip
        yield process
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
        told.seek(0)
        assert (process.returncode, told.read()) == (0, "")


def flooded(
    builder: subprocess.Popen[str], root: Path, settings: str, begin: str, repeated: str, end: str
) -> tuple[int, str]:
    """Builds a workspace with one file that is LENGTH_MIB long between its begin and its end; exit code and stderr."""
    make_workspace(root, {"feeds/flood": b""}, CONFIGURATION.format(settings))
    block = (repeated * (MIB // len(repeated))).encode()
    with (root / "feeds" / "flood").open("wb") as stream:
        stream.write(begin.encode())
        for _ in range(LENGTH_MIB):
            stream.write(block)
        stream.write(end.encode())
    assert builder.stdin is not None
    assert builder.stdout is not None
    builder.stdin.write(f"{root}\n")
    builder.stdin.flush()
    answer = builder.stdout.readline()
    (root / "feeds" / "flood").unlink()
    assert answer, "the process ended"
    exit_code, said, peak_kib = json.loads(answer)
    assert peak_kib < MOST_KIB
    return exit_code, said


@pytest.mark.soundness
@pytest.mark.parametrize("what", SET_ASIDE)
def test_a_line_of_csv_without_end_is_one_quarantined_row_and_the_others_are_used(builder, tmp_path, what):
    *given, detail = SET_ASIDE[what]
    exit_code, said = flooded(builder, tmp_path / "ws", *given)
    assert exit_code == 0, said
    assert said == f"quarantined: wms: 1 x schema violation, for example feeds/flood row 2: {detail}\n"
    told = rows(tmp_path / "ws", "SELECT row_number, length(raw) AS n FROM marts.quarantine")
    assert told == [{"row_number": 2, "n": 1000}], "the beginning is kept"
    used = rows(tmp_path / "ws", "SELECT event_id, row_number FROM marts.event_latency ORDER BY event_id")
    assert used == [{"event_id": "A1", "row_number": 1}, {"event_id": "A2", "row_number": 3}]


@pytest.mark.soundness
@pytest.mark.parametrize("what", REFUSED)
def test_what_never_ends_is_refused_in_one_sentence(builder, tmp_path, what):
    *given, reason = REFUSED[what]
    exit_code, said = flooded(builder, tmp_path / "ws", *given)
    assert exit_code == 2, said
    told = sentence(said)
    assert told.startswith("feeds/flood: ")
    assert reason in told
