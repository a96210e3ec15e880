"""Which engine runs the models of a workspace, and what went wrong in it, in words."""

from pathlib import Path

from pipelines.engines.base import ModelEngine
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.duckdb import in_words as of_duckdb
from pipelines.engines.settings import Engine


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
