"""Counts by name: one horizontal bar a row."""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        name: columns that name a bar, joined with a dot, in words.
        count: count column.
        words: what is counted.
        colours: value of a column to the colour of its bars.
        colour_by: that column; the first name column where it is left out.
    """

    name: tuple[str, ...]
    count: str
    words: str
    colours: dict[Any, str] = field(default_factory=dict)
    colour_by: str | None = None


def bars(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A bar for each row of `table`, in its order from top to bottom."""
    rows = table.to_dicts()
    by = spec.colour_by or spec.name[0]
    names = [" · ".join(fmt.html(fmt.label(row[c])) for c in spec.name) for row in rows]
    figure = go.Figure(
        go.Bar(
            x=[row[spec.count] for row in rows],
            y=names,
            orientation="h",
            marker={"color": [spec.colours.get(row[by], palette.PRIMARY) for row in rows]},
            text=[fmt.count(row[spec.count]) for row in rows],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 13, "color": palette.MUTED},
            hovertemplate=[
                base.hover(n, (fmt.count(row[spec.count]), spec.words)) for n, row in zip(names, rows, strict=True)
            ],
        )
    )
    base.styled(figure, 70 + 34 * len(rows), legend=False)
    figure.update_layout(bargap=0.3, margin={"r": 48})
    figure.update_xaxes(base.count_axis([row[spec.count] for row in rows], spec.words))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure
