"""Which engine runs the models of a workspace, and what went wrong in it, in words."""

import re
from pathlib import Path

import duckdb

from pipelines.engines.base import ModelEngine
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.duckdb import in_words as of_duckdb
from pipelines.engines.settings import Engine
from pipelines.errors import UnusableInput
from transforms.spec import Model


def open_models(warehouse: DuckDBEngine, settings: Engine, root: Path) -> ModelEngine:
    """The engine that a workspace has chosen for its models.

    Args:
        root: the workspace.

    Errors: UnusableInput where that engine cannot be had.
    """
    if settings.name == "duckdb":
        return warehouse
    from pipelines.engines.spark import open_spark

    return open_spark(warehouse, settings, root)


def in_words(error: BaseException, root: Path) -> BaseException:
    """What disk, memory or a cluster did not allow as a sentence; anything else is a defect and stays what it is.

    Args:
        root: the workspace.
    """
    if type(error).__module__.startswith(("pyspark.", "py4j.")):
        from pipelines.engines.spark_session import in_words as of_spark

        return of_spark(error)
    return of_duckdb(error, root)


def refused_model(error: Exception, model: Model) -> Exception:
    """An error of a model's own SQL as a sentence with file and line; anything else stays what it is."""
    module, kind = type(error).__module__, type(error).__name__
    of_spark = module.startswith("pyspark.") and kind in ("AnalysisException", "ParseException")
    if not of_spark and not isinstance(error, (duckdb.ProgrammingError, duckdb.DataError)):
        return error
    reason = next(line.strip() for line in str(error).splitlines() if line.strip())
    stated = re.search(r"^LINE (\d+):|\bline (\d+)", str(error), re.MULTILINE)
    line = f"line {model.sql_line - 1 + int(stated[1] or stated[2])}: " if stated else ""
    return UnusableInput(f"{line}its SQL cannot be run ({reason})", file=model.file)
