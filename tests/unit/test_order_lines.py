"""Order and purchase lines: what states no time is inside, plans move nothing, a later state replaces an earlier one."""

from typing import Any

import pytest

ORDERS = "order_id,order_line,shipment_id,ordered_quantity,promised_at,ordered_at,shipped_quantity,last_changed_at"
PURCHASES = "purchase_order_id,purchase_order_line,received_quantity,ordered_at,last_changed_at"


def orders(*lines: str) -> str:
    return "\n".join([ORDERS, *lines, ""])


def used(landing: Any, table: str, seen: str) -> list[tuple[Any, ...]]:
    return landing.engine.rows(f"SELECT {seen} FROM canonical.{table} ORDER BY ALL")


def test_an_order_line_delivered_again_is_a_duplicate_whether_it_names_a_shipment_or_not(landing):
    line, shipment = "SO1,1,,10,,,4,", "SO1,2,SH1,10,,,4,"
    landing.write("feeds/a.csv", orders(line, line, shipment, shipment, "SO1,2,SH2,10,,,6,"))
    landing.canonical(table="order_line")
    assert used(landing, "order_line", "order_line, shipment_id, row_number") == [
        ("1", None, 1), ("2", "SH1", 3), ("2", "SH2", 5),
    ]  # fmt: skip
    copies = landing.engine.rows("SELECT landed_row, copy_no FROM canonical.delivery WHERE copy_no > 1")
    assert len(copies) == 2


def test_the_state_that_was_changed_last_is_used_and_one_changed_after_as_of_is_not_seen(landing):
    states = ["PO1,1,3,,2026-03-01T00:00:00Z", "PO1,1,5,,2026-03-03T00:00:00Z", "PO1,1,4,,2026-03-02T00:00:00Z"]
    landing.write("feeds/a.csv", "\n".join([PURCHASES, *states, ""]))
    landing.canonical(table="purchase_line")
    assert used(landing, "purchase_line", "CAST(received_quantity AS INTEGER)") == [(5,)]
    landing.canonical(as_of="2026-03-02T12:00:00Z", table="purchase_line")
    assert used(landing, "purchase_line", "CAST(received_quantity AS INTEGER)") == [(4,)]
    landing.canonical(as_of="2026-02-01T00:00:00Z", table="purchase_line")
    assert used(landing, "purchase_line", "received_quantity") == []


def test_a_promise_does_not_move_the_evaluation_and_a_line_without_a_time_is_inside(landing):
    landing.write(
        "feeds/a.csv",
        orders("SO1,1,,10,2026-12-24T00:00:00Z,2026-03-01T00:00:00Z,,", "SO2,1,,10,2026-12-24T00:00:00Z,,,"),
    )
    landing.canonical(table="order_line")
    assert landing.engine.value("SELECT CAST(as_of AS VARCHAR) FROM reference.evaluation") == "2026-03-01 00:00:00+00"
    assert used(landing, "order_line", "order_id") == [("SO1",), ("SO2",)]
    landing.canonical(as_of="2026-02-28T00:00:00Z", table="order_line")
    assert used(landing, "order_line", "order_id") == [("SO2",)]


@pytest.mark.parametrize(("table", "key", "clock", "day"), [
    ("purchase_line", "purchase_order", "ordered_at", "ordered_date"), ("invoice_line", "invoice", "invoiced_at", "invoice_date"),
])  # fmt: skip
def test_a_day_stands_for_a_time_that_is_not_stated(landing, table, key, clock, day):
    """As of noon of 2 March A, B, C and E are inside: today and before, without any, and by its time, whatever its day."""
    header = f"{key}_id,{key}_line,{clock},{day}"
    lines = ["A,1,,2026-03-01", "B,1,,2026-03-02", "C,1,,", "D,1,,2026-03-03",
             "E,1,2026-03-02T11:00:00Z,2026-03-03", "F,1,2026-03-02T13:00:00Z,2026-03-01"]  # fmt: skip
    landing.write("feeds/a.csv", "\n".join([header, *lines, ""]))
    landing.canonical(as_of="2026-03-02T12:00:00Z", table=table)
    assert used(landing, table, f"{key}_id") == [("A",), ("B",), ("C",), ("E",)]
    landing.canonical(as_of="2026-03-03T00:00:00Z", table=table)
    assert used(landing, table, f"{key}_id") == [("A",), ("B",), ("C",), ("D",), ("E",), ("F",)]


def test_a_day_is_inside_where_nothing_states_an_instant(landing):
    landing.write("feeds/a.csv", "purchase_order_id,purchase_order_line,ordered_date\nPO1,1,2026-03-01\n")
    landing.canonical(table="purchase_line")
    assert used(landing, "purchase_line", "purchase_order_id") == [("PO1",)]


def test_a_local_time_of_a_line_without_a_facility_has_no_zone(landing):
    header = "order_id,order_line,facility_id,ordered_at"
    rows = ["SO1,1,NDC,2026-01-05 08:00:00", "SO2,1,,2026-01-05 08:00:00", "SO3,1,,2026-01-05T08:00:00Z", "SO4,1,,"]
    landing.write("feeds/a.csv", "\n".join([header, *rows, ""]))
    seen = "CAST(ordered_at AS VARCHAR), reason, detail"
    # Chicago is six hours behind in January.
    assert landing.land(seen, table="order_line", system_timezone="facility") == [
        (1, "2026-01-05 14:00:00+00", None, None),
        (2, None, "naive time",
         "ordered_at '2026-01-05 08:00:00' states no time zone and the row names no facility whose zone it could be"),
        (3, "2026-01-05 08:00:00+00", None, None),
        (4, None, None, None),
    ]  # fmt: skip


def test_an_order_line_is_refused_for_what_is_wrong_with_it(landing):
    header = "order_id,order_line,facility_id,ordered_quantity,shipped_at"
    rows = ["SO1,,NDC,1,", "SO2,1,XX,1,", "SO3,1,NDC,ten,", "SO4,1,NDC,1,2026-02-30T00:00:00Z", "SO5,1,DC01,-1,"]
    landing.write("feeds/a.csv", "\n".join([header, *rows, ""]))
    assert landing.land("reason", table="order_line") == [
        (1, "schema violation"), (2, "unknown facility"), (3, "non-numeric quantity"), (4, "impossible time"), (5, None),
    ]  # fmt: skip
