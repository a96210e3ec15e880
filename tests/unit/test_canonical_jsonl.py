"""`canonical_jsonl`: every line is a row or is set aside as it is; values mean what their text in a CSV would mean."""

import gzip
import json
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from tests.landing import Landing

USUAL = {"event_id": "E", "event_type": "pick_confirmed", "event_time": "2026-03-01T10:00:00Z", "facility_id": "NDC"}


def line(**given: Any) -> str:
    return json.dumps(USUAL | given)


def land(landing: Landing, seen: str, *lines: str, end: str = "\n") -> list[tuple[Any, ...]]:
    if lines:
        landing.write("feeds/a.jsonl", end.join(lines) + end)
    return landing.land(seen, adapter="canonical_jsonl")


def malformed(landing: Landing) -> list[tuple[Any, ...]]:
    return landing.engine.rows("SELECT file, row_number, detail, raw FROM landing.malformed ORDER BY file, row_number")


def test_values_of_every_kind_are_read(landing):
    lines = [line(event_id="E1", quantity=1.5, sequence_no=7, item_id=" 007 ", actor_id=True, colour={"is": "red"}),
             line(event_id=2, quantity="0.1", sequence_no=None, item_id="")]  # fmt: skip
    seen = "event_id, CAST(quantity AS VARCHAR), sequence_no, item_id, actor_id, reason"
    assert land(landing, seen, *lines) == [
        (1, "E1", "1.500000", 7, "007", "true", None),
        (2, "2", "0.100000", None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.1", "0.100000"), ("-5", "-5.000000"), ("1E3", "1000.000000"),
        ("999999999999.999999", "999999999999.999999"), ("-123456789012.345678 ", "-123456789012.345678"),
        ("1000000000000", None), ("NaN", None), ('"five"', None),
    ],
)  # fmt: skip
def test_a_number_keeps_its_digits_or_is_refused(landing, written, kept):
    text = line(event_id=": 1234567890123456, or so", quantity=0).replace('"quantity": 0', f'"quantity": {written}')
    told = land(landing, "event_id, CAST(quantity AS VARCHAR), reason", text)
    assert told == [(1, ": 1234567890123456, or so", kept, None if kept else "non-numeric quantity")]


def test_a_number_of_many_digits_is_an_identifier_as_it_stands(landing):
    assert land(landing, "event_id", line(event_id=123456789012345678901234567890)) == [
        (1, "123456789012345678901234567890")
    ]


def test_a_line_that_is_no_object_of_plain_values_is_set_aside_as_it_is(landing):
    """Blank lines are no rows: they have no number either."""
    wrong = ["[1]", '"text"', '{"event_id": "E', '{"event_id": "A", "event_id": "B"}', line(lot_id=["L1", "L2"])]
    lines = [line(event_id="E1"), "", wrong[0], "  ", *wrong[1:4], line(event_id="E6"), wrong[4], line(event_id="E8")]
    assert land(landing, "event_id, reason", *lines) == [(1, "E1", None), (6, "E6", None), (8, "E8", None)]
    assert malformed(landing) == [
        ("feeds/a.jsonl", 2, "the line is not a JSON object", wrong[0]),
        ("feeds/a.jsonl", 3, "the line is not a JSON object", wrong[1]),
        ("feeds/a.jsonl", 4, "the line is not JSON", wrong[2]),
        ("feeds/a.jsonl", 5, "a key appears twice", wrong[3]),
        ("feeds/a.jsonl", 7, "a value is an object or a list", wrong[4]),
    ]
    assert landing.received() == 8


def test_what_a_row_lacks_is_its_reason(landing):
    assert land(landing, "reason, detail", "{}", line(event_time="2026-03-01 10:00:00")) == [
        (1, "schema violation", "event_id is empty"),
        (
            2,
            "naive time",
            "event_time '2026-03-01 10:00:00' states no time zone and feed wms declares no system_timezone",
        ),
    ]


@pytest.mark.parametrize("form", ["plain", "mark", "crlf", "gzip", "no end"])
def test_the_same_lines_in_another_form_land_alike(landing, form):
    text = f"{line(event_id='É1')}\n{line(event_id='E2')}\n".encode()
    forms = {"plain": text, "mark": b"\xef\xbb\xbf" + text, "crlf": text.replace(b"\n", b"\r\n"), "gzip": gzip.compress(text),
             "no end": text.rstrip()}  # fmt: skip
    landing.write("feeds/a.jsonl.gz" if form == "gzip" else "feeds/a.jsonl", forms[form])
    assert land(landing, "event_id, reason") == [(1, "É1", None), (2, "E2", None)]
    assert malformed(landing) == []


def test_rows_are_numbered_in_their_own_file(landing):
    for name in ("b", "a"):
        landing.write(f"feeds/{name}.jsonl", "".join(f"{line(event_id=f'{name}{n}')}\n" for n in range(1, 3001)))
    landing.write("feeds/c.jsonl", "")
    assert land(landing, "event_id") == [(n, f"{name}{n}") for name in ("a", "b") for n in range(1, 3001)]
    assert landing.received() == 6000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}\n\x00\x01\n", "the file is binary, not JSON Lines"),
        (b'{}\n{"event_id": "\xff"}\n', "the line is not UTF-8 text"),
        (b"{}\n" + b" " * (1 << 20) + b"{}\n", "the line is longer than 1048576 bytes"),
    ],
    ids=["binary", "another encoding", "too long"],
)
def test_a_file_that_is_no_text_is_refused_by_name_and_line(landing, content, told):
    landing.write("feeds/a.jsonl", content)
    with pytest.raises(UnusableInput, match=told) as refused:
        land(landing, "event_id")
    assert "feeds/a.jsonl" in str(refused.value)
    assert "row 2" in str(refused.value)
