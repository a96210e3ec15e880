"""CSV files that a spreadsheet opens without running anything."""

import csv
import io
from datetime import UTC, datetime

import polars as pl
import pytest

from dashboards.blocks import _displayed
from dashboards.csv_export import to_csv
from pipelines.read import as_text

FORMULAS = [
    "=1+1",
    "+cmd",
    "-cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "=",
    "--1",
    "+1-2",
    "-",
    "\uff1d1",
    "\uff20x",
]
PLAIN = ["-5", "+5", "-0.5", "1e6", "-1.5E-3", "SKU-1", "a=b", " ", "'quoted", "2026-03-01T14:05:06Z", "", "\u0665"]


def rows(table: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table))))


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert rows(pl.DataFrame({"detail": [cell]}))[1] == ["'" + cell]


@pytest.mark.parametrize("cell", PLAIN)
def test_a_number_and_ordinary_text_stay_as_they_are(cell):
    assert rows(pl.DataFrame({"detail": [cell]}))[1] == [cell]


def test_the_grid_of_a_page_shows_what_its_own_download_may_hold():
    shown = _displayed(pl.DataFrame({"detail": [*FORMULAS, *PLAIN], "n": range(len(FORMULAS + PLAIN))}))
    assert shown["detail"].to_list() == [*("'" + cell for cell in FORMULAS), *PLAIN]
    assert shown["n"].to_list() == list(range(len(FORMULAS + PLAIN)))


def test_the_commands_write_what_the_pages_write():
    """Read as values: quoting differs."""
    cells = [cell for cell in (*FORMULAS, *PLAIN) if "\r" not in cell]
    table = pl.DataFrame({"=text": cells, "number": [-n for n in range(len(cells))]})
    written = as_text(table.columns, table.rows(), "csv")
    assert list(csv.reader(io.StringIO(written, newline=""))) == rows(table)
    assert as_text(table.columns, table.rows(), "json").count("'=") == 0


def test_a_heading_is_neutralised_too():
    assert rows(pl.DataFrame({"=cmd": [1]}))[0] == ["'=cmd"]


def test_negative_numbers_stay_numbers_and_nulls_are_empty():
    table = pl.DataFrame({"n": [-5, None], "x": [-0.25, None], "text": [None, "a"]})
    assert rows(table)[1:] == [["-5", "-0.25", ""], ["", "", "a"]]


def test_an_instant_is_written_in_utc_with_a_z():
    moment = datetime(2026, 3, 1, 14, 5, 6, 500_000, tzinfo=UTC)
    table = pl.DataFrame({"at": [moment]}).with_columns(pl.col("at").dt.convert_time_zone("America/Chicago"))
    assert rows(table)[1] == ["2026-03-01T14:05:06.500Z"]


def test_separators_and_line_breaks_survive():
    assert rows(pl.DataFrame({"a": ['x,"y"\nz']}))[1] == ['x,"y"\nz']


def test_a_sequence_is_one_cell():
    assert rows(pl.DataFrame({"variant": [["a", "b"]]}))[1] == ["a > b"]
