"""Spark as the engine of the SQL models: tables come from the warehouse as Parquet and go back to it as Parquet.

Files are read in, accepted or refused, and made into canonical rows by the warehouse, which has the readers; what every
SQL model makes of them is computed by Spark. The same audits and the same publication then follow.
"""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

from pipelines.engines.base import refused
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from pipelines.engines.spark_session import open_session, stop
from pipelines.errors import UnusableInput
from transforms.spec import Model


class SparkEngine:
    """Runs SQL models on Spark. Not safe for several threads.

    A table that a model reads is written out once; what Spark itself has made it reads again where it has written it.
    """

    matches_near = False

    def __init__(self, warehouse: DuckDBEngine, folder: Path, session: Any) -> None:
        """An engine over a session that `open_session` gave.

        Args:
            folder: an empty folder that the session and this process reach under the same path.
        """
        self.warehouse = warehouse
        self.folder = folder
        self.spark = session
        self._known: set[str] = set()

    def make(self, model: Model) -> dict[str, Any]:
        """Makes a model's table anew, in Spark and then in the warehouse."""
        for table in model.inputs:
            if table not in self._known and table != model.table:
                self._hand_over(table)
        if model.header.rounds:
            return self._make_in_rounds(model)
        written = self._place(model.table) / "0"
        schema = self._write(model, written)
        self._show(model.table, [written], schema)
        return {"rows": self.warehouse.take(model, [written])}

    def _make_in_rounds(self, model: Model) -> dict[str, Any]:
        """Adds the model's rows to its own table until a round adds none, as the warehouse itself does."""
        self.warehouse.declare(model)
        self._hand_over(model.table)
        parts: list[Path] = []
        while True:
            part = self._place(model.table) / str(len(parts) + 1)
            schema = self._write(model, part)
            if not self.warehouse.count_of_files(part):
                break
            parts.append(part)
            self._show(model.table, parts, schema)
        if parts:
            self.warehouse.add(model, parts)
        return {"rounds": len(parts)}

    def _place(self, table: str) -> Path:
        return self.folder / table

    def _hand_over(self, table: str) -> None:
        """Writes a table of the warehouse out, for Spark to read."""
        place = self._place(table) / "0"
        place.mkdir(parents=True)
        self.warehouse.hand_over(table, place / "rows.parquet")
        self._show(table, [place])

    def _write(self, model: Model, place: Path) -> Any:
        """Writes a model's rows to a folder; returns their schema."""
        from pyspark.errors import AnalysisException

        try:
            rows = self.spark.sql(for_session(model.sql, {*model.inputs, model.table}))
            rows.write.parquet(place.resolve().as_uri())
        except AnalysisException as error:  # that it cannot be parsed is a kind of it
            raise refused(model, error) from None
        return rows.schema

    def _show(self, table: str, places: list[Path], schema: Any = None) -> None:
        """Gives Spark's session the files of a table under its name; without a schema it looks into the files."""
        files = [place.resolve().as_uri() for place in places]
        reader = self.spark.read.schema(schema) if schema else self.spark.read
        reader.parquet(*files).createOrReplaceTempView(view_of(table))
        self._known.add(table)

    def close(self) -> None:
        """Ends the session and removes the exchanged files."""
        stop(self.spark)
        _clear(self.folder)


def open_spark(warehouse: DuckDBEngine, settings: Engine, root: Path) -> SparkEngine:
    """Starts or reaches Spark for a workspace.

    Errors: UnusableInput where PySpark, Java, the master or the folder of exchange cannot be had.
    """
    folder = exchange_folder(settings, root)
    return SparkEngine(warehouse, folder, open_session(settings, folder / "spark.log"))


def view_of(table: str) -> str:
    """What a table `schema.name` is called in a session of Spark, whose temporary views have no schema."""
    return table.replace(".", "__")


def for_session(sql: str, tables: set[str]) -> str:
    """A model's SQL with its tables named as in the session; nothing else is changed."""
    for table in tables:
        sql = re.sub(rf"(?<![\w.]){re.escape(table)}(?![\w.])", view_of(table), sql)
    return sql


def exchange_folder(settings: Engine, root: Path) -> Path:
    """An empty folder for the files that go to Spark and come back: of this workspace, which has one writer at a time.

    Errors: UnusableInput where it cannot be made.
    """
    folder = root / "warehouse.spark"
    if settings.exchange:
        folder = Path(settings.exchange) / f"dockledger-{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
    except OSError as error:
        raise UnusableInput(
            f"engine: the folder of exchange cannot be written ({error.strerror})", file=folder
        ) from None
    return folder


def _clear(folder: Path) -> None:
    """Removes the tables in the folder; Spark's own log stays."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
