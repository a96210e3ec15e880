"""A database as a feed reads it: opened read-only over ADBC, asked one SELECT, every value as the text of its own.

The database turns values into text itself, so that nothing is lost between its types and Arrow's: a numeric keeps its
digits, a timestamp with time zone is written in UTC, one without stays local. Times are ISO 8601.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from pipelines.errors import UnusableInput
from transforms.contracts.reading import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.workspace import Feed, Workspace

CONNECT_SECONDS = 10
TYPE_COLUMN = "dockledger_watermark_type"
_TEXT_TYPES = ("text", "character varying", "character")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:([ T])(\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?")
# What a driver says of an address may hold a part of the password: only what is known to hold none is repeated.
_CAUSES = (
    "Connection refused", "timeout expired", "could not translate host name", "No route to host",
    "Network is unreachable", "password authentication failed", "no password supplied", "no pg_hba.conf entry",
    "server closed the connection", "SSL", "too many clients", "starting up", "shutting down", "unable to open",
    "failed to open",
)  # fmt: skip
_MISSING = re.compile(r"(?:database|role) \"[^\"]*\" does not exist")


@dataclass(frozen=True)
class Source:
    """A database and how a message names it.

    Attributes:
        kind: `postgresql` or `sqlite`.
        address: what the driver opens; it may hold a password and stands in no message.
        told: what a message calls it.
    """

    kind: str
    address: str = field(repr=False)
    told: str

    @property
    def dialect(self) -> str:
        """What sqlglot calls its SQL."""
        return "postgres" if self.kind == "postgresql" else "sqlite"


def source_of(workspace: "Workspace", feed: "Feed") -> Source:
    """The database that a feed names.

    Errors: UnusableInput for a variable that is not set, an address of another kind, an SQLite file that is not there.
    """
    stated = feed.database
    if stated is None or feed.query is None:
        raise UnusableInput(f"feed {feed.name}: adapter {feed.adapter} needs `database` and `query`")
    if stated.file is not None:
        path = workspace.root / stated.file
        if not path.resolve().is_relative_to(workspace.root.resolve()):
            raise UnusableInput(f"feed {feed.name} reaches outside the workspace", file=stated.file)
        if not path.is_file():
            raise UnusableInput(f"feed {feed.name}: there is no such database", file=stated.file)
        return Source("sqlite", _sqlite_address(str(path.resolve())), stated.file)
    variable = str(stated.url_env)
    address = os.environ.get(variable, "")
    if not address:
        raise UnusableInput(f"feed {feed.name}: the environment variable {variable} is not set")
    told = f"the database named by {variable}"
    scheme = address.split(":", 1)[0]
    if scheme in ("postgresql", "postgres"):
        if "connect_timeout=" not in address:
            address += f"{'&' if '?' in address else '?'}connect_timeout={CONNECT_SECONDS}"
        return Source("postgresql", address, told)
    if scheme == "sqlite":
        return Source("sqlite", _sqlite_address("/" + unquote(urlsplit(address).path).lstrip("/")), told)
    forms = "postgresql://user:password@host/database or sqlite:///folder/file.db"
    raise UnusableInput(f"feed {feed.name}: {variable} does not hold an address such as {forms}")


def _sqlite_address(path: str) -> str:
    return f"file:{quote(path)}?mode=ro"


def checked_query(feed: "Feed", source: Source) -> str:
    """The feed's query without a closing semicolon.

    Errors: UnusableInput where it is not one SELECT that only reads.
    """
    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read is said here, in one sentence
    text = str(feed.query).strip().removesuffix(";")
    refused = f"feed {feed.name}: `query` must be one SELECT that only reads"
    try:
        statements = sqlglot.parse(text, read=source.dialect)
    except sqlglot.errors.SqlglotError as error:
        reason = re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()[0]
        raise UnusableInput(f"{refused}, and cannot be read as one ({reason})") from None
    writing = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Into, exp.Lock, exp.Create, exp.Drop, exp.Command)
    [first, *more] = statements or [None]
    if more or not isinstance(first, exp.Query) or first.find(*writing):
        raise UnusableInput(refused)
    return text


class Connection:
    """An open database. Use `connected`."""

    def __init__(self, feed: "Feed", source: Source, query: str, connection: Any) -> None:
        """Takes an open connection."""
        self._feed, self._source, self._query, self._connection = feed, source, query, connection
        self._streaming: Any = None

    def close(self) -> None:
        """Ends what is being read and leaves the database."""
        if self._streaming is not None:
            self._streaming.close()
        self._connection.close()

    def columns(self) -> list[str]:
        """The names of the columns that the query yields.

        Errors: UnusableInput where the query fails.
        """
        cursor = self._execute(f"SELECT * FROM (\n{self._query}\n) AS q LIMIT 0")
        names = [str(column[0]) for column in cursor.description]
        cursor.fetch_arrow_table()
        cursor.close()
        return names

    def rows(self, columns: list[str], since: str | None, limit: int | None) -> "pa.RecordBatchReader":
        """A stream of the query's rows in the order of the watermark; `decoded` reads its values.

        Args:
            columns: those of the query.
            since: the lowest watermark as a SQL literal; rows without a watermark come, too. None: all rows.
            limit: the most rows.
        """
        selected = [f"{self._text(quoted(c))} AS {quoted(c)}" for c in columns]
        # With its table: alone the name would be that of the text, which sorts 100 before 40.
        mark = f"q.{quoted(self._feed.watermark)}" if self._feed.watermark else None
        if mark:
            kind = f"CAST(pg_typeof({mark}) AS text)" if self._source.kind == "postgresql" else f"typeof({mark})"
            selected.append(f"{self._text(kind)} AS {TYPE_COLUMN}")
        sql = f"SELECT {', '.join(selected)} FROM (\n{self._query}\n) AS q"
        if since is not None:
            sql += f" WHERE {mark} >= {since} OR {mark} IS NULL"
        if mark:
            sql += f" ORDER BY {mark} NULLS FIRST"
        if limit is not None:
            sql += f" LIMIT {limit}"
        self._streaming = self._execute(sql)  # a stream ends with its cursor
        return self._streaming.fetch_record_batch()

    def decoded(self, column: str) -> str:
        """SQL of the engine for the value of a streamed column."""
        text = f"CAST({quoted(column)} AS VARCHAR)"
        return f"substr(nullif({text}, ''), 2)" if self._source.kind == "sqlite" else text

    def _text(self, value: str) -> str:
        """SQL of the database for a value as text. SQLite's driver guesses types from rows, so NULL is a text there."""
        text = f"CAST({value} AS TEXT)"
        return f"coalesce('=' || {text}, '')" if self._source.kind == "sqlite" else text

    def _execute(self, sql: str) -> Any:
        from adbc_driver_manager import Error

        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
        except (Error, OSError) as error:
            raise query_failed(self._feed, str(error)) from None
        return cursor


