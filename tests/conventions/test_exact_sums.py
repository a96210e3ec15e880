"""No figure depends on the order in which rows come: what is summed are whole numbers and decimals."""

import pytest

from tests.conventions.exact import add_exact_function, empty_warehouse, inexact_sums
from tests.conventions.test_portable_sql import model
from transforms.spec import models

# A logarithm is no decimal. These are running sums, in the order of durations each of which a group has once.
IN_A_STATED_ORDER = {
    "shared.duration_quantile": 1,
    "shared.replayed_quantile": 1,
    "shared.sla_attainment": 1,
}


def test_no_model_sums_floating_numbers_in_an_order_that_nobody_states(engine):
    """Adding doubles rounds at every step, so that threads, deliveries and engines would differ in the last places."""
    empty_warehouse(engine)
    add_exact_function(engine)
    found = {table: inexact_sums(engine, m) for table, m in models().items() if table not in IN_A_STATED_ORDER}
    assert {table: sums for table, sums in found.items() if sums} == {}
    for table, count in IN_A_STATED_ORDER.items():
        sums = inexact_sums(engine, models()[table])
        assert len(sums) == count, table
        assert all("LN(" in text for text in sums), table


@pytest.mark.parametrize(
    ("expression", "is_named"),
    [
        ("sum(b)", False),
        ("sum(d)", True),
        ("sum(CAST(d AS DECIMAL(18, 6)))", False),
        ("sum(b * d)", True),
        ("sum(CASE WHEN b > 0 THEN 1 ELSE 0.5 END)", False),
        ("sum(seconds_between(t, t))", True),
        ("avg(d)", True),
        ("avg(b)", False),
        ("sum(d) OVER (PARTITION BY b ORDER BY t)", True),
        ("sum(b) FILTER (WHERE d > 0)", False),
    ],
)
def test_a_sum_of_doubles_is_named(engine, expression, is_named):
    engine.con.execute("CREATE TABLE shared.t (b DECIMAL(18, 6), d DOUBLE, t TIMESTAMPTZ)")
    add_exact_function(engine)
    assert bool(inexact_sums(engine, model(f"SELECT {expression} AS a FROM shared.t"))) is is_named
