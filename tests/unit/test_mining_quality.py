"""Quality of models, relations and rules, worked by hand; bad models and bad logs end in time with a sentence."""

import os
import random
import subprocess
import sys
from math import sqrt
from pathlib import Path

import polars as pl
import pytest

from mining import load_processes, mine
from mining.diagram import Tree, draw
from mining.engine import SEPARATOR, align, allowed_relations, constraints, discover, measure, relations
from mining.engine.costs import alignment_costs
from mining.engine.nets import Model
from mining.engine.quality import precision
from mining.export import bpmn_xml
from mining.tables import VARIANT_FREQUENCY
from tests.support import ROOT

SPECS = load_processes()
TRANSFERS = SPECS[1]
REQUESTED, APPROVED, SHIPPED, RECEIVED = TRANSFERS.activities


def counted(*traces, cases=1) -> pl.DataFrame:
    return pl.DataFrame({"variant": [SEPARATOR.join(trace) for trace in traces], "cases_count": [cases] * len(traces)})


def leaf(activity: str | None) -> Tree:
    return Tree(activity=activity)


def model(operator: str, *parts: Tree) -> str:
    return bpmn_xml(draw(Tree(operator, None, parts)), "p", "P")


def test_the_quality_of_a_choice_of_which_one_way_is_never_taken():
    """a, then b or c; all 4 cases do a b, and one does a alone.

    Fitness: a alone lacks one of a worst cost of 1 + 2: (4 + 2/3) / 5. Precision: at the start 1 of 1 way is taken by
    5 cases, after a 1 of 2 by the 4 that go on: 1 - (0 + 4) / (5 + 8).
    """
    text = model("sequence", leaf("a"), Tree("exclusive", None, (leaf("b"), leaf("c"))))
    found = measure(text, pl.concat([counted("ab", cases=4), counted("a", cases=1)]))
    assert found.fitness_ratio == pytest.approx((4 + 2 / 3) / 5)
    assert found.precision_ratio == pytest.approx(1 - 4 / 13)
    assert (found.aligned_count, found.replayed_count) == (5, 5)


def test_a_sequence_whose_cases_all_run_through_it_is_as_good_as_can_be_but_for_generalisation():
    """Four cases use each of the two activities (the net has nothing else) 4 times: 1 - 1 / sqrt(4). Each of 2
    activities and 3 places has at most 2 arcs: simplicity 1. Token replay fits.
    """
    found = measure(model("sequence", leaf("a"), leaf("b")), counted("ab", cases=4))
    ratios = (found.fitness_ratio, found.replay_ratio, found.precision_ratio, found.simplicity_ratio)
    assert ratios == (1.0, 1.0, 1.0, 1.0)
    assert found.generalisation_ratio == pytest.approx(1 - 1 / sqrt(4))


def test_silent_steps_are_no_ways_and_what_begins_otherwise_is_not_judged_in_precision():
    """Perhaps a, then b. At the start a or b may follow, of the 3 cases one has b and one a: nothing escapes; after a
    only b may follow. The case that begins with c counts at the start, and is judged no further.
    """
    automaton = Model(model("sequence", Tree("exclusive", None, (leaf("a"), leaf(None))), leaf("b")), "m").automaton
    assert precision(automaton, {("a", "b"): 1, ("b",): 1, ("c", "b"): 1}) == pytest.approx(1.0)
    assert precision(automaton, {("b",): 1, ("c", "b"): 1}) == pytest.approx(1 - 2 / 4)
    assert precision(automaton, {}) is None


def test_quality_of_the_normative_and_the_discovered_model_is_published_for_each_facility():
    """At RDC the 3 transfers are received twice: one move of 5 + 4. An open case is left out."""
    rows = [
        (TRANSFERS.process, "NDC", SEPARATOR.join(TRANSFERS.activities), False, 2),
        (TRANSFERS.process, "RDC", SEPARATOR.join([*TRANSFERS.activities, RECEIVED]), False, 3),
        (TRANSFERS.process, "RDC", REQUESTED, True, 7),
    ]
    found = mine(pl.DataFrame(rows, schema=VARIANT_FREQUENCY, orient="row"), SPECS)["process_model_quality"]
    told = found.select(
        "facility_id", "kind", "cases_count", "variants_count", "aligned_count", "unknown_reason"
    ).rows()
    assert told == [
        ("NDC", "discovered", 2, 1, 2, None),
        ("NDC", "normative", 2, 1, 2, None),
        ("RDC", "discovered", 3, 1, 3, None),
        ("RDC", "normative", 3, 1, 3, None),
    ]
    assert found["fitness_ratio"].to_list() == pytest.approx([1.0, 1.0, 1.0, 1 - 1 / 9])


