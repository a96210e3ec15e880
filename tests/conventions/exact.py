"""Which sums of a model may depend on the order of its rows: those of floating numbers.

What type an argument has, the engine says: a sum becomes one of a function that takes whole numbers and decimals only.
"""

from decimal import Decimal
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from pipelines.engines.duckdb import DuckDBEngine
from tests.golden.tables import load
from transforms.spec import Model, models

EXACT = "exact_argument"
NO_FOLDER = Path("none")


def empty_warehouse(engine: DuckDBEngine) -> None:
    """Makes every table that models read or make: with its types, without rows."""
    made = models()
    for table in sorted({t for model in made.values() for t in model.inputs} - set(made)):
        load(engine, table, NO_FOLDER)
    for model in made.values():
        if model.header.rounds:
            engine.declare(model)
        else:
            engine.table(model.table, f"SELECT * FROM ({model.sql}) LIMIT 0")


def add_exact_function(engine: DuckDBEngine) -> None:
    """Makes the function `EXACT`, which floating numbers do not fit into."""
    wide = duckdb.decimal_type(38, 6)
    engine.con.create_function(EXACT, _itself, [wide], wide)


def _itself(value: Decimal) -> Decimal:
    return value


def inexact_sums(engine: DuckDBEngine, model: Model) -> list[str]:
    """The sums and means of floating numbers in a model, as they are written, sorted.

    Args:
        engine: a warehouse with the tables that the model reads, and the function `EXACT`.
    """
    tree = sqlglot.parse_one(model.sql, read="duckdb")
    sums = [node.sql(dialect="duckdb") for node in tree.find_all(exp.Sum, exp.Avg)]
    return sorted({text for place, text in enumerate(sums) if not _is_exact(engine, tree, place)})


def _is_exact(engine: DuckDBEngine, tree: exp.Expr, place: int) -> bool:
    """Whether the sum at a place of a statement is one of whole numbers or decimals."""
    tried = tree.copy()
    node = list(tried.find_all(exp.Sum, exp.Avg))[place]
    node.set("this", exp.Anonymous(this=EXACT, expressions=[node.this.copy()]))
    try:
        engine.con.execute(f"DESCRIBE {tried.sql(dialect='duckdb')}")
    except duckdb.BinderException as error:
        if EXACT not in str(error):
            raise
        return False
    return True
