"""The normative processes are what they say, and a model that cannot be used is refused by file and element."""

import csv
import re

import pytest
from lxml import etree

from data import DATA
from mining.bpmn import BPMN, Graph, read_bpmn
from mining.process import load_processes, process_activities, process_limits

SPECS = {spec.process: spec for spec in load_processes()}
EACH = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
MODEL = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:x">
  <process id="p">
    <startEvent id="s"/>
    <task id="t" name="receipt_created"/>
    <endEvent id="e"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
    <sequenceFlow id="f2" sourceRef="t" targetRef="e"/>
  </process>
</definitions>
"""


def visible(graph: Graph, kind: str) -> set[str]:
    """The activities that follow the start directly (kind start), or lead to the end directly (kind end)."""
    nodes = {node.node_id: node for node in graph.nodes}
    steps = [(f.source, f.target) if kind == "start" else (f.target, f.source) for f in graph.flows]
    waiting = [node.node_id for node in graph.nodes if node.kind == kind]
    found: set[str] = set()
    seen = set(waiting)
    while waiting:
        here = waiting.pop()
        for far in {far for near, far in steps if near == here} - seen:
            seen.add(far)
            if nodes[far].kind == "task":
                found.add(nodes[far].name)
            else:
                waiting.append(far)
    return found


@EACH
def test_a_normative_model_has_exactly_the_activities_of_its_process(spec):
    assert set(read_bpmn(spec.bpmn, spec.activities).activities) == set(spec.activities)


@EACH
def test_a_normative_model_starts_and_ends_as_its_process_says(spec):
    graph = read_bpmn(spec.bpmn)
    assert visible(graph, "start") == set(spec.start)
    assert visible(graph, "end") == set(spec.end)


@EACH
def test_the_activities_of_a_process_are_event_types(spec):
    with (DATA / "reference" / "event_types.csv").open(newline="") as file:
        known = {row["event_type"] for row in csv.DictReader(file)}
    assert set(spec.activities) <= known


@EACH
def test_a_normative_model_draws_every_node_and_flow_once(spec):
    root = etree.parse(str(spec.bpmn)).getroot()
    graph = read_bpmn(spec.bpmn)
    drawn = [e.get("bpmnElement") for e in root.iter("{*}BPMNShape", "{*}BPMNEdge")]
    assert sorted(drawn) == sorted([n.node_id for n in graph.nodes] + [f.flow_id for f in graph.flows])
    ids = [e.get("id") for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids))


def test_a_quality_hold_alone_makes_no_receiving_case():
    """Five activities in order; the two of the hold are attached; only putaway ends a case; three days of horizon.

    What a case is about is what was confirmed, else put away, else created.
    """
    rows = process_activities([SPECS["procure_to_receive"]]).rows()
    assert rows == [
        ("procure_to_receive", "receipt_created", "document_line", 1, True, False, 259200, 3),
        ("procure_to_receive", "receipt_confirmed", "document_line", 2, True, False, 259200, 1),
        ("procure_to_receive", "quality_hold_placed", "document_line", 3, False, False, 259200, None),
        ("procure_to_receive", "quality_hold_released", "document_line", 4, False, False, 259200, None),
        ("procure_to_receive", "putaway_completed", "document_line", 5, True, True, 259200, 2),
    ]


def test_a_transfer_has_to_be_received_within_its_sla():
    rows = process_limits(list(SPECS.values())).rows()
    assert rows == [("transfer_to_reconcile", "transfer_received", "transfer_shipped", "transfer", None)]


def refused(tmp_path, text: str | bytes) -> str:
    """The message that refuses a file called odd.bpmn."""
    path = tmp_path / "odd.bpmn"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=re.escape("odd.bpmn")) as error:
        read_bpmn(path, ["receipt_created", "receipt_confirmed"])
    return str(error.value)


def test_the_smallest_model_is_read(tmp_path):
    path = tmp_path / "small.bpmn"
    path.write_text(MODEL)
    graph = read_bpmn(path, ["receipt_created"])
    assert [(n.node_id, n.kind, n.name) for n in graph.nodes] == [
        ("s", "start", ""), ("t", "task", "receipt_created"), ("e", "end", "")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<endEvent", "<endEvent2", "line 6: endEvent2 'e' is not supported"),
        ('<task id="t" name="receipt_created"/>', '<subProcess id="t"/>', "line 5: subProcess 't' is not supported"),
        (
            '<task id="t" name="receipt_created"/>',
            '<inclusiveGateway id="t"/>',
            "inclusiveGateway 't' is not supported",
        ),
        ("receipt_created", "receipt_cretaed", "line 5: task 't' is named 'receipt_cretaed', which is not an activity"),
        (' name="receipt_created"', "", "line 5: task 't' has no name"),
        ('<task id="t"', "<task", "line 5: task '' has no id"),
        ('targetRef="t"', 'targetRef="u"', "line 7: sequenceFlow 'f1' has a target 'u' that is no element"),
        ('sourceRef="s"', "", "line 7: sequenceFlow 'f1' has a source '' that is no element"),
        ('id="f2"', 'id="f1"', "'f1' has an id that another element has too"),
        ('id="e"', 'id="t"', "'t' has an id that another element has too"),
        ('<startEvent id="s"/>', '<parallelGateway id="s"/>', "it has no start event"),
        ('<endEvent id="e"/>', '<exclusiveGateway id="e"/>', "it has no end event"),
        ('sourceRef="t"', 'sourceRef="s"', "startEvent 's' has several flows out of it"),
        ('<sequenceFlow id="f2" sourceRef="t" targetRef="e"/>', "", "is on no way from a start event to an end event"),
        ('<process id="p">', '<process id="o"/><process id="p">', "it must hold one process, not 2"),
        ("definitions", "definition", "its outermost element is not BPMN 2.0 definitions"),
        ("</process>", "", "it is not XML"),
    ],
)
def test_a_model_that_would_be_misread_is_refused_by_file_and_element(tmp_path, old, new, said):
    assert said in refused(tmp_path, MODEL.replace(old, new))


@pytest.mark.parametrize("text", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"receipt_created,receipt_confirmed\n"])
def test_a_file_that_is_no_xml_is_refused(tmp_path, text):
    assert "it is not XML" in refused(tmp_path, text)


def test_a_model_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.bpmn: it cannot be read"):
        read_bpmn(tmp_path / "gone.bpmn")


def test_an_entity_of_a_model_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("receipt_created")
    sly = MODEL.replace("<definitions", f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]><definitions')
    said = refused(tmp_path, sly.replace('name="receipt_created"', 'name="&x;"'))
    assert "receipt_created" not in said.split("(")[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("horizon_s: 259200", "horizon_s: soon", "processes.0.horizon_s"),
        ("horizon_s: 259200", "horizon: 259200", "processes.0"),
        ("case_key: document_line", "case_key: pallet", "processes.0.case_key"),
        ("end: [putaway_completed]", "end: [putaway]", "procure_to_receive: 'putaway' is not among its activities"),
        ("milestones: [[receipt_created,", "milestones: [[receipt,", "procure_to_receive: 'receipt' is not among"),
        (
            "milestones: [[receipt_created, putaway_completed],",
            "milestones: [[receipt_created],",
            "processes.0.milestones",
        ),
        ("[receipt_created, receipt_confirmed,", "[receipt_created, receipt_created,", "an activity is given twice"),
        ("after: transfer_shipped", "after: shipped", "transfer_to_reconcile: 'shipped' is not among its activities"),
        ("after: transfer_shipped", "after: transfer_received", "the limit of 'transfer_received' is after itself"),
        (
            "sla: transfer}",
            "sla: transfer, seconds: 60}",
            "the limit of 'transfer_received' needs either seconds or sla",
        ),
        ("value: [receipt_confirmed,", "value: [receipt,", "procure_to_receive: 'receipt' is not among its activities"),
        ("processes:", "processes: [", "it is not YAML"),
    ],
)
def test_wrong_processes_are_refused_by_file_and_key(tmp_path, old, new, said):
    text = (DATA / "reference" / "processes" / "processes.yaml").read_text()
    assert old in text
    (tmp_path / "processes.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        load_processes(tmp_path)
    assert str(error.value).startswith("processes.yaml: ")


def test_the_namespace_of_bpmn_is_that_of_the_standard():
    assert BPMN == "http://www.omg.org/spec/BPMN/20100524/MODEL"