def test_a_facility_with_a_model_of_its_own_is_measured_by_it(tmp_path):
    """RDC ships and receives without request: its own model fits, and allows receipt after shipment."""
    path = tmp_path / "short.bpmn"
    path.write_text(model("sequence", leaf(SHIPPED), leaf(RECEIVED)))
    own = TRANSFERS.model_copy(update={"bpmn_by_facility": {"RDC": path}})
    rows = [(own.process, facility, SEPARATOR.join([SHIPPED, RECEIVED]), False, 1) for facility in ("NDC", "RDC")]
    found = mine(pl.DataFrame(rows, schema=VARIANT_FREQUENCY, orient="row"), [own])
    normative = found["process_model_quality"].filter(kind="normative").select("facility_id", "fitness_ratio")
    assert normative.rows() == [("NDC", pytest.approx(1 - 2 / 6)), ("RDC", 1.0)]
    assert found["process_relations"].select("facility_id", "is_allowed").rows() == [("NDC", True), ("RDC", True)]


def test_a_model_that_cannot_be_measured_says_why():
    """Fourteen activities side by side have 2^14 states and more."""
    wide = model("parallel", *(leaf(name) for name in "abcdefghijklmn"))
    with pytest.raises(ValueError, match="wide: it has more than 10,000 states: too much goes on side by side"):
        measure(wide, counted("ab"), "wide")


def test_relations_are_counted_and_held_against_the_model():
    """Of 5 transfers one is received before it is shipped. shipped-received 4, back 1: (4 - 1) / (4 + 1 + 1) = 0.5."""
    swapped = (REQUESTED, APPROVED, RECEIVED, SHIPPED)
    frequency = pl.DataFrame(
        [
            (TRANSFERS.process, "RDC", SEPARATOR.join(TRANSFERS.activities), False, 4),
            (TRANSFERS.process, "RDC", SEPARATOR.join(swapped), False, 1),
        ],
        schema=VARIANT_FREQUENCY,
        orient="row",
    )
    found = mine(frequency, SPECS)["process_relations"].drop("process", "facility_id").rows()
    assert found == [
        (APPROVED, RECEIVED, 1, "sequence", 1 / 2, True, False),
        (APPROVED, SHIPPED, 4, "sequence", 4 / 5, True, True),
        (RECEIVED, SHIPPED, 1, "parallel", -1 / 2, False, False),
        (REQUESTED, APPROVED, 5, "sequence", 5 / 6, True, True),
        (SHIPPED, RECEIVED, 4, "parallel", 1 / 2, True, True),
    ]


def test_a_loop_is_allowed_after_itself():
    assert allowed_relations(model("loop", leaf("a"), leaf(None))) == {("a", "a")}


def test_constraints_are_counted_over_cases():
    """a b twice, b a three times, a alone once. Response of b to a: activated in 6, kept in 2; its precedence before
    b: activated in 5, kept in 2. Exactly one a: all 6. First is a: 3 of 6.
    """
    rows = pl.concat([counted("ab", cases=2), counted("ba", cases=3), counted("a")])
    found = {row[:3]: row[3:] for row in constraints(rows).iter_rows()}
    assert found["response", "a", "b"] == (6, 6, 2)
    assert found["precedence", "a", "b"] == (6, 5, 2)
    assert found["exactly_one", "a", None] == (6, 6, 6)
    assert found["init", "a", None] == (6, 6, 3)


def test_only_constraints_with_support_and_confidence_are_published():
    """9 of 10 receipts come after shipping, so exactly at the least confidence; approval is always there."""
    whole, unshipped = TRANSFERS.activities, (REQUESTED, APPROVED, RECEIVED)
    frequency = pl.DataFrame(
        [
            (TRANSFERS.process, "RDC", SEPARATOR.join(whole), False, 9),
            (TRANSFERS.process, "RDC", SEPARATOR.join(unshipped), False, 1),
        ],
        schema=VARIANT_FREQUENCY,
        orient="row",
    )
    found = mine(frequency, SPECS)["process_constraints"]
    named = {row[2:5]: row[8:] for row in found.iter_rows()}
    assert named["precedence", SHIPPED, RECEIVED] == (1.0, 0.9)
    assert named["existence", APPROVED, None] == (1.0, 1.0)
    assert ("absence", SHIPPED, None) not in named
    assert found.filter(pl.col("confidence_ratio") < 0.9).is_empty()


def test_the_most_frequent_variants_are_judged_where_the_limit_does_not_reach_for_all():
    """Two activities: 13 x 2 x 2 = 52 constraints a variant, so that a limit of 52 is enough for one of the two."""
    rows = pl.concat([counted("ab", cases=2), counted("ba", cases=3)])
    assert set(constraints(rows, judged_limit=103)["cases_count"]) == {3}
    assert set(constraints(rows, judged_limit=104)["cases_count"]) == {5}


