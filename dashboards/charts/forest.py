"""Ratios with their intervals below each other, on a logarithmic scale on which half and double are equally far."""

import math
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000)
_ROW_HEIGHT = 30


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        name: column that names a row.
        ratio, low, high: columns of the ratio and its interval; NULL is without bound.
        share, others_share: ratio columns, shown on hover.
        n: count column of the row, shown on hover, and `words` for what it counts.
        standing: column of texts that say how a row is to be taken, to a colour each in `colours`.
        axis: title of the scale.
    """

    name: str
    ratio: str
    low: str
    high: str
    share: str
    others_share: str
    n: str
    words: str
    standing: str
    colours: dict[str, str]
    axis: str


def forest(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A mark and a line for each row of `table`, in its order from top to bottom."""
    rows = table.to_dicts()
    ticks = _ticks([row[column] for row in rows for column in (spec.ratio, spec.low, spec.high)])
    figure = go.Figure()
    for standing, colour in spec.colours.items():
        own = [row for row in rows if row[spec.standing] == standing]
        if own:
            figure.add_trace(_lines(own, spec, colour, ticks))
            figure.add_trace(_marks(own, spec, standing, colour, ticks))
    base.styled(figure, 96 + _ROW_HEIGHT * len(rows))
    figure.update_xaxes(
        type="log", tickvals=ticks, ticktext=[f"{tick:,g} x" for tick in ticks], title={"text": spec.axis},
        range=[math.log10(ticks[0]) - 0.02, math.log10(ticks[-1]) + 0.02],
    )  # fmt: skip
    names = [fmt.html(row[spec.name]) for row in rows]
    figure.update_yaxes(
        autorange="reversed", type="category", categoryorder="array", categoryarray=names,
        tickfont={"color": palette.TEXT, "size": 14},
    )  # fmt: skip
    figure.add_vline(x=1, line={"color": palette.MUTED, "width": 1, "dash": "dot"})
    return figure


def _lines(rows: list[dict[str, Any]], spec: Spec, colour: str, ticks: list[float]) -> go.Scatter:
    """The intervals; one without a bound goes on to the edge."""
    x: list[float | None] = []
    y: list[str | None] = []
    for row in rows:
        name = fmt.html(row[spec.name])
        x += [max(row[spec.low] or ticks[0], ticks[0]), row[spec.high] or ticks[-1], None]
        y += [name, name, None]
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": colour, "width": 3}, opacity=0.55, showlegend=False, hoverinfo="skip"
    )


def _marks(rows: list[dict[str, Any]], spec: Spec, standing: str, colour: str, ticks: list[float]) -> go.Scatter:
    """The ratios; one without bound stands at the edge, one of zero at the other."""
    places = [row[spec.ratio] for row in rows]
    return go.Scatter(
        x=[ticks[-1] if place is None else max(place, ticks[0]) for place in places],
        y=[fmt.html(row[spec.name]) for row in rows],
        mode="markers",
        name=standing,
        cliponaxis=False,
        marker={
            "size": 12,
            "color": colour,
            "symbol": ["triangle-right" if place is None else "circle" for place in places],
            "line": {"width": 1.5, "color": palette.PAPER},
        },
        hovertemplate=[_hover(row, spec, standing) for row in rows],
    )


def _hover(row: dict[str, Any], spec: Spec, standing: str) -> str:
    low, high = fmt.times(row[spec.low]), fmt.times(row[spec.high])
    return base.hover(
        row[spec.name],
        (fmt.ratio(row[spec.share]), f"of {fmt.count(row[spec.n])} {spec.words}"),
        (fmt.ratio(row[spec.others_share]), "of the others"),
        (fmt.times(row[spec.ratio]), f"({low} to {high})"),
        (standing, ""),
    )


def _ticks(values: list[float | None]) -> list[float]:
    """The ticks around all values and 1."""
    known = [value for value in values if value] + [1.0]
    first = max((i for i, tick in enumerate(_TICKS) if tick <= min(known)), default=0)
    last = min((i for i, tick in enumerate(_TICKS) if tick >= max(known)), default=len(_TICKS) - 1)
    if first == last:
        first, last = first - 1, last + 1
    return list(_TICKS[first : last + 1])
