"""Reads BPMN 2.0 models, and refuses by file, line and element what the miners would misread."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    **dict.fromkeys(
        (
            "task",
            "userTask",
            "serviceTask",
            "manualTask",
            "sendTask",
            "receiveTask",
            "scriptTask",
            "businessRuleTask",
        ),
        "task",
    ),
}
# What may stand in a process without changing which orders of activities it allows.
_NOTES = {
    "documentation",
    "extensionElements",
    "laneSet",
    "textAnnotation",
    "association",
    "group",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "ioSpecification",
    "auditing",
    "monitoring",
    "property",
}


@dataclass(frozen=True)
class Node:
    """One element of a flow. `kind` is start, end, task, exclusive or parallel; a task's name is its activity."""

    node_id: str
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Flow:
    """One sequence flow between two nodes."""

    flow_id: str
    source: str
    target: str


@dataclass(frozen=True)
class Graph:
    """A process as nodes and flows, in the order of its file."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    @property
    def activities(self) -> list[str]:
        """The names of its tasks, each once, in file order."""
        return list(dict.fromkeys(node.name for node in self.nodes if node.kind == "task"))


def read_bpmn(path: Path, activities: Collection[str] | None = None) -> Graph:
    """Reads the one process of a BPMN 2.0 file.

    Args:
        path: the file.
        activities: the names that a task may have; any when None.

    Errors: ValueError naming the file and the element (with its line) where the file is not XML, holds no or
        several processes, or where an element is unknown, unnamed, badly connected or not supported.
    """
    process = _process(path)
    nodes: list[Node] = []
    flows: list[Flow] = []
    for element in _elements(process):
        tag = etree.QName(element).localname
        if tag == "sequenceFlow":
            flows.append(Flow(_id(path, element), element.get("sourceRef", ""), element.get("targetRef", "")))
        elif tag in _KINDS:
            nodes.append(_node(path, element, _KINDS[tag], activities))
        elif tag not in _NOTES:
            _refuse(path, element, "is not supported: use tasks, exclusive and parallel gateways, start and end events")
    graph = Graph(tuple(nodes), tuple(flows))
    _check(path, graph, {element.get("id", ""): element for element in _elements(process)})
    return graph


def _process(path: Path) -> etree._Element:
    """The process element of a file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except OSError as error:
        raise ValueError(f"{path.name}: it cannot be read ({error.strerror})") from None
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{path.name}: it is not XML ({error.msg})") from None
    if root.tag != f"{{{BPMN}}}definitions":
        raise ValueError(f"{path.name}: line {root.sourceline}: its outermost element is not BPMN 2.0 definitions")
    found = root.findall(f"{{{BPMN}}}process")
    if len(found) != 1:
        raise ValueError(f"{path.name}: it must hold one process, not {len(found)}")
    return found[0]


def _elements(process: etree._Element) -> Iterator[etree._Element]:
    """The BPMN elements directly in a process; foreign extensions are left out."""
    return (child for child in process if etree.QName(child).namespace == BPMN)


def _refuse(path: Path, element: etree._Element, why: str) -> NoReturn:
    tag = etree.QName(element).localname
    raise ValueError(f"{path.name}: line {element.sourceline}: {tag} '{element.get('id', '')}' {why}")


def _id(path: Path, element: etree._Element) -> str:
    found = element.get("id", "")
    if not found:
        _refuse(path, element, "has no id")
    return found


def _node(path: Path, element: etree._Element, kind: str, activities: Collection[str] | None) -> Node:
    name = " ".join(element.get("name", "").split())
    if kind == "task" and not name:
        _refuse(path, element, "has no name, so no activity")
    if kind == "task" and activities is not None and name not in activities:
        _refuse(path, element, f"is named '{name}', which is not an activity of the process ({', '.join(activities)})")
    return Node(_id(path, element), kind, name)


def _check(path: Path, graph: Graph, elements: dict[str, etree._Element]) -> None:
    """Refuses a graph that cannot run from its start to its end."""
    kinds = {node.node_id: node.kind for node in graph.nodes}
    for name, uses in Counter([*(n.node_id for n in graph.nodes), *(f.flow_id for f in graph.flows)]).items():
        if uses > 1:
            _refuse(path, elements[name], "has an id that another element has too")
    for flow in graph.flows:
        for role, end in (("source", flow.source), ("target", flow.target)):
            if end not in kinds:
                _refuse(path, elements[flow.flow_id], f"has a {role} '{end}' that is no element of the process")
    for kind in ("start", "end"):
        if kind not in kinds.values():
            raise ValueError(f"{path.name}: it has no {kind} event")
    leaving = Counter(flow.source for flow in graph.flows)
    for node_id, kind in kinds.items():
        # Two flows out of a task mean "both" in BPMN, but an engine that has places reads them as "either".
        if leaving[node_id] > 1 and kind not in ("exclusive", "parallel"):
            _refuse(path, elements[node_id], "has several flows out of it: say with a gateway what they mean")
    forward, backward = _reached(graph, "start", kinds), _reached(graph, "end", kinds)
    for node_id in kinds:
        if node_id not in forward & backward:
            _refuse(path, elements[node_id], "is on no way from a start event to an end event")


def _reached(graph: Graph, kind: str, kinds: dict[str, str]) -> set[str]:
    """Nodes that can be reached from the start events, or that lead to the end events."""
    steps: dict[str, list[str]] = {}
    for flow in graph.flows:
        near, far = (flow.source, flow.target) if kind == "start" else (flow.target, flow.source)
        steps.setdefault(near, []).append(far)
    found = {node_id for node_id, its_kind in kinds.items() if its_kind == kind}
    waiting = list(found)
    while waiting:
        fresh = set(steps.get(waiting.pop(), [])) - found
        found |= fresh
        waiting += fresh
    return found
