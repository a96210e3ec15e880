"""`as_of` is an input: nothing that computes or shows a figure reads the wall clock."""

import ast

import pytest
from sqlglot import exp, parse_one

from tests.conventions.portable import all_models
from tests.conventions.tree import below, parsed

CLOCKLESS = ("transforms", "mining", "dashboards", "data")
CLOCK_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "Timestamp.now", "Timestamp.utcnow", "Timestamp.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime", "time.monotonic",
    "time.perf_counter",
}  # fmt: skip
CLOCK_NAMES = {name.split(".")[1] for name in CLOCK_CALLS if name.startswith("time.")}
SQL_CLOCKS = {
    "NOW", "TODAY", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "LOCALTIME",
    "GET_CURRENT_TIMESTAMP", "GET_CURRENT_TIME", "TRANSACTION_TIMESTAMP", "UNIX_TIMESTAMP",
}  # fmt: skip


def clock_reads(tree: ast.AST) -> list[str]:
    """What in a syntax tree reads the clock, as `line: expression`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            if any(dotted == call or dotted.endswith(f".{call}") for call in CLOCK_CALLS):
                found.append(f"{node.lineno}: {dotted}")
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found.extend(f"{node.lineno}: from time import {a.name}" for a in node.names if a.name in CLOCK_NAMES)
    return found


def sql_clock_reads(sql: str) -> list[str]:
    """The functions in a SQL statement that read the clock."""
    tree = parse_one(sql, read="duckdb")
    names = {f.name if isinstance(f, exp.Anonymous) else f.sql_name() for f in tree.find_all(exp.Func)}
    names |= {column.name for column in tree.find_all(exp.Column)}
    return sorted(name for name in names if name.upper() in SQL_CLOCKS)


def test_no_python_file_of_these_rooms_reads_the_clock():
    found = {str(path): clock_reads(parsed(path)) for path in below(*CLOCKLESS, suffix=".py")}
    assert {path: reads for path, reads in found.items() if reads} == {}


def test_no_sql_model_reads_the_clock():
    found = {table: sql_clock_reads(model.sql) for table, model in all_models().items()}
    assert {table: reads for table, reads in found.items() if reads} == {}


@pytest.mark.parametrize("code", ["datetime.now(UTC)", "datetime.datetime.now()", "pd.Timestamp.now()", "time.time()"])
def test_a_clock_read_in_python_is_seen(code):
    assert len(clock_reads(ast.parse(code))) == 1


@pytest.mark.parametrize("call", ["now()", "current_timestamp", "CURRENT_DATE", "today()", "get_current_timestamp()"])
def test_a_clock_read_in_sql_is_seen(call):
    assert len(sql_clock_reads(f"SELECT {call} AS t FROM x")) == 1
