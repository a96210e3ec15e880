"""Two warehouses compared row for row: what one engine made of some files, and what another made of the same files."""

from pathlib import Path

import duckdb

from mining import JUDGEMENTS
from mining import TABLES as MINED
from transforms.spec import models

# Of floating sums and quotients alone, whose order of addition no engine promises.
RELATIVE = 1e-9
# Says which build it was, and two builds differ in that.
OF_A_RUN = {"run_id", "first_run_id", "ended_run_id"}
# What is made of the models' tables without being one: a view over all rules, and what is mined from counted variants.
GRAIN_OF_OTHERS = {"rules.reported": ("rule", "reference_id")}


def compared_tables() -> list[str]:
    """Every table that a model makes, what all rules report, and what is mined."""
    return [
        *models(),
        *GRAIN_OF_OTHERS,
        *(f"marts.{name}" for name in MINED),
        *(f"process.{name}" for name in JUDGEMENTS),
    ]


def differences(one: Path, other: Path) -> dict[str, str]:
    """Table -> how it differs between two warehouses; tables that agree are left out.

    Columns (names, order, types) and all values must be equal; of DOUBLE columns within `RELATIVE`.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for name, path in (("a", one), ("b", other)):
        con.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
    try:
        told = {table: _difference(con, table) for table in compared_tables()}
    finally:
        con.close()
    return {table: words for table, words in told.items() if words}


def row_counts(warehouse: Path) -> dict[str, int]:
    """How many rows each compared table has."""
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        found = {table: con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in compared_tables()}
    finally:
        con.close()
    return found


def _difference(con: duckdb.DuckDBPyConnection, table: str) -> str:
    columns, other_columns = (
        [row[:2] for row in con.execute(f"DESCRIBE {name}.{table}").fetchall()] for name in ("a", "b")
    )
    if columns != other_columns:
        return f"columns: {sorted(set(columns) ^ set(other_columns)) or 'their order'}"
    grain = _grain(table, [name for name, _ in columns])
    same_grain = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in grain)
    unequal = {name: _unequal(name, sql_type) for name, sql_type in columns if name not in OF_A_RUN}
    a, b = (f"(SELECT TRUE AS is_there, * FROM {name}.{table}) AS {name}" for name in ("a", "b"))
    joined = f"{a} FULL JOIN {b} ON {same_grain or 'TRUE'}"
    counted = ", ".join(f"count(*) FILTER (WHERE {test})" for test in unequal.values())
    one_sided, *counts = con.execute(
        f"SELECT count(*) FILTER (WHERE a.is_there IS NULL OR b.is_there IS NULL), {counted} FROM {joined}"
    ).fetchall()[0]
    words = [f"{one_sided} rows on one side"] if one_sided else []
    words += [f"{name}: {count} rows" for name, count in zip(unequal, counts, strict=True) if count]
    return ", ".join(words)


def _grain(table: str, columns: list[str]) -> list[str]:
    if table in models():
        return [name for name in models()[table].header.grain if name not in OF_A_RUN]
    return list(GRAIN_OF_OTHERS.get(table, columns))


def _unequal(name: str, sql_type: str) -> str:
    """SQL that is true where both sides have the row and the column differs."""
    same = f"a.{name} IS NOT DISTINCT FROM b.{name}"
    if sql_type == "DOUBLE":
        same += f" OR coalesce(abs(a.{name} - b.{name}) <= {RELATIVE} * greatest(abs(a.{name}), abs(b.{name})), FALSE)"
    return f"a.is_there AND b.is_there AND NOT ({same})"
