"""Process models as PNML and SVG: what pm4py reads of the net, and what stands in the picture."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mining.diagram import Tree, draw
from mining.export import bpmn_xml
from mining.formats import written
from mining.process import PROCESSES

MODELS = sorted(PROCESSES.glob("*.bpmn"))
SVG = "{http://www.w3.org/2000/svg}"


def model(tree: Tree) -> str:
    return bpmn_xml(draw(tree), "p", "A process")


def read(text: str, folder: Path) -> tuple[Any, Any, Any]:
    """The net that pm4py reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    path = folder / "model.pnml"
    path.write_text(text, encoding="utf-8")
    return pm4py.read_pnml(str(path))


def language(accepting_net: Any) -> set[tuple[str, ...]]:
    """The ways through a net without a loop, by playing it out whole."""
    from pm4py.objects.petri_net import semantics

    net, initial, final = accepting_net
    found: set[tuple[str, ...]] = set()
    waiting: list[tuple[Any, tuple[str, ...]]] = [(initial, ())]
    while waiting:
        marking, so_far = waiting.pop()
        if marking == final:
            found.add(so_far)
        for transition in semantics.enabled_transitions(net, marking):
            label = (transition.label,) if transition.label else ()
            waiting.append((semantics.execute(transition, net, marking), so_far + label))
    return found


def test_pm4py_reads_a_net_with_the_ways_of_the_model(tmp_path):
    """First a; then b and c in any order; then d or nothing."""
    parallel = Tree("parallel", None, (Tree(activity="b & c"), Tree(activity="c")))
    choice = Tree("exclusive", None, (Tree(activity="d"), Tree()))
    text = written("pnml", model(Tree("sequence", None, (Tree(activity="a"), parallel, choice))), "p", "P <1>")
    orders = {("a", "b & c", "c"), ("a", "c", "b & c")}
    assert language(read(text, tmp_path)) == orders | {(*order, "d") for order in orders}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_normative_model_is_the_net_that_pm4py_makes_of_its_bpmn(path, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    theirs = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))
    ours = read(written("pnml", path.read_text(encoding="utf-8"), path.stem, path.stem), tmp_path)
    for part in ("places", "transitions", "arcs"):
        assert len(getattr(ours[0], part)) == len(getattr(theirs[0], part))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pm4py.algo.discovery.footprints.petri.variants import reach_graph
    shapes = [reach_graph.apply(net[0], net[1]) for net in (ours, theirs)]
    assert shapes[0] == shapes[1]


def test_pnml_has_the_parts_of_the_standard():
    text = written("pnml", model(Tree("exclusive", None, (Tree(activity="a"), Tree()))), "p", "P <1>")
    root = etree.fromstring(text.encode())
    ns = {"p": "http://www.pnml.org/version-2009/grammar/pnml"}
    assert root.tag == f"{{{ns['p']}}}pnml"
    assert root.xpath("string(p:net/@type)", namespaces=ns) == "http://www.pnml.org/version-2009/grammar/ptnet"
    assert root.xpath("string(p:net/p:name/p:text)", namespaces=ns) == "P <1>"
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    ends = root.xpath("//p:arc/@source | //p:arc/@target | //p:marking/p:place/@idref", namespaces=ns)
    assert ends
    assert set(ends) <= set(ids)
    assert root.xpath("count(//p:initialMarking[p:text = '1'])", namespaces=ns) == 1


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_picture_shows_every_element_within_its_frame(path):
    text = path.read_text(encoding="utf-8")
    drawn = etree.fromstring(written("svg", text, "p", "P").encode())
    source = etree.fromstring(text.encode())
    count = {
        name: len(list(source.iter(f"{{*}}{name}"))) for name in ("task", "sequenceFlow", "startEvent", "endEvent")
    }
    gateways = sum(len(list(source.iter(f"{{*}}{name}"))) for name in ("exclusiveGateway", "parallelGateway"))
    assert len(drawn.findall(f"{SVG}rect")) == count["task"] + 1  # and the white ground
    assert len(drawn.findall(f"{SVG}circle")) == count["startEvent"] + count["endEvent"]
    assert len(drawn.findall(f"{SVG}polygon")) == gateways
    assert len(drawn.findall(f"{SVG}polyline")) == count["sequenceFlow"]
    named = {task.get("name") for task in source.iter("{*}task")}
    assert named <= {element.text for element in drawn.findall(f"{SVG}text")}
    left, top, width, height = map(float, drawn.get("viewBox").split())
    for box in drawn.findall(f"{SVG}rect"):
        x, y, w, h = (float(box.get(side)) for side in ("x", "y", "width", "height"))
        assert left <= x <= x + w <= left + width
        assert top <= y <= y + h <= top + height


def test_names_are_texts_in_a_picture_and_long_ones_are_broken_or_made_smaller():
    names = [
        "<b>&",
        "a name of several words that needs more than one line",
        "a_name_of_forty_characters_without_blanks",
    ]
    drawn = etree.fromstring(
        written("svg", model(Tree("sequence", None, tuple(Tree(activity=n) for n in names))), "p", "P").encode()
    )
    shown = {element.text: float(element.get("font-size")) for element in drawn.findall(f"{SVG}text")}
    assert shown == {
        "<b>&": 12, "a name of several": 12, "words that needs more": 12, "than one line": 12,
        # 160 wide over 41 letters, each 0.6 of the size: 160 / 41 / 0.6 = 6.5
        "a_name_of_forty_characters_without_blanks": 6.5,
    }  # fmt: skip


def test_a_lane_is_a_frame_behind_the_steps():
    """A lane is the last shape of its file, and would hide what is drawn before it were it filled."""
    lane = '<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="Dock"/></bpmn:laneSet>'
    shape = '<bpmndi:BPMNShape id="s" bpmnElement="lane"><dc:Bounds x="0" y="0" width="900" height="200"/></bpmndi:BPMNShape>'
    text = model(Tree(activity="a")).replace("</bpmn:process>", f"{lane}</bpmn:process>")
    text = text.replace("</bpmndi:BPMNPlane>", f"{shape}</bpmndi:BPMNPlane>")
    drawn = etree.fromstring(written("svg", text, "p", "P").encode())
    assert [box.get("fill") for box in drawn.findall(f"{SVG}rect")] == ["white", "none", "white"]
    assert drawn.get("viewBox") == "-20 -20 940 240"


def test_a_model_without_a_diagram_cannot_be_drawn():
    bare = model(Tree(activity="a")).split("<bpmndi:BPMNDiagram")[0] + "</bpmn:definitions>"
    with pytest.raises(ValueError, match="holds no diagram to draw"):
        written("svg", bare, "p", "P")


@pytest.mark.parametrize("form", ["bpmn", "pnml", "svg"])
def test_equal_models_give_equal_texts(form):
    text = MODELS[0].read_text(encoding="utf-8")
    assert written(form, text, "p", "P") == written(form, text, "p", "P")
