"""How a duration is spread: one bar a bucket."""

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
        count: count column.
        buckets: bounds (lower, upper) in seconds of every bucket, in order, so that charts beside each other compare.
        words: what is counted.
        colour: of the bars.
    """

    count: str
    words: str
    buckets: tuple[tuple[float | None, float | None], ...]
    colour: str = palette.PRIMARY


def distribution(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """Bars of `spec.count` by bucket, labelled with its bounds."""
    found = {(row["lower_s"], row["upper_s"]): row[spec.count] for row in table.to_dicts()}
    counts = [found.get(bounds, 0) for bounds in spec.buckets]
    names = [fmt.bucket(lower, upper) for lower, upper in spec.buckets]
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=names,
            orientation="h",
            marker={"color": spec.colour},
            text=[fmt.count(count) for count in counts],
            textposition="outside",
            cliponaxis=False,
            textfont={"size": 13, "color": palette.MUTED},
            hovertemplate=[
                base.hover(n, (fmt.count(count), spec.words)) for n, count in zip(names, counts, strict=True)
            ],
        )
    )
    base.styled(figure, 60 + 30 * len(counts), legend=False)
    figure.update_layout(bargap=0.28, margin={"r": 48})
    figure.update_xaxes(base.count_axis(counts, spec.words))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure
