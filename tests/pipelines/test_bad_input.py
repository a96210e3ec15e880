"""Bad input from outside: rows are quarantined, files and places that cannot be used are refused, nothing is lost."""

import gzip
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.defs.warehouse import LOCK
from tests.pipelines.support import (
    EVENTS_HEADER,
    FILES,
    WORKSPACE,
    command,
    command_telling_peak,
    dockledger,
    dockledger_here,
    environment,
    make_workspace,
    published_state,
    put,
    rows,
    sentence,
)
from tests.support import ROOT, is_thorough, skip_or_fail

EVENTS = "SELECT count(*) AS n FROM marts.event_latency"
NOBODY = 65534
# Reads epcis_json and compressed CSV beside the rest.
WIDE = WORKSPACE.replace("feeds/wms/*.csv", "feeds/wms/*.csv*").replace(
    "sla:",
    '  - {name: epcis, adapter: epcis_json, path: "feeds/epcis/*"}\n  - {name: x, adapter: epcis_xml, path: "feeds/xml/*"}\nsla:',
)


def many_rows(count: int) -> bytes:
    """A CSV of events, several megabytes long and hard to compress."""
    draw = random.Random(3)
    lines = [f"L{n},receipt_confirmed,2026-02-2{n % 8}T10:00:00Z,NDC,I{draw.getrandbits(64)},1" for n in range(count)]
    return "\n".join([EVENTS_HEADER, *lines, ""]).encode()


def flipped(packed: bytes) -> bytes:
    """The bytes with one of them wrong, three quarters through."""
    place = len(packed) * 3 // 4
    return packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]


