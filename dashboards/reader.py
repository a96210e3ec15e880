"""Reads the published database: read-only, locked down, one whole run at a time.

A build publishes a new file and then replaces the pointer `published/CURRENT`. Every page view reads the pointer
once and keeps to the file that it named, so that all figures of a view come from the same run.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dashboards.selection import Selection, needed, selection_rows
from transforms.spec import SELECTION_TABLES

POINTER = "CURRENT"
STATUS = "STATUS.json"
_MARTS = "marts"
_KEPT_OPEN = 4
_POINTER_TRIES = 3
# Given when the file is opened, not set afterwards: a second opening of a file that is still open shares its settings,
# which by then are locked.
_LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "lock_configuration": True,
}


class NothingPublished(Exception):
    """There is no published run to read; the message is a sentence for a person."""


class Unreadable(Exception):
    """The published files cannot be read; the message is a sentence for a person."""


class UnknownName(LookupError):
    """A table or column that the published run does not have."""


class _NotNull:
    """A filter value: any value but NULL."""


NOT_NULL = _NotNull()
Filter = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """The run that is shown.

    Attributes:
        run_id: identifies the run.
        as_of: the instant that every figure is evaluated at, UTC.
        events_count, postings_count: canonical rows up to `as_of`.
    """

    run_id: str
    as_of: datetime
    events_count: int
    postings_count: int


@dataclass(frozen=True)
class Status:
    """How the latest build ended, whether or not it published."""

    run_id: str | None
    outcome: str
    sentence: str
    failed_checks: tuple[str, ...] = ()

    @property
    def is_published(self) -> bool:
        """Whether the latest build is the one that can be read."""
        return self.outcome == "published"


@dataclass(frozen=True)
class Metric:
    """What a published measure means, from `marts.metric_catalogue`."""

    model: str
    title: str
    question: str
    definition: str
    unit: str
    direction: str
    source: str
    owner: str
    version: int


@dataclass(frozen=True)
class Order:
    """How rows are ordered, NULLs last either way, and how many there are at most.

    Attributes:
        by: columns.
        descending: for all of them.
        by_magnitude: by absolute values.
        limit: at most so many rows.
    """

    by: Sequence[str] = ()
    descending: bool = False
    by_magnitude: bool = False
    limit: int | None = None

    @property
    def sql(self) -> str:
        """The end of a statement; its columns are checked by then."""
        way = "DESC" if self.descending else "ASC"
        wrapped = [f"abs({_quoted(key)})" if self.by_magnitude else _quoted(key) for key in self.by]
        order = " ORDER BY " + ", ".join(f"{key} {way} NULLS LAST" for key in wrapped) if wrapped else ""
        return order if self.limit is None else f"{order} LIMIT {int(self.limit)}"


@dataclass(frozen=True)
class _Database:
    """An open published file. Cursors of one connection may be used by several threads, the connection may not."""

    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, tuple[str, ...]]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        with self._cursor() as cursor:
            return _in_utc(cursor.execute(sql, list(parameters)).pl())

    def filtered(self, name: str, sides: Mapping[str, Selection], order: str) -> pl.DataFrame:
        """Runs a filtered model. Its choice and its steps are temporary tables, which no other cursor sees."""
        *before, asked = needed(name)
        with self._cursor() as cursor:
            for table, rows in selection_rows(sides).items():
                columns = SELECTION_TABLES[table]
                cursor.execute(f"CREATE TEMP TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
                if rows:
                    cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
            for model in before:
                cursor.execute(f"CREATE TEMP {model.header.storage.upper()} {model.name} AS {model.sql}")
            return _in_utc(cursor.execute(f"FROM ({asked.sql}){order}").pl())

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.lock:
            cursor = self.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def _in_utc(found: pl.DataFrame) -> pl.DataFrame:
    """Instants in UTC, whatever zone the process is in."""
    zoned = [name for name, kind in found.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    return found.with_columns(pl.col(name).dt.convert_time_zone("UTC") for name in zoned)


class Reader:
    """One published run. Only `marts` can be named; identifiers are checked, values are parameters."""

    def __init__(self, database: _Database, status: Status | None) -> None:
        self._database = database
        self._answers: dict[str, pl.DataFrame] = {}
        self.status = status

    @cached_property
    def run(self) -> Run:
        """Which run this is."""
        row = self.table("run_info", limit=1).row(0, named=True)
        return Run(str(row["run_id"]), row["as_of"], int(row["events_count"]), int(row["postings_count"]))

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The catalogue of measures by model name."""
        names = list(Metric.__dataclass_fields__)
        rows = self.table("metric_catalogue", columns=names, order_by="model").iter_rows(named=True)
        return {row["model"]: Metric(**row) for row in rows}

    def table(
        self,
        name: str,
        where: Filter | None = None,
        *,
        order_by: str | Sequence[str] | None = None,
        descending: bool = False,
        by_magnitude: bool = False,
        limit: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Rows of a mart.

        Args:
            name: of the mart.
            where: column to value (equal), list (any of), None (IS NULL) or NOT_NULL.
            order_by: one column or several; NULLs come last either way.
            descending: for all of `order_by`.
            by_magnitude: orders by the absolute value.
            limit: at most so many rows.
            columns: all when None.

        Errors: UnknownName for a table or column that the run does not have.
        """
        self._check(name, columns or ())
        keys = [order_by] if isinstance(order_by, str) else list(order_by or ())
        self._check(name, keys)
        condition, parameters = self._condition(name, where or {})
        chosen = ", ".join(_quoted(c) for c in columns) if columns else "*"
        sql = f"SELECT {chosen} FROM {_MARTS}.{_quoted(name)}{condition}"
        return self._database.query(sql + Order(keys, descending, by_magnitude, limit).sql, parameters)

    def count(self, name: str, where: Filter | None = None) -> int:
        """How many rows `table` would give without a limit."""
        self._check(name, ())
        condition, parameters = self._condition(name, where or {})
        sql = f"SELECT count(*) FROM {_MARTS}.{_quoted(name)}{condition}"
        return int(self._database.query(sql, parameters).item())

    def filtered(
        self,
        name: str,
        order: Order | None = None,
        /,
        **sides: Selection,
    ) -> pl.DataFrame:
        """What a model of `transforms/filtered` makes of the published rows that are chosen.

        Args:
            name: of the model.
            order: of the rows, and how many; any and all where it is left out.
            sides: the choice, or the choices `a` and `b` that are compared; rows say whose they are (`side`).

        Errors: UnknownName for a model that there is not, that reads tables which the run does not have, or for a
        column that it does not have.
        """
        try:
            before = needed(name)
        except KeyError:
            raise UnknownName(f"there is no filtered model {name}") from None
        tables = {source for model in before for source in model.inputs}
        for table in tables:
            schema, _, mart = table.partition(".")
            if schema == _MARTS:
                self._check(mart, ())
        wanted = order or Order()
        for key in wanted.by:
            if key not in before[-1].header.columns:
                raise UnknownName(f"the filtered model {name} has no column {key}")
        asked = repr((name, wanted, sides))  # one view asks for the same at several places
        if asked not in self._answers:
            self._answers[asked] = self._database.filtered(name, sides, wanted.sql)
        return self._answers[asked]

    def values(
        self, name: str, column: str, where: Filter | None = None, *, most_rows_first: bool = False
    ) -> list[Any]:
        """The different values of a column without NULL, sorted or the most frequent first: what filters offer."""
        self._check(name, [column])
        condition, parameters = self._condition(name, {column: NOT_NULL, **(where or {})})
        order = "count(*) DESC, 1" if most_rows_first else "1"
        sql = f"SELECT {_quoted(column)} FROM {_MARTS}.{_quoted(name)}{condition} GROUP BY 1 ORDER BY {order}"
        return self._database.query(sql, parameters).to_series().to_list()

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns of a mart, in its order."""
        self._check(name, ())
        return self._database.columns[name]

    def _check(self, name: str, columns: Sequence[str]) -> None:
        known = self._database.columns.get(name)
        if known is None:
            raise UnknownName(f"the published run has no table {name}")
        for column in columns:
            if column not in known:
                raise UnknownName(f"the published table {name} has no column {column}")

    def _condition(self, name: str, where: Filter) -> tuple[str, list[Any]]:
        self._check(name, list(where))
        terms: list[str] = []
        parameters: list[Any] = []
        for column, wanted in where.items():
            term, values = _term(_quoted(column), wanted)
            terms.append(term)
            parameters += values
        return (" WHERE " + " AND ".join(terms) if terms else ""), parameters


def open_reader(workspace: Path) -> Reader:
    """Opens the run that `published/CURRENT` names now.

    Errors: NothingPublished when there is none yet, Unreadable when the files cannot be read.
    """
    published = workspace / "published"
    status = read_status(published)
    for attempt in range(_POINTER_TRIES):
        path = _current(published)
        try:
            return Reader(_database(path), status)
        except (duckdb.IOException, FileNotFoundError) as error:
            # A build may have removed the file between the two reads; then the pointer names another by now.
            if attempt == _POINTER_TRIES - 1 or _current(published) == path:
                raise Unreadable(f"The published file {path.name} cannot be opened.") from error
        except duckdb.Error as error:
            raise Unreadable(f"The published file {path.name} is not a database that can be read.") from error
    raise AssertionError("unreachable")


def read_status(published: Path) -> Status | None:
    """How the latest build ended; None when none has said so."""
    try:
        found = json.loads((published / STATUS).read_text(encoding="utf-8"))
        checks = tuple(str(check) for check in found.get("failed_checks") or ())
        return Status(found.get("run_id"), str(found["outcome"]), str(found.get("sentence") or ""), checks)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Status(None, "unknown", f"How the latest build ended cannot be read from published/{STATUS}.")


def _current(published: Path) -> Path:
    try:
        name = (published / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NothingPublished("Nothing has been published in this workspace yet.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"The pointer published/{POINTER} cannot be read.") from error
    if not name or Path(name).name != name:
        raise Unreadable(f"The pointer published/{POINTER} does not name a file beside it.")
    return published / name


@lru_cache(maxsize=_KEPT_OPEN)
def _database(path: Path) -> _Database:
    """Opens a published file, once a run. Replaced runs are closed when the last view of them is gone."""
    if not path.is_file():
        raise FileNotFoundError(path)
    connection = duckdb.connect(str(path), read_only=True, config=_LOCKED_DOWN)
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = ? ORDER BY table_name, ordinal_position",
        [_MARTS],
    ).fetchall()
    columns: dict[str, tuple[str, ...]] = {}
    for table, column in rows:
        columns[table] = (*columns.get(table, ()), column)
    return _Database(connection, columns)


def _term(column: str, wanted: Any) -> tuple[str, list[Any]]:
    """One condition of a filter and its parameters."""
    if wanted is None:
        return f"{column} IS NULL", []
    if isinstance(wanted, _NotNull):
        return f"{column} IS NOT NULL", []
    if isinstance(wanted, list | tuple | set | frozenset):
        values = list(wanted)
        return (f"{column} IN ({', '.join('?' * len(values))})", values) if values else ("FALSE", [])
    return f"{column} = ?", [wanted]


def _quoted(identifier: str) -> str:
    """An identifier in quotes. It is in the catalogue already; quoting keeps reserved words usable."""
    return '"' + identifier.replace('"', '""') + '"'
