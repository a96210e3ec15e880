"""Models beside SQL tuned by hand for DuckDB: `bench/tuned/NAME.sql` computes a model's table from the same tables.

Both run in one process, on one connection with the engine's settings, in turns, into temporary tables; the best of some
runs counts. The two tables must be equal: as many rows, one for one by the model's grain, floating numbers to the
tolerance, everything else exactly.
"""

import time
from pathlib import Path

from pipelines.engines.duckdb import DuckDBEngine
from pipelines.workspace import load_workspace
from transforms.spec import Model, models

TUNED = Path(__file__).resolve().parent / "tuned"
RUNS = 3
RELATIVE, ABSOLUTE = 1e-9, 1e-6
FLOATING = ("FLOAT", "DOUBLE", "DECIMAL")
OURS, THEIRS = "model_made", "tuned_made"


def tuned_sql(name: str) -> str | None:
    """The statement tuned by hand for a model; None where there is none."""
    path = TUNED / f"{name}.sql"
    return path.read_text(encoding="utf-8").strip().rstrip(";") if path.exists() else None


def tuned_models() -> dict[str, Model]:
    """The models for which there is tuned SQL, by name.

    Errors: KeyError where a file bears the name of no model.
    """
    by_name = {model.name: model for model in models().values()}
    return {path.stem: by_name[path.stem] for path in sorted(TUNED.glob("*.sql"))}


def _run_s(engine: DuckDBEngine, table: str, sql: str) -> float:
    """Seconds in which a statement makes a temporary table."""
    started = time.perf_counter()
    engine.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {sql}")
    return time.perf_counter() - started


def timed(engine: DuckDBEngine, model: Model, sql: str, runs: int = RUNS) -> tuple[float, float]:
    """Seconds of a model and of its tuned SQL; their tables stay, to be compared."""
    took = [(_run_s(engine, OURS, model.sql), _run_s(engine, THEIRS, sql)) for _ in range(runs)]
    ours, theirs = zip(*took, strict=True)
    return min(ours), min(theirs)


def differences(engine: DuckDBEngine, model: Model) -> list[str]:
    """In what the two temporary tables differ, as sentences; empty where they are equal."""
    types = {name: kind for name, kind, *_ in engine.rows(f"DESCRIBE {OURS}")}
    theirs = [name for name, *_ in engine.rows(f"DESCRIBE {THEIRS}")]
    if list(types) != theirs:
        return [f"columns {list(types)} and {theirs}"]
    keys = " AND ".join(f"CAST(t.{key} AS {types[key]}) IS NOT DISTINCT FROM m.{key}" for key in model.header.grain)
    differing = ", ".join(f"count(*) FILTER (WHERE {_differs(n, k)})" for n, k in types.items())
    counts = engine.rows(f"SELECT (SELECT count(*) FROM {OURS}), (SELECT count(*) FROM {THEIRS})")[0]
    theirs_marked = f"(SELECT *, TRUE AS is_there FROM {THEIRS})"
    joined = f"SELECT count(*), count(t.is_there), {differing} FROM {OURS} m LEFT JOIN {theirs_marked} t ON {keys}"
    total, paired, *columns = engine.rows(joined)[0]
    if not counts[0] == counts[1] == paired == total:
        return [f"{counts[0]:,} rows and {counts[1]:,}, of which {paired:,} have the same {model.header.grain}"]
    return [f"{n:,} values of {name} differ" for name, n in zip(types, columns, strict=True) if n]


def _differs(name: str, sql_type: str) -> str:
    """The condition under which a value `m` of the model is not that of the tuned SQL `t`."""
    theirs = f"CAST(t.{name} AS {sql_type})"
    apart = f"m.{name} IS DISTINCT FROM {theirs}"
    if not sql_type.startswith(FLOATING):
        return apart
    near = f"abs(CAST(m.{name} AS DOUBLE) - CAST({theirs} AS DOUBLE))"
    return f"{apart} AND coalesce({near} > {ABSOLUTE} + {RELATIVE} * abs(CAST(m.{name} AS DOUBLE)), TRUE)"


def compared(folder: Path, names: list[str]) -> dict[str, tuple[float, float]]:
    """Seconds of models and of their tuned SQL, over a built workspace, by name.

    Errors: AssertionError where tables differ.
    """
    engine = DuckDBEngine(folder / "warehouse.duckdb", load_workspace(folder).engine)
    found = {}
    for name in names:
        sql = tuned_sql(name)
        assert sql is not None, name
        model = tuned_models()[name]
        found[name] = timed(engine, model, sql)
        assert not (apart := differences(engine, model)), f"{name}: {apart}"
    engine.close()
    return found
