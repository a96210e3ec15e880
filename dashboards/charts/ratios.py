"""Ratios side by side: one row a group, one mark a measure, on the scale that shows their differences."""

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        group: column that names a row.
        measures: ratio columns (0 to 1) to their words.
        n: count column, shown on hover.
        words: what n counts.
        title: axis title.
    """

    group: str
    measures: dict[str, str]
    n: str
    words: str
    title: str = "accuracy"


def ratios(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A mark for each measure of each row of `table`, in its order from top to bottom."""
    rows = table.to_dicts()
    names = [fmt.html(row[spec.group]) for row in rows]
    figure = go.Figure()
    for (column, words), colour, symbol in zip(spec.measures.items(), palette.CATEGORICAL, _SYMBOLS, strict=False):
        figure.add_trace(
            go.Scatter(
                x=[row[column] for row in rows],
                y=names,
                mode="markers",
                name=words,
                cliponaxis=False,
                marker={"size": 14, "color": colour, "symbol": symbol, "line": {"width": 1.5, "color": palette.PAPER}},
                hovertemplate=[
                    base.hover(
                        row[spec.group], (f"{words}:", fmt.ratio(row[column])), (fmt.count(row[spec.n]), spec.words)
                    )
                    for row in rows
                ],
            )
        )
    base.styled(figure, 96 + base.ROW_HEIGHT * len(rows))
    figure.update_xaxes(tickformat=".0%", nticks=6, title={"text": spec.title})
    figure.update_yaxes(autorange="reversed", type="category", tickfont={"color": palette.TEXT, "size": 14})
    return figure
