"""The embedded engine: one read-write connection to the warehouse, or locked-down read-only ones to published files."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl

from pipelines.engines.base import refused
from pipelines.engines.settings import Engine
from pipelines.errors import UnusableInput
from transforms.contracts.reading import literal
from transforms.spec import SCHEMA_OF_FOLDER, Model

PRELUDE = Path(__file__).resolve().parents[2] / "transforms" / "dialects" / "duckdb.sql"
SCHEMAS = ("reference", "landing", *dict.fromkeys(SCHEMA_OF_FOLDER.values()))


@contextmanager
def _refusing(model: Model) -> Iterator[None]:
    """Turns an error of a model's SQL into UnusableInput with file and line."""
    try:
        yield
    except (duckdb.ProgrammingError, duckdb.DataError) as error:
        raise refused(model, error) from None


class DuckDBEngine:
    """The warehouse: a DuckDB file, in which SQL models can run, too. Not safe for several threads."""

    matches_near = True

    def __init__(self, path: Path, settings: Engine) -> None:
        """Opens (or makes) the database.

        Errors: UnusableInput when the file cannot be opened for writing.
        """
        config: dict[str, Any] = {
            "memory_limit": settings.memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(path.with_suffix(".spill")),
            "storage_compatibility_version": "latest",
        }
        if settings.threads:
            config["threads"] = str(settings.threads)
        try:
            self.con = duckdb.connect(str(path), config=config)
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            raise UnusableInput(
                f"the warehouse cannot be opened for writing ({_first_line(error)})", file=path
            ) from None
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute("SET enable_progress_bar = false")
        # A join builds its hash table from its right side, as written: models name the large table first, whereas
        # the optimizer, misjudging filters, would build from wide events and spill.
        self.con.execute("SET disabled_optimizers = 'build_side_probe_side'")
        self.keep_order(False)
        self.con.execute(
            "SET checkpoint_threshold = '16GiB'"
        )  # a build that dies begins anew, so one checkpoint at the end will do
        # Of all ways to store texts it is the dearest to write: without it wide tables take a quarter less time.
        self.con.execute("SET disabled_compression_methods = 'dict_fsst'")
        for schema in SCHEMAS:
            self.con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self.con.execute(PRELUDE.read_text(encoding="utf-8"))

    def make(self, model: Model) -> dict[str, Any]:
        """Makes a model's table or view anew; returns what it came to.

        Errors: UnusableInput with file and line where its SQL cannot be run.
        """
        with _refusing(model):
            if model.header.rounds:
                return {"rounds": self.materialise_in_rounds(model)}
            if model.header.storage == "view":
                self.view(model.table, model.sql)
                return {}
            return {"rows": self.materialise(model)}

    def materialise(self, model: Model) -> int:
        """Makes the model's table anew; returns its number of rows."""
        return self.table(model.table, model.sql)

    def materialise_in_rounds(self, model: Model) -> int:
        """Adds the model's rows to its own table until a round adds none; returns the number of rounds.

        Each round reads the table as the round before left it. Stops because every round takes rows away from
        the finite candidates that the model reads.
        """
        self.declare(model)
        rounds = 0
        while self.value(f"INSERT INTO {model.table} BY NAME {model.sql}"):
            rounds += 1
        return rounds

    def declare(self, model: Model) -> None:
        """Makes the empty table of a model that reads itself: its types cannot be found by running it."""
        sql_type = {"instant": "TIMESTAMPTZ", "number": "DOUBLE", "s": "DOUBLE", "count": "BIGINT"}
        columns = ", ".join(f"{name} {sql_type.get(c.unit, 'VARCHAR')}" for name, c in model.header.columns.items())
        self._replace(model.table, "VIEW", f"CREATE OR REPLACE TABLE {model.table} ({columns})")

    def hand_over(self, name: str, path: Path) -> None:
        """Writes a table to a Parquet file, for another engine: Parquet has no integers of 128 bits, but decimals."""
        columns = [
            f"CAST({column} AS DECIMAL(38, 0)) AS {column}" if sql_type == "HUGEINT" else column
            for column, sql_type, *_ in self.rows(f"DESCRIBE {name}")
        ]
        self.con.execute(f"COPY (SELECT {', '.join(columns)} FROM {name}) TO {literal(path)} (FORMAT parquet)")

    def take(self, model: Model, places: list[Path]) -> int:
        """Makes a model's table of Parquet files that another engine has made of its SQL; returns its number of rows.

        The SQL is not run here, but bound: its columns have the types that it would have given.

        Args:
            places: folders of Parquet files.

        Errors: UnusableInput with file and line where its SQL cannot be bound.
        """
        with _refusing(model):
            typed = [row[:2] for row in self.rows(f"DESCRIBE {model.sql}")]
        columns = ", ".join(f"CAST({name} AS {sql_type}) AS {name}" for name, sql_type in typed)
        files = ", ".join(literal(place / "*.parquet") for place in places)
        return self.table(model.table, f"SELECT {columns} FROM read_parquet([{files}])")

    def add(self, model: Model, places: list[Path]) -> None:
        """Adds the rows of Parquet files to the declared table of a model."""
        files = ", ".join(literal(place / "*.parquet") for place in places)
        self.con.execute(f"INSERT INTO {model.table} BY NAME SELECT * FROM read_parquet([{files}])")

    def count_of_files(self, place: Path) -> int:
        """Number of rows in the Parquet files of a folder."""
        return int(self.value(f"SELECT count(*) FROM read_parquet({literal(place / '*.parquet')})"))

    def table(self, name: str, sql: str) -> int:
        """Makes a table from a SELECT, also where a view was before; returns its number of rows."""
        made = self._replace(name, "VIEW", f"CREATE OR REPLACE TABLE {name} AS {sql}").fetchone()
        return int(made[0]) if made else 0

    def view(self, name: str, sql: str) -> None:
        """Makes a view from a SELECT, also where a table was before."""
        self._replace(name, "TABLE", f"CREATE OR REPLACE VIEW {name} AS {sql}")

    def _replace(self, name: str, other: Literal["TABLE", "VIEW"], sql: str) -> duckdb.DuckDBPyConnection:
        """Runs a CREATE OR REPLACE; it refuses what an earlier version or another engine has made of the other kind."""
        try:
            return self.con.execute(sql)
        except duckdb.CatalogException as error:
            if "Existing object" not in str(error):
                raise
        self.con.execute(f"DROP {other} {name}")
        return self.con.execute(sql)

    def frame(self, name: str, frame: pl.DataFrame) -> int:
        """Makes a table from a small frame; returns its number of rows."""
        with self.given(frame) as given:
            return self.table(name, f"SELECT * FROM {given}")

    @contextmanager
    def given(self, frame: pl.DataFrame) -> Iterator[str]:
        """A small frame as a view for a while; yields its name."""
        self.con.register("given_frame", frame.to_arrow())
        try:
            yield "given_frame"
        finally:
            self.con.unregister("given_frame")

    def keep_order(self, is_kept: bool) -> None:
        """Whether rows stay in the order in which they are read; dearer, and needed only while rows are numbered."""
        self.con.execute(f"SET preserve_insertion_order = {is_kept}")

    def lookup(self, name: str, sql: str) -> None:
        """Makes the temporary table `lookup_<name>` of a SELECT of (code, ...); a code that comes twice is an error."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE lookup_{name} AS {sql}")
        self.con.execute(f"CREATE UNIQUE INDEX lookup_{name}_code ON lookup_{name} (code)")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return self.con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        """The first value of the first row."""
        row = self.con.execute(sql).fetchone()
        return row[0] if row else None

    def read(self, sql: str) -> pl.DataFrame:
        """A small result as a frame."""
        return self.con.execute(sql).pl()

    def count(self, name: str) -> int:
        """Number of rows of a table."""
        return int(self.value(f"SELECT count(*) FROM {name}"))

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this qualified name."""
        schema, table = name.split(".")
        return bool(
            self.con.execute(
                "SELECT count(*) FROM duckdb_tables() WHERE NOT temporary AND schema_name = ? AND table_name = ?",
                [schema, table],
            ).fetchall()[0][0]
        )

    def close(self) -> None:
        """Closes the connection; what was committed is on disk."""
        self.con.close()


_NOT_WRITABLE = tuple(os.strerror(n) for n in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES))


def in_words(error: BaseException, root: Path) -> BaseException:
    """What the disk or the memory did not allow as a sentence; anything else is a defect and stays what it is.

    Args:
        root: the workspace.
    """
    text = " ".join(str(error).split())
    if isinstance(error, duckdb.OutOfMemoryException):
        return UnusableInput(f"memory or disk do not suffice; see `engine: memory_limit` ({text})", file=root)
    if isinstance(error, duckdb.IOException) or (
        isinstance(error, (duckdb.Error, OSError)) and any(word in text for word in _NOT_WRITABLE)
    ):
        return UnusableInput(f"the workspace cannot be written ({text})", file=root)
    return error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
