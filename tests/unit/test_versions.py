"""Of what is delivered in several states, the newest that is known at as_of is used, and the copies are counted from it."""

from typing import Any

COUNTS = "count_id,facility_id,item_id,counted_at,counted_quantity,book_quantity,approved_at"
MESSAGES = "message_id,sent_at,acknowledged_at,attempts,status"
EVENTS = "event_id,event_type,event_time,recorded_at,facility_id,item_id,quantity,ingested_at"


def used(landing: Any, table: str, seen: str) -> list[tuple[Any, ...]]:
    return landing.engine.rows(f"SELECT {seen} FROM canonical.{table} ORDER BY ALL")


def test_the_approval_of_a_count_replaces_the_count_whatever_the_contents_hash_to(landing):
    lines = [f"C{n},NDC,A,2026-03-09T08:00:00Z,10,20," for n in range(9)]
    landing.write("feeds/a.csv", "\n".join([COUNTS, *lines, *(f"{line}2026-03-09T10:00:00Z" for line in lines), ""]))
    landing.canonical(table="count_record")
    assert used(landing, "count_record", "count_id, approved_at IS NOT NULL") == [(f"C{n}", True) for n in range(9)]
    landing.canonical(as_of="2026-03-09T09:59:59Z", table="count_record")
    assert used(landing, "count_record", "count_id, approved_at IS NOT NULL") == [(f"C{n}", False) for n in range(9)]


def test_a_count_made_later_replaces_one_that_was_approved(landing):
    first, later = (f"C1,NDC,A,2026-03-09T0{n}:00:00Z,{n},20," for n in (8, 9))
    landing.write("feeds/a.csv", "\n".join([COUNTS, later, f"{first}2026-03-09T10:00:00Z", ""]))
    landing.canonical(as_of="2026-03-10T00:00:00Z", table="count_record")
    assert used(landing, "count_record", "CAST(counted_quantity AS INTEGER)") == [(9,)]


def test_a_message_is_in_the_state_that_it_had_at_as_of(landing):
    states = [
        "M1,2026-03-10T07:00:00Z,,1,sent",
        "M1,2026-03-10T07:00:00Z,2026-03-10T11:00:00Z,4,acknowledged",
        "M1,2026-03-10T07:00:00Z,,3,failed",
    ]
    landing.write("feeds/a.csv", "\n".join([MESSAGES, *states, ""]))
    for as_of, status in (("09:00:00", "failed"), ("11:00:00", "acknowledged")):
        landing.canonical(as_of=f"2026-03-10T{as_of}Z", table="integration_message")
        assert used(landing, "integration_message", "status") == [(status,)]


def test_an_event_recorded_again_after_as_of_is_still_the_one_recorded_before(landing):
    rows = [f"E1,pick_confirmed,2026-03-10T07:00:00Z,2026-03-10T{hour}:00:00Z,NDC,A,{hour}," for hour in ("08", "11")]
    landing.write("feeds/a.csv", "\n".join([EVENTS, *rows, ""]))
    for as_of, quantity in (("09", 8), ("11", 11)):
        landing.canonical(as_of=f"2026-03-10T{as_of}:00:00Z")
        assert used(landing, "inventory_event", "CAST(quantity AS INTEGER)") == [(quantity,)]


def test_a_copy_that_comes_after_as_of_is_the_duplicate_of_the_one_that_came_before(landing):
    event = "E1,pick_confirmed,2026-03-10T07:00:00Z,,NDC,A,1,2026-03-1"
    landing.write("feeds/a.csv", "\n".join([EVENTS, f"{event}1T00:00:00Z", f"{event}0T08:00:00Z", ""]))
    landing.canonical(as_of="2026-03-10T09:00:00Z")
    copies = "SELECT landed_row, copy_no, is_visible, is_used FROM canonical.delivery ORDER BY copy_no"
    assert landing.engine.rows(copies) == [(1, 1, True, True), (0, 2, False, False)]