NONDETERMINISM = """
import sys
import polars as pl
from mining.engine import discover, measure
rows = pl.DataFrame({"variant": ["a > b > c", "c > b", "a > d > d > b", "d", "b > a > c > a"], "cases_count": [5, 4, 3, 2, 1]})
xml, _ = discover(rows, 0.3)
print(xml, measure(xml, rows))
"""


def test_nothing_depends_on_hash_seeds_or_on_where_objects_lie():
    """pm4py hashes parts of nets by their address and names silent ones at random."""

    def told(seed: int) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-c", NONDETERMINISM]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout

    assert told(1) == told(2)


def test_one_activity_is_a_process():
    """Once or again and again: discovered as one activity that may be repeated, which fits all cases."""
    rows = pl.concat([counted("a", cases=3), counted("aaa")])
    xml, _ = discover(rows, 0.0)
    assert measure(xml, rows).fitness_ratio == 1.0
    assert relations(rows).rows() == [("a", "a", 2, "parallel", 2 / 3, True)]
    assert constraints(rows).filter(template="existence").rows() == [("existence", "a", None, 4, 4, 4)]


@pytest.mark.timeout(60)
def test_a_million_distinct_activities_end_in_a_sentence_or_in_moves_of_the_log():
    """The model knows none of them: 1,000,000 moves of the log and the 4 of its shortest run."""
    rows = pl.DataFrame({"variant": [SEPARATOR.join(f"a{i}" for i in range(1_000_000))], "cases_count": [1]})
    with pytest.raises(ValueError, match="a process of 1,000,000 activities cannot be mined; at most 60 can"):
        discover(rows)
    for miner in (relations, constraints):
        with pytest.raises(ValueError, match="a process of 61 activities cannot be mined; at most 60 can"):
            miner(counted([str(i) for i in range(61)]))
    assert align(rows, TRANSFERS.bpmn)["cost"].item() == 1_000_004


@pytest.mark.timeout(60)
def test_a_case_of_five_thousand_events_is_mined_in_time():
    """All 4 activities in random order: each event but the 4 of a run is a move of the log, at best."""
    chance = random.Random(6)
    trace = chance.choices(TRANSFERS.activities, k=5_000)
    rows = counted(trace)
    row = align(rows, TRANSFERS.bpmn).row(0, named=True)
    assert (row["cost"], row["is_exact"]) == (5_000 - 4, True)
    assert alignment_costs(Model(TRANSFERS.bpmn.read_text(), "m"), [tuple(trace)]) == {tuple(trace): 5_000 - 4}
    xml, _ = discover(rows)
    found = measure(xml, rows)
    assert found.aligned_count == 1
    assert found.replayed_count == 1
    assert relations(rows)["follows_count"].sum() == 4_999
    assert constraints(rows).filter(template="existence")["satisfied_count"].to_list() == [1] * 4


def test_where_no_trace_fits_the_limit_of_replay_nothing_is_replayed():
    found = measure(model("sequence", leaf("a"), leaf("b")), counted("ab"), replay_limit=1)
    assert (found.replay_ratio, found.generalisation_ratio, found.replayed_count) == (None, None, 0)


def written(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "model.bpmn"
    path.write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'
        f'<startEvent id="s"/><task id="t" name="a"/><task id="u" name="b"/><endEvent id="e"/>{body}</process></definitions>'
    )
    return path


def flow(*pairs: str) -> str:
    return "".join(f'<sequenceFlow id="f{i}" sourceRef="{p[0]}" targetRef="{p[1]}"/>' for i, p in enumerate(pairs))


def test_a_model_that_runs_in_a_circle_without_end_is_refused_with_its_element(tmp_path):
    circle = '<exclusiveGateway id="g"/>' + flow("sg", "gt", "tu", "ug")
    with pytest.raises(
        ValueError, match=r"model\.bpmn: line 1: startEvent 's' is on no way from a start event to an end"
    ):
        align(counted("ab"), written(tmp_path, circle))


def test_a_model_whose_parallel_work_never_meets_is_refused(tmp_path):
    """A split side by side, joined by a plain choice before the end: the end is reached with work left."""
    unsound = '<parallelGateway id="g"/><exclusiveGateway id="x"/>' + flow("sg", "gt", "gu", "tx", "ux", "xe")
    with pytest.raises(ValueError, match=r"model\.bpmn: it does not run soundly: work piles up"):
        align(counted("ab"), written(tmp_path, unsound))
