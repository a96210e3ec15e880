"""Kinds of deviation, conformance and the published tables, worked by hand on the normative processes."""

import ast
from pathlib import Path

import polars as pl
import pytest

import mining
from mining import TABLES, load_processes, mine
from mining.conformance import deviations_of, open_fitness
from mining.engine import SEPARATOR
from mining.tables import VARIANT_FREQUENCY

SPECS = load_processes()
RECEIVING, TRANSFERS, ORDERS, COUNTS, RETURNS = (spec.process for spec in SPECS)
CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY = SPECS[0].activities
REQUESTED, APPROVED, SHIPPED, RECEIVED = SPECS[1].activities
RESERVED, PICKING, PICKED, LEFT = SPECS[2].activities
COUNTED, VARIANCE_APPROVED, ADJUSTED = SPECS[3].activities
RETURNED, _, _, DISPOSITIONED = SPECS[4].activities


def cases(process, *rows) -> pl.DataFrame:
    """Counted variants: rows of (facility, activities, is_open, cases)."""
    return pl.DataFrame(
        [(process, facility, SEPARATOR.join(trace), is_open, n) for facility, trace, is_open, n in rows],
        schema=VARIANT_FREQUENCY,
        orient="row",
    )


def mined(process, *rows) -> dict[str, pl.DataFrame]:
    return mine(cases(process, *rows), SPECS)


def deviating(process, *trace, is_open=False) -> list[tuple]:
    """(kind, activity, cases) of one case."""
    return mined(process, ("NDC", trace, is_open, 1))["deviations"].select("kind", "activity", "cases_count").rows()


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((CREATED, CONFIRMED, PUT_AWAY), []),
        ((CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY), []),
        ((CREATED, CONFIRMED, PUT_AWAY, PUT_AWAY, PUT_AWAY), []),
        ((CREATED, CONFIRMED), [("skipped", PUT_AWAY, 1)]),
        ((CREATED, PUT_AWAY), [("skipped", CONFIRMED, 1)]),
        ((PUT_AWAY,), [("skipped", CONFIRMED, 1), ("skipped", CREATED, 1)]),
        ((CREATED, CONFIRMED, HELD, PUT_AWAY), [("skipped", RELEASED, 1)]),
        ((CREATED, CONFIRMED, CONFIRMED, PUT_AWAY), [("repeated", CONFIRMED, 1)]),
        ((CREATED, CONFIRMED, CONFIRMED, CONFIRMED, PUT_AWAY), [("repeated", CONFIRMED, 1)]),
        ((CREATED, CONFIRMED, PUT_AWAY, CONFIRMED), [("repeated", CONFIRMED, 1)]),
        ((CONFIRMED, CREATED, PUT_AWAY), [("wrong_order", CONFIRMED, 1)]),
        ((CREATED, PUT_AWAY, CONFIRMED), [("wrong_order", PUT_AWAY, 1)]),
        ((CREATED, CONFIRMED, PUT_AWAY, HELD, RELEASED), [("wrong_order", PUT_AWAY, 1)]),
        (
            (CREATED, CONFIRMED, HELD, RELEASED, HELD, RELEASED, PUT_AWAY),
            [("repeated", HELD, 1), ("repeated", RELEASED, 1)],
        ),
        ((CREATED, CONFIRMED, RELEASED, HELD, PUT_AWAY), [("wrong_order", RELEASED, 1)]),
    ],
)
def test_receiving_deviates_as_worked_by_hand(trace, expected):
    assert deviating(RECEIVING, *trace) == expected


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((REQUESTED, APPROVED, SHIPPED, RECEIVED), []),
        ((REQUESTED, APPROVED, RECEIVED, SHIPPED), [("wrong_order", RECEIVED, 1)]),
        ((REQUESTED, APPROVED, SHIPPED, RECEIVED, RECEIVED), [("repeated", RECEIVED, 1)]),
        ((REQUESTED, SHIPPED, RECEIVED), [("skipped", APPROVED, 1)]),
        ((SHIPPED, RECEIVED), [("skipped", APPROVED, 1), ("skipped", REQUESTED, 1)]),
        ((REQUESTED, APPROVED, SHIPPED), [("skipped", RECEIVED, 1)]),
    ],
)
def test_a_transfer_deviates_as_worked_by_hand(trace, expected):
    assert deviating(TRANSFERS, *trace) == expected


