"""The performance spectrum: for every step of a process and every day, how many were fast and how many slow."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

CLASSES = {
    "fastest_count": "the fastest quarter",
    "fast_count": "faster than the median",
    "slow_count": "slower than the median",
    "slowest_count": "the slowest quarter",
}
# From pale to the colour of what is bad, so that a slow day stands out of many.
COLOURS = dict(
    zip(CLASSES, (palette.SEQUENTIAL[2], palette.SEQUENTIAL[4], palette.SEQUENTIAL[6], palette.BAD), strict=True)
)
_ROW_PIXELS, _ROOM_PIXELS = 82, 90
_DAY_MS = 0.88 * 86_400_000


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        most: at most so many steps; the first of the table.
    """

    most: int = 10


def spectrum(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """Stacked bars by day for each step (`from_activity`, `to_activity`) of `table`, steps in its order."""
    steps = table.select("from_activity", "to_activity").unique(maintain_order=True).head(spec.most).rows()
    names = [f"{fmt.label(a)} → {fmt.label(b).lower()}" for a, b in steps]
    figure = make_subplots(
        rows=max(len(steps), 1),
        cols=1,
        shared_xaxes=True,
        subplot_titles=[fmt.html(name) for name in names],
        vertical_spacing=0.36 / max(len(steps), 1),
    )
    height = _ROOM_PIXELS + _ROW_PIXELS * len(steps)
    base.styled(figure, height, legend=False)
    for place, (step, name) in enumerate(zip(steps, names, strict=True), 1):
        rows = table.filter(pl.col("from_activity") == step[0], pl.col("to_activity") == step[1]).sort("day").to_dicts()
        for column in CLASSES:
            figure.add_trace(_bars(rows, column, name), row=place, col=1)
    figure.update_layout(barmode="stack", margin={"t": 26})
    figure.update_annotations(x=0, xanchor="left", font={"size": 14, "color": palette.TEXT, "family": base.FONT})
    figure.update_xaxes(showgrid=False, tickformat="%-d %b", nticks=9, tickangle=0)
    figure.update_yaxes(nticks=3, tickformat=",d", rangemode="tozero")
    return figure


def _bars(rows: list[dict[str, Any]], column: str, name: str) -> go.Bar:
    return go.Bar(
        x=[row["day"] for row in rows],
        y=[row[column] for row in rows],
        width=_DAY_MS,
        marker={"color": COLOURS[column]},
        hovertemplate=[
            base.hover(
                name,
                ("", fmt.day(row["day"])),
                (fmt.count(row[column]), f"in {CLASSES[column]}"),
                ("of", fmt.count(row["segments_count"])),
            )
            for row in rows
        ],
    )
