"""Build after build over files that come, change, are sent again and go: the same as one full build of what lies there."""

import csv
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipelines.neighbourhood
from tests.property.support import RUN_TABLES, Row, built, deliver, stamp, tables, write_settings
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


AS_OF = stamp(5000)


def some_change(root: Path, rows_by_table: dict[str, list[Row]], draw: random.Random) -> None:
    """One thing that happens to a feed's folder between two builds."""
    table = draw.choice(list(rows_by_table))
    folder, rows = root / "feeds" / table, rows_by_table[table]
    files = sorted(folder.iterdir())
    chosen = draw.choice(files) if files else None
    what = draw.choice(["new", "new", "again", "grown", "cut", "gone", "renamed", "broken"])
    some = draw.sample(rows, draw.randint(1, len(rows)))
    if what == "new" or chosen is None:
        deliver(root, table, f"{draw.randint(0, 9999):04}.csv", some)
    elif what == "again":
        shutil.copyfile(chosen, folder / f"again-{draw.randint(0, 99):02}.csv")
    elif what == "grown":
        deliver(root, table, chosen.name, [*some, *draw.sample(rows, 3)])
    elif what == "cut":
        deliver(root, table, chosen.name, some[:1])
    elif what == "gone":
        chosen.unlink()
    elif what == "renamed":
        chosen.rename(folder / f"renamed-{draw.randint(0, 99):02}.csv")
    else:
        lines = chosen.read_text().splitlines()
        lines.insert(draw.randint(1, len(lines)), 'half"a row')
        chosen.write_text("\n".join(lines) + "\n")


@settings(max_examples=examples(8), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), rounds=st.integers(2, 4))
def test_any_history_of_deliveries_over_several_builds_gives_the_tables_of_one_full_build(
    seed: int, rounds: int
) -> None:
    draw, rows_by_table = random.Random(seed), tables()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines.neighbourhood, "_LARGEST_RATIO", draw.choice([0, 1.1]))
        root, afresh = Path(folder) / "ws", Path(folder) / "afresh"
        write_settings(root, list(rows_by_table), AS_OF)
        for _ in range(rounds):
            for _ in range(draw.randint(0, 4)):
                some_change(root, rows_by_table, draw)
            step_by_step = built(root, hidden=set())
        shutil.copytree(root, afresh, ignore=shutil.ignore_patterns("warehouse*", "published"))
        at_once = built(afresh, hidden=set(), is_full=True)
    assert step_by_step.keys() == at_once.keys()
    for name in at_once.keys() - RUN_TABLES:
        assert step_by_step[name] == at_once[name], name


@settings(max_examples=examples(4, least=1), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_settings_mended_later_give_the_tables_of_having_had_them_from_the_start(seed: int) -> None:
    draw, rows_by_table = random.Random(seed), tables()
    mended = {
        "NDC": "{id: NDC, timezone: America/Chicago}",
        "DC9": "{id: NDC, timezone: America/Chicago, codes: [DC9]}",
    }
    for rows in rows_by_table.values():
        for row in draw.sample(rows, len(rows) // 3):
            row["facility_id"] = row["facility_id"].replace("NDC", "DC9")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        write_settings(root, list(rows_by_table), AS_OF)
        for table, rows in rows_by_table.items():
            deliver(root, table, "000.csv", rows)
        before = built(root, hidden=set())
        assert len(before["quarantine"]) > 0
        file = root / "dockledger.yaml"
        file.write_text(file.read_text().replace(mended["NDC"], mended["DC9"]))
        later = built(root, hidden=set())
        at_once = built(root, hidden=set(), is_full=True)
    assert len(later["quarantine"]) == 0
    for name in at_once.keys() - RUN_TABLES:
        assert later[name] == at_once[name], name


def corrected(rows_by_table: dict[str, list[Row]], draw: random.Random) -> list[dict[str, str]]:
    """Corrections of some rows of each table: values that are set, a value that was left out, rows that are dropped."""
    made = []
    for table, key, column in (("inventory_event", "event_id", "quantity"), ("erp_posting", "posting_id", "quantity")):
        for number, row in enumerate(draw.sample(rows_by_table[table], 9)):
            own = {"table": table, "feed": table if number % 2 else "", "key": row[key], "reason": f"reason {number}"}
            own |= {"reported_date": "2026-01-09", "action": "set", "column": column}
            if number < 4:
                own |= {"expected": row[column], "value": str(100 + number)}
            elif number < 6:
                own |= {"column": "lot_id", "expected": "", "value": "L1"} if table == "inventory_event" else {
                    "column": "movement_type", "expected": "", "value": "101"
                }  # fmt: skip
            else:
                own |= {"action": "drop", "column": "", "expected": "", "value": ""}
            made.append(own)
    return made


@settings(max_examples=examples(4, least=1), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_corrections_that_come_later_give_the_tables_of_having_had_them_from_the_start(seed: int) -> None:
    draw, rows_by_table = random.Random(seed), tables()
    corrections = corrected(rows_by_table, draw)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        write_settings(root, list(rows_by_table), AS_OF)
        for table, rows in rows_by_table.items():
            for number in range(3):
                deliver(root, table, f"{number:03}.csv", draw.sample(rows, len(rows) * 2 // 3))
            deliver(root, table, "003.csv", rows)
        before = built(root, hidden=set())
        (root / "corrections").mkdir()
        for number in (9, len(corrections)):  # some come first, all then
            with (root / "corrections" / "a.csv").open("w", newline="") as stream:
                writer = csv.DictWriter(stream, list(corrections[0]))
                writer.writeheader()
                writer.writerows(corrections[:number])
            later = built(root, hidden=set())
        at_once = built(root, hidden=set(), is_full=True)
        (root / "corrections" / "a.csv").unlink()
        taken_back = built(root, hidden=set())
    assert sum(later["corrections"].values()) == 18
    assert len(before["quarantine"]) == 0
    assert sum(later["quarantine"].values()) >= 6  # each dropped row, as often as it was delivered
    for name in at_once.keys() - RUN_TABLES:
        assert later[name] == at_once[name], name
        assert taken_back[name] == before[name], name
