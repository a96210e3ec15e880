"""Lays a process tree out from left to right, block in block. Equal trees give equal diagrams, to the byte.

A block has one line, its axis, on which it is entered and left. Units are BPMN diagram units (pixels).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from mining.bpmn import Flow, Graph, Node

GAP = 50.0
LANE = 30.0
TASK = (160.0, 60.0)
GATEWAY = (50.0, 50.0)
EVENT = (36.0, 36.0)
Point = tuple[float, float]


@dataclass(frozen=True)
class Tree:
    """A process tree as inductive miners give it.

    Attributes:
        operator: sequence, exclusive, parallel, loop (first child, then any of the others and the first again), or
            None for a leaf.
        activity: what a leaf does; None does nothing.
        children: the parts of an operator.
    """

    operator: str | None = None
    activity: str | None = None
    children: tuple["Tree", ...] = ()


@dataclass(frozen=True)
class Shape:
    """A node and its box: left, top, width, height."""

    node: Node
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Edge:
    """A flow and the points that it is drawn through."""

    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Block:
    """A drawn part of a process. A block without shapes is a plain line: nothing happens on it."""

    width: float = 0.0
    height: float = LANE
    axis: float = LANE / 2
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()
    first: str = ""
    last: str = ""

    def moved(self, dx: float, dy: float) -> "Block":
        """The block elsewhere; its size and axis stay as they are."""
        shapes = tuple(replace(s, x=s.x + dx, y=s.y + dy) for s in self.shapes)
        edges = tuple(replace(e, points=tuple((x + dx, y + dy) for x, y in e.points)) for e in self.edges)
        return replace(self, shapes=shapes, edges=edges)

    def mirrored(self) -> "Block":
        """The block drawn from right to left, for the way back of a loop."""
        shapes = tuple(replace(s, x=self.width - s.x - s.width) for s in self.shapes)
        edges = tuple(replace(e, points=tuple((self.width - x, y) for x, y in e.points)) for e in self.edges)
        return replace(self, shapes=shapes, edges=edges)


@dataclass(frozen=True)
class Diagram:
    """A whole process, drawn."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]

    @property
    def graph(self) -> Graph:
        """The nodes and flows without their places."""
        flows = (Flow(f"flow_{i}", e.source, e.target) for i, e in enumerate(self.edges, 1))
        return Graph(tuple(shape.node for shape in self.shapes), tuple(flows))


def draw(tree: Tree) -> Diagram:
    """Draws a process from its start event to its end event."""
    drawer = _Drawer()
    parts = [drawer.leaf("start", EVENT), drawer.block(tree), drawer.leaf("end", EVENT)]
    whole = drawer.in_sequence(parts).moved(GAP, GAP)
    shapes = sorted(whole.shapes, key=lambda shape: (shape.x, shape.y))
    return Diagram(tuple(shapes), tuple(sorted(whole.edges, key=lambda edge: (edge.points[0], edge.points[-1]))))


