"""Writes process models for people: BPMN 2.0 for editors, DOT for pictures. The same model gives the same text."""

from html import escape

from lxml import etree

from mining.bpmn import BPMN, Graph
from mining.diagram import Diagram

_BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_NAMESPACE = "urn:dockledger:process"
_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "task",
    "exclusive": "exclusiveGateway",
    "parallel": "parallelGateway",
}
_DOT_SHAPES = {
    "start": 'shape=circle label="" width=0.3 penwidth=1',
    "end": 'shape=circle label="" width=0.3 penwidth=3',
    "exclusive": 'shape=diamond label="X" width=0.4 height=0.4 fixedsize=true',
    "parallel": 'shape=diamond label="+" width=0.4 height=0.4 fixedsize=true',
}


def bpmn_xml(diagram: Diagram, process: str, title: str, documentation: str = "") -> str:
    """A BPMN 2.0 document with diagram interchange.

    Args:
        diagram: what is drawn.
        process: id of the process, an XML name.
        title: its name.
        documentation: what to say about it, if anything.
    """
    root = etree.Element(
        f"{{{BPMN}}}definitions",
        {"id": f"definitions_{process}", "targetNamespace": _NAMESPACE, "exporter": "Dockledger"},
        nsmap={"bpmn": BPMN, "bpmndi": _BPMNDI, "dc": _DC, "di": _DI},
    )
    _write_process(root, diagram.graph, process, title, documentation)
    _write_diagram(root, diagram, process)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written.decode()


def _write_process(root: etree._Element, graph: Graph, process: str, title: str, documentation: str) -> None:
    within = etree.SubElement(root, f"{{{BPMN}}}process", {"id": process, "name": title, "isExecutable": "false"})
    if documentation:
        etree.SubElement(within, f"{{{BPMN}}}documentation").text = documentation
    for node in graph.nodes:
        attributes = {"id": node.node_id, **({"name": node.name} if node.name else {})}
        element = etree.SubElement(within, f"{{{BPMN}}}{_TAGS[node.kind]}", attributes)
        for flow in graph.flows:
            if flow.target == node.node_id:
                etree.SubElement(element, f"{{{BPMN}}}incoming").text = flow.flow_id
        for flow in graph.flows:
            if flow.source == node.node_id:
                etree.SubElement(element, f"{{{BPMN}}}outgoing").text = flow.flow_id
    for flow in graph.flows:
        ends = {"id": flow.flow_id, "sourceRef": flow.source, "targetRef": flow.target}
        etree.SubElement(within, f"{{{BPMN}}}sequenceFlow", ends)


def _write_diagram(root: etree._Element, diagram: Diagram, process: str) -> None:
    drawn = etree.SubElement(root, f"{{{_BPMNDI}}}BPMNDiagram", {"id": f"diagram_{process}"})
    plane = etree.SubElement(drawn, f"{{{_BPMNDI}}}BPMNPlane", {"id": f"plane_{process}", "bpmnElement": process})
    for shape in diagram.shapes:
        names = {"id": f"{shape.node.node_id}_shape", "bpmnElement": shape.node.node_id}
        if shape.node.kind == "exclusive":
            names["isMarkerVisible"] = "true"
        element = etree.SubElement(plane, f"{{{_BPMNDI}}}BPMNShape", names)
        box = {"x": shape.x, "y": shape.y, "width": shape.width, "height": shape.height}
        etree.SubElement(element, f"{{{_DC}}}Bounds", {name: _number(v) for name, v in box.items()})
    for flow, edge in zip(diagram.graph.flows, diagram.edges, strict=True):
        names = {"id": f"{flow.flow_id}_edge", "bpmnElement": flow.flow_id}
        element = etree.SubElement(plane, f"{{{_BPMNDI}}}BPMNEdge", names)
        for x, y in edge.points:
            etree.SubElement(element, f"{{{_DI}}}waypoint", {"x": _number(x), "y": _number(y)})


def _number(value: float) -> str:
    return f"{value:g}"


def dot(graph: Graph) -> str:
    """A process as a Graphviz drawing from left to right."""
    lines = ["digraph process {", "  rankdir=LR;", "  node [fontname=Helvetica fontsize=11];"]
    for node in graph.nodes:
        style = _DOT_SHAPES.get(node.kind) or f'shape=box style=rounded label="{_quoted(node.name)}"'
        lines.append(f'  "{_quoted(node.node_id)}" [{style}];')
    lines += [f'  "{_quoted(flow.source)}" -> "{_quoted(flow.target)}";' for flow in graph.flows]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return escape(text, quote=False).replace("\\", "\\\\").replace('"', '\\"')
