"""Alignments, fitness and the quality of models are pm4py's own, on random models and random cases."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mining.bpmn import read_bpmn
from mining.diagram import Tree, draw
from mining.engine import SEPARATOR, align, allowed_relations, constraints, measure, relations
from mining.engine.costs import alignment_costs
from mining.engine.nets import Model
from mining.export import bpmn_xml
from tests.property import mining_oracle

ACTIVITIES = "abcdef"
RANDOM = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LEAVES = st.sampled_from([*ACTIVITIES, None]).map(lambda activity: Tree(activity=activity))


def inner(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """An operator over two or three parts."""
    operators = st.sampled_from(["sequence", "sequence", "exclusive", "parallel", "loop"])
    return st.builds(
        lambda operator, parts: Tree(operator, None, tuple(parts)),
        operators,
        st.lists(children, min_size=2, max_size=3),
    )


# Sound by construction; an activity may be at several places, and parts may be silent. The last activity is visible.
MODELS = st.recursive(LEAVES, inner, max_leaves=7).map(
    lambda tree: bpmn_xml(draw(Tree("sequence", None, (tree, Tree(activity="z")))), "p", "P")
)
CASES = st.lists(st.text(f"{ACTIVITIES}zx", min_size=1, max_size=7).map(tuple), min_size=1, max_size=6, unique=True)
COUNTED = st.dictionaries(
    st.text(f"{ACTIVITIES}z", min_size=1, max_size=6).map(tuple), st.integers(1, 4), min_size=1, max_size=8
)


def counted(traces: dict[tuple[str, ...], int]) -> pl.DataFrame:
    rows = [(SEPARATOR.join(trace), n) for trace, n in traces.items()]
    return pl.DataFrame(rows, schema={"variant": pl.String, "cases_count": pl.Int64}, orient="row")


@RANDOM
@given(model=MODELS, traces=CASES)
def test_the_cost_of_an_alignment_is_the_same_in_our_search_in_r4pm_and_in_pm4py(tmp_path, model, traces):
    path = tmp_path / "model.bpmn"
    path.write_text(model)
    found = align(counted(dict.fromkeys(traces, 1)), path).sort("variant")
    read = Model(model, "model")
    by_r4pm = alignment_costs(read, traces)
    theirs = dict(zip(traces, mining_oracle.costs(traces, read.net), strict=True))
    ours = {tuple(variant.split(SEPARATOR)): cost for variant, cost in found.select("variant", "cost").iter_rows()}
    assert ours == theirs
    assert by_r4pm == theirs
    fitness = dict(zip(traces, mining_oracle.fitnesses(traces, read.net), strict=True))
    assert dict(found.select("variant", "fitness").iter_rows()) == pytest.approx(
        {SEPARATOR.join(trace): value for trace, value in fitness.items()}, abs=1e-12
    )


@RANDOM
@given(model=MODELS, trace=st.text(f"{ACTIVITIES}zx", min_size=1, max_size=6).map(tuple))
def test_of_equally_cheap_alignments_the_search_takes_the_one_that_costs_by_kind_and_activity_choose(
    tmp_path, model, trace
):
    path = tmp_path / "model.bpmn"
    path.write_text(model)
    row = align(counted({trace: 1}), path).row(0, named=True)
    read = Model(model, "model")
    activities = read_bpmn(path).activities
    theirs = mining_oracle.staged_moves(trace, read.net, activities, read.automaton.shortest)
    assert sorted((m["kind"], m["activity"]) for m in row["moves"] if m["kind"] != "sync") == theirs


@RANDOM
@given(model=MODELS, trace=st.text(f"{ACTIVITIES}zx", min_size=1, max_size=8).map(tuple))
def test_the_moves_of_an_alignment_tell_the_case_and_a_run_of_the_model(tmp_path, model, trace):
    """Synchronous and log moves in order are the case; synchronous and model moves in order the model allows."""
    path = tmp_path / "model.bpmn"
    path.write_text(model)
    moves = align(counted({trace: 1}), path)["moves"].item().to_list()
    assert tuple(m["activity"] for m in moves if m["kind"] in ("sync", "log")) == trace
    run = [m["activity"] for m in moves if m["kind"] != "log"]
    assert Model(model, "model").automaton.replay(run)[0]


@RANDOM
@given(model=MODELS, traces=COUNTED)
def test_the_quality_of_a_model_on_counted_variants_is_pm4pys_on_every_case(monkeypatch, model, traces):
    found = measure(model, counted(traces))
    net = Model(model, "model").net
    cases = [trace for trace, n in traces.items() for _ in range(n)]
    assert found.fitness_ratio == pytest.approx(mining_oracle.mean_fitness(cases, net), abs=1e-12)
    assert found.replay_ratio == pytest.approx(mining_oracle.replay_fitness(cases, net), abs=1e-12)
    assert found.generalisation_ratio == pytest.approx(mining_oracle.generalisation(cases, net), abs=1e-12)
    assert found.precision_ratio == pytest.approx(mining_oracle.precision(cases, net, monkeypatch), abs=1e-12)
    assert (found.aligned_count, found.replayed_count) == (len(cases), len(cases))


@RANDOM
@given(traces=COUNTED)
def test_the_footprint_and_the_heuristics_net_of_counted_variants_are_pm4pys_of_every_case(traces):
    cases = [trace for trace, n in traces.items() for _ in range(n)]
    found = relations(counted(traces), dependency_threshold=0.3)
    footprint = mining_oracle.log_footprint(cases)
    pairs = {
        kind: {
            (a, b)
            for a, b, relation in found.select("from_activity", "to_activity", "relation").iter_rows()
            if relation == kind
        }
        for kind in ("sequence", "parallel")
    }
    assert pairs == {kind: set(footprint[kind]) for kind in pairs}
    arcs = found.filter("is_in_heuristics_net").select("from_activity", "to_activity", "dependency")
    assert {(a, b): value for a, b, value in arcs.iter_rows()} == pytest.approx(
        mining_oracle.heuristics_arcs(cases, 0.3)
    )


@RANDOM
@given(model=MODELS)
def test_the_relations_that_a_model_allows_are_pm4pys_footprint_of_its_net(model):
    assert allowed_relations(model) == mining_oracle.net_footprint(Model(model, "model").net)


@RANDOM
@given(traces=COUNTED)
def test_declare_constraints_of_counted_variants_are_pm4pys_of_every_case(traces):
    cases = [trace for trace, n in traces.items() for _ in range(n)]
    found = constraints(counted(traces))
    ours = {tuple(filter(None, row[:3])): row[4:] for row in found.iter_rows()}
    assert ours == mining_oracle.declare_rules(cases)
    assert set(found["cases_count"]) == {len(cases)}
