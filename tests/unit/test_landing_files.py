"""Landing loses no row of any file; what is delivered again is used once."""

import gzip
from typing import Any

import pytest

from tests.landing import Landing, event, events, times

HEADER = "event_id,event_type,event_time,facility_id,quantity,recorded_at,ingested_at,document_id,document_line\n"


def line(
    event_id: str, quantity: str = "1", recorded: str = "", ingested: str = "", document: str = "", number: str = ""
) -> str:
    return f"{event_id},pick_confirmed,2026-03-01T10:00:00Z,NDC,{quantity},{recorded},{ingested},{document},{number}\n"


def test_malformed_rows_are_counted_and_the_rows_after_them_keep_their_number(landing):
    """Rows 2 and 3 are cut short and too long, row 6 is not UTF-8: rows 1, 4, 5 and 7 are left."""
    head, *lines = (
        events(*(event(event_id=f"E{n}", event_type="teleported") for n in range(1, 8))).encode().split(b"\n")
    )
    lines[1], lines[2], lines[5] = b"E2,pick", lines[2] + b",and,more", lines[5].replace(b"E6", b"E\xff")
    landing.write("feeds/a.csv", b"\n".join([head, *lines]))
    rows = landing.land("event_id, reason")
    assert rows == [(n, f"E{n}", "unknown event type") for n in (1, 4, 5, 7)]
    assert [n for n, _ in landing.malformed()] == [2, 3, 6]
    assert landing.received() == 7


def test_rows_are_numbered_file_by_file(landing):
    """One file has a malformed row, the other none."""
    landing.write("feeds/a.csv", events("short", event(event_id="A2")))
    landing.write("feeds/b.csv", events(event(event_id="B1"), event(event_id="B2")))
    assert landing.land("event_id") == [(2, "A2"), (1, "B1"), (2, "B2")]


def test_a_quoted_line_break_does_not_begin_a_row(landing):
    lines = [event(event_id='"E\n1"'), "short", event(event_id="E3")]
    landing.write("feeds/a.csv", events(*lines))
    assert landing.land("event_id") == [(1, "E\n1"), (3, "E3")]
    assert [n for n, _ in landing.malformed()] == [2]


def test_a_thousand_rows_keep_their_numbers(landing):
    """Every hundredth row is refused, every 250th malformed (500 and 1000 would be refused, too)."""
    lines = [event(event_id=f"E{n}", quantity="x" if n % 100 == 0 else "1") for n in range(1, 1001)]
    for n in (250, 500, 750, 1000):
        lines[n - 1] = "short"
    landing.write("feeds/a.csv", events(*lines))
    rows = landing.land("event_id, reason")
    assert [(n, i) for n, i, _ in rows] == [(n, f"E{n}") for n in range(1, 1001) if n % 250]
    assert [n for n, _, reason in rows if reason] == [100, 200, 300, 400, 600, 700, 800, 900]
    assert landing.received() == 1000


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("feeds/a.csv.gz", gzip.compress),
        ("feeds/a.csv", lambda text: b"\xef\xbb\xbf" + text),
        ("feeds/a.csv", lambda text: text.replace(b"\n", b"\r\n")),
        ("feeds/a.csv", lambda text: text.rstrip(b"\n")),
        ("feeds/a.csv", lambda text: text + b"\n\n"),
    ],
    ids=["gzip", "byte order mark", "CRLF", "no line break at the end", "blank lines at the end"],
)
def test_the_same_rows_in_another_form_land_alike(landing, name, form):
    landing.write(name, form(events(event(event_id="E1"), event(event_id="E2", sequence_no="7")).encode()))
    assert landing.land("event_id, sequence_no, reason, file") == [
        (1, "E1", None, None, name),
        (2, "E2", 7, None, name),
    ]
    assert (landing.malformed(), landing.received()) == ([], 2)


@pytest.mark.parametrize("content", ["", "\n", events()], ids=["empty", "a blank line", "a header alone"])
def test_a_file_without_rows_is_zero_rows(landing, content):
    landing.write("feeds/a.csv", content)
    assert (landing.land("event_id"), landing.malformed(), landing.received()) == ([], [], 0)
    assert landing.engine.rows("SELECT file, received_count FROM landing.file") == [("feeds/a.csv", 0)]


def test_no_file_at_all_is_zero_rows(landing):
    assert landing.land("event_id") == []


def test_optional_columns_may_be_missing_differ_by_file_and_come_in_any_order(landing):
    landing.write(
        "feeds/a.csv", "event_id,event_type,event_time,facility_id\nA,pick_confirmed,2026-03-01T10:00:00Z,NDC\n"
    )
    landing.write("feeds/b.csv", "shift,facility_id,event_time,event_type,event_id,colour\n"
                  "night,3PL1,2026-03-01T10:00:00Z,pick_confirmed,B,red\n")  # fmt: skip
    assert landing.land("event_id, facility_id, shift, quantity, reason") == [
        (1, "A", "NDC", None, None, None),
        (1, "B", "3PL1", "night", None, None),
    ]


def test_fields_are_trimmed_and_an_empty_one_is_null(landing):
    landing.write("feeds/a.csv", events(event(event_id=" E1 ", item_id="  ", quantity=" 5 ", facility_id=" DC01")))
    rows = landing.land("event_id, item_id, CAST(quantity AS DOUBLE), facility_id, reason")
    assert rows == [(1, "E1", None, 5.0, "NDC", None)]


