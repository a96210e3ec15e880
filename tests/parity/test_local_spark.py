"""A small workspace built with Spark on a local master is what DuckDB makes of it, in every table."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.parity.builds import build, copied, use_engine
from tests.parity.comparison import compared_tables, differences, row_counts
from tests.spark import require_spark
from transforms.spec import models


@pytest.fixture(scope="session")
def spark_workspace(built_workspace: Path, once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The files of `built_workspace`, built with Spark."""
    require_spark()

    def fill(folder: Path) -> None:
        build(copied(built_workspace, folder, "{name: spark, master: 'local[2]', memory_limit: 1GiB}"))

    return once("three-dc-on-spark", fill)


@pytest.mark.timeout(1800)
def test_every_table_is_the_same_on_both_engines(built_workspace, spark_workspace):
    assert differences(built_workspace / "warehouse.duckdb", spark_workspace / "warehouse.duckdb") == {}


@pytest.mark.timeout(1800)
def test_what_is_compared_is_every_model_and_most_hold_rows(spark_workspace):
    """A comparison of empty tables would say nothing: of 10,000 events at three sites, these have rows."""
    counts = row_counts(spark_workspace / "warehouse.duckdb")
    assert set(models()) <= set(compared_tables())
    filled = {table for table, count in counts.items() if count}
    assert {"matching.event_posting", "shared.duration_quantile", "process.case_variant", "marts.exceptions"} <= filled
    assert len(filled) > len(counts) / 2


@pytest.mark.timeout(1800)
def test_the_published_file_is_one_that_duckdb_reads_with_the_same_types(built_workspace, spark_workspace):
    def published(root: Path) -> list[tuple[str, str, str]]:
        with duckdb.connect(str(next((root / "published").glob("*.duckdb"))), read_only=True) as con:
            return con.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'marts' "
                "ORDER BY table_name, column_index"
            ).fetchall()

    found = published(spark_workspace)
    assert found == published(built_workspace)
    assert ("event_latency", "event_time", "TIMESTAMP WITH TIME ZONE") in found
    assert ("event_latency", "quantity", "DECIMAL(18,6)") in found


@pytest.mark.timeout(1800)
def test_spark_leaves_no_files_behind_but_its_log(spark_workspace):
    assert [p.name for p in (spark_workspace / "warehouse.spark").iterdir()] == ["spark.log"]


@pytest.mark.timeout(1800)
def test_duckdb_goes_on_from_what_spark_has_matched(built_workspace, spark_workspace, tmp_path):
    """Only what a file touches is matched anew then, so that most rows of matching are still those of Spark."""
    both = [tmp_path / "duckdb", tmp_path / "spark"]
    for source, folder in zip((built_workspace, spark_workspace), both, strict=True):
        shutil.copytree(source, folder)
        use_engine(folder, "duckdb")
        withdrawn = max((folder / "feeds").rglob("*.csv"))
        withdrawn.unlink()
        build(folder)
    with duckdb.connect(str(both[1] / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("SELECT events_count IS NOT NULL FROM matching.scope").fetchall() == [(True,)]
    assert differences(*(folder / "warehouse.duckdb" for folder in both)) == {}