@pytest.mark.parametrize(
    ("process", "trace", "expected"),
    [
        (ORDERS, (RESERVED, PICKING, PICKED, LEFT), []),
        # What was left over is released, picked and shipped by itself.
        (ORDERS, (RESERVED, PICKING, PICKED, LEFT, PICKING, PICKED, LEFT), []),
        (ORDERS, (RESERVED, PICKING, PICKED, PICKED, LEFT), [("repeated", PICKED, 1)]),
        (ORDERS, (RESERVED, PICKING, LEFT), [("skipped", PICKED, 1)]),
        (ORDERS, (RESERVED, PICKED, PICKED, LEFT), [("repeated", PICKED, 1), ("skipped", PICKING, 1)]),
        (ORDERS, (RESERVED, PICKING, PICKED, PICKED), [("repeated", PICKED, 1), ("skipped", LEFT, 1)]),
        (ORDERS, (RESERVED, PICKING, LEFT, PICKED), [("wrong_order", LEFT, 1)]),
        (COUNTS, (COUNTED,), []),
        (COUNTS, (COUNTED, COUNTED, VARIANCE_APPROVED), []),
        (COUNTS, (COUNTED, VARIANCE_APPROVED, ADJUSTED), []),
        (COUNTS, (COUNTED, ADJUSTED), [("skipped", VARIANCE_APPROVED, 1)]),
        (COUNTS, (VARIANCE_APPROVED,), [("skipped", COUNTED, 1)]),
        # One move: after the approval an adjustment of its own is not asked for.
        (COUNTS, (COUNTED, ADJUSTED, VARIANCE_APPROVED), [("inserted", ADJUSTED, 1)]),
        (RETURNS, (RETURNED, DISPOSITIONED, DISPOSITIONED), []),
        (RETURNS, (RETURNED,), [("skipped", DISPOSITIONED, 1)]),
        (RETURNS, (DISPOSITIONED,), [("skipped", RETURNED, 1)]),
    ],
)
def test_orders_counts_and_returns_deviate_as_worked_by_hand(process, trace, expected):
    assert deviating(process, *trace) == expected


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((REQUESTED,), []),
        ((REQUESTED, APPROVED, SHIPPED), []),
        ((REQUESTED, SHIPPED), [("skipped", APPROVED, 1)]),
        ((SHIPPED,), [("skipped", APPROVED, 1), ("skipped", REQUESTED, 1)]),
        ((APPROVED, REQUESTED), [("wrong_order", APPROVED, 1)]),
        ((REQUESTED, REQUESTED), [("repeated", REQUESTED, 1)]),
    ],
)
def test_what_an_open_transfer_still_lacks_is_no_deviation(trace, expected):
    assert deviating(TRANSFERS, *trace, is_open=True) == expected


def test_an_open_line_on_quality_hold_does_not_deviate():
    assert deviating(RECEIVING, CREATED, CONFIRMED, HELD, is_open=True) == []


def test_cases_are_counted_by_facility_kind_and_activity_over_all_variants():
    """NDC lacks a putaway in 3 + 2 cases (the latter held and released); RDC in 4; the open 7 lack nothing yet."""
    found = mined(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED), False, 3),
        ("NDC", (CREATED, CONFIRMED, HELD, RELEASED), False, 2),
        ("NDC", (CREATED, CONFIRMED), True, 7),
        ("RDC", (CREATED, CONFIRMED), False, 4),
    )["deviations"]
    assert found.rows() == [(RECEIVING, "NDC", "skipped", PUT_AWAY, 5), (RECEIVING, "RDC", "skipped", PUT_AWAY, 4)]


def test_fitness_is_the_mean_over_cases():
    """6 cases fit: 1. 2 lack the putaway: 1 - 1/5 = 0.8. 2 are open and lack nothing yet: 1. Sum 9.6 over 10 cases."""
    found = mined(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED, PUT_AWAY), False, 6),
        ("NDC", (CREATED, CONFIRMED), False, 2),
        ("NDC", (CREATED, CONFIRMED), True, 2),
    )["process_conformance"].row(0, named=True)
    assert found.pop("fitness_ratio") == pytest.approx(0.96)
    assert found == {
        "process": RECEIVING,
        "facility_id": "NDC",
        "cases_count": 10,
        "conformant_count": 8,
        "open_count": 2,
        "approximated_count": 0,
    }


def test_what_an_open_case_may_yet_do_costs_nothing():
    """Requested and shipped: approval is left out, receipt still awaited. 1 - 1 / (2 + 4)."""
    found = mined(TRANSFERS, ("RDC", (REQUESTED, SHIPPED), True, 1))["process_conformance"]
    assert found["fitness_ratio"].item() == pytest.approx(5 / 6)


def test_an_activity_that_an_open_case_did_too_early_costs_its_move_and_its_place():
    """Approval before request: moved, so 2 moves; shipment and receipt are awaited. 1 - 2 / (2 + 4)."""
    found = mined(TRANSFERS, ("RDC", (APPROVED, REQUESTED), True, 1))["process_conformance"]
    assert found["fitness_ratio"].item() == pytest.approx(4 / 6)