def used(landing: Landing) -> list[tuple[Any, ...]]:
    return landing.engine.rows(
        "SELECT event_id, CAST(quantity AS DOUBLE), file FROM canonical.inventory_event ORDER BY event_id"
    )


def test_the_same_content_again_is_used_once_from_its_first_delivery(landing):
    """Equal canonical values in other spellings are the same content; ingested_at is no part of it."""
    landing.write("feeds/a.csv", HEADER + line("E1", "5"))
    landing.write("feeds/b.csv", HEADER + line("E1", "5.000", ingested="2026-03-01T11:00:00Z") + line("E2"))
    landing.canonical(as_of="2026-03-01T12:00:00Z")
    assert used(landing) == [("E1", 5.0, "feeds/a.csv"), ("E2", 1.0, "feeds/b.csv")]
    copies = "SELECT file, copy_no, visible_copies_count, is_used FROM canonical.inventory_event_delivery ORDER BY file"
    assert landing.engine.rows(copies) == [("feeds/a.csv", 1, 2, True), ("feeds/b.csv", 2, 2, False)]


def test_of_conflicting_contents_the_one_recorded_last_is_used(landing):
    landing.write(
        "feeds/a.csv", HEADER + line("E1", "5", "2026-03-01T10:02:00Z") + line("E1", "6", "2026-03-01T10:01:00Z")
    )
    landing.write("feeds/b.csv", HEADER + line("E1", "7"))
    landing.canonical()
    assert used(landing) == [("E1", 5.0, "feeds/a.csv")]
    conflict = "SELECT count(*), max(copy_no), max(visible_copies_count) FROM canonical.inventory_event_delivery"
    assert landing.engine.rows(conflict) == [(3, 1, 1)]


def test_of_contents_recorded_at_once_the_highest_content_hash_is_used_whatever_came_first(landing):
    landing.write("feeds/a.csv", HEADER + line("E1", "5") + line("E1", "6") + line("E1", "7"))
    landing.canonical()
    highest = "SELECT CAST(arg_max(quantity, content_hash) AS DOUBLE) FROM landing.inventory_event"
    expected = landing.engine.value(highest)
    assert [q for _, q, _ in used(landing)] == [expected]
    landing.write("feeds/a.csv", HEADER + line("E1", "7") + line("E1", "6") + line("E1", "5"))
    landing.canonical()
    assert [q for _, q, _ in used(landing)] == [expected]


def test_contents_that_only_join_to_the_same_text_are_a_conflict(landing):
    """Document `A|B`, line `C` is another content than document `A`, line `B|C`."""
    landing.write(
        "feeds/a.csv", HEADER + line("E1", document="A|B", number="C") + line("E1", document="A", number="B|C")
    )
    landing.canonical()
    assert landing.engine.value("SELECT count(DISTINCT content_hash) FROM landing.inventory_event") == 2


def test_what_is_ingested_after_as_of_has_not_been_delivered_yet(landing):
    """As of 12:00: E1's correction arrives at 12:00:01, E2 only then; E3 arrives in the instant itself."""
    landing.write("feeds/a.csv", HEADER
                  + line("E1", "5", "2026-03-01T10:01:00Z", "2026-03-01T10:05:00Z")
                  + line("E1", "6", "2026-03-01T10:02:00Z", "2026-03-01T12:00:01Z")
                  + line("E2", "1", "", "2026-03-01T12:00:01Z")
                  + line("E3", "1", "", "2026-03-01T12:00:00Z"))  # fmt: skip
    landing.canonical(as_of="2026-03-01T12:00:00Z")
    assert [(e, q) for e, q, _ in used(landing)] == [("E1", 5.0), ("E3", 1.0)]


def test_a_copy_that_is_ingested_after_as_of_is_no_duplicate_yet(landing):
    landing.write(
        "feeds/a.csv",
        HEADER + line("E1", ingested="2026-03-01T10:05:00Z") + line("E1", ingested="2026-03-01T12:00:01Z"),
    )
    landing.canonical(as_of="2026-03-01T12:00:00Z")
    assert landing.engine.value("SELECT max(visible_copies_count) FROM canonical.inventory_event_delivery") == 1


def test_events_of_the_instant_of_as_of_are_inside_and_later_ones_outside(landing):
    landing.write("feeds/a.csv", times("2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000001Z"))
    landing.canonical(as_of="2026-03-01T12:00:00Z")
    assert [e for e, _, _ in used(landing)] == ["E1", "E2"]


def test_as_of_is_the_newest_instant_that_accepted_rows_state_by_default(landing):
    """An ingested_at counts, else the rows that came in last would lie outside; a refused row's time does not."""
    landing.write("feeds/a.csv", HEADER + line("E1", recorded="2026-03-01T10:02:00Z", ingested="2026-04-01T00:00:00Z")
                  + "E2,teleported,2026-05-01T00:00:00Z,NDC,1,,,,\n")  # fmt: skip
    landing.canonical()
    as_of = landing.engine.value("SELECT CAST(as_of AS VARCHAR) FROM reference.evaluation")
    assert as_of == "2026-04-01 00:00:00+00"
    assert [e for e, _, _ in used(landing)] == ["E1"]


def test_a_refused_row_is_no_delivery_of_its_key(landing):
    landing.write("feeds/a.csv", HEADER + line("E1", "five") + line("E1", "5"))
    landing.canonical()
    assert used(landing) == [("E1", 5.0, "feeds/a.csv")]
    assert landing.engine.count("canonical.inventory_event_delivery") == 0