class _Drawer:
    """Draws trees; the nodes of one drawer have different ids."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def leaf(self, kind: str, size: tuple[float, float], name: str = "") -> Block:
        node = Node(f"{kind}_{next(self._numbers)}", kind, name)
        width, height = size
        return Block(width, height, height / 2, (Shape(node, 0, 0, width, height),), (), node.node_id, node.node_id)

    def block(self, tree: Tree) -> Block:
        if tree.operator is None:
            return Block() if tree.activity is None else self.leaf("task", TASK, tree.activity)
        if tree.operator == "sequence":
            return self.in_sequence([self.block(child) for child in tree.children])
        if tree.operator == "loop":
            return self.in_loop(tree.children)
        return self.in_branches(tree.operator, tree.children)

    def in_sequence(self, parts: Sequence[Block]) -> Block:
        """Blocks one after the other on one axis."""
        drawn = [part for part in parts if part.shapes]
        if not drawn:
            return Block()
        axis = max(part.axis for part in drawn)
        placed: list[Block] = []
        edges: list[Edge] = []
        x = 0.0
        for part in drawn:
            if placed:
                edges.append(Edge(placed[-1].last, part.first, ((x - GAP, axis), (x, axis))))
            placed.append(part.moved(x, axis - part.axis))
            x += part.width + GAP
        height = axis + max(part.height - part.axis for part in drawn)
        return _joined(placed, edges, (x - GAP, height, axis), (placed[0].first, placed[-1].last))

    def in_branches(self, operator: str, children: Sequence[Tree]) -> Block:
        """Blocks below each other between two gateways. Doing nothing beside something else is no branch of its own."""
        branches = [self.block(child) for child in children]
        if operator == "parallel":
            branches = [branch for branch in branches if branch.shapes]
        if len(branches) < 2:
            return branches[0] if branches else Block()
        # The branch that does nothing is drawn last, below what it passes by.
        branches.sort(key=lambda branch: not branch.shapes)
        split, join = self.leaf(operator, GATEWAY), self.leaf(operator, GATEWAY)
        inner = max(branch.width for branch in branches)
        axis = max(branches[0].axis, GATEWAY[1] / 2)
        left, right = GATEWAY[0] / 2, GATEWAY[0] * 1.5 + inner + 2 * GAP
        placed = [split.moved(0, axis - split.axis), join.moved(right - left, axis - join.axis)]
        edges: list[Edge] = []
        top = axis - branches[0].axis
        for branch in branches:
            line = top + branch.axis
            placed.append(branch.moved(GATEWAY[0] + GAP + (inner - branch.width) / 2, top))
            edges += _branch_edges(placed[-1], split.last, join.first, (left, right), (axis, line))
            top += branch.height + LANE
        return _joined(placed, edges, (right + left, top - LANE, axis), (split.first, join.last))

    def in_loop(self, children: Sequence[Tree]) -> Block:
        """The first child between two gateways; the others lead back, drawn below it from right to left."""
        body = self.block(children[0])
        backs = [self.block(child).mirrored() for child in children[1:]] or [Block()]
        join, split = self.leaf("exclusive", GATEWAY), self.leaf("exclusive", GATEWAY)
        inner = max(body.width, *(back.width for back in backs))
        axis = max(body.axis, GATEWAY[1] / 2)
        left, right = GATEWAY[0] / 2, GATEWAY[0] * 1.5 + inner + 2 * GAP
        placed = [join.moved(0, axis - join.axis), split.moved(right - left, axis - split.axis)]
        placed.append(body.moved(GATEWAY[0] + GAP + (inner - body.width) / 2, axis - body.axis))
        edges = _branch_edges(placed[-1], join.last, split.first, (left, right), (axis, axis))
        top = axis + max(body.height - body.axis, GATEWAY[1] / 2) + LANE
        for back in backs:
            line = top + back.axis
            placed.append(back.moved(GATEWAY[0] + GAP + (inner - back.width) / 2, top))
            edges += _branch_edges(placed[-1], split.last, join.first, (right, left), (axis, line))
            top += back.height + LANE
        return _joined(placed, edges, (right + left, top - LANE, axis), (join.first, split.last))


def _branch_edges(
    branch: Block, source: str, target: str, gateways: tuple[float, float], lines: tuple[float, float]
) -> list[Edge]:
    """The flows from one gateway through a placed branch to another.

    Args:
        branch: where it stands; without shapes it is passed by in one flow.
        source: id of the gateway that it leaves.
        target: id of the gateway that it leads to.
        gateways: x of the middle of the source and of the target; the target is left of the source on a way back.
        lines: y of the gateways and of the branch.
    """
    axis, line = lines
    rightward = 1 if gateways[1] > gateways[0] else -1
    half = GATEWAY[0] / 2
    leave: tuple[Point, ...]
    enter: tuple[Point, ...]
    if line == axis:
        leave, enter = ((gateways[0] + rightward * half, axis),), ((gateways[1] - rightward * half, axis),)
    else:
        side = half if line > axis else -half
        leave = ((gateways[0], axis + side), (gateways[0], line))
        enter = ((gateways[1], line), (gateways[1], axis + side))
    if not branch.shapes:
        return [Edge(source, target, (*leave, *enter))]
    xs = [x for s in branch.shapes for x in (s.x, s.x + s.width)]
    near, far = (min(xs), max(xs)) if rightward > 0 else (max(xs), min(xs))
    return [Edge(source, branch.first, (*leave, (near, line))), Edge(branch.last, target, ((far, line), *enter))]


def _joined(
    parts: Sequence[Block], edges: Sequence[Edge], size: tuple[float, float, float], ends: tuple[str, str]
) -> Block:
    """One block of placed parts and the flows between them."""
    shapes = tuple(shape for part in parts for shape in part.shapes)
    inner = tuple(edge for part in parts for edge in part.edges)
    return Block(*size, shapes, (*inner, *edges), *ends)
