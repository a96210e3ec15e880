"""Workbooks that a test writes."""

from pathlib import Path
from typing import Any

import openpyxl

from tests.landing import Landing


def write(landing: Landing, *rows: Any, name: str = "a.xlsx", sheet: str = "Korrekturen") -> Path:
    """A workbook whose first sheet holds the rows."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(row)
    for cell in (cell for line in page.iter_rows() for cell in line if str(cell.value).startswith("#")):
        cell.data_type = "e"
    path = landing.root / "feeds" / name
    path.parent.mkdir(exist_ok=True)
    book.save(path)
    return path
