"""The directly-follows map of a process, as dot text that the browser lays out."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards import palette
from dashboards.charts import format as fmt

MAX_NODES = 60
_START, _END = "start", "end"
_THIN, _THICK = 1.0, 6.0


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
    words: str = "p50"


@dataclass(frozen=True)
class Drawing:
    """Dot text, and how many of the activities it shows."""

    dot: str
    shown_count: int
    all_count: int


def process_map(table: pl.DataFrame, spec: Spec) -> Drawing:
    """The map of the edges in `table`; with too many activities, those on the most frequent edges."""
    edges = table.sort([spec.count, "from_activity", "to_activity"], descending=[True, False, False]).to_dicts()
    names = list(dict.fromkeys(name for edge in edges for name in (edge["from_activity"], edge["to_activity"]) if name))
    shown = set(names[:MAX_NODES])
    drawn = [e for e in edges if {e["from_activity"], e["to_activity"]} - {None} <= shown]
    ids = {name: f"a{i}" for i, name in enumerate(names) if name in shown}
    widest = max((edge[spec.count] for edge in drawn), default=1)
    lines = [_HEAD, *(f"{node} [label={_quoted(fmt.label(name))}];" for name, node in ids.items())]
    backward = _backward(drawn)
    lines += [
        _edge(edge, ids, widest, spec, is_backward=(edge["from_activity"], edge["to_activity"]) in backward)
        for edge in drawn
    ]
    return Drawing("\n".join([*lines, "}"]), len(shown), len(names))


_HEAD = f"""digraph {{
graph [rankdir=TB, bgcolor="transparent", nodesep=0.5, ranksep=0.55, pad=0.2];
node [shape=box, style="rounded,filled", fillcolor="{palette.SEQUENTIAL[0]}", color="{palette.SEQUENTIAL[4]}",
      fontname="Helvetica,Arial,sans-serif", fontsize=13, fontcolor="{palette.TEXT}", margin="0.18,0.1"];
edge [color="{palette.SEQUENTIAL[6]}", fontname="Helvetica,Arial,sans-serif", fontsize=11,
      fontcolor="{palette.MUTED}", arrowsize=0.7];
{_START} [label="", shape=circle, width=0.22, fillcolor="{palette.GOOD}", color="{palette.GOOD}", tooltip="start"];
{_END} [label="", shape=doublecircle, width=0.18, fillcolor="{palette.BAD}", color="{palette.BAD}", tooltip="end"];"""


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


def _edge(edge: dict[str, Any], ids: dict[str, str], widest: float, spec: Spec, *, is_backward: bool) -> str:
    source = ids.get(edge["from_activity"], _START)
    goal = ids.get(edge["to_activity"], _END)
    words = fmt.count(edge[spec.count])
    if edge[spec.duration] is not None:
        words += f"\\n{spec.words} {fmt.duration(edge[spec.duration])}"
    share = edge[spec.count] / widest
    look = f'label=" {words} ", penwidth={_THIN + (_THICK - _THIN) * share**0.5:.2f}, weight={1 + round(9 * share)}'
    if source == _START or goal == _END:
        look += f', color="{palette.LINE}"'
    if is_backward:
        return f"{goal} -> {source} [{look}, dir=back];"
    return f"{source} -> {goal} [{look}];"


def _quoted(text: str) -> str:
    """Dot text in quotes, in which data can open neither an attribute nor an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
