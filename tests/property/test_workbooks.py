"""Whatever a workbook's cells hold, each becomes the text that plain Python gives it, and blank rows are none."""

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.base import FeedFile
from pipelines.feeds.workbooks import read_sheet

Cell = str | int | float | bool | dt.datetime | None
# To the second: a sheet keeps a time as a fraction of a day, in a number of fifteen digits.
FIRST = dt.datetime.fromisoformat("1970-01-01")
TIMES = st.integers(0, 129 * 365 * 86_400).map(lambda seconds: FIRST + dt.timedelta(seconds=seconds))
NUMBERS = st.decimals(-(10**8), 10**8, places=6, allow_nan=False).map(float)
WORDS = st.text(alphabet="aé0123.,-:TZ eE#", max_size=9).filter(lambda text: not text.startswith(("=", "#")))
CELLS = st.none() | WORDS | NUMBERS | st.integers(-(10**14), 10**14) | st.booleans() | TIMES
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)


def as_text(cell: Cell) -> str:
    """Without the blanks around it; '' for nothing."""
    if cell is None or isinstance(cell, str):
        return (cell or "").strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, dt.datetime):
        return str(cell).removesuffix(" 00:00:00")
    text = f"{Decimal(repr(cell)):f}"
    return "0" if float(cell) == 0 else text.rstrip("0").rstrip(".") if "." in text else text


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_cell_of_a_sheet_becomes_its_text(rows):
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in [("a", "b", "c"), *rows]:
        page.append(row)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        book.save(path)
        sheet = read_sheet(FeedFile(path, path.name), None, 1)
    assert sheet is not None
    assert sheet.header == ["a", "b", "c"]
    expected = [(n, *map(as_text, row)) for n, row in enumerate(rows, 1) if any(map(as_text, row))]
    found = sheet.rows.select("row_number", "0", "1", "2").rows()
    assert [(row[0], *((cell or "").strip() for cell in row[1:])) for row in found] == expected
