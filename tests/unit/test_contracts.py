"""A contract is one thing: what pandera accepts, the generated SQL accepts, and nothing else."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandera.polars as pa
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from transforms.contracts import CONTRACTS, FEED_TABLES
from transforms.contracts.base import POLARS_TYPE, Contract, column, schema
from transforms.contracts.sqlgen import bound_conditions
from transforms.contracts.tablegen import audit_sql

# Each kind's ordinary values; a quantity or number of zero or below breaks some bounds and keeps others.
VALUES: dict[str, list[Any]] = {
    "text": ["a", "b", "c", "d", "e", "f", ""],
    "instant": [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 10, 0, 0, 1, tzinfo=UTC)],
    "date": [date(1970, 1, 1), date(2026, 3, 1)],
    "quantity": [Decimal(5), Decimal("0.000001"), Decimal("7.25"), Decimal(0), Decimal("-0.000001")],
    "amount": [Decimal(5), Decimal("0.000001"), Decimal("7.25"), Decimal(0), Decimal("-0.000001")],
    "integer": [1, 60, 3600, 86400, 0, -1],
    "boolean": [True, False],
}

STARRED = {
    "inventory_event": ["event_id", "event_type", "event_time", "facility_id"],
    "erp_posting": ["posting_id", "posted_at", "facility_id"],
    "count_record": ["count_id", "facility_id", "item_id", "counted_at", "counted_quantity"],
    "order_line": ["order_id", "order_line"],
    "purchase_line": ["purchase_order_id", "purchase_order_line"],
    "integration_message": ["message_id", "sent_at"],
    "item": ["item_id"],
}


def cells(contract: Contract, name: str) -> st.SearchStrategy[Any]:
    """Mostly values that the column allows, now and then one that it does not, or none."""
    allowed = [v for c in contract.schema.columns[name].checks for v in (c.statistics or {}).get("allowed_values", [])]
    usual = allowed or VALUES[contract.kind(name)]
    return st.sampled_from([*usual * 6, *(["other"] if allowed else []), None])


def frames(contract: Contract) -> st.SearchStrategy[pl.DataFrame]:
    """Frames of up to five rows with every column of a contract."""
    types = {name: POLARS_TYPE[contract.kind(name)] for name in contract.columns}
    row = st.tuples(*(cells(contract, name) for name in contract.columns))
    return st.lists(row, max_size=5).map(lambda rows: pl.DataFrame(rows, schema=types, orient="row"))


def by_pandera(contract: Contract, frame: pl.DataFrame) -> Counter[str]:
    """How often each column misses a value or breaks a bound, and whether a key is repeated, as pandera sees it."""
    try:
        contract.schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        found: Counter[str] = Counter()
        for case in error.failure_cases.iter_rows(named=True):
            if case["check"] == "multiple_fields_uniqueness":
                found["key"] = 1
            else:
                found[f"{case['column']} {'missing' if case['check'] == 'not_nullable' else 'bound'}"] += 1
        return found
    return Counter()


def by_sql(contract: Contract, frame: pl.DataFrame, con: duckdb.DuckDBPyConnection) -> Counter[str]:
    """The same, as the one scan of the audit sees it."""
    con.register("given_rows", frame.to_arrow())
    audit = con.execute(audit_sql(contract, "given_rows")).pl().row(0, named=True)
    con.unregister("given_rows")
    found: Counter[str] = Counter()
    for name, count in audit.items():
        if name == "key_is_repeated":
            found["key"] = min(count, 1)
        elif name.endswith("_is_missing"):
            found[f"{name.removesuffix('_is_missing')} missing"] += count
        else:
            found[f"{name.rsplit('_bound_', 1)[0]} bound"] += count
    return +found


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_audit_finds_in_any_rows_what_pandera_finds_and_nothing_else(name):
    contract, con, outcomes = CONTRACTS[name], duckdb.connect(), set()

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(frames(contract))
    def agree(frame: pl.DataFrame) -> None:
        found = by_pandera(contract, frame)
        assert by_sql(contract, frame, con) == found
        outcomes.add(bool(found))

    agree()
    assert outcomes == {True, False}  # neither side says always the same
    con.close()


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_rows_at_all_keep_every_contract(name):
    contract = CONTRACTS[name]
    frame = pl.DataFrame(schema={c: POLARS_TYPE[contract.kind(c)] for c in contract.columns})
    assert by_pandera(contract, frame) == Counter()
    assert by_sql(contract, frame, duckdb.connect()) == Counter()


def test_rows_that_leave_out_the_same_part_of_a_key_repeat_it():
    """Two default posting SLAs: facility, kind, lane, event type and rule are NULL in both."""
    contract = CONTRACTS["sla"]
    types = {name: POLARS_TYPE[contract.kind(name)] for name in contract.columns}
    frame = pl.DataFrame([("posting", *[None] * 5, n) for n in (60, 3600)], schema=types, orient="row")
    assert by_pandera(contract, frame) == Counter(key=1)
    assert by_sql(contract, frame, duckdb.connect()) == Counter(key=1)


def test_a_check_that_sql_does_not_know_is_refused_by_name():
    columns = {"id": column("text", "a key", required=True, checks=[pa.Check.str_length(1, 3)])}
    contract = Contract("thing", schema("thing", columns, ("id",)), ("id",))
    with pytest.raises(ValueError, match=r"thing\.id: no SQL is known for the check str_length"):
        bound_conditions(contract, "id")


@pytest.mark.parametrize(("name", "starred"), STARRED.items())
def test_the_required_columns_are_those_that_the_design_stars(name, starred):
    assert sorted(CONTRACTS[name].required) == sorted(starred)


def test_every_table_that_feeds_fill_has_a_key_a_clock_and_an_order_of_versions_among_its_columns():
    for name in FEED_TABLES:
        contract = CONTRACTS[name]
        assert {*contract.key, contract.clock, *contract.version_order} <= set(contract.columns), name


def test_what_happened_at_an_instant_must_state_it_and_orders_need_not():
    """An order line may name no shipment; no system states when a line was ordered that it was not asked for, and an
    invoice bears a day."""
    optional = {
        name: {*CONTRACTS[name].key, CONTRACTS[name].clock} - set(CONTRACTS[name].required) for name in FEED_TABLES
    }
    assert {name: columns for name, columns in optional.items() if columns} == {
        "invoice_line": {"invoiced_at"},
        "order_line": {"shipment_id", "ordered_at"},
        "purchase_line": {"ordered_at"},
    }


def test_what_is_promised_says_nothing_of_how_far_the_data_go():
    plans = {name: set(c.of_kind("instant")) - set(c.past_instants()) for name, c in CONTRACTS.items()}
    assert {name: columns for name, columns in plans.items() if columns} == {"order_line": {"promised_at"}}


def test_ingested_at_is_no_part_of_the_content():
    """Two deliveries of the same values are duplicates whenever they were ingested."""
    contract = CONTRACTS["inventory_event"]
    assert set(contract.columns) - set(contract.content_columns()) == {"ingested_at"}
