"""Process trees are drawn and written so that what is read back is what was drawn."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from mining.bpmn import read_bpmn
from mining.diagram import EVENT, GAP, GATEWAY, TASK, Tree, draw
from mining.export import bpmn_xml, dot

NOTHING = Tree()


def task(name: str) -> Tree:
    return Tree(activity=name)


def tree(operator: str, *children: Tree) -> Tree:
    return Tree(operator, None, children)


LEAVES = st.one_of(st.just(NOTHING), st.sampled_from("abcdef").map(task))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda operator, children: Tree(operator, None, tuple(children)),
        st.sampled_from(["sequence", "exclusive", "parallel", "loop"]),
        st.lists(inner, min_size=2, max_size=4),
    ),
    max_leaves=12,
)


def test_a_sequence_stands_on_one_line_with_equal_gaps():
    """Start 36 wide at x = 50, 50 free, a task 160 wide, 50 free, a task, 50 free, the end: 50 + 36 + 50 = 136, ..."""
    shapes = draw(tree("sequence", task("a"), task("b"))).shapes
    assert [shape.x for shape in shapes] == [50, 136, 346, 556]
    assert {shape.y + shape.height / 2 for shape in shapes} == {GAP + TASK[1] / 2}
    assert [shape.width for shape in shapes] == [EVENT[0], TASK[0], TASK[0], EVENT[0]]


def test_doing_nothing_in_a_sequence_is_not_drawn():
    assert draw(tree("sequence", task("a"), NOTHING)) == draw(task("a"))


def test_doing_nothing_beside_parallel_work_is_no_branch():
    assert draw(tree("parallel", task("a"), NOTHING)) == draw(task("a"))


def test_an_optional_activity_is_passed_by_below_it():
    diagram = draw(tree("exclusive", NOTHING, task("a")))
    split, join = (s.node.node_id for s in diagram.shapes if s.node.kind == "exclusive")
    passed_by = next(e for e in diagram.edges if (e.source, e.target) == (split, join))
    box = next(s for s in diagram.shapes if s.node.name == "a")
    assert max(y for _, y in passed_by.points) > box.y + box.height


def test_the_way_back_of_a_loop_leads_left():
    diagram = draw(tree("loop", task("a"), tree("sequence", task("b"), task("c"))))
    at = {shape.node.name: shape.x for shape in diagram.shapes if shape.node.name}
    assert at["c"] < at["b"]


@given(TREES)
def test_no_two_shapes_overlap(process):
    shapes = draw(process).shapes
    for i, a in enumerate(shapes):
        for b in shapes[i + 1 :]:
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart, (a, b)


@given(TREES)
def test_every_flow_is_drawn_from_the_border_of_its_source_to_the_border_of_its_target(process):
    diagram = draw(process)
    box = {shape.node.node_id: shape for shape in diagram.shapes}
    for edge in diagram.edges:
        for (x, y), node_id in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
            shape = box[node_id]
            on_side = x in (shape.x, shape.x + shape.width) and y == shape.y + shape.height / 2
            on_edge = y in (shape.y, shape.y + shape.height) and x == shape.x + shape.width / 2
            assert on_side or on_edge, (edge, shape)


@given(TREES)
def test_flows_run_only_level_or_upright(process):
    for edge in draw(process).edges:
        for (x1, y1), (x2, y2) in zip(edge.points, edge.points[1:], strict=False):
            assert x1 == x2 or y1 == y2


@given(TREES)
def test_no_flow_runs_through_a_shape(process):
    diagram = draw(process)
    for edge in diagram.edges:
        for (x1, y1), (x2, y2) in zip(edge.points, edge.points[1:], strict=False):
            for s in diagram.shapes:
                beside = max(x1, x2) <= s.x or min(x1, x2) >= s.x + s.width
                over_or_under = max(y1, y2) <= s.y or min(y1, y2) >= s.y + s.height
                assert beside or over_or_under, (edge, s)


@settings(deadline=None)
@given(TREES)
def test_what_is_written_can_be_read_again(tmp_path_factory, process):
    path = tmp_path_factory.mktemp("bpmn") / "model.bpmn"
    diagram = draw(process)
    path.write_text(bpmn_xml(diagram, "p", "A process"))
    assert read_bpmn(path) == diagram.graph


def test_the_written_file_draws_every_node_and_flow_once():
    diagram = draw(tree("sequence", task("a"), tree("exclusive", task("b"), NOTHING), tree("loop", task("c"), NOTHING)))
    root = etree.fromstring(bpmn_xml(diagram, "p", "A process").encode())
    drawn = [e.get("bpmnElement") for e in root.iter("{*}BPMNShape", "{*}BPMNEdge")]
    assert sorted(drawn) == sorted([n.node_id for n in diagram.graph.nodes] + [f.flow_id for f in diagram.graph.flows])


def test_names_that_xml_and_dot_would_misread_are_quoted():
    diagram = draw(task('a<b>&"c"\\'))
    assert 'name="a&lt;b&gt;&amp;&quot;c&quot;\\"' in bpmn_xml(diagram, "p", "P")
    assert 'label="a&lt;b&gt;&amp;\\"c\\"\\\\"' in dot(diagram.graph)


def test_a_gateway_is_drawn_as_a_diamond_and_says_its_kind():
    drawing = dot(draw(tree("parallel", task("a"), task("b"))).graph)
    assert drawing.count('shape=diamond label="+"') == 2
    assert drawing.startswith("digraph process {\n  rankdir=LR;")
    assert GATEWAY == (50.0, 50.0)
