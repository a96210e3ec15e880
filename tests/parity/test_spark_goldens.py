"""Every measure and rule gives on Spark, too, what was worked out by hand: the golden folders once more.

`make parity` takes them all; `make test` every twelfth, a minute instead of eight.
"""

import dataclasses
from pathlib import Path

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.spark import SparkEngine
from pipelines.errors import UnusableInput
from tests.golden import test_golden as golden
from tests.golden.tables import load_inputs
from tests.spark import is_parity
from transforms.spec import FILTERED_FOLDER, models

# Filtered models run where published tables are read, and that is always DuckDB (docs/adr/0026).
OF_BUILDS = [folder for folder in golden.FOLDERS if folder.parent.name != FILTERED_FOLDER]
TWELFTH = 12


@pytest.mark.parametrize(
    "folder", OF_BUILDS if is_parity() else OF_BUILDS[::TWELFTH], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_spark_gives_what_was_worked_out_by_hand(folder: Path, engine: DuckDBEngine, spark: SparkEngine) -> None:
    model = golden._model(folder)
    load_inputs(engine, model, folder)
    spark.make(model)
    got, expected = golden._got_and_expected(engine, model, folder / "expected.csv")
    assert got == expected


@pytest.mark.parametrize(
    ("sql", "line"), [("SELECT\n  cuont(1) AS n", 5), ("SELEC 1", 4)], ids=["a function", "a word"]
)
def test_a_mistake_in_a_model_is_told_with_file_and_line_by_either_engine(
    sql: str, line: int, engine: DuckDBEngine, spark: SparkEngine
) -> None:
    model = dataclasses.replace(next(iter(models().values())), folder="metrics", name="wrong", sql=sql, sql_line=4)
    for one in (engine, spark):
        with pytest.raises(
            UnusableInput, match=rf"^transforms/metrics/wrong\.sql: line {line}: its SQL cannot be run \("
        ):
            one.make(model)


def test_what_spark_reads_and_the_warehouse_does_not_is_told_with_the_file(spark: SparkEngine) -> None:
    model = dataclasses.replace(
        next(iter(models().values())), folder="metrics", name="wrong", sql="SELECT nvl2(1, 2, 3) AS n", sql_line=4
    )
    with pytest.raises(
        UnusableInput, match=r"^transforms/metrics/wrong\.sql: .*its SQL cannot be run \(Catalog Error: "
    ):
        spark.make(model)
