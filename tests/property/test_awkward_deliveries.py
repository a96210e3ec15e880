"""Whatever rows come, wrong and contradictory ones too, what is published depends on the set of them alone."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.support import Row, assert_same, published, stamp
from tests.support import examples

pytestmark = pytest.mark.soundness  # which draws all examples; make test draws an eighth

AS_OF = stamp(3000)
# Few values each, so that ties, contradictions under one key and shared documents are the rule.
INSTANTS = [stamp(n) for n in (0, 1, 60, 61, 1500, 2990, 3001)]
WRONG_INSTANTS = ["2026-01-06 10:00:00", "2026-02-30T10:00:00Z", "noon", ""]
KINDS = [
    "receipt_created", "receipt_confirmed", "putaway_completed", "shipment_confirmed", "transfer_requested",
    "transfer_shipped", "transfer_received", "quality_hold_placed", "parked",
]  # fmt: skip
SITES = ["NDC", "NDC", "3PL1", "XYZ"]


def one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


def ids(letter: str, count: int) -> st.SearchStrategy[str]:
    return st.integers(0, count - 1).map(lambda n: f"{letter}{n}")


def instants() -> st.SearchStrategy[str]:
    return one_of(*INSTANTS, *INSTANTS, *WRONG_INSTANTS)


EVENT = st.fixed_dictionaries({
    "event_id": ids("E", 12), "event_type": one_of(*KINDS), "event_time": instants(), "facility_id": one_of(*SITES),
    "item_id": one_of("A", "B", ""), "quantity": one_of("1", "0", "-2", "2.5", "x", ""),
    "recorded_at": one_of("", *INSTANTS), "sequence_no": one_of("", "1", "2"), "document_id": one_of("D1", "D2", ""),
    "document_line": one_of("1", "2", ""), "partner_facility_id": one_of("3PL1", "NDC", ""),
    "ingested_at": one_of("", INSTANTS[0], INSTANTS[-1]),
})  # fmt: skip
POSTING = st.fixed_dictionaries({
    "posting_id": ids("P", 12), "posted_at": instants(), "facility_id": one_of(*SITES), "item_id": one_of("A", "B", ""),
    "quantity": one_of("1", "0", "-2", "x", ""), "event_id": st.one_of(one_of("", "", "E99"), ids("E", 12)),
    "document_id": one_of("D1", "D2", ""), "document_line": one_of("1", "2", ""), "posting_type": one_of("", *KINDS),
})  # fmt: skip
COUNT = st.fixed_dictionaries({
    "count_id": ids("C", 4), "facility_id": one_of(*SITES), "item_id": one_of("A", "B"), "counted_at": instants(),
    "counted_quantity": one_of("0", "95", "100", "-1"), "book_quantity": one_of("", "0", "100"),
})  # fmt: skip
ROWS = st.fixed_dictionaries({
    "inventory_event": st.lists(EVENT, min_size=5, max_size=40),
    "erp_posting": st.lists(POSTING, min_size=5, max_size=30),
    "count_record": st.lists(COUNT, max_size=8),
})  # fmt: skip


def told_otherwise(rows: list[Row], again: list[int], shuffled: st.DataObject, files: int) -> list[list[Row]]:
    """The rows, some of them once more, in another order and over some files."""
    repeated = [rows[n % len(rows)] for n in again] if rows else []
    order = shuffled.draw(st.permutations([*rows, *repeated]))
    return [part for part in (order[n::files] for n in range(files)) if part]


@settings(max_examples=examples(24), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, again=st.lists(st.integers(0, 100), max_size=12), files=st.integers(1, 4), data=st.data())
def test_order_split_and_repetition_of_any_rows_change_nothing_but_what_counts_deliveries(
    rows: dict[str, list[Row]], again: list[int], files: int, data: st.DataObject
) -> None:
    otherwise = {table: told_otherwise(given_rows, again, data, files) for table, given_rows in rows.items()}
    with tempfile.TemporaryDirectory() as folder:
        plain = published(
            Path(folder) / "plain", {table: [part] if part else [] for table, part in rows.items()}, AS_OF
        )
        got = published(Path(folder) / "otherwise", otherwise, AS_OF)
    assert_same(got, plain, repeated=bool(again))
