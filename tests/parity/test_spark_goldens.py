"""Every measure and rule gives on Spark, too, what was worked out by hand: the golden folders once more.

`make parity` takes them all; `make test` every eighth, a minute instead of eight.
"""

from pathlib import Path

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.spark import SparkEngine
from tests.golden import test_golden as golden
from tests.golden.tables import load_inputs
from tests.spark import is_parity
from transforms.spec import FILTERED_FOLDER

# Filtered models run where published tables are read, and that is always DuckDB (docs/adr/0026).
OF_BUILDS = [folder for folder in golden.FOLDERS if folder.parent.name != FILTERED_FOLDER]
EIGHTH = 8


@pytest.mark.parametrize(
    "folder", OF_BUILDS if is_parity() else OF_BUILDS[::EIGHTH], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_spark_gives_what_was_worked_out_by_hand(folder: Path, engine: DuckDBEngine, spark: SparkEngine) -> None:
    model = golden._model(folder)
    load_inputs(engine, model, folder)
    spark.make(model)
    got, expected = golden._got_and_expected(engine, model, folder / "expected.csv")
    assert got == expected
