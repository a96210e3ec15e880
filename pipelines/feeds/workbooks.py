"""Excel workbooks (.xlsx, .xlsm): a sheet's cells as the text that a CSV of the same content would hold.

What a cell is decides how it is written, not what it looks like: a date is ISO and local, a number has a point and no
artefact of its storage, text stays as it is. The library tells types by the column only, so each column is asked four
times: for its text, and where it holds numbers or booleans, the number, and a duration, which only dates and times are.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

if TYPE_CHECKING:
    import fastexcel

SUFFIXES = (".xlsx", ".xlsm")
# A workbook is unpacked in memory: what its parts come to, and the rectangle that a sheet's cells span, are bounded.
MOST_BYTES = 256 << 20
MOST_CELLS = 20_000_000
_BLOCK_BYTES = 1 << 20
_TAIL_BYTES = 64  # longer than a cell's reference, so that none is torn between two blocks
_CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_OLE, _ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1"), "EncryptedPackage".encode("utf-16-le")
_ERROR = re.compile(r"'Error\((\w+)\)'")
_ERRORS = {"NA": "#N/A", "Div0": "#DIV/0!", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
           "Value": "#VALUE!"}  # fmt: skip
DType = Literal["string", "float", "boolean", "duration"]


@dataclass(frozen=True)
class SheetRows:
    """The rows below a sheet's header that are not blank.

    Attributes:
        header: the titles of its columns, '' where there is none.
        rows: a text column per header place, named by it ("0", "1" ...), whether each cell is a number ("number_0"
            ...), and `row_number`: the distance of the row from the header's.
        errors: (row number, place) -> the error that a cell holds, such as #N/A.
    """

    header: list[str]
    rows: pl.DataFrame
    errors: dict[tuple[int, int], str]


def is_workbook(path: Path) -> bool:
    """Whether a file's name says that it is a workbook."""
    return path.suffix.lower() in SUFFIXES


def read_sheet(file: FeedFile, sheet: str | None, header_row: int) -> SheetRows | None:
    """A sheet's rows; None for a sheet without any cell from its header on.

    Args:
        sheet: its name; None: the first.
        header_row: the row with the titles, from 1; 1 stands for the first row that is not empty.

    Errors: UnusableInput for a file that is no workbook, is protected, too large or broken, or lacks the sheet.
    """
    import fastexcel

    refuse_unusable(file)
    try:
        reader = fastexcel.read_excel(str(file.path))
        if not reader.sheet_names or (sheet and sheet not in reader.sheet_names):
            there = ", ".join(reader.sheet_names) or "none"
            raise UnusableInput(f"there is no sheet '{sheet}'; there are: {there}", file=file.name)
        loader = _Loader(reader, sheet or 0, header_row - 1)
        text, errors = loader.text()
        if not text.height:
            return None
        return _rows(text, errors, loader)
    except fastexcel.FastExcelError as error:
        reason = str(error).split("\n")[0].replace(str(file.path), file.name)
        raise UnusableInput(f"the workbook cannot be read ({reason})", file=file.name) from None


class _Loader:
    """Loads one sheet several times, so that its first row is the header."""

    def __init__(self, reader: "fastexcel.ExcelReader", sheet: str | int, header_index: int) -> None:
        self._reader, self._sheet = reader, sheet
        self._above = None if header_index == 0 else header_index - 1
        # The library passes over empty rows at the top where the header is asked for in row 1, and only there.
        if self._above == 0 and self._names(0) == self._names(1):
            self._above = None

    def _names(self, header: int) -> list[str]:
        found = self._reader.load_sheet(self._sheet, header_row=header, dtypes="string").available_columns()
        return [column.name for column in found]

    def _load(self, dtype: DType) -> Any:
        return self._reader.load_sheet(self._sheet, header_row=self._above, dtypes=dtype)

    def text(self) -> tuple[pl.DataFrame, dict[tuple[int, int], str]]:
        """Every cell as text, and the errors that cells hold by (row, place)."""
        batch, found = self._load("string").to_arrow_with_errors()
        errors = {}
        for error in found.errors if found else []:
            named = _ERROR.search(error.detail)
            errors[error.offset_position] = _ERRORS.get(named[1], f"#{named[1]}") if named else error.detail
        return _frame(batch), errors

    def typed(self, dtype: DType) -> pl.DataFrame:
        """Every cell as a type, NULL where it is of another."""
        return _frame(self._load(dtype).to_arrow())


