"""Every measure and rule gives, from small inputs, the output that was worked out by hand.

A golden folder holds the tables that the model reads (`<schema>.<table>.csv`; columns that it leaves out are NULL,
tables that it leaves out are empty or, for vocabularies, the real ones) and `expected.csv` (any of its columns). Where
it holds what only a shared model reads instead, that model makes its table first.
"""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.golden.tables import all_models, load_inputs, never_null_texts
from transforms.spec import Model

FOLDERS = sorted(p.parent for p in Path(__file__).parent.glob("*/*/expected.csv"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_gives_what_was_worked_out_by_hand(folder: Path, engine: DuckDBEngine, request: pytest.FixtureRequest) -> None:
    model = _model(folder)
    load_inputs(engine, model, folder)
    if model.header.rounds:
        engine.materialise_in_rounds(model)
    else:
        engine.materialise(model)
    if request.config.getoption("--accept"):
        _accept(engine, model, folder / "expected.csv")
    got, expected = _got_and_expected(engine, model, folder / "expected.csv")
    assert got == expected


def test_every_folder_belongs_to_a_model() -> None:
    assert [f.name for f in FOLDERS if not _is_model(f)] == []


def _is_model(folder: Path) -> bool:
    return any(m.name == folder.name and m.folder == folder.parent.name for m in all_models().values())


def _model(folder: Path) -> Model:
    return next(m for m in all_models().values() if m.name == folder.name and m.folder == folder.parent.name)


def _accept(engine: DuckDBEngine, model: Model, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    order = ", ".join(model.header.grain)
    rows = engine.rows(
        f"SELECT {', '.join(f'CAST({c} AS VARCHAR)' for c in columns)} FROM {model.table} ORDER BY {order}"
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            [columns, *[["" if v is None else v for v in row] for row in rows]]
        )


def _got_and_expected(engine: DuckDBEngine, model: Model, path: Path) -> tuple[Counter[Any], Counter[Any]]:
    """Both sides as multisets of rows, the expected one read with the types of the other."""
    with path.open(encoding="utf-8", newline="") as stream:
        columns, *rows = list(csv.reader(stream))
    types = dict(row[:2] for row in engine.rows(f"DESCRIBE {model.table}"))
    casts = ", ".join(f"CAST(? AS {types[c]})" for c in columns)
    blank = never_null_texts(model)
    values = [[v if v != "" or c in blank else None for c, v in zip(columns, row, strict=True)] for row in rows]
    expected = [engine.con.execute(f"SELECT {casts}", row).fetchone() for row in values]
    got = engine.rows(f"SELECT {', '.join(columns)} FROM {model.table}")
    return Counter(map(_rounded, got)), Counter(_rounded(r) for r in expected if r is not None)


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Floating sums may differ in the last place; nine significant digits are compared."""
    return tuple(float(f"{float(v):.9g}") if isinstance(v, (float, Decimal)) else v for v in row)
