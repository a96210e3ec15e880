"""Draws a BPMN model as SVG, from the places that its own diagram gives. The same model gives the same text."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from lxml import etree

_SVG = "http://www.w3.org/2000/svg"
_MARGIN = 20.0
_LINE_CHARACTERS = 22
_FONT_SIZE = 12.0
_CHARACTER_RATIO = 0.6  # of its size is how wide a letter of the font is, on the wide side
_GATEWAYS = {"exclusiveGateway": "X", "parallelGateway": "+", "inclusiveGateway": "O"}
_EVENTS = {"startEvent": "1.5", "endEvent": "4", "intermediateThrowEvent": "2.5", "intermediateCatchEvent": "2.5"}
Point = tuple[float, float]


@dataclass(frozen=True)
class _Box:
    kind: str
    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def is_step(self) -> bool:
        """Whether it is something that a case passes, and not a lane or a note around or beside it."""
        return self.kind in _EVENTS or self.kind in _GATEWAYS or self.kind.lower().endswith("task")

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


def svg(bpmn_xml: str) -> str:
    """A picture of a model.

    Args:
        bpmn_xml: BPMN 2.0 with a diagram (BPMN DI), as editors save it.

    Errors: ValueError where it is no XML, or has no diagram.
    """
    try:
        root = etree.fromstring(bpmn_xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"the model is no XML ({error})") from None
    boxes = list(_boxes(root))
    if not boxes:
        raise ValueError("the model holds no diagram to draw; save it with a BPMN editor, which adds one")
    ways = [_points(edge) for edge in _named(root, "BPMNEdge")]
    drawn = _canvas(boxes, [way for way in ways if way])
    for way in ways:
        if way:
            places = " ".join(f"{x:g},{y:g}" for x, y in way)
            _add(drawn, "polyline", points=places, fill="none", stroke="#333", **{"marker-end": "url(#arrow)"})
    for box in sorted(boxes, key=lambda box: box.is_step):
        _draw(drawn, box)
    etree.indent(drawn)
    written: bytes = etree.tostring(drawn, xml_declaration=True, encoding="UTF-8")
    return written.decode() + "\n"


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """The elements of a local name, in whichever namespace."""
    yield from root.iter(f"{{*}}{name}")


def _boxes(root: etree._Element) -> Iterator[_Box]:
    known = {element.get("id"): element for element in root.iter("*") if element.get("id")}
    for shape in _named(root, "BPMNShape"):
        element = known.get(shape.get("bpmnElement"))
        bounds = next(_named(shape, "Bounds"), None)
        if element is not None and bounds is not None:
            x, y, width, height = (float(bounds.get(side, "0")) for side in ("x", "y", "width", "height"))
            yield _Box(etree.QName(element).localname, element.get("name", ""), x, y, width, height)


def _points(edge: etree._Element) -> list[Point]:
    return [(float(point.get("x", "0")), float(point.get("y", "0"))) for point in _named(edge, "waypoint")]


def _canvas(boxes: list[_Box], ways: list[list[Point]]) -> etree._Element:
    """An empty picture that everything fits in."""
    corners = [(box.x, box.y) for box in boxes] + [(box.x + box.width, box.y + box.height) for box in boxes]
    xs, ys = zip(*corners, *(point for way in ways for point in way), strict=True)
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    width, height = max(xs) - left + _MARGIN, max(ys) - top + _MARGIN
    size = {"width": f"{width:g}", "height": f"{height:g}", "viewBox": f"{left:g} {top:g} {width:g} {height:g}"}
    drawn = etree.Element(f"{{{_SVG}}}svg", size, nsmap={None: _SVG})
    _add(drawn, "rect", x=f"{left:g}", y=f"{top:g}", width=f"{width:g}", height=f"{height:g}", fill="white")
    arrow = {"id": "arrow", "viewBox": "0 0 10 10", "refX": "9", "refY": "5", "orient": "auto"}
    marker = _add(_add(drawn, "defs"), "marker", markerWidth="8", markerHeight="8", **arrow)
    _add(marker, "path", d="M 0 0 L 10 5 L 0 10 z", fill="#333")
    return drawn


def _draw(drawn: etree._Element, box: _Box) -> None:
    """One node: a circle, a diamond with its mark, or a rounded box with its name."""
    (x, y), outline = box.middle, {"fill": "white", "stroke": "#333"}
    if box.kind in _EVENTS:
        radius = min(box.width, box.height) / 2
        width = {"stroke-width": _EVENTS[box.kind]}
        _add(drawn, "circle", cx=f"{x:g}", cy=f"{y:g}", r=f"{radius:g}", **outline, **width)
    elif box.kind in _GATEWAYS:
        corners = [(x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y)]
        _add(drawn, "polygon", points=" ".join(f"{a:g},{b:g}" for a, b in corners), **outline)
        _write(drawn, box, [_GATEWAYS[box.kind]], 20.0)
    else:
        place = {"x": f"{box.x:g}", "y": f"{box.y:g}", "width": f"{box.width:g}", "height": f"{box.height:g}"}
        if not box.is_step:
            _add(drawn, "rect", **place, fill="none", stroke="#999")
            return
        _add(drawn, "rect", **place, rx="8", **outline)
        lines = wrap(box.name, _LINE_CHARACTERS, break_long_words=False) or [""]
        room = box.width / max(1, *(len(line) for line in lines)) / _CHARACTER_RATIO
        _write(drawn, box, lines, min(_FONT_SIZE, round(room, 1)))


def _write(drawn: etree._Element, box: _Box, lines: list[str], size: float) -> None:
    x, y = box.middle
    font = {"font-family": "Helvetica, Arial, sans-serif", "font-size": f"{size:g}", "text-anchor": "middle"}
    for place, line in enumerate(lines):
        height = y + size * (0.35 + 1.2 * (place - (len(lines) - 1) / 2))
        _add(drawn, "text", x=f"{x:g}", y=f"{height:g}", fill="#111", **font).text = line


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_SVG}}}{tag}", attributes)
