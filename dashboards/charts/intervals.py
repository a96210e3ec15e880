"""Ratios with their intervals: one row a group, a dot on a line from the lower bound to the upper."""

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        group: column that names a row.
        value, low, high: ratio columns (0 to 1): the figure and the bounds of its 95 % interval.
        n: count column, shown on hover.
        words: what n counts.
        title: axis title.
    """

    group: str
    value: str
    low: str
    high: str
    n: str
    words: str
    title: str


def intervals(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A dot and its interval for each row of `table`, in its order from top to bottom."""
    rows = table.to_dicts()
    names = [fmt.html(row[spec.group]) for row in rows]
    figure = go.Figure()
    for name, row in zip(names, rows, strict=True):
        figure.add_trace(
            go.Scatter(
                x=[row[spec.low], row[spec.high]],
                y=[name, name],
                mode="lines",
                hoverinfo="skip",
                line={"color": palette.SEQUENTIAL[3], "width": 7},
            )
        )
    figure.add_trace(
        go.Scatter(
            x=[row[spec.value] for row in rows],
            y=names,
            mode="markers",
            cliponaxis=False,
            marker={"size": 14, "color": palette.PRIMARY, "line": {"width": 1.5, "color": palette.PAPER}},
            hovertemplate=[_hover(row, spec) for row in rows],
        )
    )
    base.styled(figure, 76 + base.ROW_HEIGHT * len(rows), legend=False)
    figure.update_xaxes(tickformat=".3~%", nticks=6, title={"text": spec.title})
    figure.update_yaxes(range=[len(rows) - 0.4, -0.6], type="category", tickfont={"color": palette.TEXT, "size": 14})
    return figure


def _hover(row: dict[str, object], spec: Spec) -> str:
    bounds = f"{fmt.ratio(row[spec.low])} to {fmt.ratio(row[spec.high])}"  # type: ignore[arg-type]
    return base.hover(
        str(row[spec.group]),
        (f"{spec.title}:", fmt.ratio(row[spec.value])),  # type: ignore[arg-type]
        ("95 % interval", bounds),
        (fmt.count(row[spec.n]), spec.words),  # type: ignore[arg-type]
    )
