"""What in a model's SQL leaves the subset that DuckDB and Spark read alike: constructs, functions, types, NULLs' places.

Both engines would read most of it and answer differently, which is worse than an error.
"""

import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType
from sqlglot.tokens import Tokenizer

from tests.support import ROOT
from transforms.contracts import CONTRACTS
from transforms.spec import Model, filtered_models, models

# Same name, same arguments, same answer, NULL included. `concat` is not among them: NULL makes it NULL on Spark alone;
# nor is `avg`: of decimals it is a decimal on Spark; nor `hash`, `date_diff` and their like, which differ outright.
FUNCTIONS = {
    "abs", "array_agg", "bit_xor", "bool_and", "bool_or", "ceil", "coalesce", "concat_ws", "cos", "count", "dense_rank", "exp",
    "first_value", "floor", "greatest", "lag", "last_value", "lead", "least", "ln", "lower", "max", "max_by", "md5", "min",
    "min_by", "nullif", "percentile_cont", "percentile_disc", "power", "rank", "replace", "round", "row_number", "sin", "sqrt", "substr",
    "sum", "trim", "upper",
}  # fmt: skip
# Spark's VARCHAR wants a length, and its TIMESTAMP is what DuckDB calls TIMESTAMP WITH TIME ZONE; `no_instant()` has it.
TYPES = {"TEXT", "DOUBLE", "BIGINT", "INT", "DECIMAL", "DATE", "BOOLEAN"}
SYNTAX = (exp.Connector, exp.If, exp.Case, exp.Exists, exp.Cast)
CONSTRUCTS: dict[str, Callable[[exp.Expr], bool]] = {
    "QUALIFY": lambda node: isinstance(node, exp.Qualify),
    "EXCLUDE": lambda node: isinstance(node, exp.Star) and bool(node.args.get("except_") or node.args.get("except")),
    "REPLACE in a star": lambda node: isinstance(node, exp.Star) and bool(node.args.get("replace")),
    "ASOF JOIN": lambda node: isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() == "ASOF",
    "a lambda": lambda node: isinstance(node, exp.Lambda),
    "DISTINCT ON": lambda node: isinstance(node, exp.Distinct) and node.args.get("on") is not None,
    "GROUP BY ALL": lambda node: isinstance(node, exp.Group) and bool(node.args.get("all")),
    "a list or struct literal": lambda node: isinstance(node, exp.Array | exp.Struct),
    "an order within an aggregate": lambda node: isinstance(node, exp.Order) and isinstance(node.parent, exp.ArrayAgg),
    "an interval": lambda node: isinstance(node, exp.Interval),
    "integer division": lambda node: isinstance(node, exp.IntDiv),
    "a measure cut to a whole number": lambda node: isinstance(node, exp.Cast) and _is_cut(node),
    "a quoted name": lambda node: isinstance(node, exp.Identifier) and bool(node.args.get("quoted")),
    "a backslash in a text": lambda node: isinstance(node, exp.Literal) and node.is_string and "\\" in str(node.this),
}


def _is_cut(cast: exp.Cast) -> bool:
    """Whether a measured column is cast to an integer as it is: DuckDB rounds it, Spark cuts it off."""
    measured = ("_s", "_h", "_ms", "_usd", "_ratio", "_units")
    return (
        cast.to.this.name in ("BIGINT", "INT")
        and isinstance(cast.this, exp.Column)
        and cast.this.name.endswith(measured)
    )


def all_models() -> dict[str, Model]:
    """Every SQL model: those of builds, and those that run over a choice of published rows."""
    return {**models(), **filtered_models()}


def macros(dialect: str) -> set[str]:
    """Names of the macros that a dialect's prelude defines."""
    prelude = (ROOT / "transforms" / "dialects" / f"{dialect}.sql").read_text()
    return set(re.findall(r"(?:MACRO|FUNCTION)\s+(\w+)\s*\(", prelude))


def unportable(sql: str) -> list[str]:
    """What in a SQL text both engines do not read alike, whatever its tables hold."""
    nodes = list(sqlglot.parse_one(sql, read="duckdb").walk())
    found = [name for name, is_it in CONSTRUCTS.items() if any(is_it(node) for node in nodes)]
    tokens = Tokenizer(dialect="duckdb").tokenize(sql)
    if any(token.token_type == TokenType.DCOLON for token in tokens):
        found.append("::")
    if any(token.text.upper() == "VARCHAR" for token in tokens):
        found.append("the type VARCHAR")
    known = FUNCTIONS | (macros("duckdb") & macros("spark"))
    used = {name for node in nodes if isinstance(node, exp.Func) and (name := _function(node, known))}
    types = {node.this.name for node in nodes if isinstance(node, exp.DataType)} - TYPES
    return found + [f"the function {name}" for name in sorted(used)] + [f"the type {name}" for name in sorted(types)]


def _function(node: exp.Func, known: set[str]) -> str:
    """The name of a function that is not known; else empty."""
    if isinstance(node, SYNTAX):
        return ""
    written = node.sql(dialect="duckdb").split("(")[0]
    names = [node.name] if isinstance(node, exp.Anonymous) else [*node.sql_names(), written]
    return "" if any(name.lower() in known for name in names) else names[0].lower()


def unplaced_nulls(model: Model) -> list[str]:
    """Keys of an order that may be NULL and do not say where NULL stands: ascending, last on DuckDB and first on Spark."""
    nullable = nullable_columns(model)
    return [
        key.this.sql()
        for key, is_stated in _keys(model.sql)
        if not is_stated and any(column.name in nullable for column in key.find_all(exp.Column))
    ]


def nullable_columns(model: Model) -> set[str]:
    """Names of columns that may be NULL in what the model reads or makes, as far as that is described."""
    found = {name for name, column in model.header.columns.items() if column.nullable}
    for table in model.inputs:
        schema, _, name = table.partition(".")
        if table in all_models():
            found |= {name for name, column in all_models()[table].header.columns.items() if column.nullable}
        elif schema in ("canonical", "reference") and name in CONTRACTS:
            found |= set(CONTRACTS[name].columns) - set(CONTRACTS[name].required)
    return found


def _keys(sql: str) -> Iterator[tuple[exp.Ordered, bool]]:
    """Each key of an order, and whether it states NULLS FIRST or LAST: what is not stated, dialects read differently."""
    read = [list(sqlglot.parse_one(sql, read=dialect).find_all(exp.Ordered)) for dialect in ("duckdb", "spark")]
    for one, other in zip(*read, strict=True):
        if not one.find_ancestor(exp.WithinGroup):  # quantiles leave NULL out
            yield one, bool(one.args.get("nulls_first")) == bool(other.args.get("nulls_first"))
