"""Every macro that models use has one meaning: the same values from both engines where zones, signs and halves are awkward.

Expected values are worked out by hand beside each call.
"""

import math
from datetime import UTC, date, datetime

import pytest

from pipelines.engines.duckdb import DuckDBEngine
from tests.conventions.portable import macros
from transforms.spec import models

# Chicago goes from 02:00 to 03:00 on 2026-03-08 (08:00Z) and from 02:00 back to 01:00 on 2026-11-01 (07:00Z).
# Sao Paulo had no 00:00 on 2018-11-04; Havana has 00:00 to 01:00 twice on 2026-11-01 (04:00Z and 05:00Z).
CASES = [
    ("seconds_between(instant('2026-03-08 07:59:59Z'), instant('2026-03-08 08:00:00.25Z'))", 1.25),
    ("seconds_between(instant('2026-03-01 00:00:01Z'), instant('2026-03-01 00:00:00Z'))", -1.0),
    ("seconds_between(no_instant(), instant('2026-03-01 00:00:00Z'))", None),
    ("add_seconds(instant('2026-03-01 00:00:00Z'), 0.0000015)", datetime(2026, 3, 1, 0, 0, 0, 2, UTC)),
    ("add_seconds(instant('2026-03-01 00:00:00Z'), -90.5)", datetime(2026, 2, 28, 23, 58, 29, 500000, UTC)),
    ("quarter_of(instant('1970-01-01 00:29:59.999999Z'))", 1),
    ("quarter_of(instant('2026-03-01 00:00:00Z'))", 1969248),  # 20,513 days of 96
    ("worked_until(28800.0, TRUE, instant('2026-03-01 08:00:00Z'), instant('2026-03-01 08:10:00.5Z'))", 29400.5),
    ("worked_until(28800.0, FALSE, instant('2026-03-01 08:00:00Z'), instant('2026-03-01 08:10:00Z'))", 28800.0),
    ("worked_until(CAST(NULL AS DOUBLE), CAST(NULL AS BOOLEAN), no_instant(), instant('2026-03-01 08:10:00Z'))", None),
    ("instant('2026-03-01 12:00:00+05:30')", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
    ("no_instant()", None),
    ("local_day(instant('2026-03-08 05:59:59Z'), 'America/Chicago')", date(2026, 3, 7)),
    ("local_day(instant('2026-03-08 06:00:00Z'), 'America/Chicago')", date(2026, 3, 8)),
    ("local_hour(instant('2026-03-08 07:59:59Z'), 'America/Chicago')", 1),
    ("local_hour(instant('2026-03-08 08:00:00Z'), 'America/Chicago')", 3),
    ("local_hour(instant('2026-11-01 06:30:00Z'), 'America/Chicago')", 1),
    ("local_hour(instant('2026-11-01 07:30:00Z'), 'America/Chicago')", 1),
    ("local_hour(instant('2026-03-01 00:00:00Z'), 'Asia/Kathmandu')", 5),
    ("minute_of(instant('1970-01-02 00:00:59.999999Z'))", 1440),
    # 03:30 on the wall of 2026-03-08 (20,520 days), after the clock has jumped from two to three.
    ("local_minute_of(instant('2026-03-08 08:30:59Z'), 'America/Chicago')", 20520 * 1440 + 210),
    ("local_minute(instant('2026-03-08 08:30:59Z'), 'America/Chicago')", 210),
    ("local_minute(instant('2026-03-02 18:15:00Z'), 'Asia/Kathmandu')", 0),
    ("CAST(day_before(CAST('2024-03-01' AS DATE)) AS STRING)", "2024-02-29"),
    ("local_weekday(instant('2026-03-02 00:00:00Z'), 'UTC')", 1),
    ("local_weekday(instant('2026-03-02 00:00:00Z'), 'America/Chicago')", 7),
    ("end_of_day(CAST('2026-03-07' AS DATE), 'America/Chicago')", datetime(2026, 3, 8, 6, tzinfo=UTC)),
    ("end_of_day(CAST('2026-03-08' AS DATE), 'America/Chicago')", datetime(2026, 3, 9, 5, tzinfo=UTC)),
    # 2018-11-03 ends when the clock jumps from 24:00 to 01:00, at 03:00Z.
    ("end_of_day(CAST('2018-11-03' AS DATE), 'America/Sao_Paulo')", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("end_of_day(CAST('2026-10-31' AS DATE), 'America/Havana')", datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ("days_between(CAST('2026-02-27' AS DATE), CAST('2026-03-01' AS DATE))", 2.0),
    ("days_between(CAST('2026-03-01' AS DATE), CAST('2026-02-27' AS DATE))", -2.0),
    ("number_text(CAST(3600 AS DOUBLE))", "3600.0"),
    ("number_text(CAST(12345678.25 AS DOUBLE))", "12345678.25"),
    ("number_text(CAST(-0.5 AS DOUBLE))", "-0.5"),
    ("number_text(CAST(86400.000001 AS DOUBLE))", "86400.000001"),
    ("number_text(CAST(0.1 AS DOUBLE))", "0.1"),
    ("number_text(CAST(NULL AS DOUBLE))", None),
    ("trace_step('pick_confirmed', 7)", "0000000007pick_confirmed"),
    ("trace_text(array_agg(trace_step(t.a, t.n)))", "b > c > a"),
    ("case_of('document', 'NDC', 'TO-1', '1')", "TO-1"),
    ("case_of('document_line', 'NDC', 'PO-1', '1')", "NDC|PO-1|1"),
    ("case_of('document_line', 'NDC', 'PO-1', NULL)", "NDC|PO-1|"),
    ("case_of('document_line', 'NDC', NULL, '1')", None),
    ("hash_of('A', 'B') = hash_of('B', 'A')", False),
    ("hash_of(hash_of('A', 1), 1) = hash_of(hash_of('A', 1), 1)", True),
]
ROWS = "(VALUES ('a', 10), ('b', 2), ('c', 9)) AS t(a, n)"


def asked(call: str) -> str:
    """A SELECT of one value."""
    return f"SELECT {call} AS value" + (f" FROM {ROWS}" if "t.a" in call else "")


def test_every_macro_of_spark_has_a_case():
    assert {name for name in macros("spark") if not any(f"{name}(" in call for call, _ in CASES)} == set()


def test_no_macro_of_spark_is_there_in_vain():
    used = "\n".join(model.sql for model in models().values())
    assert {name for name in macros("spark") if f"{name}(" not in used} == set()


@pytest.mark.parametrize(("call", "value"), CASES)
def test_duckdb_gives_the_value(call, value, engine: DuckDBEngine):
    assert engine.rows(asked(call)) == [(value,)]


@pytest.mark.timeout(600)
def test_spark_gives_the_values(spark_session):
    """Instants come back as seconds, since PySpark shows them in the zone of this machine."""
    found = {}
    for call, value in CASES:
        is_instant = isinstance(value, datetime)
        shown = f"seconds_between(instant('1970-01-01 00:00:00Z'), {call})" if is_instant else call
        (row,) = spark_session.sql(asked(shown)).collect()
        found[call] = row.value
    expected = {call: value.timestamp() if isinstance(value, datetime) else value for call, value in CASES}
    assert {c: (found[c], v) for c, v in expected.items() if not same(found[c], v)} == {}


def same(found, expected) -> bool:
    """Equal; a sum of seconds and microseconds as exactly as a double holds it."""
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(found, expected, rel_tol=1e-15)
    return found == expected
