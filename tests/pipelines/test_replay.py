"""A mapping that was mended lets rows in, once; what became of every refused row stays known, whatever happens to builds."""

import shutil
from pathlib import Path

import pytest

from pipelines.history import account
from pipelines.publish import current_file
from tests.building import build_tables, opened_build, run_steps
from tests.pipelines.support import dockledger_here, make_workspace, put, rows, sentence

CONFIGURATION = """\
as_of: 2026-03-01T00:00:00Z
facilities: [{id: NDC, timezone: UTC<codes>}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"<words>}
"""
HEADER = "event_id,event_type,event_time,facility_id\n"
# Two rows bear a word that nobody knows, one a facility, one a day that does not exist.
FILES: dict[str, str | bytes] = {
    "feeds/wms/a.csv": HEADER
    + "E1,receipt_confirmed,2026-02-23T08:00:00Z,NDC\n"
    + "E2,WE,2026-02-23T09:00:00Z,NDC\n"
    + "E3,WE,2026-02-23T10:00:00Z,DC1\n"
    + "E4,receipt_confirmed,2026-02-31T10:00:00Z,NDC\n",
    "feeds/wms/b.csv": HEADER + "E5,WE,2026-02-23T11:00:00Z,NDC\n",
}
WORDS, CODES = ", event_types: {WE: receipt_confirmed}", ", codes: [DC1]"
EVENTS = "SELECT event_id FROM marts.event_latency ORDER BY event_id"


def configure(root: Path, words: str = "", codes: str = "") -> None:
    make_workspace(root, {}, CONFIGURATION.replace("<words>", words).replace("<codes>", codes))


def trail(root: Path) -> list[tuple[object, ...]]:
    """(file, row, first reason, latest reason, outcome, number of the builds that began and ended the line)."""
    found = rows(root, "SELECT * FROM marts.quarantine_history ORDER BY file, row_number, first_run_id")
    runs = sorted({row[key] for row in found for key in ("first_run_id", "ended_run_id") if row[key]})
    number = {run: n for n, run in enumerate(runs, 1)} | {None: None}
    names = ("file", "row_number", "reason", "latest_reason", "outcome")
    return [(*(row[name] for name in names), number[row["first_run_id"]], number[row["ended_run_id"]]) for row in found]


def replay(root: Path) -> list[str]:
    """What the command says, of a build without Dagster; that the command says the same, `told` shows."""
    build_tables(root)
    published = current_file(root)
    assert published is not None
    return list(account(root, published.stem))


