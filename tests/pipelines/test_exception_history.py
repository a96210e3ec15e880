"""Every change of state of an exception is written down once, whatever a later build finds, and by published builds only."""

from pathlib import Path

import pytest

from tests.building import build_tables, opened_build, run_steps
from tests.pipelines.support import make_workspace, put, rows

CONFIGURATION = """\
as_of: {as_of}
facilities: [{{id: NDC, timezone: UTC}}]
feeds:
  - {{name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}}
  - {{name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}}
"""
EVENT = """\
event_id,event_type,event_time,facility_id
E1,receipt_confirmed,2026-03-10T08:00:00Z,NDC
"""
POSTING = "posting_id,posted_at,facility_id,event_id\nP1,2026-03-10T11:30:00Z,NDC,E1\n"
MISSING, LATE = "missing_posting:1:E1", "late_posting:1:E1"
# The posting SLA is an hour: the exception opens at 09:00 and, an hour later again, is breached at 10:00.
OPENED, BREACHED = "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z"


def build(root: Path, as_of: str) -> None:
    make_workspace(root, {}, CONFIGURATION.format(as_of=as_of))
    build_tables(root)


def trail(root: Path) -> list[tuple[object, ...]]:
    """(exception, number, state, instant, number of the build)."""
    found = rows(root, "SELECT * FROM marts.exception_history ORDER BY exception_id, change_no")
    runs = {run: n for n, run in enumerate(sorted({row["run_id"] for row in found}), 1)}
    return [(r["exception_id"], r["change_no"], r["state"], r["changed_at"], runs[r["run_id"]]) for r in found]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """One event without posting, built half an hour after its exception opened."""
    made = make_workspace(tmp_path / "ws", {"feeds/wms/a.csv": EVENT}, CONFIGURATION.format(as_of=OPENED))
    build(made, "2026-03-10T09:30:00Z")
    return made


def test_a_posting_that_comes_late_moves_the_event_from_one_rule_to_the_other(root):
    assert trail(root) == [(MISSING, 1, "opened", OPENED, 1)]
    build(root, "2026-03-10T10:00:01Z")
    assert trail(root)[1:] == [(MISSING, 2, "breached", BREACHED, 2)]
    put(root, "feeds/erp/p.csv", POSTING)
    build(root, "2026-03-10T12:00:00Z")
    assert trail(root) == [
        (LATE, 1, "opened", OPENED, 3),
        (LATE, 2, "breached", BREACHED, 3),
        (LATE, 3, "resolved", "2026-03-10T11:30:00Z", 3),
        (MISSING, 1, "opened", OPENED, 1),
        (MISSING, 2, "breached", BREACHED, 2),
        (MISSING, 3, "withdrawn", "2026-03-10T12:00:00Z", 3),
    ]


def test_what_a_build_finds_again_comes_back_and_a_full_build_goes_on_from_the_same_trail(root):
    put(root, "feeds/erp/p.csv", POSTING)
    build(root, "2026-03-10T12:00:00Z")
    (root / "feeds/erp/p.csv").unlink()
    make_workspace(root, {}, CONFIGURATION.format(as_of="2026-03-10T13:00:00Z"))
    build_tables(root, is_full=True)
    assert trail(root) == [
        (LATE, 1, "opened", OPENED, 2),
        (LATE, 2, "breached", BREACHED, 2),
        (LATE, 3, "resolved", "2026-03-10T11:30:00Z", 2),
        (LATE, 4, "withdrawn", "2026-03-10T13:00:00Z", 3),
        (MISSING, 1, "opened", OPENED, 1),
        (MISSING, 2, "withdrawn", "2026-03-10T12:00:00Z", 2),
        (MISSING, 3, "back", "2026-03-10T13:00:00Z", 3),
        (MISSING, 4, "breached", BREACHED, 3),
    ]


def test_a_build_that_finds_nothing_new_adds_nothing(root):
    before = trail(root)
    build(root, "2026-03-10T09:30:00Z")
    assert trail(root) == before


def test_a_build_that_is_not_published_leaves_no_trace_and_the_next_comes_to_the_same(root):
    make_workspace(root, {}, CONFIGURATION.format(as_of="2026-03-10T10:00:01Z"))
    with opened_build(root) as killed:
        run_steps(killed, last="marts/exception_history")
    assert trail(root) == [(MISSING, 1, "opened", OPENED, 1)]
    build(root, "2026-03-10T10:00:01Z")
    assert trail(root) == [(MISSING, 1, "opened", OPENED, 1), (MISSING, 2, "breached", BREACHED, 2)]
