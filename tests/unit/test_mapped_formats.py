"""`mapped_csv` reads times, days and numbers as the feed declares them, and nothing that it does not declare."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from pipelines.workspace import load_workspace
from tests.landing import Landing

COLUMNS = {
    "event_id": "Beleg",
    "event_type": "Vorgang",
    "event_time": "Zeit",
    "item_id": "Artikel",
    "quantity": "Menge",
}
SEEN = "CAST(event_time AS VARCHAR), CAST(quantity AS VARCHAR), reason"
BERLIN = {"system_timezone": "Europe/Berlin"}
GERMAN = {"datetime": ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"], "decimal": ",", "thousands": "."}


def rows(*stated: tuple[str, str]) -> str:
    lines = [f"B{n};WE;{time};007;{quantity}" for n, (time, quantity) in enumerate(stated, 1)]
    return "\n".join(["Beleg;Vorgang;Zeit;Artikel;Menge", *lines, ""])


def land(landing: Landing, seen: str, content: str | bytes | None, **feed: Any) -> list[tuple[Any, ...]]:
    if content is not None:
        landing.write("feeds/a.csv", content)
    given = {"adapter": "mapped_csv", "delimiter": ";", "facility": "NDC", "columns": COLUMNS,
             "event_types": {"WE": "receipt_confirmed"}, **feed}  # fmt: skip
    return landing.land(seen, **given)


def test_declared_times_and_numbers_are_read(landing):
    """Berlin is an hour ahead in March, two in July."""
    content = rows(("01.03.2026 10:05", "1.234,5"), ("1.7.2026 10:05:07", "-0,25"), (" 01.03.2026 10:05 ", "1234567"))
    assert land(landing, SEEN, content, formats=GERMAN, **BERLIN) == [
        (1, "2026-03-01 09:05:00+00", "1234.500000", None),
        (2, "2026-07-01 08:05:07+00", "-0.250000", None),
        (3, "2026-03-01 09:05:00+00", "1234567.000000", None),
    ]


def test_what_is_not_written_as_declared_is_refused_not_guessed(landing):
    """A point groups three digits; ISO times are not declared; a day is no time; there is no 31 February."""
    stated = [("01.03.2026 10:05", "1.23"), ("01.03.2026 10:05", "1,234,5"), ("01.03.2026 10:05", "1e3"),
              ("2026-03-01 10:05", "1"), ("01.03.2026", "1"), ("31.02.2026 10:05", "1"), ("01.03.26 10:05", "1"),
              ("13/01/2026 10:05", "1")]  # fmt: skip
    told = land(landing, "reason", rows(*stated), formats=GERMAN, **BERLIN)
    assert [reason for _, reason in told] == [
        "non-numeric quantity", "non-numeric quantity", "non-numeric quantity",
        "schema violation", "schema violation", "impossible time", "impossible time", "schema violation",
    ]  # fmt: skip


def test_without_formats_only_iso_times_and_decimal_points_are_read(landing):
    content = rows(("2026-03-01 10:05", "1.5"), ("01.03.2026 10:05", "1"), ("2026-03-01 10:05", "1,5"))
    assert [reason for _, reason in land(landing, "reason", content, **BERLIN)] == [
        None, "schema violation", "non-numeric quantity",
    ]  # fmt: skip


def test_a_decimal_comma_alone_groups_no_digits(landing):
    content = rows(("2026-03-01 10:05", "1.234"), ("2026-03-01 10:05", "1,234"))
    told = land(landing, "CAST(quantity AS VARCHAR)", content, formats={"decimal": ","}, **BERLIN)
    assert told == [(1, None), (2, "1.234000")]


@pytest.mark.parametrize("sign", [",", " ", "'", "\u00a0"])
def test_digits_are_grouped_by_the_declared_sign(landing, sign):
    content = rows(("2026-03-01 10:05", f"1{sign}234{sign}567.5"), ("2026-03-01 10:05", f"12{sign}34"))
    told = land(landing, "CAST(quantity AS VARCHAR)", content, formats={"thousands": sign}, **BERLIN)
    assert told == [(1, "1234567.500000"), (2, None)]


def test_a_minus_may_stand_behind_its_number_where_that_is_declared(landing):
    written = ["3-", "1.250,5-", "-3", "3", "-3-", "-", "12.34-"]
    content = rows(*(("01.03.2026 10:05", number) for number in written))
    told = land(landing, "CAST(quantity AS VARCHAR)", content, formats={**GERMAN, "minus": "after"}, **BERLIN)
    assert [n for _, n in told] == ["-3.000000", "-1250.500000", "-3.000000", "3.000000", None, None, None]


def test_a_minus_behind_a_number_is_no_number_where_that_is_not_declared(landing):
    content = rows(("01.03.2026 10:05", "3-"))
    assert land(landing, "reason", content, formats=GERMAN, **BERLIN) == [(1, "non-numeric quantity")]


def test_iso_may_stand_among_the_formats_and_an_offset_may_be_declared(landing):
    """Offsets are believed before the feed's zone: 10:05+03:00 is 07:05 UTC; Berlin's 10:05 is 09:05 UTC."""
    formats = {"datetime": ["%d.%m.%Y %H:%M%z", "%d.%m.%Y %H:%M", "iso"]}
    content = rows(("01.03.2026 10:05+0300", "1"), ("01.03.2026 10:05", "1"), ("2026-03-01T10:05:00Z", "1"),
                   ("2026-03-01 10:05", "1"))  # fmt: skip
    told = land(landing, "CAST(event_time AS VARCHAR)", content, formats=formats, **BERLIN)
    assert [time for _, time in told] == [f"2026-03-01 {t}:00+00" for t in ("07:05", "09:05", "10:05", "09:05")]


def test_a_declared_local_time_needs_a_zone_and_a_stated_offset_none(landing):
    formats = {"datetime": ["%d.%m.%Y %H:%M%z", "%d.%m.%Y %H:%M"]}
    content = rows(("01.03.2026 10:05+03:00", "1"), ("01.03.2026 10:05", "1"))
    assert land(landing, "CAST(event_time AS VARCHAR), reason", content, formats=formats) == [
        (1, "2026-03-01 07:05:00+00", None),
        (2, None, "naive time"),
    ]


def test_declared_local_times_that_a_clock_change_touches_are_flagged(landing):
    """Berlin: 02:30 occurs twice on 2026-10-25, the earlier is 00:30 UTC; not at all on 2026-03-29 (03:30 is 01:30 UTC)."""
    content = rows(("25.10.2026 02:30", "1"), ("29.03.2026 02:30", "1"))
    assert land(landing, "CAST(event_time AS VARCHAR), time_flags", content, formats=GERMAN, **BERLIN) == [
        (1, "2026-10-25 00:30:00+00", "event_time ambiguous"),
        (2, "2026-03-29 01:30:00+00", "event_time nonexistent"),
    ]


def test_american_times_of_a_twelve_hour_clock(landing):
    """Chicago is six hours behind: 12:05 AM is 06:05 UTC."""
    content = rows(("03/01/2026 12:05 AM", "1"), ("03/01/2026 1:05 PM", "1"), ("13/01/2026 1:05 PM", "1"))
    told = land(landing, "CAST(event_time AS VARCHAR), reason", content,
                formats={"datetime": "%m/%d/%Y %I:%M %p"}, system_timezone="America/Chicago")  # fmt: skip
    assert told == [
        (1, "2026-03-01 06:05:00+00", None),
        (2, "2026-03-01 19:05:00+00", None),
        (3, None, "impossible time"),
    ]


def test_days_and_amounts_of_postings(landing):
    landing.write("feeds/a.csv", "id;at;day;value\nP1;2026-03-01T10:00:00Z;01.03.2026;1.000,50\n"
                  "P2;2026-03-01T10:00:00Z;2026-03-01;1\n")  # fmt: skip
    columns = {"posting_id": "id", "posted_at": "at", "posting_date": "day", "value_amount": "value"}
    formats = {"date": "%d.%m.%Y", "decimal": ",", "thousands": "."}
    told = land(landing, "CAST(posting_date AS VARCHAR), CAST(value_amount AS VARCHAR), reason", None,
                columns=columns, formats=formats, table="erp_posting", event_types={})  # fmt: skip
    assert told == [(1, "2026-03-01", "1000.500000", None), (2, None, "1.000000", "schema violation")]


def test_marks_padding_and_leading_zeros_of_a_semicolon_file(landing):
    content = "\ufeffBeleg ; Vorgang;Zeit;Artikel;Menge\r\n 0001 ; WE ;01.03.2026 10:05; 007 ;  12,50 \r\n"
    seen = "event_id, item_id, CAST(quantity AS VARCHAR), reason"
    assert land(landing, seen, content, formats=GERMAN, **BERLIN) == [(1, "0001", "007", "12.500000", None)]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("cp1252", "cp1252"), ("Windows-1252", "cp1252"), ("latin-1", "latin-1"), ("utf-16", "utf-16"),
     ("utf-16-le", "utf-16-le"), ("UTF8", "utf-8"), ("utf-8", "utf-8-sig"), ("utf-16-be", "utf-16-be")],
)  # fmt: skip
def test_a_file_in_its_declared_encoding_is_read(landing, encoding, codec):
    content = rows(("2026-03-01 10:05", "1")).replace("B1", "Bücher ü").encode(codec)
    assert land(landing, "event_id, reason", content, encoding=encoding, **BERLIN) == [(1, "Bücher ü", None)]
    assert land(landing, "file", content, encoding=encoding, **BERLIN) == [(1, "feeds/a.csv")]


def test_malformed_rows_of_a_recoded_file_are_set_aside_with_their_number(landing):
    content = rows(("2026-03-01 10:05", "1"), ("2026-03-01 10:05", "1;zu viel"), ("2026-03-01 10:05", "1"))
    told = land(
        landing,
        "event_id",
        content.replace("B", "ß").replace("ßeleg", "Beleg").encode("cp1252"),
        encoding="cp1252",
        **BERLIN,
    )
    assert told == [(1, "ß1"), (3, "ß3")]
    assert landing.malformed() == [(2, "it has 6 fields instead of 5")]


@pytest.mark.parametrize(
    ("declared", "content", "told"),
    [
        (None, "Straße".encode("cp1252"), "the header is not UTF-8 text; another one is declared with `encoding`"),
        (None, "Straße".encode("utf-16"), "the file is UTF-16 text: declare `encoding: utf-16`"),
        ("cp1252", b"a\x81", "the file is not cp1252 text (byte 0x81)"),
        ("ascii", "Straße".encode(), "the file is not ascii text (byte 0xc3)"),
        ("cp1252", "Straße".encode(), "the file is UTF-8 text, not cp1252 as the feed declares"),
        ("cp1252", "Straße".encode("utf-8-sig"), "the file begins with the mark of UTF-8, the feed declares cp1252"),
        ("cp1252", "Straße".encode("utf-16"), "the file begins with the mark of UTF-16, the feed declares cp1252"),
        ("latin-1", "10 €".encode("cp1252"), "the file holds control characters in iso8859-1: cp1252?"),
        ("utf-16", b"abc", "the file is not utf-16 text"),
    ],
)  # fmt: skip
def test_a_wrongly_declared_encoding_is_told(landing, declared, content, told):
    with pytest.raises(UnusableInput, match=r"feeds/a\.csv") as refused:
        land(landing, "event_id", content, **({"encoding": declared} if declared else {}))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("adapter", "setting", "told"),
    [
        ("canonical_csv", {"formats": {"decimal": ","}}, "adapter canonical_csv reads no `formats`; mapped_csv does"),
        ("canonical_parquet", {"encoding": "cp1252"}, "adapter canonical_parquet reads no `encoding`"),
    ],
)
def test_a_setting_that_an_adapter_does_not_read_is_refused(landing, adapter, setting, told):
    with pytest.raises(UnusableInput, match="feed wms") as refused:
        landing.land("event_id", adapter=adapter, **setting)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('formats: {datetime: "%d.%m.%Y"}', "feeds.0.formats.datetime.0: '%d.%m.%Y' names no hour: a day is no time"),
        (
            'formats: {datetime: ["iso", "%H:%M"]}',
            "feeds.0.formats.datetime.1: '%H:%M' does not name year, month and day",
        ),
        ('formats: {datetime: "%d.%m.%Y %I:%M"}', "counts hours to twelve without %p"),
        ('formats: {datetime: "%d.%m.%Y %H:%M %Z"}', "holds %Z; known are"),
        ('formats: {datetime: "%Y-%m-%dT%H:%M:%SZ"}', "takes the Z of UTC for a letter; write iso for such times"),
        (
            'formats: {date: "%d.%m.%Y %H"}',
            "feeds.0.formats.date.0: '%d.%m.%Y %H' names an hour, which a day does not have",
        ),
        ("formats: {datetime: []}", "feeds.0.formats.datetime: "),
        ('formats: {decimal: ";"}', "feeds.0.formats.decimal: "),
        ('formats: {decimal: ",", thousands: ","}', "feeds.0.formats: decimal and thousands are both ','"),
        ("formats: {number: x}", "feeds.0.formats.number: this key is not known"),
        ("encoding: cp125", "feeds.0.encoding: 'cp125' is not an encoding such as cp1252, latin-1 or utf-16"),
        ("encoding: hex", "feeds.0.encoding: 'hex' is not an encoding"),
    ],
)
def test_a_wrong_setting_is_refused_by_line_and_name(tmp_path: Path, line, told):
    text = "facilities:\n  - {id: A, timezone: UTC}\nfeeds:\n  - name: f\n    adapter: mapped_csv\n    path: x\n"
    (tmp_path / "dockledger.yaml").write_text(f"{text}    {line}\n")
    with pytest.raises(UnusableInput, match="line 7: ") as refused:
        load_workspace(tmp_path)
    assert told in str(refused.value)
