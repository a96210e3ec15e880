"""Every model's SQL stays within what DuckDB and Spark read alike; what does not is named."""

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from tests.conventions.portable import all_models, macros, unplaced_nulls, unportable
from transforms.spec import Header, Model


def model(sql: str, *nullable: str) -> Model:
    """A model that makes the columns `a` and those that may be NULL."""
    columns = {name: {"unit": "id", "description": "x", "nullable": name in nullable} for name in ("a", *nullable)}
    said = {"title": "t", "question": "q?", "definition": "d", "source": "s", "owner": "o", "grain": ["a"]}
    return Model("tried", "shared", Header.model_validate({**said, "columns": columns}), sql)


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_every_model_is_one_select_that_the_dialect_reads(dialect):
    read = {t: sqlglot.parse(m.sql, read=dialect, error_level=ErrorLevel.RAISE) for t, m in all_models().items()}
    assert [t for t, found in read.items() if len(found) != 1 or not isinstance(found[0], exp.Query)] == []


def tables_of(sql: str) -> tuple[str, ...]:
    """The tables that a statement reads, by its parse tree."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    named = {f"{table.db}.{table.name}" if table.db else table.name for table in tree.find_all(exp.Table)}
    return tuple(sorted(named - own))


def test_what_a_model_reads_is_what_its_parse_tree_says():
    assert {table: model.inputs for table, model in all_models().items()} == {
        table: tables_of(model.sql) for table, model in all_models().items()
    }


def test_every_model_stays_within_the_portable_subset():
    found = {table: unportable(model.sql) for table, model in all_models().items()}
    assert {table: names for table, names in found.items() if names} == {}


def test_every_order_says_where_null_stands_if_there_may_be_one():
    found = {table: unplaced_nulls(model) for table, model in all_models().items()}
    assert {table: keys for table, keys in found.items() if keys} == {}


def test_spark_has_no_macro_that_duckdb_has_not():
    assert macros("spark") - macros("duckdb") == set()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "QUALIFY"),
        ("SELECT * EXCLUDE (a) FROM t", "EXCLUDE"),
        ("SELECT * REPLACE (1 AS a) FROM t", "REPLACE in a star"),
        ("SELECT a::INTEGER FROM t", "::"),
        ("SELECT t.a FROM t ASOF JOIN u ON t.a >= u.a", "ASOF JOIN"),
        ("SELECT list_transform(a, x -> x + 1) FROM t", "a lambda"),
        ("SELECT DISTINCT ON (a) a, b FROM t", "DISTINCT ON"),
        ("SELECT a, count(*) FROM t GROUP BY ALL", "GROUP BY ALL"),
        ("SELECT [1, 2] AS a FROM t", "a list or struct literal"),
        ("SELECT array_agg(a ORDER BY b) AS a FROM t", "an order within an aggregate"),
        ("SELECT a + INTERVAL 1 DAY AS a FROM t", "an interval"),
        ("SELECT a // 2 AS a FROM t", "integer division"),
        ("SELECT CAST(t.age_s AS BIGINT) AS a FROM t", "a measure cut to a whole number"),
        ('SELECT "a" FROM t', "a quoted name"),
        ("SELECT a FROM t WHERE a = 'C:\\new'", "a backslash in a text"),
        ("SELECT only_here(a) FROM t", "the function only_here"),
        ("SELECT epoch_us(a) AS a FROM t", "the function epoch_us"),
        ("SELECT stripped(a) AS a FROM t", "the function stripped"),
        ("SELECT concat(a, b) AS a FROM t", "the function concat"),
        ("SELECT avg(a) AS a FROM t", "the function avg"),
        ("SELECT CAST(a AS VARCHAR) AS a FROM t", "the type VARCHAR"),
        ("SELECT CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS a FROM t", "the type TIMESTAMPTZ"),
        ("SELECT CAST(a AS HUGEINT) AS a FROM t", "the type INT128"),
    ],
)
def test_what_the_engines_do_not_read_alike_is_named(sql, why):
    assert why in unportable(sql)


def test_what_both_engines_read_alike_is_let_through():
    sql = """WITH a AS (SELECT x, seconds_between(b, c) AS d_s FROM shared.t WHERE x IS NOT NULL)
        SELECT x, count(*) FILTER (WHERE d_s > 0) AS late_count, CAST(x AS STRING) || '-' AS label,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY d_s) AS p50_s, no_instant() AS resolved_at,
            CAST(sum(d_s) OVER (PARTITION BY x) / NULLIF(count(*), 0) AS DOUBLE) AS mean_s
        FROM a GROUP BY x"""
    assert unportable(sql) == []


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("ORDER BY a, b", ["b"]),
        ("ORDER BY a, b DESC", []),  # last on both
        ("ORDER BY a, b NULLS FIRST", []),
        ("ORDER BY a, b NULLS LAST", []),
        ("ORDER BY a DESC, b DESC NULLS LAST", []),
    ],
)
def test_a_key_that_may_be_null_must_say_where_null_stands(order, keys):
    assert unplaced_nulls(model(f"SELECT a, row_number() OVER ({order}) AS b FROM reference.t", "b")) == keys


def test_null_is_known_from_the_tables_that_a_model_reads():
    """A posting states its event or not; it always has an id."""
    sql = "SELECT row_number() OVER (ORDER BY p.posting_id, p.event_id) AS a FROM canonical.erp_posting p"
    assert unplaced_nulls(model(sql)) == ["p.event_id"]


def test_quantiles_need_not_say_where_null_stands():
    assert unplaced_nulls(model("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY b) AS a FROM t.u", "b")) == []
