"""Discovery and alignment: hand-worked cases, an independent check of optimality, and the same answer every time."""

import random
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from mining.diagram import Tree, draw
from mining.engine import ALIGNMENT_SCHEMA, SEPARATOR, align, discover
from mining.export import bpmn_xml
from mining.process import load_processes

SPECS = {spec.process: spec for spec in load_processes()}
RECEIVING = SPECS["procure_to_receive"].bpmn
TRANSFERS = SPECS["transfer_to_reconcile"].bpmn
CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY = SPECS["procure_to_receive"].activities
REQUESTED, APPROVED, SHIPPED, RECEIVED = SPECS["transfer_to_reconcile"].activities


def counted(*traces, cases=1) -> pl.DataFrame:
    return pl.DataFrame({"variant": [SEPARATOR.join(trace) for trace in traces], "cases_count": [cases] * len(traces)})


def aligned(model: Path, *trace: str, work_limit: int = 10_000, is_open: bool = False) -> dict:
    return align(counted(trace), model, work_limit, is_open=is_open).row(0, named=True)


def alone(row: dict) -> list[tuple[str, str]]:
    """The moves that are not synchronous, sorted."""
    return sorted((move["kind"], move["activity"]) for move in row["moves"] if move["kind"] != "sync")


def written(tmp_path: Path, process: Tree, name: str = "model.bpmn") -> Path:
    path = tmp_path / name
    path.write_text(bpmn_xml(draw(process), "p", "P"))
    return path


def test_what_the_model_allows_costs_nothing():
    row = aligned(RECEIVING, CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY, PUT_AWAY)
    assert (row["fitness"], row["cost"], row["is_fitting"], row["is_exact"]) == (1.0, 0, True, True)
    assert [move["kind"] for move in row["moves"]] == ["sync"] * 6


def test_a_skipped_putaway_is_one_model_move_that_trails():
    """2 events and a shortest run of 3 make a worst cost of 5; one move alone: 1 - 1/5 = 0.8."""
    row = aligned(RECEIVING, CREATED, CONFIRMED)
    assert alone(row) == [("trailing", PUT_AWAY)]
    assert (row["cost"], row["worst_cost"], row["is_fitting"]) == (1, 5, False)
    assert row["fitness"] == pytest.approx(0.8)


def test_received_before_shipped_moves_the_receipt_not_the_shipment():
    """Receipt or shipment could be moved for the same cost, 2 of 4 + 4; the later activity of the model is."""
    row = aligned(TRANSFERS, REQUESTED, APPROVED, RECEIVED, SHIPPED)
    assert alone(row) == [("log", RECEIVED), ("trailing", RECEIVED)]
    assert row["fitness"] == pytest.approx(1 - 2 / 8)


def test_a_repeated_receipt_is_one_log_move():
    """5 events and a shortest run of 4: 1 - 1/9."""
    row = aligned(TRANSFERS, REQUESTED, APPROVED, SHIPPED, RECEIVED, RECEIVED)
    assert alone(row) == [("log", RECEIVED)]
    assert row["fitness"] == pytest.approx(8 / 9)


def test_a_hold_that_is_never_released_lacks_its_release():
    """Leaving out the hold costs one log move, adding the release one model move: fewer log moves are preferred."""
    assert alone(aligned(RECEIVING, CREATED, CONFIRMED, HELD, PUT_AWAY)) == [("model", RELEASED)]


def test_an_activity_that_the_model_does_not_know_is_a_log_move():
    assert alone(aligned(RECEIVING, CREATED, "pick_confirmed", CONFIRMED, PUT_AWAY)) == [("log", "pick_confirmed")]


def test_a_case_that_shares_nothing_with_the_model_has_fitness_zero():
    """One event and a shortest run of 4: 5 moves alone of 5."""
    row = aligned(TRANSFERS, "pick_confirmed")
    assert (row["fitness"], row["cost"]) == (0.0, 5)


