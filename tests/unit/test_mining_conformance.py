"""Kinds of deviation, conformance and the published tables, worked by hand on the normative processes."""

import ast
from pathlib import Path

import polars as pl
import pytest

import mining
from mining import JUDGEMENTS, TABLES, check_model, load_processes, mine
from mining.conformance import deviations_of
from mining.engine import SEPARATOR, WORK_LIMIT
from mining.tables import VARIANT_FREQUENCY
from tests.bpmn import model_of

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
    """(kind, activity) of one case."""
    return mined(process, ("NDC", trace, is_open, 1))["variant_deviation"].select("kind", "activity").rows()


def worth(process, *trace, is_open=False, work_limit=WORK_LIMIT) -> dict:
    """What one case is worth."""
    rows = cases(process, ("NDC", trace, is_open, 1))
    found = mine(rows, SPECS, work_limit=work_limit)["variant_conformance"].row(0, named=True)
    return {name: found[name] for name in ("fitness", "cost", "is_fitting", "is_exact")}


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((CREATED, CONFIRMED, PUT_AWAY), []),
        ((CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY), []),
        ((CREATED, CONFIRMED, PUT_AWAY, PUT_AWAY, PUT_AWAY), []),
        ((CREATED, CONFIRMED), [("skipped", PUT_AWAY)]),
        ((CREATED, PUT_AWAY), [("skipped", CONFIRMED)]),
        ((PUT_AWAY,), [("skipped", CONFIRMED), ("skipped", CREATED)]),
        ((CREATED, CONFIRMED, HELD, PUT_AWAY), [("skipped", RELEASED)]),
        ((CREATED, CONFIRMED, CONFIRMED, PUT_AWAY), [("repeated", CONFIRMED)]),
        ((CREATED, CONFIRMED, CONFIRMED, CONFIRMED, PUT_AWAY), [("repeated", CONFIRMED)]),
        ((CREATED, CONFIRMED, PUT_AWAY, CONFIRMED), [("repeated", CONFIRMED)]),
        ((CONFIRMED, CREATED, PUT_AWAY), [("wrong_order", CONFIRMED)]),
        ((CREATED, PUT_AWAY, CONFIRMED), [("wrong_order", PUT_AWAY)]),
        ((CREATED, CONFIRMED, PUT_AWAY, HELD, RELEASED), [("wrong_order", PUT_AWAY)]),
        (
            (CREATED, CONFIRMED, HELD, RELEASED, HELD, RELEASED, PUT_AWAY),
            [("repeated", HELD), ("repeated", RELEASED)],
        ),
        ((CREATED, CONFIRMED, RELEASED, HELD, PUT_AWAY), [("wrong_order", RELEASED)]),
    ],
)
def test_receiving_deviates_as_worked_by_hand(trace, expected):
    assert deviating(RECEIVING, *trace) == expected


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((REQUESTED, APPROVED, SHIPPED, RECEIVED), []),
        ((REQUESTED, APPROVED, RECEIVED, SHIPPED), [("wrong_order", RECEIVED)]),
        ((REQUESTED, APPROVED, SHIPPED, RECEIVED, RECEIVED), [("repeated", RECEIVED)]),
        ((REQUESTED, SHIPPED, RECEIVED), [("skipped", APPROVED)]),
        ((SHIPPED, RECEIVED), [("skipped", APPROVED), ("skipped", REQUESTED)]),
        ((REQUESTED, APPROVED, SHIPPED), [("skipped", RECEIVED)]),
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
        (ORDERS, (RESERVED, PICKING, PICKED, PICKED, LEFT), [("repeated", PICKED)]),
        (ORDERS, (RESERVED, PICKING, LEFT), [("skipped", PICKED)]),
        (ORDERS, (RESERVED, PICKED, PICKED, LEFT), [("repeated", PICKED), ("skipped", PICKING)]),
        (ORDERS, (RESERVED, PICKING, PICKED, PICKED), [("repeated", PICKED), ("skipped", LEFT)]),
        (ORDERS, (RESERVED, PICKING, LEFT, PICKED), [("wrong_order", LEFT)]),
        (COUNTS, (COUNTED,), []),
        (COUNTS, (COUNTED, COUNTED, VARIANCE_APPROVED), []),
        (COUNTS, (COUNTED, VARIANCE_APPROVED, ADJUSTED), []),
        (COUNTS, (COUNTED, ADJUSTED), [("skipped", VARIANCE_APPROVED)]),
        (COUNTS, (VARIANCE_APPROVED,), [("skipped", COUNTED)]),
        # One move: after the approval an adjustment of its own is not asked for.
        (COUNTS, (COUNTED, ADJUSTED, VARIANCE_APPROVED), [("inserted", ADJUSTED)]),
        (RETURNS, (RETURNED, DISPOSITIONED, DISPOSITIONED), []),
        (RETURNS, (RETURNED,), [("skipped", DISPOSITIONED)]),
        (RETURNS, (DISPOSITIONED,), [("skipped", RETURNED)]),
    ],
)
def test_orders_counts_and_returns_deviate_as_worked_by_hand(process, trace, expected):
    assert deviating(process, *trace) == expected


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ((REQUESTED,), []),
        ((REQUESTED, APPROVED, SHIPPED), []),
        ((REQUESTED, SHIPPED), [("skipped", APPROVED)]),
        # One move: it came too early, and the model asks for it still. With the receipt, two skipped cost no more.
        ((SHIPPED,), [("wrong_order", SHIPPED)]),
        ((SHIPPED, SHIPPED), [("wrong_order", SHIPPED)]),
        ((SHIPPED, RECEIVED), [("skipped", APPROVED), ("skipped", REQUESTED)]),
        ((APPROVED, SHIPPED), [("skipped", REQUESTED)]),
        ((APPROVED, REQUESTED), [("wrong_order", APPROVED)]),
        ((REQUESTED, REQUESTED), [("repeated", REQUESTED)]),
    ],
)
def test_what_an_open_transfer_still_lacks_is_no_deviation(trace, expected):
    assert deviating(TRANSFERS, *trace, is_open=True) == expected


def test_an_open_line_on_quality_hold_does_not_deviate():
    assert deviating(RECEIVING, CREATED, CONFIRMED, HELD, is_open=True) == []


def test_each_facility_that_has_a_variant_has_what_is_found_in_it():
    """NDC and RDC have cases without a putaway; the open ones of NDC lack nothing yet."""
    found = mined(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED), False, 3),
        ("NDC", (CREATED, CONFIRMED), True, 7),
        ("RDC", (CREATED, CONFIRMED), False, 4),
    )
    trace = SEPARATOR.join((CREATED, CONFIRMED))
    assert found["variant_deviation"].rows() == [
        (RECEIVING, "NDC", trace, False, "skipped", PUT_AWAY),
        (RECEIVING, "RDC", trace, False, "skipped", PUT_AWAY),
    ]
    assert found["variant_conformance"].select("facility_id", "is_open", "cost", "is_fitting").rows() == [
        ("NDC", False, 1, False), ("NDC", True, 0, True), ("RDC", False, 1, False)
    ]  # fmt: skip


def test_fitness_compares_with_an_alignment_that_shares_nothing():
    """Two steps of three: the putaway is one move of the model; sharing nothing would take 2 + 3 moves."""
    assert worth(RECEIVING, CREATED, CONFIRMED, PUT_AWAY) == {
        "fitness": 1, "cost": 0, "is_fitting": True, "is_exact": True
    }  # fmt: skip
    assert worth(RECEIVING, CREATED, CONFIRMED) == {
        "fitness": pytest.approx(0.8), "cost": 1, "is_fitting": False, "is_exact": True
    }  # fmt: skip


def test_what_an_open_case_may_yet_do_costs_nothing():
    """Requested and shipped: approval is left out, receipt still awaited. 1 - 1 / (2 + 4)."""
    found = worth(TRANSFERS, REQUESTED, SHIPPED, is_open=True)
    assert (found["fitness"], found["cost"]) == (pytest.approx(5 / 6), 1)


def test_an_activity_that_an_open_case_did_too_early_costs_its_move_and_when_it_is_over_its_place():
    """Approval before request: one move, since it may be approved yet; 1 - 1 / (2 + 4). Over, with shipment and
    receipt but no second approval, it is 2 moves of 4 + 4.
    """
    found = worth(TRANSFERS, APPROVED, REQUESTED, is_open=True)
    assert (found["fitness"], found["cost"]) == (pytest.approx(5 / 6), 1)
    over = worth(TRANSFERS, APPROVED, REQUESTED, SHIPPED, RECEIVED)
    assert (over["fitness"], over["cost"]) == (pytest.approx(6 / 8), 2)


def test_an_open_case_beyond_the_work_limit_does_not_cost_what_it_may_yet_do():
    """Requested and shipped: 1 move, as within the limit."""
    assert worth(TRANSFERS, REQUESTED, SHIPPED, is_open=True, work_limit=0) == {
        "fitness": pytest.approx(5 / 6), "cost": 1, "is_fitting": False, "is_exact": False
    }  # fmt: skip


def test_a_case_of_which_only_the_cost_is_known_has_no_deviation():
    """A transfer without approval: one move of 3 + 4."""
    rows = cases(TRANSFERS, ("RDC", (REQUESTED, SHIPPED, RECEIVED), False, 4))
    assert mine(rows, SPECS, work_limit=0)["variant_deviation"].is_empty()
    found = worth(TRANSFERS, REQUESTED, SHIPPED, RECEIVED, work_limit=0)
    assert found == {"fitness": pytest.approx(6 / 7), "cost": 1, "is_fitting": False, "is_exact": False}
    assert worth(TRANSFERS, REQUESTED, is_open=True, work_limit=0)["is_exact"]


def test_a_facility_is_held_to_its_own_model(tmp_path):
    """RDC receives without a putaway: there the missing one is none, and one that comes has no place."""
    path = tmp_path / "cross_dock.bpmn"
    path.write_text(model_of(CREATED, CONFIRMED))
    own = SPECS[0].model_copy(update={"bpmn_by_facility": {"RDC": path}})
    rows = cases(
        RECEIVING,
        ("NDC", (CREATED, CONFIRMED), False, 1),
        ("RDC", (CREATED, CONFIRMED), False, 1),
        ("RDC", (CREATED, CONFIRMED, PUT_AWAY), False, 1),
    )
    found = mine(rows, [own])
    assert found["variant_deviation"].select("facility_id", "kind", "activity").rows() == [
        ("NDC", "skipped", PUT_AWAY),
        ("RDC", "inserted", PUT_AWAY),
    ]
    normative = found["process_models"].filter(pl.col("kind") == "normative")
    assert normative.select("facility_id", "bpmn_xml").rows() == [
        (None, SPECS[0].bpmn.read_text()), ("RDC", path.read_text())
    ]  # fmt: skip


def test_a_model_that_cannot_run_soundly_is_refused_by_its_element(tmp_path):
    """The parallel ways meet in an exclusive gateway, so that what follows is done twice."""
    path = tmp_path / "unsound.bpmn"
    path.write_text(f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">
        <startEvent id="s"/><parallelGateway id="split"/><task id="a" name="{CREATED}"/><task id="b" name="{CONFIRMED}"/>
        <exclusiveGateway id="join"/><task id="c" name="{PUT_AWAY}"/><endEvent id="e"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="split"/><sequenceFlow id="f2" sourceRef="split" targetRef="a"/>
        <sequenceFlow id="f3" sourceRef="split" targetRef="b"/><sequenceFlow id="f4" sourceRef="a" targetRef="join"/>
        <sequenceFlow id="f5" sourceRef="b" targetRef="join"/><sequenceFlow id="f6" sourceRef="join" targetRef="c"/>
        <sequenceFlow id="f7" sourceRef="c" targetRef="e"/></process></definitions>""")
    with pytest.raises(
        ValueError, match=r"unsound\.bpmn: it does not run soundly: work piles up behind '(join|a|b|c)'"
    ):
        check_model(path, SPECS[0].activities)


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
    assert {name: table.schema for name, table in found.items()} == TABLES | JUDGEMENTS
    assert all(found[name].is_empty() for name in JUDGEMENTS)
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
    assert all(first[name].equals(second[name], null_equal=True) for name in first)


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
