"""The directly-follows map of a process, as dot text that the browser lays out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards import palette
from dashboards.charts import format as fmt

MAX_NODES = 60
_START, _END = "start", "end"
# The label of a node's line in a published model: what stands between its quotes, escapes as they are.
_NODE_LABEL = re.compile(r'^(\s*"(?:[^"\\]|\\.)*" \[[^"]*label=")((?:[^"\\]|\\.)*)"', re.MULTILINE)
_THIN, _THICK = 1.0, 6.0
# Blue and orange are told apart with any colour vision, and neither says good or bad.
MORE_IN_A, MORE_IN_B = palette.CATEGORICAL[1], palette.PRIMARY


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        count: column that gives an arrow its width.
        duration: column in seconds that an arrow is labelled with, besides the count.
        words: what the duration is.
    """

    count: str = "edges_count"
    duration: str = "p50_s"
    words: str = "median"


@dataclass(frozen=True)
class Drawing:
    """Dot text, and how many of the activities it shows."""

    dot: str
    shown_count: int
    all_count: int


@dataclass(frozen=True)
class Difference:
    """How two choices are drawn on one map.

    Attributes:
        a, b: what the two are called.
    """

    a: str
    b: str


_Words = Callable[[dict[str, Any]], str]
_Look = Callable[[dict[str, Any]], tuple[float, str]]


def process_map(table: pl.DataFrame, spec: Spec) -> Drawing:
    """The map of the edges in `table`; with too many activities, those on the most frequent edges."""
    edges = table.sort([spec.count, "from_activity", "to_activity"], descending=[True, False, False]).to_dicts()
    widest = max((edge[spec.count] for edge in edges), default=1)

    def words(edge: dict[str, Any]) -> str:
        text = fmt.count(edge[spec.count])
        waited = edge.get(spec.duration)
        return text if waited is None else f"{text}\\n{spec.words} {fmt.duration(waited)}"

    def look(edge: dict[str, Any]) -> tuple[float, str]:
        is_end = edge["from_activity"] is None or edge["to_activity"] is None
        return edge[spec.count] / widest, palette.LINE if is_end else palette.SEQUENTIAL[6]

    return _drawing(edges, words, look, lambda edge: f"{fmt.count(edge[spec.count])} times")


def difference_map(table: pl.DataFrame, spec: Difference) -> Drawing:
    """The map of two choices: an arrow has the colour of the choice whose cases go that way more often.

    Args:
        table: rows of `compared_edges`, of which some may be left out.
        spec: what the two choices are called.
    """
    keys = ["a_cases_count", "b_cases_count", "from_activity", "to_activity"]
    edges = table.sort(keys, descending=[True, True, False, False], nulls_last=True).to_dicts()

    def words(edge: dict[str, Any]) -> str:
        return f"{fmt.ratio(edge['a_cases_ratio'])} → {fmt.ratio(edge['b_cases_ratio'])}"

    def told(edge: dict[str, Any]) -> str:
        return f"{spec.a}: {fmt.count(edge['a_cases_count'])} cases; {spec.b}: {fmt.count(edge['b_cases_count'])} cases"

    def look(edge: dict[str, Any]) -> tuple[float, str]:
        width = max(edge["a_cases_ratio"] or 0, edge["b_cases_ratio"] or 0)
        if not edge["is_different"]:
            return width, palette.LINE
        return width, MORE_IN_B if edge["difference_ratio"] > 0 else MORE_IN_A

    return _drawing(edges, words, look, told)


def _drawing(edges: list[dict[str, Any]], words: _Words, look: _Look, told: _Words) -> Drawing:
    """Dot text of edges, the most frequent first; `look` gives the share of the widest arrow, and a colour."""
    names = list(dict.fromkeys(name for edge in edges for name in (edge["from_activity"], edge["to_activity"]) if name))
    shown = set(names[:MAX_NODES])
    drawn = [e for e in edges if {e["from_activity"], e["to_activity"]} - {None} <= shown]
    ids = {name: f"a{i}" for i, name in enumerate(names) if name in shown}
    ends = [_ENDS[0]] if any(edge["from_activity"] is None for edge in drawn) else []
    ends += [_ENDS[1]] if any(edge["to_activity"] is None for edge in drawn) else []
    lines = [_HEAD, *ends, *(f"{node} [label={_quoted(fmt.label(name))}];" for name, node in ids.items())]
    backward = _backward(drawn)
    for edge in drawn:
        share, colour = look(edge)
        attributes = (
            f'label=" {words(edge)} ", penwidth={_THIN + (_THICK - _THIN) * share**0.5:.2f}, '
            f'weight={1 + round(9 * share)}, color="{colour}", edgetooltip={_quoted(told(edge))}'
        )
        source, goal = ids.get(edge["from_activity"], _START), ids.get(edge["to_activity"], _END)
        is_backward = (edge["from_activity"], edge["to_activity"]) in backward
        lines.append(
            f"{goal} -> {source} [{attributes}, dir=back];" if is_backward else f"{source} -> {goal} [{attributes}];"
        )
    return Drawing("\n".join([*lines, "}"]), len(shown), len(names))


_HEAD = f"""digraph {{
graph [rankdir=TB, bgcolor="transparent", nodesep=0.5, ranksep=0.55, pad=0.2];
node [shape=box, style="rounded,filled", fillcolor="{palette.SEQUENTIAL[0]}", color="{palette.SEQUENTIAL[4]}",
      fontname="Helvetica,Arial,sans-serif", fontsize=13, fontcolor="{palette.TEXT}", margin="0.18,0.1"];
edge [color="{palette.SEQUENTIAL[6]}", fontname="Helvetica,Arial,sans-serif", fontsize=11,
      fontcolor="{palette.MUTED}", arrowsize=0.7];"""
_ENDS = (
    f'{_START} [label="", shape=circle, width=0.22, fillcolor="{palette.GOOD}", color="{palette.GOOD}"];',
    f'{_END} [label="", shape=doublecircle, width=0.18, fillcolor="{palette.BAD}", color="{palette.BAD}"];',
)


def _backward(edges: list[dict[str, Any]]) -> set[tuple[str | None, str | None]]:
    """Edges that lead back: found by walking from the start, most frequent edges first.

    The layout engine would choose by itself which edges of a circle point up, and not by frequency.
    """
    following: dict[str, list[str]] = {_START: []}
    for edge in edges:
        if edge["to_activity"]:
            following.setdefault(edge["from_activity"] or _START, []).append(edge["to_activity"])
    backward: set[tuple[str | None, str | None]] = set()
    done: set[str] = set()
    path: list[str] = []

    def walk(name: str) -> None:
        path.append(name)
        for goal in following.get(name, ()):
            if goal in path:
                backward.add((name, goal))
            elif goal not in done:
                walk(goal)
        done.add(path.pop())

    for name in following:
        if name not in done:
            walk(name)
    return backward


def model_drawing(dot: str) -> str:
    """Dot text of a published model as pages draw it, which says activities by their codes and runs left to right.

    Activities are in the words of every other table, and the drawing runs downwards, so that two fit beside each other.
    """
    told = _NODE_LABEL.sub(lambda found: f'{found[1]}{fmt.label(found[2])}"', dot)
    return told.replace("rankdir=LR", "rankdir=TB", 1)


def _quoted(text: str) -> str:
    """Dot text in quotes, in which data can open neither an attribute nor an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
