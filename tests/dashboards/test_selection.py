"""What a reader chooses, and in which order the answer comes."""

from datetime import UTC, datetime

import pytest

from dashboards.reader import Order, UnknownName, open_reader
from dashboards.selection import Selection

RECEIVING = Selection("procure_to_receive", facilities=("NDC",))


def test_the_period_before_is_as_long_and_ends_where_this_one_begins():
    week = Selection("p", from_at=datetime(2026, 3, 8, tzinfo=UTC), to_at=datetime(2026, 3, 15, tzinfo=UTC))
    before = week.period_before()
    assert before is not None
    assert (before.from_at, before.to_at) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
    assert before.process == "p"


def test_without_both_ends_there_is_no_period_before():
    assert Selection("p", to_at=datetime(2026, 3, 15, tzinfo=UTC)).period_before() is None


def test_chosen_rows_come_in_the_order_and_number_asked_for(published_workspace):
    reader = open_reader(published_workspace)
    ways = reader.filtered("filtered_variants", Order(["cases_count"], descending=True, limit=2), a=RECEIVING)
    assert ways["cases_count"].to_list() == [210, 32]  # of 210, 32, 14 and 6


def test_rows_cannot_be_ordered_by_what_they_do_not_have(published_workspace):
    reader = open_reader(published_workspace)
    with pytest.raises(UnknownName, match="no column nonsense"):
        reader.filtered("filtered_variants", Order(["nonsense"]), a=RECEIVING)


def test_values_come_sorted_or_the_most_frequent_first(published_workspace):
    reader = open_reader(published_workspace)
    assert reader.values("process_cases", "facility_id") == ["3PL1", "NDC", "RDC"]
    # Of 262, 157 and 104 purchases, and 35, 35 and 70 transfers: NDC 297, RDC 192, 3PL1 174.
    assert reader.values("process_cases", "facility_id", most_rows_first=True) == ["NDC", "RDC", "3PL1"]
