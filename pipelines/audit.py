"""Audits derived from contracts and model headers: each is one scan that counts what breaks."""

from dataclasses import dataclass

from pipelines.engines.duckdb import DuckDBEngine
from transforms.contracts.base import Contract
from transforms.contracts.tablegen import audit_sql
from transforms.spec import Model

VIEW_EVENTS = 1_000_000


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        name: check name, unique within its table.
        passed: whether nothing breaks it.
        detail: what it found, in words.
        is_blocking: whether a failure keeps the build from being published.
    """

    name: str
    passed: bool
    detail: str
    is_blocking: bool = True


def audit_contract(engine: DuckDBEngine, contract: Contract, rows: str) -> list[Finding]:
    """Checks canonical rows against their contract.

    Args:
        rows: a table or a SELECT in brackets.
    """
    frame = engine.read(audit_sql(contract, rows))
    broken = {name: count for name, count in frame.row(0, named=True).items() if count}
    detail = ", ".join(f"{name}: {count}" for name, count in broken.items()) or "every row keeps the contract"
    return [Finding("contract", not broken, detail)]


def audit_model(engine: DuckDBEngine, model: Model) -> list[Finding]:
    """Checks a model's table against its header: columns, bounds, NULLs, grain.

    Of a view over more than `VIEW_EVENTS` events a part is seen: all rows of some of the values that its grain begins
    with. It is made anew for whoever reads it, out of tables that were checked in full.
    """
    columns = [row[0] for row in engine.rows(f"DESCRIBE {model.table}")]
    expected = list(model.header.columns)
    if sorted(columns) != sorted(expected):
        odd = sorted(set(columns) ^ set(expected))
        return [
            Finding("columns", False, f"header and SQL disagree about {', '.join(odd)}"),
            _unknown("bounds"),
            _unknown("grain"),
        ]
    is_view = model.header.storage == "view"
    parts = max(1, engine.count("canonical.inventory_event") // VIEW_EVENTS) if is_view else 1
    broken, repeated = _broken(engine, model, parts)
    seen = f" (in one of {parts} parts)" if parts > 1 else ""
    grain = ", ".join(model.header.grain)
    told = f"{repeated} values of ({grain}) are repeated" if repeated else f"one row per ({grain})"
    return [
        Finding("columns", True, "as the header says"),
        Finding("bounds", not broken, (", ".join(broken) or "every value is within its bounds") + seen),
        Finding("grain", not repeated, told + seen),
    ]


def _broken(engine: DuckDBEngine, model: Model, parts: int) -> tuple[list[str], int]:
    """What breaks bounds, each with its number of rows, and how many values of the grain are repeated.

    Args:
        parts: one of so many parts of the rows is looked at; 1: all.
    """
    grain = ", ".join(model.header.grain)
    key = model.header.grain[0]
    rows = model.table if parts == 1 else f"(SELECT * FROM {model.table} WHERE hash({key}) % {parts} = 0)"
    tests = list(_bound_tests(model))
    counted = [f"count(*) FILTER (WHERE {sql})" for _, sql in tests]
    # Values whose hashes differ differ: they are compared themselves only where some hashes are equal.
    counts = engine.rows(f"SELECT {', '.join([*counted, f'count(*) - count(DISTINCT hash({grain}))'])} FROM {rows}")[0]
    broken = [f"{name}: {n}" for (name, _), n in zip(tests, counts, strict=False) if n]
    if not counts[-1]:
        return broken, 0
    found = engine.value(f"SELECT count(*) FROM (SELECT 1 FROM {rows} GROUP BY {grain} HAVING count(*) > 1)")
    return broken, int(found)


def _unknown(name: str) -> Finding:
    return Finding(name, False, "not checked, since the columns are wrong")


def _bound_tests(model: Model) -> list[tuple[str, str]]:
    tests = []
    for name, column in model.header.columns.items():
        if not column.nullable:
            tests.append((f"{name} is missing", f"{name} IS NULL"))
        if column.min is not None:
            tests.append((f"{name} is below {column.min:g}", f"{name} < {column.min}"))
        if column.max is not None:
            tests.append((f"{name} is above {column.max:g}", f"{name} > {column.max}"))
    return tests


CONTRACT_CHECKS = ("contract",)
MODEL_CHECKS = ("columns", "bounds", "grain")
