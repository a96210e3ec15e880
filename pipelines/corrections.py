"""Corrections: what a workspace knows better than its feeds, as rows of CSV files.

A correction names a row by its key and a column by name, and says what the source states there: it acts on rows that
state that and on no others. It acts on the delivered text, before anything is typed or judged.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import UnusableInput
from pipelines.feeds.base import adapters
from pipelines.feeds.csv_records import open_text, records
from pipelines.workspace import Feed, Workspace
from transforms.contracts import CONTRACTS, FEED_TABLES

KEY_SEPARATOR = "|"
ACTIONS = ("set", "drop")
_COLUMNS = (
    "table", "feed", "key", "action", "column", "expected", "value", "reason", "reported_date", "reported_by",
)  # fmt: skip
_REQUIRED = ("table", "key", "action", "reason", "reported_date")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Correction:
    """One row of a file of corrections; what is not given is None.

    Attributes:
        file: its path within the workspace.
        row_number: its row; the first below the header is 1.
        table_name: canonical table.
        row_key: key of the row as delivered; the parts of a composite key are joined with `|`.
        action: one of ACTIONS.
        feed: the feed that delivers the row; None means every feed that fills the table.
        column_name: the column that is set, or by which a drop makes sure.
        expected: what the source states there; None means nothing.
        value: what is put in its place; None means nothing.
        reason: why.
        reported_date: since when that is known.
        reported_by: who said so.
    """

    file: str
    row_number: int
    table_name: str
    row_key: str
    action: str
    feed: str | None
    column_name: str | None
    expected: str | None
    value: str | None
    reason: str
    reported_date: date
    reported_by: str | None

    def concerns(self, feed: Feed) -> bool:
        """Whether rows of a feed may be meant."""
        tables = adapters()[feed.adapter].spec.tables if feed.adapter in adapters() else ()
        return self.feed in (None, feed.name) and self.table_name in tables and feed.table in (None, self.table_name)


def read_corrections(workspace: Workspace) -> list[Correction]:
    """All corrections of a workspace, in the order of their files and rows.

    Errors: UnusableInput with file, row and reason; a wrong correction is never skipped.
    """
    root, found = workspace.root, list[Correction]()
    for path in sorted(p for p in root.glob(workspace.corrections) if p.is_file()):
        name = path.relative_to(root).as_posix()
        if not path.resolve().is_relative_to(root.resolve()):
            raise UnusableInput("corrections reach outside the workspace", file=name)
        found.extend(_read(path, name, workspace))
    _refuse_two_of_one_cell(found)
    return found


def corrections_of(workspace: Workspace, feed: Feed) -> list[Correction]:
    """The corrections that may concern rows of a feed."""
    return [c for c in read_corrections(workspace) if c.concerns(feed)]


def correction_rows(corrections: list[Correction]) -> pl.DataFrame:
    """The corrections as a frame; its columns are the attributes."""
    types = {str: pl.String, int: pl.Int64, date: pl.Date, str | None: pl.String}
    schema = {field.name: types[field.type] for field in fields(Correction)}  # type: ignore[index]
    return pl.DataFrame([astuple(c) for c in corrections], schema=schema, orient="row")


def _read(path: Path, name: str, workspace: Workspace) -> Iterator[Correction]:
    header: list[str] = []
    try:
        with open_text(path) as stream:
            for row_number, (_, values, problem) in enumerate(records(stream, ",")):
                if problem or (header and len(values) != len(header)):
                    wrong = problem or f"it has {len(values)} fields instead of {len(header)}"
                    raise UnusableInput(wrong, file=name, row=row_number)
                if header:
                    given = {c: v.strip() or None for c, v in zip(header, values, strict=True)}
                    yield _parsed(given, name, row_number, workspace)
                else:
                    header = _header(values, name)
    except OSError as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=name) from None


def _header(values: list[str], name: str) -> list[str]:
    header = [value.strip() for value in values]
    for column in header:
        if column not in _COLUMNS or header.count(column) > 1:
            what = "appears twice" if column in _COLUMNS else f"is not known; there are {', '.join(_COLUMNS)}"
            raise UnusableInput(f"column '{column}' {what}", file=name)
    if missing := [column for column in _REQUIRED if column not in header]:
        raise UnusableInput(f"required column {', '.join(missing)} is missing", file=name)
    return header


def _parsed(given: dict[str, str | None], name: str, row_number: int, workspace: Workspace) -> Correction:
    def required(column: str, known: tuple[str, ...] = ()) -> str:
        value = given[column]
        if value is None or (known and value not in known):
            said = f"{column} is empty" if value is None else f"{column} '{value}' is not known"
            raise UnusableInput(f"{said}; there are {', '.join(known)}" if known else said, file=name, row=row_number)
        return value

    day = required("reported_date")
    try:
        reported = date.fromisoformat(day if _DAY.fullmatch(day) else "")
    except ValueError:
        raise UnusableInput(
            f"reported_date '{day}' is not a day such as 2026-03-01", file=name, row=row_number
        ) from None
    correction = Correction(
        file=name,
        row_number=row_number,
        table_name=required("table", FEED_TABLES),
        row_key=required("key"),
        action=required("action", ACTIONS),
        feed=given.get("feed"),
        column_name=given.get("column"),
        expected=given.get("expected"),
        value=given.get("value"),
        reason=required("reason"),
        reported_date=reported,
        reported_by=given.get("reported_by"),
    )
    if problem := _problem(correction, workspace):
        raise UnusableInput(problem, file=name, row=row_number)
    return correction


def _problem(c: Correction, workspace: Workspace) -> str:
    """What is wrong with a correction, in words; nothing where it is fine."""
    contract = CONTRACTS[c.table_name]
    by_name = {feed.name: feed for feed in workspace.feeds}
    parts = c.row_key.split(KEY_SEPARATOR)
    problems = {
        f"feed '{c.feed}' is not known; there are {', '.join(by_name)}": c.feed is not None and c.feed not in by_name,
        f"feed '{c.feed}' does not fill {c.table_name}": c.feed in by_name and not c.concerns(by_name[str(c.feed)]),
        f"column '{c.column_name}' is not one of {c.table_name}; there are {', '.join(contract.columns)}": (
            c.column_name is not None and c.column_name not in contract.columns
        ),
        "column is empty: there is nothing to set": c.action == "set" and c.column_name is None,
        "value is what is expected: nothing would change": c.action == "set" and c.value == c.expected,
        "a drop sets nothing: leave value empty": c.action == "drop" and c.value is not None,
        "expected is given without a column": c.column_name is None and c.expected is not None,
        f"key '{c.row_key}' must have the parts {KEY_SEPARATOR.join(contract.key)}": (
            len(contract.key) > 1 and len(parts) != len(contract.key)
        ),
    }
    return next((words for words, is_wrong in problems.items() if is_wrong), "")


def _refuse_two_of_one_cell(corrections: list[Correction]) -> None:
    """Which of two would hold is nothing to guess; a drop is of every cell of its row."""
    by_row = defaultdict[tuple[str, str], list[Correction]](list)
    for c in corrections:
        for other in by_row[c.table_name, c.row_key]:
            is_same_cell = c.column_name == other.column_name or "drop" in (c.action, other.action)
            if is_same_cell and (c.feed == other.feed or None in (c.feed, other.feed)):
                first = f"{other.file} row {other.row_number}"
                what = f"{c.table_name} {c.row_key} is corrected twice; {first} is about the same value"
                raise UnusableInput(what, file=c.file, row=c.row_number)
        by_row[c.table_name, c.row_key].append(c)
