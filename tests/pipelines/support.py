"""A small workspace, the command as a process, and what of a workspace may not change when a run goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.publish import CURRENT, current_file
from pipelines.read import answer
from tests.support import ROOT

# The workspace of the first issue, word for word: it must work unchanged.
WORKSPACE = """\
as_of: 2026-03-01T00:00:00Z            # optional: default is the newest instant any feed states
facilities: [{id: NDC, timezone: America/Chicago, kind: national_dc}, {id: 3PL1, timezone: UTC, kind: 3pl}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}
  - {name: counts, adapter: canonical_csv, table: count_record, path: "feeds/counts/*.csv"}
sla: {posting_seconds: 3600, transfer_seconds: 172800}   # the defaults; by_facility and by_event_type refine them
"""

# E1 and E2 are posted after 600 s and 7,200 s, E3 not at all; T1 travels for two days less an hour.
FILES = {
    "feeds/wms/monday.csv": """\
event_id,event_type,event_time,facility_id,item_id,quantity,document_id,document_line,partner_facility_id
E1,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,10,R1,1,
E2,putaway_completed,2026-02-23T09:00:00Z,NDC,A,10,R1,1,
E3,shipment_confirmed,2026-02-23T12:00:00Z,3PL1,B,4,S1,1,
""",
    "feeds/wms/tuesday.csv": """\
event_id,event_type,event_time,facility_id,item_id,quantity,document_id,document_line,partner_facility_id
E4,transfer_shipped,2026-02-24T06:00:00Z,NDC,A,5,T1,1,3PL1
E5,transfer_received,2026-02-26T05:00:00Z,3PL1,A,5,T1,1,NDC
""",
    "feeds/erp/postings.csv": """\
posting_id,posted_at,facility_id,item_id,quantity,event_id
P1,2026-02-23T08:10:00Z,NDC,A,10,E1
P2,2026-02-23T11:00:00Z,NDC,A,0,E2
P4,2026-02-24T06:00:30Z,NDC,A,-5,E4
P5,2026-02-26T05:20:00Z,3PL1,A,5,E5
""",
    "feeds/counts/counts.csv": """\
count_id,facility_id,item_id,counted_at,counted_quantity,book_quantity
C1,NDC,A,2026-02-27T10:00:00Z,95,100
C2,NDC,A,2026-02-27T11:00:00Z,100,100
""",
}
EVENTS_HEADER = "event_id,event_type,event_time,facility_id,item_id,quantity"


def make_workspace(root: Path, files: dict[str, str | bytes] | None = None, configuration: str = WORKSPACE) -> Path:
    """Writes a workspace; `files` are by path below it (default FILES)."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "dockledger.yaml").write_text(configuration)
    for name, content in (FILES if files is None else files).items():
        put(root, name, content)
    return root


def put(root: Path, name: str, content: str | bytes) -> None:
    """Writes one file of a workspace."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def command(*arguments: str | Path) -> list[str]:
    """The command as an argument list."""
    return [sys.executable, "-m", "pipelines.cli", *map(str, arguments)]


# Read from /proc, since what getrusage calls a process's peak includes what its parent held when it forked.
_TELLING_PEAK = """\
from pipelines.cli import main
try:
    main()
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def command_telling_peak(*arguments: str | Path) -> list[str]:
    """The same, and the last line on its standard output is its peak of memory in KiB."""
    return [sys.executable, "-c", _TELLING_PEAK, *map(str, arguments)]


def dockledger(*arguments: str | Path, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, from the repository's root."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, env=environment()
    )


def dockledger_here(*arguments: str | Path) -> Result:
    """Runs the command in this process, where starting another would show nothing more."""
    return CliRunner(catch_exceptions=False).invoke(main, [str(a) for a in arguments], prog_name="dockledger")


def environment() -> dict[str, str]:
    """The environment in which a person would start the command."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def rows(root: Path, sql: str) -> list[dict[str, Any]]:
    """What is published, as `query --format json` would answer."""
    return json.loads(answer(root, sql, "json"))


def published_state(root: Path) -> tuple[str, bytes]:
    """The pointer and the bytes of the file that it names."""
    path = current_file(root)
    assert path is not None, "nothing is published"
    return (root / "published" / CURRENT).read_text(), path.read_bytes()


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    """Size and modification time of everything below a folder."""
    return {p.relative_to(root).as_posix(): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(root.rglob("*"))}


def sentence(stderr: str) -> str:
    """The one sentence on stderr; anything else there, a traceback above all, is a failure."""
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("dockledger: "), stderr
    return lines[0].removeprefix("dockledger: ")
