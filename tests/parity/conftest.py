"""One session of Spark in this process for all tests that compare small things."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from pipelines.engines.spark import SparkEngine
from tests.spark import is_parity, require_spark

# Minutes each, so that `make parity` alone runs them; what macros mean and what models make of goldens is compared
# without them, too.
collect_ignore = [] if is_parity() else ["test_clusters.py", "test_local_spark.py"]


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a local master."""
    require_spark()
    from pipelines.engines.spark_session import open_session, stop

    settings = Engine(
        name="spark", master="local[2]", memory_limit="1GiB", settings={"spark.sql.shuffle.partitions": 2}
    )
    session = open_session(settings, tmp_path_factory.mktemp("spark") / "spark.log")
    yield session
    stop(session)


@pytest.fixture
def spark(engine: DuckDBEngine, spark_session: Any, tmp_path: Path) -> SparkEngine:
    """Spark over an empty warehouse."""
    folder = tmp_path / "exchange"
    folder.mkdir()
    return SparkEngine(engine, folder, spark_session)
