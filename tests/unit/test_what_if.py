"""The schedules that what-if replays: those that there are, those of a workspace, and how long one waits under them."""

import pytest

from pipelines.errors import UnusableInput
from pipelines.reference import REFERENCE
from pipelines.what_if import what_if_tables
from pipelines.workspace import load_workspace
from transforms.spec import models

BASE = """facilities: [{id: NDC, timezone: UTC}]
feeds: [{name: f, adapter: canonical_csv, table: inventory_event, path: 'feeds/*.csv'}]
"""
OWN = """what_if:
  - {name: every_10, every_minutes: 10}
  - {name: before_cut_off, title: Before each cut-off, at: ["16:45", "11:30", "11:30"]}
"""


def tables(tmp_path, more: str = ""):
    (tmp_path / "dockledger.yaml").write_text(BASE + more)
    return what_if_tables(load_workspace(tmp_path), REFERENCE / "what_if_schedules.csv")


def waits(engine, tmp_path, more: str = "") -> dict[tuple[str, int], float | None]:
    """Schedule and minute of the day -> seconds to the next run."""
    for name, frame in tables(tmp_path, more).items():
        engine.frame(f"reference.{name}", frame)
    for table in ("shared.day_minute", "shared.schedule_wait"):
        engine.materialise(models()[table])
    return {(s, int(m)): w for s, m, w in engine.rows("SELECT schedule, day_minute, wait_s FROM shared.schedule_wait")}


def test_schedules_of_a_workspace_come_after_the_standing_ones(tmp_path):
    made = tables(tmp_path, OWN)
    assert made["what_if_schedule"].rows()[-3:] == [
        ("undisturbed", "As now with nothing lost or held up", 9, "undisturbed", None),
        ("every_10", "Every 10 minutes", 10, "interval", 10),
        ("before_cut_off", "Before each cut-off", 11, "hours", None),
    ]
    assert made["what_if_run"].rows() == [("before_cut_off", 690), ("before_cut_off", 1005)]


def test_a_minute_waits_for_the_next_run_and_the_last_of_a_day_for_the_first_of_the_next(engine, tmp_path):
    found = waits(engine, tmp_path, OWN)
    assert len(found) == 11 * 1440
    assert [found["every_30_minutes", m] for m in (0, 1, 29, 30, 602, 1439)] == [0, 1740, 60, 0, 1680, 60]
    assert [found["daily", m] for m in (0, 1, 1439)] == [0, 1439 * 60, 60]
    # Runs at 11:30 (690) and 16:45 (1005): from 17:00 (1020) it is 420 minutes to midnight and 690 more.
    assert [found["before_cut_off", m] for m in (689, 690, 691, 1005, 1020)] == [60, 0, 314 * 60, 0, 1110 * 60]
    assert {found["at_once", m] for m in range(1440)} == {0}
    assert {found["undisturbed", m] for m in range(1440)} == {None}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("what_if: [{name: a, every_minutes: 7}]\n", "7 minutes do not divide a day"),
        ("what_if: [{name: a}]\n", "give either every_minutes or at"),
        ("what_if: [{name: a, every_minutes: 5, at: ['06:00']}]\n", "give either every_minutes or at"),
        ("what_if: [{name: a, at: ['24:00']}]\n", "'24:00' is not a local time such as '06:30'"),
        ("what_if: [{name: a, at: []}]\n", "what_if.0.at"),
        ("what_if: [{name: A b, every_minutes: 5}]\n", "what_if.0.name"),
        ("what_if: [{name: daily, every_minutes: 5}]\n", "there is a schedule 'daily' already"),
        ("what_if: [{name: unchanged, every_minutes: 5}]\n", "there is a schedule 'unchanged' already"),
        ("what_if: [{name: a, every_minutes: 5}, {name: a, every_minutes: 6}]\n", "there is a schedule 'a' already"),
    ],
)
def test_schedules_that_cannot_be_are_refused_in_words(tmp_path, more, sentence):
    with pytest.raises(UnusableInput) as refused:
        tables(tmp_path, more)
    assert sentence in str(refused.value)
