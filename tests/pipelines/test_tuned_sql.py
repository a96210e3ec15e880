"""The SQL that is tuned by hand for the bench computes what the models compute, and what differs is found."""

import shutil

import pytest

from bench.tuned_sql import OURS, THEIRS, differences, timed, tuned_models, tuned_sql
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from transforms.spec import Header, Model


@pytest.fixture(scope="module")
def warehouse(built_workspace, tmp_path_factory):
    """A copy of the warehouse of three sites."""
    copy = tmp_path_factory.mktemp("tuned") / "warehouse.duckdb"
    shutil.copy(built_workspace / "warehouse.duckdb", copy)
    engine = DuckDBEngine(copy, Engine(memory_limit="1GiB", threads=1))
    yield engine
    engine.close()


@pytest.mark.parametrize("name", tuned_models())
def test_tuned_sql_makes_the_table_of_its_model(warehouse, name):
    model = tuned_models()[name]
    timed(warehouse, model, tuned_sql(name) or "", runs=1)
    assert differences(warehouse, model) == []


MODEL = Model(
    "tried",
    "shared",
    Header.model_validate(
        {"title": "t", "question": "q?", "definition": "d", "source": "s", "owner": "o", "grain": ["a"]}
        | {"columns": {name: {"unit": "number", "description": "x"} for name in ("a", "b")}}
    ),
    "",
)


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("VALUES (1, 2.0::DOUBLE)", "VALUES (1, 2.0000000001::DOUBLE)", []),
        ("VALUES (1, NULL::DOUBLE)", "VALUES (1, NULL::DOUBLE)", []),
        ("VALUES (NULL, 2.0::DOUBLE)", "VALUES (NULL, 2.0::DOUBLE)", []),
        ("VALUES (1, 2.0::DOUBLE)", "VALUES (1, 2.00001::DOUBLE)", ["1 values of b differ"]),
        ("VALUES (1, 2.0::DOUBLE)", "VALUES (1, NULL::DOUBLE)", ["1 values of b differ"]),
        ("VALUES (1, NULL::DOUBLE)", "VALUES (1, 2.0::DOUBLE)", ["1 values of b differ"]),
        ("VALUES (1, 'x')", "VALUES (1, 'y')", ["1 values of b differ"]),
        ("VALUES (1, 2), (2, 2)", "VALUES (1, 2)", ["2 rows and 1, of which 1 have the same ['a']"]),
        ("VALUES (1, 2), (2, 2)", "VALUES (1, 2), (1, 2)", ["2 rows and 2, of which 2 have the same ['a']"]),
        ("VALUES (1, 2)", "VALUES (3, 2)", ["1 rows and 1, of which 0 have the same ['a']"]),
    ],
)
def test_what_differs_is_found(engine, ours, theirs, found):
    for table, rows in ((OURS, ours), (THEIRS, theirs)):
        engine.con.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM ({rows}) AS t(a, b)")
    assert differences(engine, MODEL) == found
