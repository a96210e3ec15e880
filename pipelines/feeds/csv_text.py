"""CSV as DuckDB reads it: every field as text, files grouped by equal header."""

import csv
import gzip
import io
import zlib
from collections import defaultdict
from pathlib import Path

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.csv_encoding import marked_encoding
from pipelines.workspace import Feed
from transforms.contracts import CONTRACTS
from transforms.contracts.sqlgen import literal

_HEAD_BYTES = 1 << 20


def read_header(file: FeedFile, delimiter: str) -> list[str] | None:
    """The column names of a CSV file; None for an empty file.

    Errors: UnusableInput when it cannot be opened or is not text.
    """
    try:
        opener = gzip.open if file.path.suffix == ".gz" else Path.open
        with opener(file.path, "rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None
    if not head.strip():
        return None
    if marked_encoding(head) == "UTF-16":
        raise UnusableInput("the file is UTF-16 text: declare `encoding: utf-16`", file=file.name, row=1)
    if b"\x00" in head:
        raise UnusableInput("the file is binary, not CSV text", file=file.name, row=1)
    try:
        first = io.StringIO(head.decode("utf-8-sig", errors="ignore"), newline="")
        header = next((record for record in csv.reader(first, delimiter=delimiter) if record), None)
        head.split(b"\n", 1)[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableInput(
            "the header is not UTF-8 text; another one is declared with `encoding`", file=file.name, row=1
        ) from None
    except csv.Error as error:
        raise UnusableInput(f"the header cannot be read ({error})", file=file.name, row=1) from None
    if len(head) == _HEAD_BYTES and first.tell() == len(first.getvalue()):
        raise UnusableInput(f"the header is longer than {_HEAD_BYTES} bytes", file=file.name, row=1)
    return [name.strip() for name in header] if header else None


def header_of(file: FeedFile, feed: Feed) -> list[str] | None:
    """The column names of a feed's file: its first line, or what the feed says, renamed as the feed says.

    Errors: UnusableInput when it cannot be opened or is not text, or lacks a column that is to be renamed.
    """
    header = read_header(file, feed.delimiter)
    if header is None or not (feed.header or feed.rename):
        return header
    header = feed.header or header
    if missing := missing_columns(header, list(feed.rename)):
        raise UnusableInput(f"{missing}; the header has: {', '.join(header[:30])}", file=file.name, row=1)
    return [feed.rename.get(name, name) for name in header]


def read_csv_sql(paths: list[Path], header: list[str], delimiter: str, *, has_header: bool = True) -> str:
    """A read_csv call with nothing left to detection: every column text; a malformed row is an error.

    Args:
        header: names of the columns in the order of the file; they need not be those that it states.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    files = ", ".join(literal(p) for p in paths)
    return (
        f"read_csv([{files}], auto_detect=false, header={str(has_header).lower()}, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', columns={{{columns}}}, filename='delivered_path')"
    )


def check_header(file: FeedFile, header: list[str], required: list[str]) -> None:
    """Refuses a header that repeats a column or lacks a required one."""
    seen: set[str] = set()
    for name in header:
        if not name or name in seen:
            what = f"column {name} appears twice" if name else "a column has no name"
            raise UnusableInput(f"{what} in the header", file=file.name, row=1)
        seen.add(name)
    if missing := missing_columns(header, required):
        raise UnusableInput(
            f"{missing}; the header has: {', '.join(header[:30])}{_other_delimiter(header)}", file=file.name, row=1
        )


def _other_delimiter(header: list[str]) -> str:
    """What to say where a header is one field that another sign would part into several."""
    names = {";": '";"', "\t": '"\\t"', "|": '"|"', ",": '","'}
    found = [said for sign, said in names.items() if len(header) == 1 and header[0].count(sign) > 1]
    return f"; it seems to be parted otherwise: `delimiter: {found[0]}`" if found else ""


def missing_columns(present: list[str], required: list[str]) -> str:
    """What is missing of the required columns, in words; nothing where all are there."""
    missing = [column for column in required if column not in present]
    noun, verb = ("column", "is") if len(missing) == 1 else ("columns", "are")
    return f"required {noun} {', '.join(missing)} {verb} missing" if missing else ""


def required_columns(feed: Feed, table: str) -> list[str]:
    """The canonical columns that a feed's files must have: a facility may be the feed's own."""
    return [c for c in CONTRACTS[table].required if not (c == "facility_id" and feed.facility)]


def files_by_header(feed: Feed, files: list[FeedFile], required: list[str]) -> dict[tuple[str, ...], list[FeedFile]]:
    """Files grouped by equal header; empty ones are left out.

    Args:
        required: columns of the file that must be there.

    Errors: UnusableInput for a file that is no CSV text, repeats a column or lacks a required one.
    """
    by_header: dict[tuple[str, ...], list[FeedFile]] = defaultdict(list)
    for file in files:
        header = header_of(file, feed)
        if header is not None:
            check_header(file, header, required)
            by_header[tuple(header)].append(file)
    return by_header


def rows_of(feed: Feed, header: tuple[str, ...], files: list[FeedFile]) -> str:
    """The read_csv call for files of one header."""
    return read_csv_sql([f.path for f in files], list(header), feed.delimiter, has_header=not feed.header)