# A file, and what the sentence must say of it. A long compressed file is broken where its first megabyte is fine.
REFUSED = {
    "a required column is missing": (
        "feeds/wms/x.csv",
        lambda: b"event_id,event_type,facility_id\nX1,receipt_confirmed,NDC\n",
        ["row 1: required column event_time is missing", "event_id, event_type, facility_id"],
    ),
    "a column appears twice": (
        "feeds/wms/x.csv",
        lambda: b"event_id,event_type,event_time,facility_id,event_id\n",
        ["row 1: column event_id appears twice"],
    ),
    "binary": ("feeds/wms/x.csv", lambda: random.Random(1).randbytes(5000), ["row 1: the file is binary"]),
    "not compressed": ("feeds/wms/x.csv.gz", lambda: b"event_id,event_type\n", ["the file cannot be read", "gzip"]),
    "compressed, cut off": (
        "feeds/wms/x.csv.gz",
        lambda: gzip.compress(many_rows(40_000))[:-100_000],
        ["the file cannot be read", "ended before"],
    ),
    "compressed, one byte wrong": (
        "feeds/wms/x.csv.gz",
        lambda: flipped(gzip.compress(many_rows(40_000))),
        ["the file cannot be read"],
    ),
    "truncated JSON": (
        "feeds/epcis/x.json",
        lambda: b'{"epcisBody": {"eventList": [{"eventID": "urn:x", "eventTime": "2026-02-27T0',
        ["it is not a whole JSON document", "at byte"],
    ),
    "JSON, but no EPCIS document": ("feeds/epcis/x.json", lambda: b'{"rows": []}', ["no epcisBody"]),
    "XML with entities": ("feeds/xml/x.xml", lambda: b"<!DOCTYPE x>", ["line 1: it declares a document type"]),
    "XML, but no EPCIS document": ("feeds/xml/x.xml", lambda: b"\n<x/>", ["line 2: its root is x"]),
    "binary instead of JSON": (
        "feeds/epcis/x.json",
        lambda: random.Random(2).randbytes(5000),
        ["it is not a whole JSON document"],
    ),
    "compressed JSON, cut off": (
        "feeds/epcis/x.json.gz",
        lambda: gzip.compress(b'{"epcisBody": {"eventList": [' + b"{}," * 500 + b"{}]}}")[:-12],
        ["feeds/epcis/x.json.gz: "],
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_unusable_file_is_refused_in_one_sentence_and_what_was_published_stays(workspace, what):
    name, content, parts = REFUSED[what]
    (workspace / "dockledger.yaml").write_text(WIDE)
    before = published_state(workspace)
    put(workspace, name, content())
    ran = dockledger_here("build", workspace, "--quiet")
    assert (ran.exit_code, ran.stdout) == (2, "")
    told = sentence(ran.stderr)
    assert told.startswith(f"{name}: ")
    assert [part for part in parts if part not in told] == []
    assert published_state(workspace) == before
    assert rows(workspace, EVENTS) == [{"n": 5}]
    status = dockledger_here("status", workspace)
    assert status.exit_code == 0
    assert "unusable input" in status.stdout
    assert told in status.stdout
    checked = dockledger_here("check", workspace)
    assert checked.exit_code == 2
    assert sentence(checked.stderr) == told


UGLY = f"""\
{EVENTS_HEADER}
U1,receipt_confirmed,2026-02-23 08:00:00,NDC,A,1
U2,receipt_confirmed,2026-02-23T08:00:00Z,XYZ,A,1
U3,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,ten
U4,,2026-02-23T08:00:00Z,NDC,A,1
U5,receipt_confirmed,yesterday,NDC,A,1
U6,receipt_confirmed,2026-02-30T08:00:00Z,NDC,A,1

U7,parked,2026-02-23T08:00:00Z,NDC,A,1
U8,receipt_confirmed
U9,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,1,what,is,this
,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,1
U11,receipt_confirmed,2026-02-23T08:00:00Z,NDC,"A
1",1
U12,receipt_confirmed,,NDC,A,1
U13,receipt_confirmed,1825-02-23T08:00:00Z,NDC,A,1
U14,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,99999999999999999999
U15,receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,0
"""
# Row 1 is the first after the header; the empty line is none; U11 and U15 are fine.
QUARANTINED = {
    1: ("naive time", "U1"),
    2: ("unknown facility", "U2"),
    3: ("non-numeric quantity", "U3"),
    4: ("schema violation", "U4"),
    5: ("schema violation", "U5"),
    6: ("impossible time", "U6"),
    7: ("unknown event type", "U7"),
    8: ("schema violation", "U8"),
    9: ("schema violation", "U9"),
    10: ("schema violation", "receipt_confirmed"),
    12: ("schema violation", "U12"),
    13: ("impossible time", "U13"),
    14: ("non-numeric quantity", "U14"),
}


GOOD = "H{},receipt_confirmed,2026-02-23T08:00:00Z,NDC,A,1\n"
AWKWARD: dict[str, str | bytes] = {
    "feeds/wms/ugly.csv": UGLY,
    "feeds/wms/header.csv": f"{EVENTS_HEADER}\n",
    "feeds/wms/empty.csv": "",
    "feeds/wms/blank.csv": "\n\n",
    "feeds/wms/marked.csv": b"\xef\xbb\xbf" + f"{EVENTS_HEADER}\r\n{GOOD.format(0).strip()}\r\n".encode(),
    "feeds/wms/twice.csv": f"{EVENTS_HEADER}\n{GOOD.format(1)}{EVENTS_HEADER}\n{GOOD.format(3)}",
    "feeds/wms/late.csv": f"\n\n{EVENTS_HEADER}\n{GOOD.format(4)}",
    "feeds/wms/mixed.csv": f"{EVENTS_HEADER}\r\n{GOOD.format(5)}\r\n{GOOD.format(6)}short\r\n{GOOD.format(8)}",
    "feeds/wms/open.csv": f'{EVENTS_HEADER}\n{GOOD.format(9)}"U{GOOD.format(10)}{GOOD.format(11)}',
    "feeds/counts/wrong.csv": "count_id,facility_id,item_id,counted_at,counted_quantity\nC9,NDC,A,2026-02-27T10:00:00Z,-4\n",
}


@pytest.fixture(scope="session")
def ugly_run(once) -> tuple[Path, str]:
    """A workspace with rows that are wrong in every way, empty files among them, and what its build said on stderr."""

    def fill(folder: Path) -> None:
        root = make_workspace(folder / "workspace", files={**FILES, **AWKWARD})
        ran = dockledger("build", root, "--quiet")
        assert ran.returncode == 0, ran.stderr
        (folder / "stderr.txt").write_text(ran.stderr)

    made = once("ugly", fill)
    return made / "workspace", (made / "stderr.txt").read_text()


def test_rows_that_are_wrong_fail_no_build_and_each_is_told_with_file_row_and_reason(ugly_run):
    root, said = ugly_run
    assert "Traceback" not in said
    told = rows(root, "SELECT * FROM marts.quarantine WHERE file LIKE '%/ugly.csv' ORDER BY row_number")
    assert {row["row_number"]: row["reason"] for row in told} == {n: reason for n, (reason, _) in QUARANTINED.items()}
    assert [row for row in told if QUARANTINED[row["row_number"]][1] not in row["raw"]] == []
    for reason in {reason for reason, _ in QUARANTINED.values()}:
        assert f" x {reason}, for example feeds/wms/" in said


def test_the_good_rows_of_a_file_with_bad_ones_are_used_and_keep_their_row_numbers(ugly_run):
    root, _ = ugly_run
    found = rows(
        root,
        "SELECT event_id, row_number, item_id FROM marts.event_latency WHERE file LIKE '%/ugly.csv' ORDER BY row_number",
    )
    assert found == [
        {"event_id": "U11", "row_number": 11, "item_id": "A\n1"},
        {"event_id": "U15", "row_number": 15, "item_id": "A"},
    ]


# A header that is repeated, one after blank lines, line ends of two kinds, a quote that is never closed.
@pytest.mark.parametrize(
    ("file", "good", "bad"),
    [
        ("twice", {"H1": 1, "H3": 3}, {2: "event_id"}),
        ("late", {"H4": 1}, {}),
        ("mixed", {"H5": 1, "H6": 2, "H8": 4}, {3: "short"}),
        ("open", {"H9": 1, "H11": 3}, {2: '"UH10'}),
    ],
)
def test_one_bad_row_costs_no_other_row(ugly_run, file, good, bad):
    root, _ = ugly_run
    used = rows(root, f"SELECT event_id, row_number FROM marts.event_latency WHERE file = 'feeds/wms/{file}.csv'")
    assert {row["event_id"]: row["row_number"] for row in used} == good
    refused = rows(root, f"SELECT row_number, raw FROM marts.quarantine WHERE file = 'feeds/wms/{file}.csv'")
    assert {row["row_number"]: bad[row["row_number"]] in row["raw"] for row in refused} == dict.fromkeys(bad, True)


def test_every_row_of_a_file_with_bad_ones_is_accounted_for(ugly_run):
    root, _ = ugly_run
    told = {row["file"]: row for row in rows(root, "SELECT * FROM marts.feed_reconciliation")}
    counts = {
        file: (
            row["received_count"],
            row["accepted_count"],
            row["quarantined_count"],
            row["duplicate_count"] + row["out_of_scope_count"],
        )
        for file, row in told.items()
    }
    assert counts == {
        "feeds/wms/ugly.csv": (15, 2, 13, 0),
        "feeds/wms/header.csv": (0, 0, 0, 0),
        "feeds/wms/empty.csv": (0, 0, 0, 0),
        "feeds/wms/blank.csv": (0, 0, 0, 0),
        "feeds/wms/marked.csv": (1, 1, 0, 0),
        "feeds/wms/twice.csv": (3, 2, 1, 0),
        "feeds/wms/late.csv": (1, 1, 0, 0),
        "feeds/wms/mixed.csv": (4, 3, 1, 0),
        "feeds/wms/open.csv": (3, 2, 1, 0),
        "feeds/wms/monday.csv": (3, 3, 0, 0),
        "feeds/wms/tuesday.csv": (2, 2, 0, 0),
        "feeds/erp/postings.csv": (4, 4, 0, 0),
        "feeds/counts/counts.csv": (2, 2, 0, 0),
        "feeds/counts/wrong.csv": (1, 0, 1, 0),
    }


# Megabytes of rows in any case: what is read and held in one piece shows from there on.
MANY = 1_000_000 if is_thorough() else 100_000
NAIVE, SHORT = "naive time", "schema violation"


@pytest.mark.soundness
@pytest.mark.parametrize(
    ("reason", "line"), [(NAIVE, "B{},pick_confirmed,2026-02-27 09:00:00,NDC,A,1\n"), (SHORT, "B{},pick_confirmed\n")]
)
def test_bad_rows_by_the_hundred_thousand_are_quarantined_one_by_one_in_bounded_memory(tmp_path, reason, line):
    """Broken lines fill whole megabytes here: a reader that takes such a stretch for the end of the file loses the rest."""
    root = make_workspace(tmp_path / "ws", configuration=f"{WORKSPACE}engine: {{memory_limit: 1GiB}}\n")
    good = "G1,pick_confirmed,2026-02-27T09:00:00Z,NDC,A,1\n"
    put(root, "feeds/wms/bad.csv", f"{EVENTS_HEADER}\n{''.join(map(line.format, range(MANY)))}{good}")
    ran = subprocess.run(
        command_telling_peak("build", root, "--quiet"),
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (told,) = ran.stderr.splitlines()
    assert told.startswith(f"quarantined: wms: {MANY} x {reason}, for example feeds/wms/bad.csv row 1: ")
    counted = rows(root, "SELECT * EXCLUDE (feed, file) FROM marts.feed_reconciliation WHERE file LIKE '%/bad.csv'")
    expected = {"received_count": MANY + 1, "accepted_count": 1, "quarantined_count": MANY}
    assert counted == [{**expected, "duplicate_count": 0, "out_of_scope_count": 0, "later_count": 0}]
    spread = "SELECT count(DISTINCT row_number) AS n, min(row_number) AS first, max(row_number) AS last FROM marts.quarantine"
    assert rows(root, spread) == [{"n": MANY, "first": 1, "last": MANY}]
    assert rows(root, "SELECT row_number FROM marts.event_latency WHERE event_id = 'G1'") == [{"row_number": MANY + 1}]
    assert int(ran.stdout.splitlines()[-1]) < 2.5 * 1024 * 1024, (
        "interpreter and libraries take 0.5 GiB, the engine may take 1"
    )


@pytest.fixture
def open_workspace(small_workspace) -> Iterator[Path]:
    """A copy of the published workspace that every user may read; a test's own folder is closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copytree(small_workspace, Path(folder) / "workspace"))


def as_nobody(*arguments: str | Path, first: tuple[str | Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs the command as a user without rights; as oneself where that is such a user already.

    Args:
        first: a command that runs before the rights are given up: it imports what others may not read.
    """
    code = "import os, sys; import pipelines.cli, pipelines.read\n"
    if first:
        code += f"pipelines.cli.main({[str(a) for a in first]!r}, standalone_mode=False)\n"
    if os.geteuid() == 0:
        code += f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
    code += "pipelines.cli.main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.mark.parametrize("closed", ["the workspace", "published"])
def test_a_folder_that_may_not_be_written_is_refused_in_one_sentence(open_workspace, tmp_path, closed):
    other = make_workspace(tmp_path / "other")
    before = published_state(open_workspace)
    if os.geteuid() == 0:
        for path in [open_workspace, *open_workspace.rglob("*")]:
            if closed == "the workspace" or "published" in path.parts:
                continue
            os.chown(path, NOBODY, NOBODY)
    else:
        (open_workspace if closed == "the workspace" else open_workspace / "published").chmod(0o555)
    ran = as_nobody("build", open_workspace, "--quiet", first=("build", other, "--quiet"))
    assert (ran.returncode, ran.stdout.startswith(f"published {other}")) == (2, True), ran.stderr
    assert len(ran.stdout.splitlines()) == 1
    told = sentence(ran.stderr)
    assert str(open_workspace) in told
    assert "cannot be written" in told
    assert published_state(open_workspace) == before
    asked = as_nobody("query", open_workspace, EVENTS, "--format", "csv")
    assert (asked.returncode, asked.stdout) == (0, "n\n5\n"), "who may not write may still read"


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk that holds a warehouse and three published files, and is gone after the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        skip_or_fail(f"a small disk can only be mounted by root: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("room_kib", [0, 3072])
def test_a_full_disk_is_told_in_one_sentence_and_what_was_published_stays(small_workspace, small_disk, room_kib):
    """There is too little room to begin, or too little to publish."""
    root = Path(shutil.copytree(small_workspace, small_disk / "workspace"))
    before = published_state(root)
    (root / "warehouse.duckdb").unlink()
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - room_kib * 1024))
    ran = dockledger("build", root, "--quiet")
    assert (ran.returncode, ran.stdout) == (2, "")
    told = sentence(ran.stderr)
    assert str(root) in told
    assert "No space left on device" in told
    assert published_state(root) == before
    assert [p.name for p in (root / "published").iterdir() if ".part" in p.name] == [], "the room is given back"
    (small_disk / "filler").unlink()
    again = dockledger_here("build", root, "--quiet")
    assert again.exit_code == 0, again.stderr
    assert published_state(root)[0] != before[0], "with room again, the next build is published"


def test_a_file_that_may_not_grow_is_told_in_one_sentence(workspace):
    """A limit on the size of files stands in for a full disk where none can be mounted."""
    before = published_state(workspace)
    limit = 1024 * 1024

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ran = subprocess.run(
        command("build", workspace, "--quiet"), preexec_fn=lower,
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "File too large" in sentence(ran.stderr)
    assert published_state(workspace) == before


def test_of_two_builds_at_once_the_second_is_refused_in_one_sentence(workspace):
    before = published_state(workspace)
    with FileLock(workspace / LOCK):
        ran = dockledger("build", workspace, "--quiet")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert (
        sentence(ran.stderr) == f"{workspace}: another build of this workspace is running; try again when it has ended"
    )
    assert published_state(workspace) == before