def _frame(batch: Any) -> pl.DataFrame:
    columns = [batch.column(n) for n in range(batch.num_columns)]
    return pl.DataFrame({str(n): pl.from_arrow(column) for n, column in enumerate(columns)})


def _rows(text: pl.DataFrame, errors: dict[tuple[int, int], str], loader: _Loader) -> SheetRows:
    numbers, booleans, durations = (loader.typed(kind) for kind in ("float", "boolean", "duration"))
    header = [str(value or "").strip() for value in text.row(0)]
    columns = []
    for name in text.columns:
        typed = pl.DataFrame({"s": text[name], "f": numbers[name], "b": booleans[name], "d": durations[name]})
        columns.append(typed.select(_cell().alias(name), _is_number().alias(f"number_{name}")))
    frame = (
        pl.concat(columns, how="horizontal").with_row_index("row_number").with_columns(pl.col("row_number").cast(int))
    )
    held = {(row, place): word for (row, place), word in errors.items() if row}
    written = [pl.col(name).str.strip_chars().fill_null("") != "" for name in text.columns]
    is_filled = pl.any_horizontal(written) | pl.col("row_number").is_in(sorted({row for row, _ in held}))
    return SheetRows(header, frame.filter(is_filled & (pl.col("row_number") > 0)), held)


def _is_number() -> pl.Expr:
    """Numbers have a truth value, too, but are not written as one."""
    return (pl.col("b").is_not_null() & ~pl.col("s").is_in(["true", "false"])).fill_null(value=False)


def _cell() -> pl.Expr:
    """A cell's text.

    A number is the shortest text that gives it back; where that needs an exponent, or there is no fraction, the library
    writes it out. A time at midnight is a day alone: a sheet does not tell them apart. One without a day has none.
    """
    s, f, d = pl.col("s").cast(pl.String), pl.col("f").cast(pl.Float64), pl.col("d").cast(pl.Duration("ms"))
    shortest = f.cast(pl.String)
    number = pl.when((f == f.floor()) | shortest.str.contains("e", literal=True)).then(s).otherwise(shortest)
    time = (
        pl.when(d < pl.duration(days=1))
        .then(s.str.slice(11))
        .when(s.str.ends_with(" 00:00:00"))
        .then(s.str.slice(0, 10))
    )
    return pl.when(_is_number()).then(number).when(d.is_not_null()).then(time.otherwise(s)).otherwise(s)


def refuse_unusable(file: FeedFile) -> None:
    """Unpacks every part of a workbook once, a block at a time, before anything takes it into memory.

    Errors: UnusableInput where it is no workbook, protected, broken, or larger than it may be.
    """
    try:
        with file.path.open("rb") as stream:
            head = stream.read(len(_OLE))
        if head == _OLE:
            raise UnusableInput(_what_ole_is(file), file=file.name)
        with zipfile.ZipFile(file.path) as archive:
            parts = archive.infolist()
            if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
                raise UnusableInput("the file is no Excel workbook (.xlsx)", file=file.name)
            if sum(part.file_size for part in parts) > MOST_BYTES:
                raise UnusableInput(f"the workbook unpacks to more than {MOST_BYTES >> 20} MiB", file=file.name)
            for part in parts:
                _refuse_wide_sheet(file, archive, part)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise UnusableInput(f"the file is no whole Excel workbook ({error})", file=file.name) from None
    except OSError as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None


def _what_ole_is(file: FeedFile) -> str:
    if _ENCRYPTED in file.path.read_bytes():
        return "the workbook is protected by a password; save it without one"
    return "the file is an old workbook (.xls), not .xlsx; save it as .xlsx"


def _refuse_wide_sheet(file: FeedFile, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Reads a part to its end, which also verifies its sum; of a sheet, finds the corner of its cells."""
    is_sheet = part.filename.lower().startswith("xl/worksheets/")
    letters, row_count, tail = set[bytes](), 0, b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK_BYTES):
            if is_sheet:
                tail += block
                found = _CELL.findall(tail)
                letters.update(column for column, _ in found)
                row_count = max([row_count, *(int(row) for _, row in found)])
                tail = tail[-_TAIL_BYTES:]
    if row_count * max((_place(column) for column in letters), default=0) > MOST_CELLS:
        raise UnusableInput(f"a sheet's cells span more than {MOST_CELLS:,} places", file=file.name)


def _place(letters: bytes) -> int:
    """A column's place: A is 1, AA is 27."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place