@contextmanager
def connected(feed: "Feed", source: Source, query: str) -> Iterator[Connection]:
    """A read-only connection.

    Errors: UnusableInput for a database that cannot be reached or opened.
    """
    from adbc_driver_manager import Error

    try:
        connection = _open(source)
    except (Error, OSError) as error:
        raise UnusableInput(f"feed {feed.name}: {source.told} cannot be opened{_cause(str(error))}") from None
    opened = Connection(feed, source, query, connection)
    try:
        yield opened
    finally:
        opened.close()


def _open(source: Source) -> Any:
    if source.kind == "sqlite":
        from adbc_driver_sqlite import dbapi as sqlite

        connection = sqlite.connect(source.address)
        settings = ["PRAGMA query_only = on", "SELECT count(*) FROM sqlite_master"]
    else:
        from adbc_driver_postgresql import dbapi as postgresql

        connection = postgresql.connect(source.address)
        settings = [
            "SET default_transaction_read_only = on", "SET TRANSACTION READ ONLY", "SET TimeZone = 'UTC'",
            "SET DateStyle = 'ISO, YMD'", "SET extra_float_digits = 1",
        ]  # fmt: skip
    try:
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def _cause(text: str) -> str:
    if "not a database" in text:
        return " (it is no SQLite database)"
    found = next((cause for cause in _CAUSES if cause in text), "")
    missing = _MISSING.search(text)
    cause = missing.group() if missing else found
    return f" ({cause})" if cause else ""


def query_failed(feed: "Feed", text: str) -> UnusableInput:
    """What a database says against the query, as a sentence."""
    if "Invalid unicode" in text:
        return UnusableInput(f"feed {feed.name}: the query yields text that is not UTF-8")
    said = re.search(r"ERROR:\s*(.+)", text) or re.search(r"Failed to (?:prepare|step) query:\s*(.+)", text)
    reason = (said.group(1) if said else text.splitlines()[0]).strip().rstrip(".")
    return UnusableInput(f"feed {feed.name}: the query fails ({reason[:300]})")


def lowest(feed: "Feed", watermark: str, kind: str) -> str:
    """The lowest watermark to read again, as a SQL literal: as far behind a watermark as the feed's overlap says.

    Args:
        watermark: as the database wrote it.
        kind: its type in the database.

    Errors: UnusableInput for what is neither a time nor a number.
    """
    try:
        if time := _TIME.fullmatch(watermark):
            return literal(_time_before(time, feed.overlap))
        if kind not in _TEXT_TYPES and Decimal(watermark).is_finite():
            return _number_before(Decimal(watermark), feed.overlap)
    except (ValueError, InvalidOperation):
        pass
    what = f"holds '{watermark[:100]}' ({kind})"
    raise UnusableInput(
        f"feed {feed.name}: watermark {feed.watermark} {what}, which is neither a number nor a time in ISO 8601"
    )


def _time_before(time: re.Match[str], seconds: float) -> str:
    """A time less some seconds, written like it, but for fractions of a second and a zone.

    Of texts, which SQLite compares, that is the lowest one of its second; PostgreSQL is asked in UTC.
    """
    day, joint, minute, second = time.groups()
    at = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}").replace(tzinfo=UTC)
    try:
        since = at - timedelta(seconds=seconds)
    except OverflowError:
        since = datetime.min.replace(tzinfo=UTC)
    clock = f"{joint}%H:%M{':%S' if second else ''}" if joint else ""
    return f"{since.year:04}{since.strftime(f'-%m-%d{clock}')}"


def _number_before(number: Decimal, steps: float) -> str:
    since = Context(prec=1000).subtract(number, Decimal(str(steps)))
    # With a point it would be a binary fraction in SQLite, which has no room for wide integers.
    return str(int(since)) if since == since.to_integral_value() else f"{since:f}"