def told(root: Path) -> list[str]:
    """What the command says."""
    ran = dockledger_here("replay", root, "--quiet")
    assert ran.exit_code == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace after one build; copied, so nobody writes to it."""
    made = make_workspace(tmp_path_factory.mktemp("replay") / "ws", FILES)
    configure(made)
    build_tables(made)
    return made


@pytest.fixture
def root(built, tmp_path):
    return Path(shutil.copytree(built, tmp_path / "ws"))


def test_mended_rows_enter_once_and_the_others_stay_with_their_reason(root):
    # E3's facility is judged before its word.
    assert [row[:4] for row in trail(root)] == [
        ("feeds/wms/a.csv", 2, "unknown event type", "unknown event type"),
        ("feeds/wms/a.csv", 3, "unknown facility", "unknown facility"),
        ("feeds/wms/a.csv", 4, "impossible time", "impossible time"),
        ("feeds/wms/b.csv", 1, "unknown event type", "unknown event type"),
    ]
    configure(root, WORDS)
    assert told(root) == [
        "wms: 2 rows entered (2 x unknown event type)",
        "wms: 2 rows still quarantined (1 x impossible time, 1 x unknown facility)",
        "every row once: 5 received = 3 accepted + 2 quarantined + 0 duplicates + 0 out of scope",
    ]
    assert rows(root, EVENTS) == [{"event_id": e} for e in ("E1", "E2", "E5")]
    configure(root, WORDS, CODES)
    assert replay(root)[:2] == [
        "wms: 1 row entered (1 x unknown facility)",
        "wms: 1 row still quarantined (1 x impossible time)",
    ]
    assert rows(root, EVENTS) == [{"event_id": e} for e in ("E1", "E2", "E3", "E5")]
    assert trail(root) == [
        ("feeds/wms/a.csv", 2, "unknown event type", "unknown event type", "entered", 1, 2),
        ("feeds/wms/a.csv", 3, "unknown facility", "unknown facility", "entered", 1, 3),
        ("feeds/wms/a.csv", 4, "impossible time", "impossible time", "quarantined", 1, None),
        ("feeds/wms/b.csv", 1, "unknown event type", "unknown event type", "entered", 1, 2),
    ]


def test_a_row_that_was_delivered_again_meanwhile_enters_as_a_duplicate(root):
    put(root, "feeds/wms/c.csv", HEADER + "E2,receipt_confirmed,2026-02-23T09:00:00Z,NDC\n")
    configure(root, WORDS)
    # Six rows: E2 in two files, E3 and E4 refused.
    assert replay(root)[-1] == (
        "every row once: 6 received = 3 accepted + 2 quarantined + 1 duplicates + 0 out of scope"
    )
    assert rows(root, EVENTS) == [{"event_id": e} for e in ("E1", "E2", "E5")]


def test_a_row_keeps_its_first_reason_when_another_comes_to_light(root):
    configure(root, codes=CODES)
    assert replay(root)[0] == "wms: 4 rows still quarantined (3 x unknown event type, 1 x impossible time)"
    assert trail(root)[1] == ("feeds/wms/a.csv", 3, "unknown facility", "unknown event type", "quarantined", 1, None)


def test_rows_of_files_that_were_corrected_grew_or_went_end_as_what_they_are(root):
    text = str(FILES["feeds/wms/a.csv"]).replace("2026-02-31", "2026-02-28") + "E6,new,2026-02-23T12:00:00Z,NDC\n"
    put(root, "feeds/wms/a.csv", text)
    (root / "feeds/wms/b.csv").unlink()
    assert replay(root)[:4] == [
        "wms: 1 row replaced: another row stands in its place (1 x impossible time)",
        "wms: 1 row vanished: its place holds no row any more (1 x unknown event type)",
        "wms: 2 rows still quarantined (1 x unknown event type, 1 x unknown facility)",
        "wms: 1 row newly quarantined (1 x unknown event type)",
    ]
    # Rows 2 and 3 stand in a longer file now, and enter from there.
    configure(root, WORDS, CODES)
    assert replay(root)[:2] == [
        "wms: 2 rows entered (1 x unknown event type, 1 x unknown facility)",
        "wms: 1 row still quarantined (1 x unknown event type)",
    ]


def test_a_row_that_is_refused_again_begins_a_line_and_the_ended_one_stays(root):
    configure(root, WORDS)
    build_tables(root)
    ended = [row for row in trail(root) if row[4] == "entered"]
    configure(root)
    assert replay(root)[-2] == "wms: 2 rows newly quarantined (2 x unknown event type)"
    again = trail(root)
    assert [row for row in again if row[4] == "entered"] == ended
    assert [row[5:] for row in again if row[:2] == ("feeds/wms/a.csv", 2)] == [(1, 2), (3, None)]


def test_neither_a_full_build_nor_a_spoilt_warehouse_loses_the_trail(root):
    configure(root, WORDS)
    build_tables(root)
    before = trail(root)
    build_tables(root, is_full=True)
    assert trail(root) == before
    (root / "warehouse.duckdb").write_bytes(b"no database at all" * 1000)
    build_tables(root)
    assert trail(root) == before


@pytest.mark.parametrize("last", ["landing/wms", "marts/quarantine_history"])
def test_a_build_that_dies_after_any_step_leaves_the_trail_and_the_next_one_comes_to_the_same(root, tmp_path, last):
    """Steps write no more than the warehouse, so that to stop between them is what a kill does."""
    twin = Path(shutil.copytree(root, tmp_path / "twin"))
    for folder in (root, twin):
        configure(folder, WORDS)
    before = trail(root)
    with opened_build(root) as build:
        run_steps(build, last=last)
    assert trail(root) == before
    assert replay(root) == replay(twin)
    assert trail(root) == trail(twin)


def test_replay_of_a_workspace_without_a_build_or_with_a_broken_file_is_refused(tmp_path, root):
    ran = dockledger_here("replay", make_workspace(tmp_path / "new"))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "nothing is published here yet" in sentence(ran.stderr)
    before = trail(root)
    put(root, "feeds/wms/c.csv", "event_id\nE9\n")
    ran = dockledger_here("replay", root, "--quiet")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert trail(root) == before


def test_where_nothing_is_refused_replay_says_so(tmp_path):
    root = make_workspace(tmp_path / "ws", {"feeds/wms/a.csv": HEADER})
    configure(root)
    build_tables(root)
    assert told(root)[0] == "nothing was quarantined, and nothing is"