def longest_common(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if x == y else max(lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


def test_an_alignment_costs_as_much_as_the_cheapest_edit_to_any_run_of_the_model():
    """Runs: created, confirmed, perhaps held and released, one or more putaways (more than 6 help no trace of 6)."""
    runs = [
        (CREATED, CONFIRMED, *hold, *[PUT_AWAY] * times) for hold in ((), (HELD, RELEASED)) for times in range(1, 7)
    ]
    activities = (CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY)
    traces = [*product(activities, repeat=1), *product(activities, repeat=2)]
    chance = random.Random(4)
    traces += [tuple(chance.choices(activities, k=chance.randint(3, 6))) for _ in range(120)]
    cheapest = {
        SEPARATOR.join(t): min(len(t) + len(run) - 2 * longest_common(t, run) for run in runs) for t in set(traces)
    }
    found = align(counted(*set(traces)), RECEIVING)
    assert found["is_exact"].all()
    assert dict(found.select("variant", "cost").iter_rows()) == cheapest


def test_an_alignment_does_not_depend_on_the_order_of_the_variants_or_on_their_being_split():
    chance = random.Random(9)
    activities = (CREATED, CONFIRMED, HELD, RELEASED, PUT_AWAY)
    traces = [tuple(chance.choices(activities, k=chance.randint(1, 7))) for _ in range(40)]
    rows = counted(*set(traces))
    again = pl.concat([rows, rows]).sample(fraction=1, shuffle=True, seed=3)
    first, second = align(rows, RECEIVING), align(again, RECEIVING)
    assert first.drop("moves").equals(second.drop("moves"))
    assert [alone(r) for r in first.iter_rows(named=True)] == [alone(r) for r in second.iter_rows(named=True)]


def test_of_parallel_work_what_is_missing_comes_as_late_as_it_can(tmp_path):
    """a beside b, then c: after b alone, a is still to come, not left out."""
    path = written(tmp_path, Tree("sequence", None, (
        Tree("parallel", None, (Tree(activity="a"), Tree(activity="b"))), Tree(activity="c"))))  # fmt: skip
    assert alone(aligned(path, "b")) == [("trailing", "a"), ("trailing", "c")]
    assert alone(aligned(path, "b", "c")) == [("model", "a")]


def test_a_long_way_to_the_end_does_not_make_a_good_beginning_wrong(tmp_path):
    """a, then either b or x y z u v. The nearest run to a x leaves x out (b is nearer), yet the model allows a x."""
    detour = Tree("sequence", None, tuple(Tree(activity=name) for name in "xyzuv"))
    choice = Tree("exclusive", None, (Tree(activity="b"), detour))
    path = written(tmp_path, Tree("sequence", None, (Tree(activity="a"), choice)))
    assert alone(aligned(path, "a", "x")) == [("log", "x"), ("trailing", "b")]
    assert aligned(path, "a", "x", is_open=True)["is_fitting"]


@pytest.mark.parametrize("work_limit", [10_000, 0])
def test_an_open_case_is_compared_with_the_beginning_of_a_run_and_not_with_a_whole_one(tmp_path, work_limit):
    """a, then f or b c d e. After b alone the nearest whole run is a f: b out, a and f in, 3 moves. The nearest
    beginning is a b, one move; the shortest run has 2 activities: 1 - 1 / (1 + 2). Closed, it is 1 - 3 / (1 + 2).
    """
    detour = Tree("sequence", None, tuple(Tree(activity=name) for name in "bcde"))
    choice = Tree("exclusive", None, (detour, Tree(activity="f")))
    path = written(tmp_path, Tree("sequence", None, (Tree(activity="a"), choice)))
    closed, still_open = (aligned(path, "b", work_limit=work_limit, is_open=each) for each in (False, True))
    assert (closed["cost"], still_open["cost"], still_open["worst_cost"]) == (3, 1, 3)
    assert (closed["fitness"], still_open["fitness"]) == (pytest.approx(0), pytest.approx(2 / 3))
    if work_limit:
        assert alone(still_open) == [("model", "a"), *(("trailing", name) for name in "cde")]


def test_beyond_the_work_limit_the_cost_is_known_but_not_the_moves():
    """A transfer without approval: one move alone; 3 events and a shortest run of 4 make a worst cost of 7."""
    row = aligned(TRANSFERS, REQUESTED, SHIPPED, RECEIVED, work_limit=0)
    assert (row["is_exact"], row["cost"], row["moves"], row["is_fitting"]) == (False, 1, [], False)
    assert row["fitness"] == pytest.approx(1 - 1 / 7)


def test_where_even_the_cost_is_too_much_work_token_replay_answers():
    """400 receipts alone: each of them makes a token and uses one that is missing, the start makes one that is left,
    the end uses one and leaves 399. fitness = (1 - 400/401) / 2 + (1 - 400/401) / 2 = 1/401.
    """
    row = align(counted([RECEIVED] * 400), TRANSFERS, work_limit=0, states_limit=0).row(0, named=True)
    assert (row["is_exact"], row["cost"], row["moves"]) == (False, None, [])
    assert row["fitness"] == pytest.approx(1 / 401)


def test_the_tokens_of_an_open_case_are_replayed_on_the_beginnings_of_runs():
    """400 receipts alone, each in the state before the last: 400 tokens are missing of 400 + a silent end + the end
    taken away, and as many are left of 1 + 400 + the silent end put down. fitness = 1 - 400/402.
    """
    row = align(counted([RECEIVED] * 400), TRANSFERS, work_limit=0, states_limit=0, is_open=True).row(0, named=True)
    assert (row["is_exact"], row["cost"], row["moves"]) == (False, None, [])
    assert row["fitness"] == pytest.approx(2 / 402)


def test_the_work_limit_is_spent_on_the_most_frequent_variants_first():
    """Variants of 3 events take equal work: the least limit that is enough for one is not enough for two."""
    rare, frequent = (REQUESTED, APPROVED, RECEIVED), (REQUESTED, SHIPPED, RECEIVED)
    rows = pl.concat([counted(rare, cases=1), counted(frequent, cases=5)])
    one = next(limit for limit in range(200) if align(counted(rare), TRANSFERS, limit)["is_exact"].item())
    found = align(rows, TRANSFERS, work_limit=one)
    assert dict(found.select("variant", "is_exact").iter_rows()) == {
        SEPARATOR.join(rare): False,
        SEPARATOR.join(frequent): True,
    }


def test_what_the_model_allows_needs_no_work():
    assert aligned(TRANSFERS, REQUESTED, APPROVED, SHIPPED, RECEIVED, work_limit=0)["is_exact"]


def test_no_variants_give_an_empty_table_of_the_same_columns():
    found = align(counted(), TRANSFERS)
    assert found.is_empty()
    assert found.schema == ALIGNMENT_SCHEMA


def test_a_model_whose_end_is_never_reached_with_all_work_done_is_refused(tmp_path):
    """A choice cannot feed both sides of a parallel join."""
    path = written(tmp_path, Tree("exclusive", None, (Tree(activity="a"), Tree(activity="b"))), "stuck.bpmn")
    text = path.read_text().replace("exclusive", "parallel").replace("parallelGateway", "exclusiveGateway", 2)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"stuck\.bpmn: it does not run soundly: its end event is never reached"):
        aligned(path, "a", "x")


def test_a_model_in_which_work_piles_up_is_refused(tmp_path):
    """A parallel split that a plain choice joins again lets the end be reached twice."""
    path = written(tmp_path, Tree("parallel", None, (Tree(activity="a"), Tree(activity="b"))), "twice.bpmn")
    text = path.read_text()
    join = [line for line in text.splitlines() if "<bpmn:parallelGateway" in line][1]
    head, tail = text.split(join)
    path.write_text(
        head + join.replace("parallel", "exclusive", 1) + tail.replace("</bpmn:parallel", "</bpmn:exclusive", 1)
    )
    with pytest.raises(ValueError, match=r"twice\.bpmn: it does not run soundly: work piles up"):
        aligned(path, "a", "x")


def test_a_discovered_sequence_with_a_detour_is_drawn_as_one():
    """Ten of each: a, then perhaps b, then c."""
    _, drawing = discover(counted(("a", "b", "c"), ("a", "c"), cases=10))
    assert [name for name in "abc" if f'label="{name}"' in drawing] == ["a", "b", "c"]
    assert drawing.count("shape=diamond") == 2


def test_noise_below_the_threshold_does_not_change_the_model():
    """1 of 101 cases goes from d to a: below a fifth of what usually follows d, the end."""
    usual, odd = counted(("a", "b", "c", "d"), cases=100), counted(("d", "a", "b"), cases=1)
    assert discover(pl.concat([usual, odd]), 0.2) == discover(usual, 0.2)
    assert discover(pl.concat([usual, odd]), 0.0) != discover(usual, 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_a_model_discovered_without_a_threshold_allows_every_variant_it_was_made_of(tmp_path, seed):
    """The guarantee of the inductive miner; it holds only if drawing, writing and reading keep the meaning."""
    chance = random.Random(seed)
    traces = {tuple(chance.choices("abcde", k=chance.randint(1, 7))) for _ in range(chance.randint(1, 15))}
    xml, _ = discover(counted(*traces), 0.0)
    path = tmp_path / "found.bpmn"
    path.write_text(xml)
    assert align(counted(*traces), path)["is_fitting"].all()


def test_discovery_does_not_depend_on_the_order_of_the_variants():
    chance = random.Random(2)
    traces = {tuple(chance.choices("abcdef", k=chance.randint(1, 9))) for _ in range(60)}
    rows = counted(*traces)
    assert discover(rows) == discover(rows.sample(fraction=1, shuffle=True, seed=1))


def test_a_process_cannot_be_discovered_from_no_cases():
    with pytest.raises(ValueError, match="no cases"):
        discover(counted())
