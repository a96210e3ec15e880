"""What is published depends on the set of rows delivered, not on how they were delivered."""

import random
import tempfile
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.support import Row, assert_same, published, stamp, tables
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws a sixth


AS_OF_MINUTES = 5000
SLOW = settings(max_examples=examples(6), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@cache
def in_one_piece() -> dict[str, Counter[tuple[Any, ...]]]:
    """The marts of the plain delivery: a file a table, in order."""
    with tempfile.TemporaryDirectory() as folder:
        return published(Path(folder) / "ws", {t: [rows] for t, rows in tables().items()}, stamp(AS_OF_MINUTES))


def split(rows: list[Row], files: int, draw: random.Random) -> list[list[Row]]:
    """The rows in random order over some files, each holding at least a header's worth."""
    shuffled = draw.sample(rows, len(rows))
    parts = [shuffled[n::files] for n in range(files)]
    return [part for part in parts if part]


@SLOW
@given(seed=st.integers(0, 2**32), files=st.integers(1, 5))
def test_order_and_split_of_deliveries_change_no_published_number(seed: int, files: int) -> None:
    draw = random.Random(seed)
    deliveries = {t: split(rows, files, draw) for t, rows in tables().items()}
    with tempfile.TemporaryDirectory() as folder:
        assert published(Path(folder) / "ws", deliveries, stamp(AS_OF_MINUTES)) == in_one_piece()


@SLOW
@given(seed=st.integers(0, 2**32), share=st.floats(0.1, 1.0))
def test_rows_delivered_twice_change_only_what_counts_deliveries(seed: int, share: float) -> None:
    draw = random.Random(seed)
    deliveries = {}
    for table, rows in tables().items():
        again = draw.sample(rows, max(1, int(len(rows) * share)))
        deliveries[table] = split([*rows, *again], 3, draw)
    with tempfile.TemporaryDirectory() as folder:
        got = published(Path(folder) / "ws", deliveries, stamp(AS_OF_MINUTES))
    assert_same(got, in_one_piece(), repeated=True)


@SLOW
@given(weeks=st.integers(1, 7))
def test_shifting_all_times_by_whole_weeks_shifts_instants_and_leaves_every_duration_and_count(weeks: int) -> None:
    # Seven weeks from 5 January end before the clocks of Chicago change on 8 March.
    shift = timedelta(weeks=weeks)
    deliveries = {t: [rows] for t, rows in tables(shift).items()}
    with tempfile.TemporaryDirectory() as folder:
        got = published(Path(folder) / "ws", deliveries, stamp(AS_OF_MINUTES, shift))
    durations = [
        "latency_by_facility",
        "latency_by_hour",
        "latency_distribution",
        "exception_aging",
        "transfer_cycle_time",
    ]
    for name in [*durations, "count_variance", "variants", "process_edges", "deviations", "scorecard"]:
        assert got[name] == in_one_piece()[name], name
