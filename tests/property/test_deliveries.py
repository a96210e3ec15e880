"""What is published depends on the set of rows delivered, not on how they were delivered."""

import random
import re
import tempfile
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.business import business_tables, write_business
from tests.property.support import DELIVERY_TABLES, Row, Tables, assert_same, built, stamp
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth


AS_OF_MINUTES = 5000
SLOW = settings(max_examples=examples(6), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def told_by(deliveries: dict[str, list[list[Row]]]) -> Tables:
    """The marts over the given files of every canonical table, apart from those that count deliveries."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        write_business(root, deliveries, stamp(AS_OF_MINUTES))
        return {name: rows for name, rows in built(root).items() if name not in DELIVERY_TABLES}


@cache
def in_one_piece() -> Tables:
    """The marts of the plain delivery: a file a table, in order."""
    return told_by({table: [rows] for table, rows in business_tables().items()})


def split(rows: list[Row], files: int, draw: random.Random) -> list[list[Row]]:
    """The rows in random order over some files, each holding at least a header's worth."""
    shuffled = draw.sample(rows, len(rows))
    parts = [shuffled[n::files] for n in range(files)]
    return [part for part in parts if part]


@SLOW
@given(seed=st.integers(0, 2**32), files=st.integers(1, 5))
def test_order_and_split_of_deliveries_change_no_published_number(seed: int, files: int) -> None:
    draw = random.Random(seed)
    deliveries = {table: split(rows, files, draw) for table, rows in business_tables().items()}
    assert told_by(deliveries) == in_one_piece()


@SLOW
@given(seed=st.integers(0, 2**32), share=st.floats(0.1, 1.0))
def test_rows_delivered_twice_change_only_what_counts_deliveries(seed: int, share: float) -> None:
    draw = random.Random(seed)
    deliveries = {}
    for table, rows in business_tables().items():
        again = draw.sample(rows, max(1, int(len(rows) * share)))
        deliveries[table] = split([*rows, *again], 3, draw)
    assert_same(told_by(deliveries), in_one_piece(), repeated=True)


# By fiscal period: another month has other days, and other periods have ended.
OF_FISCAL_PERIODS = {"financial_close_lag", "period_cut_off"}
# Which build, and what a row's text was: its hash tells nothing of time.
OF_THE_BUILD = {"run_id", "first_run_id", "ended_run_id", "raw_hash", "content_hash"}
# Marts that these few rows give nothing to say; the others are compared row by row.
WITHOUT_ROWS = {"cause_rules", "corrections", "temporal_deviations", "what_if_transfers"}
WRITTEN_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def shifted(value: Any, by: timedelta) -> Any:
    """A value some days later: an instant, a day, and every day that is written in a text."""
    if isinstance(value, date):  # a datetime is one
        return value + by
    if isinstance(value, str):
        return WRITTEN_DAY.sub(lambda found: (date.fromisoformat(found.group()) + by).isoformat(), value)
    return value


@cache
def business(weeks: int) -> Tables:
    """All marts over every canonical table, told some whole weeks later than it was."""
    shift = timedelta(weeks=weeks)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        write_business(root, {t: [rows] for t, rows in business_tables(shift).items()}, stamp(AS_OF_MINUTES, shift))
        return built(root, hidden=OF_THE_BUILD)


@SLOW
@given(weeks=st.integers(1, 7))
def test_shifting_all_times_by_whole_weeks_shifts_instants_and_days_and_leaves_all_else_in_every_mart(
    weeks: int,
) -> None:
    # Seven weeks from 5 January end before the clocks of Chicago change on 8 March.
    plain, got, by = business(0), business(weeks), timedelta(weeks=weeks)
    assert got.keys() == plain.keys() > OF_FISCAL_PERIODS
    assert {name for name, rows in plain.items() if not rows} - OF_FISCAL_PERIODS == WITHOUT_ROWS
    for name in plain.keys() - OF_FISCAL_PERIODS:
        expected = Counter({tuple(shifted(v, by) for v in row): n for row, n in plain[name].items()})
        assert got[name] == expected, name
