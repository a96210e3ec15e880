"""`mapped_excel` reads cells for what they are: text stays text, typed cells become ISO times and plain numbers."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.errors import UnusableInput
from pipelines.feeds import workbooks
from tests.landing import Landing
from tests.workbooks import write

COLUMNS = {"event_id": "Beleg", "event_type": "Vorgang", "event_time": "Zeit", "item_id": "Artikel",
           "quantity": "Menge"}  # fmt: skip
HEADER = ["Beleg", "Vorgang", "Zeit", "Artikel", "Menge"]
NINE = dt.datetime.fromisoformat("2026-03-02T09:30")


def land(landing: Landing, seen: str, *rows: Any, **feed: Any) -> list[tuple[Any, ...]]:
    if rows:
        write(landing, *rows)
    given = {"adapter": "mapped_excel", "facility": "NDC", "columns": COLUMNS, "system_timezone": "Europe/Berlin",
             "event_types": {"KORR": "inventory_adjusted"}, **feed}  # fmt: skip
    return landing.land(seen, **given)


def refusal(landing: Landing, *rows: Any, **feed: Any) -> str:
    with pytest.raises(UnusableInput, match=r"^feeds/a\.xlsx: ") as refused:
        land(landing, "event_id", *rows, **feed)
    return str(refused.value)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1234, "1234"), (1234.0, "1234"), (-2.5, "-2.5"), (0.1 + 0.2, "0.3"), (1.1, "1.1"), (1e-7, "0.0000001"),
        (1e15, "1000000000000000"), (123456789.123456, "123456789.123456"), ("0012", "0012"), ("1.234,5", "1.234,5"),
        (True, "true"), (False, "false"), (dt.datetime.fromisoformat("2026-03-02T09:30:15"), "2026-03-02 09:30:15"),
        (dt.datetime.fromisoformat("2026-03-02T09:30:15.250"), "2026-03-02 09:30:15.250"), (dt.date(2026, 3, 2), "2026-03-02"),
        (dt.time(9, 30), "09:30:00"), ("true", "true"), ("  x ", "x"),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_text_that_a_csv_would_hold(landing, cell, text):
    """Excel keeps 0.1 + 0.2 with fifteen digits when it is written, which is 0.3."""
    assert land(landing, "event_id", HEADER, [cell, "KORR", NINE, "A", 1]) == [(1, text)]


def test_typed_times_are_local_and_are_read_whatever_formats_say(landing):
    """Berlin is one hour ahead on 2 March. Typed cells are no text: `formats` are for those who type."""
    rows = [HEADER, ["1", "KORR", NINE, "A", 1.5], ["2", "KORR", "02.03.2026 09:30", "A", "1.234,5"],
            ["3", "KORR", NINE, "A", "1.5"], ["4", "KORR", NINE, "A", 1.234]]  # fmt: skip
    formats = {"datetime": "%d.%m.%Y %H:%M", "decimal": ",", "thousands": "."}
    seen = "CAST(event_time AS VARCHAR), CAST(quantity AS VARCHAR), reason"
    assert land(landing, seen, *rows, formats=formats) == [
        (1, "2026-03-02 08:30:00+00", "1.500000", None),
        (2, "2026-03-02 08:30:00+00", "1234.500000", None),
        (3, "2026-03-02 08:30:00+00", None, "non-numeric quantity"),
        (4, "2026-03-02 08:30:00+00", "1.234000", None),
    ]


def test_without_a_zone_a_typed_time_is_quarantined(landing):
    assert land(landing, "reason", HEADER, ["1", "KORR", NINE, "A", 1], system_timezone=None) == [(1, "naive time")]


def test_a_day_alone_or_a_time_alone_is_no_instant(landing):
    rows = [["1", "KORR", dt.date(2026, 3, 2), "A", 1], ["2", "KORR", dt.time(9, 30), "A", 1]]
    assert land(landing, "reason, detail", HEADER, *rows) == [
        (1, "schema violation", "event_time '2026-03-02' is not a time"),
        (2, "schema violation", "event_time '09:30:00' is not a time"),
    ]


def test_the_row_number_is_the_distance_from_the_header_and_blank_rows_are_none(landing):
    rows = [["Bestandskorrekturen Lager Süd"], [], HEADER, ["1", "KORR", NINE, "A", 1], [], [None, "  "],
            ["4", "XX", NINE, "007", 2]]  # fmt: skip
    assert land(landing, "event_id, item_id, reason", *rows, header_row=3) == [
        (1, "1", "A", None),
        (4, "4", "007", "unknown event type"),
    ]
    assert landing.received() == 2


@pytest.mark.parametrize(("above", "header_row"), [(0, 1), (1, 1), (1, 2), (2, 3), (2, 1)])
def test_empty_rows_above_the_header_do_not_shift_it(landing, above, header_row):
    """The first row that is not empty is the header by default, and so is the row that is named."""
    rows = [*([[]] * above), HEADER, ["1", "KORR", NINE, "A", 1], [], ["3", "KORR", NINE, "A", 1]]
    assert land(landing, "event_id, reason", *rows, header_row=header_row) == [(1, "1", None), (3, "3", None)]


def test_a_table_that_begins_further_right_and_columns_that_nobody_reads(landing):
    rows = [[None, "Lfd.", *HEADER, None, "Lfd."], [None, 1, "1", "KORR", NINE, "A", 1, "#REF!", "x"]]
    assert land(landing, "event_id, reason", *rows) == [(1, "1", None)]


def test_a_row_with_an_error_in_a_cell_that_is_read_is_set_aside(landing):
    rows = [["1", "KORR", NINE, "A", 1], ["2", "KORR", NINE, "#N/A", 1], ["#REF!", None, None, None, None]]
    assert land(landing, "event_id", HEADER, *rows) == [(1, "1")]
    assert landing.malformed() == [(2, "column 'Artikel' holds the error #N/A"),
                                   (3, "column 'Beleg' holds the error #REF!")]  # fmt: skip
    assert landing.received() == 3


def test_only_the_wanted_rows_land_and_the_rest_is_out_of_scope(landing):
    rows = [["1", "KORR", NINE, "A", 1], ["2", "INFO", NINE, "A", 1], ["3", "KORR", NINE, None, 1]]
    assert land(landing, "event_id", HEADER, *rows, only={"Vorgang": "KORR", "Artikel": "*"}) == [(1, "1")]
    assert landing.received() == 3


def test_postings_bear_the_words_that_event_types_map_and_others_as_they_are(landing):
    columns = {"posting_id": "Beleg", "posted_at": "Zeit", "posting_type": "Vorgang", "posting_date": "Tag"}
    rows = [["Beleg", "Zeit", "Vorgang", "Tag"], ["1", NINE, "KORR", dt.date(2026, 3, 1)], ["2", NINE, "MI07", NINE]]
    seen = "posting_type, raw_posting_type, CAST(posting_date AS VARCHAR), reason"
    assert land(landing, seen, *rows, columns=columns, table="erp_posting") == [
        (1, "inventory_adjusted", "KORR", "2026-03-01", None),
        (2, "MI07", "MI07", "2026-03-02", None),
    ]


def test_the_named_sheet_is_read_and_a_missing_one_is_told_with_those_that_exist(landing):
    path = write(landing, ["Deckblatt"], sheet="Info")
    book = openpyxl.load_workbook(path)
    page = book.create_sheet("März")
    page.append(HEADER)
    page.append(["1", "KORR", NINE, "A", 1])
    book.save(path)
    assert land(landing, "event_id", sheet="März") == [(1, "1")]
    assert refusal(landing, sheet="April") == "feeds/a.xlsx: there is no sheet 'April'; there are: Info, März"


@pytest.mark.parametrize("rows", [[], [HEADER], [[], [], HEADER]])
def test_an_empty_sheet_or_a_header_alone_is_no_row(landing, rows):
    write(landing, *rows)
    assert land(landing, "event_id") == []
    assert landing.received() == 0


def test_a_header_that_lacks_or_repeats_a_column_is_refused(landing):
    told = refusal(landing, ["Titel"], ["Beleg", "Vorgang", "Artikel", "Menge"], ["1", "KORR", "A", 1], header_row=2)
    assert told == ("feeds/a.xlsx: row 2: required column Zeit is missing; the header has: "
                    "Beleg, Vorgang, Artikel, Menge")  # fmt: skip
    told = refusal(landing, [*HEADER, "Menge"], ["1", "KORR", NINE, "A", 1, 2])
    assert told == "feeds/a.xlsx: row 1: column Menge appears twice in the header"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Beleg;Vorgang\n1;KORR\n", "no whole Excel workbook (File is not a zip file)"),
        (b"", "no whole Excel workbook"),
        (b"PK\x03\x04" + b"\x00" * 400, "no whole Excel workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504, "an old workbook (.xls), not .xlsx; save it as .xlsx"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
    ids=["text", "empty", "cut", "xls", "protected"],
)
def test_a_file_that_is_no_workbook_is_refused_in_one_sentence(landing, content, told):
    landing.write("feeds/a.xlsx", content)
    said = refusal(landing)
    assert told in said
    assert "\n" not in said


def rewritten(path: Path, **parts: bytes) -> None:
    """The workbook with some of its parts replaced, by file name without folder and suffix."""
    with zipfile.ZipFile(path) as old:
        held = {info.filename: old.read(info) for info in old.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in held.items():
            new.writestr(name, parts.get(Path(name).stem, content))


def test_another_archive_a_broken_part_and_parts_without_end_are_refused(landing):
    path = write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    whole = path.read_bytes()
    rewritten(path, sheet1=b"<worksheet><sheetData><row><c r='A1'>")
    assert "the workbook cannot be read" in refusal(landing)
    spoilt = whole.replace(b"xl/workbook.xml", b"xl/notebook.xml")
    path.write_bytes(spoilt)
    assert refusal(landing) == "feeds/a.xlsx: the file is no Excel workbook (.xlsx)"
    path.write_bytes(whole[: len(whole) // 2])
    assert "no whole Excel workbook" in refusal(landing)


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packed in an unknown way"])
def test_an_archive_whose_parts_cannot_be_unpacked_is_refused(landing, offset, value):
    """Bytes 8 and 10 of an entry of the central directory are its flags and its way of packing."""
    path = write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + offset] = value
    path.write_bytes(content)
    assert "no whole Excel workbook" in refusal(landing)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(landing):
    """One part of 300 MB of blanks packs to less than 1 MB."""
    path = write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.bin", "w") as part:
        for _ in range(300):
            part.write(b" " * 1_000_000)
    assert path.stat().st_size < 1_000_000
    assert refusal(landing) == "feeds/a.xlsx: the workbook unpacks to more than 256 MiB"


def test_a_part_that_holds_more_than_its_entry_says_is_refused(landing):
    path = write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    central = path.read_bytes().rindex(b"PK\x01\x02", 0, path.read_bytes().rindex(b"xl/worksheets/sheet1.xml"))
    content = bytearray(path.read_bytes())
    assert int.from_bytes(content[central + 24 : central + 28], "little") == size
    content[central + 24 : central + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    assert "no whole Excel workbook" in refusal(landing)


def test_two_cells_that_span_the_whole_sheet_are_refused(landing):
    """XFD1048576 is column 16,384 of row 1,048,576: 17 thousand million places for two cells."""
    path = write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    rewritten(path, sheet1=sheet.replace(b"</sheetData>", far))
    assert refusal(landing) == "feeds/a.xlsx: a sheet's cells span more than 20,000,000 places"


def test_a_reference_that_lies_across_two_blocks_is_seen(landing, monkeypatch):
    monkeypatch.setattr(workbooks, "_BLOCK_BYTES", 7)
    write(landing, HEADER, ["1", "KORR", NINE, "A", 1])
    monkeypatch.setattr(workbooks, "MOST_CELLS", 9)  # five columns in two rows are ten places
    assert "span more than 9 places" in refusal(landing)
    monkeypatch.setattr(workbooks, "MOST_CELLS", 10)
    assert land(landing, "event_id") == [(1, "1")]


def test_a_setting_for_workbooks_is_refused_elsewhere(landing):
    for setting in ({"sheet": "x"}, {"header_row": 2}, {"only": {"a": "b"}}):
        with pytest.raises(UnusableInput, match="adapter mapped_csv reads no `"):
            land(landing, "event_id", adapter="mapped_csv", **setting)