def test_cases_that_only_token_replay_judged_are_counted_as_approximated_and_are_in_no_deviation():
    rows = cases(TRANSFERS, ("RDC", (REQUESTED, SHIPPED, RECEIVED), False, 4), ("RDC", (REQUESTED,), True, 1))
    found = mine(rows, SPECS, work_limit=0)
    assert found["deviations"].is_empty()
    row = found["process_conformance"].row(0, named=True)
    assert (row["cases_count"], row["conformant_count"], row["approximated_count"]) == (5, 1, 4)
    assert row["fitness_ratio"] == pytest.approx((4 * 0.75 + 1) / 5)


def test_a_move_alone_is_named_by_what_else_the_case_has():
    def moves(**kinds):
        return [{"kind": kind, "activity": activity} for kind, names in kinds.items() for activity in names]

    assert deviations_of(moves(sync="a", log="a"), is_open=False) == [("repeated", "a")]
    assert deviations_of(moves(log="a"), is_open=False) == [("inserted", "a")]
    assert deviations_of(moves(model="a"), is_open=True) == [("skipped", "a")]
    assert deviations_of(moves(trailing="a"), is_open=True) == []
    assert deviations_of(moves(trailing="a"), is_open=False) == [("skipped", "a")]
    assert deviations_of(moves(sync="a", log="a", model="a"), is_open=False) == [("wrong_order", "a")]
    assert deviations_of(moves(log="a", trailing="a"), is_open=True) == [("wrong_order", "a")]
    assert open_fitness(moves(log="a", trailing="ab"), 5) == pytest.approx(1 - 2 / 5)


def test_each_facility_gets_a_model_of_its_closed_cases():
    found = mined(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED, PUT_AWAY), False, 6),
        ("NDC", (CREATED,), True, 9),
        ("RDC", (CREATED, PUT_AWAY), False, 6),
        ("3PL1", (CREATED,), True, 1),
    )["process_models"].filter(pl.col("process") == RECEIVING)
    assert found.select("facility_id", "kind").rows() == [
        (None, "normative"),
        ("NDC", "discovered"),
        ("RDC", "discovered"),
    ]
    ndc = found.row(1, named=True)
    assert [a for a in SPECS[0].activities if f'label="{a}"' in ndc["dot"]] == [CREATED, CONFIRMED, PUT_AWAY]
    assert ndc["dot"].count("diamond") == 0
    assert 'name="Procure to receive at NDC, discovered"' in ndc["bpmn_xml"]
    assert found.row(0, named=True)["bpmn_xml"] == SPECS[0].bpmn.read_text()


@pytest.mark.parametrize("rows", [[], [("other_process", "NDC", "a > b", False, 1)]])
def test_without_cases_every_table_has_its_columns_and_the_normative_models_are_there(rows):
    found = mine(pl.DataFrame(rows, schema=VARIANT_FREQUENCY, orient="row"), SPECS)
    assert {name: table.schema for name, table in found.items()} == TABLES
    assert found["deviations"].is_empty()
    assert found["process_conformance"].is_empty()
    assert found["process_models"].select("process", "kind").rows() == [
        (process, "normative") for process in sorted(spec.process for spec in SPECS)
    ]


def test_the_tables_do_not_depend_on_the_order_of_the_counted_variants():
    rows = cases(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED, PUT_AWAY), False, 6),
        ("NDC", (CREATED, PUT_AWAY, CONFIRMED), False, 2),
        ("RDC", (CREATED, CONFIRMED, HELD), True, 2),
        ("RDC", (CONFIRMED, CREATED), False, 2),
    )
    first, second = mine(rows, SPECS), mine(rows.reverse(), SPECS)
    assert all(first[name].equals(second[name], null_equal=True) for name in TABLES)


def test_an_unreadable_normative_model_is_refused_by_file_and_element(tmp_path):
    path = tmp_path / "house_rules.bpmn"
    path.write_text(SPECS[0].bpmn.read_text().replace('name="receipt_confirmed"', 'name="receipt_confirmation"'))
    spec = SPECS[0].model_copy(update={"bpmn": path})
    with pytest.raises(ValueError, match=r"house_rules\.bpmn: line \d+: task 'receipt_confirmed' is named"):
        mine(cases(RECEIVING), [spec])


def test_pm4py_is_imported_on_first_use_only():
    """Its import takes seconds: no file of the room imports it while it is itself imported."""
    eager = [
        (path.name, node.lineno)
        for path in Path(mining.__file__).parent.glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom) and "pm4py" in ast.unparse(node)
    ]
    assert eager == []
