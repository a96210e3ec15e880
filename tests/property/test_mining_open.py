"""A case that is still open costs as much as the cheapest edit to any beginning of a run of the model."""

from collections.abc import Iterator
from functools import cache
from heapq import heappop, heappush

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mining.diagram import Tree, draw
from mining.engine import SEPARATOR, align
from mining.engine.costs import alignment_costs
from mining.engine.nets import Model
from mining.export import bpmn_xml
from tests.property.test_mining_engine import ACTIVITIES, LEAVES, RANDOM, counted, inner

# The last activity is visible; an activity may be at several places, and parts may be silent.
TREES = st.recursive(LEAVES, inner, max_leaves=7).map(lambda tree: Tree("sequence", None, (tree, Tree(activity="z"))))
TRACES = st.lists(st.text(f"{ACTIVITIES}zx", min_size=1, max_size=7).map(tuple), min_size=1, max_size=6, unique=True)
DONE = Tree()


def is_done(tree: Tree) -> bool:
    """Whether a process tree may end without anything visible, by what its operators mean."""
    if tree.operator is None:
        return tree.activity is None
    if tree.operator == "loop":
        return is_done(tree.children[0])
    return (any if tree.operator == "exclusive" else all)(is_done(part) for part in tree.children)


@cache
def nexts(tree: Tree) -> frozenset[tuple[str, Tree]]:
    """What may visibly happen next in a process tree, each with what is then left of it."""
    return frozenset(_nexts(tree))


def _nexts(tree: Tree) -> Iterator[tuple[str, Tree]]:
    parts = tree.children
    if tree.operator is None and tree.activity is not None:
        yield tree.activity, DONE
    elif tree.operator == "exclusive":
        for part in parts:
            yield from nexts(part)
    elif tree.operator == "parallel":
        for place, part in enumerate(parts):
            for activity, left in nexts(part):
                yield activity, Tree("parallel", None, (*parts[:place], left, *parts[place + 1 :]))
    elif tree.operator == "sequence":
        for place, part in enumerate(parts):
            for activity, left in nexts(part):
                yield activity, Tree("sequence", None, tuple(p for p in (left, *parts[place + 1 :]) if p != DONE))
            if not is_done(part):
                return
    elif tree.operator == "loop":
        yield from _nexts_of_loop(tree)


def _nexts_of_loop(loop: Tree) -> Iterator[tuple[str, Tree]]:
    """The first part, then perhaps any of the others and the loop again."""
    first, *others = loop.children
    again = Tree("exclusive", None, (DONE, *(Tree("sequence", None, (other, loop)) for other in others)))
    for activity, left in nexts(first):
        yield activity, Tree("sequence", None, (left, again))
    if is_done(first):
        for other in others:
            for activity, left in nexts(other):
                yield activity, Tree("sequence", None, (left, loop))


def cheapest(tree: Tree, trace: tuple[str, ...], *, is_open: bool) -> int:
    """The fewest events left out and put in that make a trace a run of the tree, an open one a beginning of a run."""
    waiting: list[tuple[int, int, int, Tree]] = [(0, 0, 0, tree)]
    settled: set[tuple[int, Tree]] = set()
    number = 0
    while True:
        cost, _, place, left = heappop(waiting)
        if (place, left) in settled:
            continue
        settled.add((place, left))
        if place == len(trace) and (is_open or is_done(left)):
            return cost
        ways = [(1, place, after) for _, after in nexts(left)]
        if place < len(trace):
            ways += [(0, place + 1, after) for activity, after in nexts(left) if activity == trace[place]]
            ways.append((1, place + 1, left))
        for more, onward, after in ways:
            number += 1
            heappush(waiting, (cost + more, number, onward, after))


@RANDOM
@given(tree=TREES, traces=TRACES)
def test_an_alignment_costs_as_much_as_the_cheapest_edit_to_a_run_or_to_the_beginning_of_one(tmp_path, tree, traces):
    """The runs are those of the process tree by the meaning of its operators, without BPMN, nets or their states."""
    path = tmp_path / "model.bpmn"
    path.write_text(bpmn_xml(draw(tree), "p", "P"))
    model = Model(path.read_text(), "model")
    for is_open in (False, True):
        expected = {trace: cheapest(tree, trace, is_open=is_open) for trace in traces}
        for work_limit in (10**9, 0):
            found = align(counted(dict.fromkeys(traces, 1)), path, work_limit, is_open=is_open)
            told = {tuple(v.split(SEPARATOR)): cost for v, cost in found.select("variant", "cost").iter_rows()}
            assert told == expected
            assert dict(found.select("variant", "is_fitting").iter_rows()) == {
                SEPARATOR.join(trace): cost == 0 for trace, cost in expected.items()
            }
        assert alignment_costs(model, traces, is_open=is_open) == expected


@RANDOM
@given(tree=TREES, traces=TRACES)
def test_the_moves_of_an_open_case_tell_the_case_and_the_beginning_of_a_run(tmp_path, tree, traces):
    """Synchronous and log moves are the case; with those of the model and what trails, the rest is a complete run."""
    path = tmp_path / "model.bpmn"
    path.write_text(bpmn_xml(draw(tree), "p", "P"))
    found = align(counted(dict.fromkeys(traces, 1)), path, is_open=True)
    automaton = Model(path.read_text(), "model").automaton
    for row in found.filter(pl.col("is_fitting").not_()).iter_rows(named=True):
        moves = row["moves"]
        assert SEPARATOR.join(m["activity"] for m in moves if m["kind"] in ("sync", "log")) == row["variant"]
        assert sum(m["kind"] in ("log", "model") for m in moves) == row["cost"]
        assert automaton.replay([m["activity"] for m in moves if m["kind"] != "log"])[0]
        assert 0 <= row["fitness"] < 1
