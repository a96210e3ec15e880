"""Quantiles of a duration, one row a group: naive ones as filled dots, Kaplan-Meier ones as open diamonds."""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

_BELOW = 0.3


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        group: columns that name a row; several are joined with an arrow.
        naive: quantile columns in seconds to their words, low to high.
        censored: Kaplan-Meier columns in seconds to their words.
        n: count columns to their words, shown on hover.
        title: axis title.
        is_identifier: whether group values are identifiers of the data, shown as they are.
        is_named_above: long names stand above their row, so that the chart has the width of a phone for its scale.
    """

    group: tuple[str, ...]
    naive: dict[str, str]
    n: dict[str, str]
    title: str
    censored: dict[str, str] = field(default_factory=dict)
    is_identifier: bool = True
    is_named_above: bool = False


def quantiles(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A dot for each quantile of each row of `table`, in its order from top to bottom."""
    rows = table.to_dicts()
    names = [_name(row, spec) for row in rows]
    values = [row[c] for row in rows for c in (*spec.naive, *spec.censored)]
    axis = base.duration_axis(values, spec.title, is_sparse=spec.is_named_above)
    figure = go.Figure([_span(row, i, spec) for i, row in enumerate(rows)])
    naive_colours = dict(zip(spec.naive, palette.steps(len(spec.naive)), strict=True))
    for column, words in spec.naive.items():
        marker = {"size": 13, "color": naive_colours[column], "line": {"width": 1.5, "color": palette.PAPER}}
        figure.add_trace(_dots(rows, names, column, words, marker, spec))
    for (column, words), colour in zip(spec.censored.items(), (palette.CATEGORICAL[1], palette.BAD), strict=False):
        marker = {"size": 11, "symbol": "diamond-open", "color": colour, "line": {"width": 2.5}}
        figure.add_trace(_dots(rows, names, column, words, marker, spec, below=_BELOW))
        figure.add_trace(
            _never(rows, names, column, words, {**marker, "symbol": "triangle-right-open"}, axis["range"][1])
        )
    base.styled(figure, 100 + base.ROW_HEIGHT * len(rows))
    figure.update_xaxes(axis)
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6],
        tickvals=list(range(len(rows))),
        ticktext=names,
        showgrid=False,
        showticklabels=not spec.is_named_above,
        tickfont={"color": palette.TEXT, "size": 14},
    )
    for place, name in enumerate(names if spec.is_named_above else ()):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=place, yanchor="bottom", yshift=8, text=name, showarrow=False
        )
    return figure


def _name(row: dict[str, Any], spec: Spec) -> str:
    words = [fmt.html(row[c]) if spec.is_identifier else fmt.html(fmt.label(row[c])) for c in spec.group]
    return " → ".join(words)


def _span(row: dict[str, Any], place: int, spec: Spec) -> go.Scatter:
    """A line from the lowest naive quantile of a row to the highest."""
    known = [end for end in (fmt.duration_position(row[c]) for c in spec.naive) if end is not None]
    return go.Scatter(
        x=[min(known), max(known)] if known else [],
        y=[place, place] if known else [],
        mode="lines",
        hoverinfo="skip",
        line={"color": palette.LINE, "width": 5},
        showlegend=False,
    )


def _dots(
    rows: list[dict[str, Any]],
    names: list[str],
    column: str,
    words: str,
    marker: dict[str, Any],
    spec: Spec,
    below: float = 0,
) -> go.Scatter:
    texts = [
        base.hover(name, (words, fmt.duration(row[column])), *((fmt.count(row[c]), w) for c, w in spec.n.items()))
        for name, row in zip(names, rows, strict=True)
    ]
    return go.Scatter(
        x=[fmt.duration_position(row[column]) for row in rows],
        y=[i + below for i in range(len(rows))],
        mode="markers",
        name=words,
        legendgroup=words,
        marker=marker,
        hovertemplate=texts,
        cliponaxis=False,
    )


def _never(
    rows: list[dict[str, Any]], names: list[str], column: str, words: str, marker: dict[str, Any], edge: float
) -> go.Scatter:
    """At the right edge, the rows whose quantile lies beyond what has been seen: too much still waits."""
    places = [i for i, row in enumerate(rows) if row[column] is None]
    return go.Scatter(
        x=[edge] * len(places),
        y=[i + _BELOW for i in places],
        mode="markers",
        name=words,
        legendgroup=words,
        showlegend=False,
        marker=marker,
        cliponaxis=False,
        hovertemplate=[base.hover(names[i], (words, "is not reached: too many events still wait")) for i in places],
    )
