"""Lines by day: one a series, or stacked areas where the parts add up."""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

_MARKED_DAYS = 60
# Days while days are apart, months and years where the view is long.
_DATES = [
    {"dtickrange": [None, 28 * 86_400_000], "value": "%-d %b"},
    {"dtickrange": [28 * 86_400_000, "M11"], "value": "%b %Y"},
    {"dtickrange": ["M11", None], "value": "%Y"},
]


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        value: column on the vertical axis.
        unit: its unit (`s`, `ratio` or `count`).
        title: axis title.
        series: column that gives one line a value.
        colours: series value to colour; a line is drawn only for series that are named here.
        facts: further columns for the hover text, to (words, unit).
        is_stacked: areas on top of each other; only for additive parts.
        holds: a day without a row keeps the value of the day before, as a backlog does.
        is_identifier: whether series values are identifiers of the data, shown as they are.
        height: pixels.
        has_legend: False where the page shows one legend for several charts.
    """

    value: str
    unit: str
    title: str
    series: str
    colours: dict[str, str]
    facts: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_stacked: bool = False
    holds: bool = False
    is_identifier: bool = True
    height: int = 320
    has_legend: bool = True


def trend(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """Lines of `spec.value` over the column `day`."""
    figure = go.Figure()
    by_day = table.sort("day")
    days = by_day.select(pl.col("day").unique().sort())
    for series, colour in spec.colours.items():
        part = by_day.filter(pl.col(spec.series) == series)
        if not part.is_empty():
            figure.add_trace(_line(_held(part, days, spec) if spec.holds else part.to_dicts(), series, colour, spec))
    base.styled(figure, spec.height, legend=spec.has_legend and len(figure.data) > 1)
    figure.update_xaxes(
        showgrid=False, tickformatstops=_DATES, nticks=7, tickangle=0, ticks="outside", tickcolor=palette.LINE
    )
    figure.update_yaxes(_value_axis(by_day[spec.value].to_list(), spec))
    return figure


def _held(part: pl.DataFrame, days: pl.DataFrame, spec: Spec) -> list[dict[str, Any]]:
    """A row for every day of the chart: where a series has none, its last value stands and nothing else happened."""
    every = days.join(part, on="day", how="left", maintain_order="left")
    kept = every.with_columns(pl.col(spec.value).forward_fill().fill_null(0))
    return kept.with_columns(pl.col(column).fill_null(0) for column in spec.facts).to_dicts()


def _line(rows: list[dict[str, Any]], series: str, colour: str, spec: Spec) -> go.Scatter:
    name = series if spec.is_identifier else fmt.label(series)
    texts = [
        base.hover(
            name,
            ("", fmt.day(row["day"])),
            (f"{spec.title}:", fmt.value(row[spec.value], spec.unit)),
            *((words, fmt.value(row[c], unit)) for c, (words, unit) in spec.facts.items()),
        )
        for row in rows
    ]
    place = fmt.duration_position if spec.unit == "s" else lambda v: v
    mode = "lines+markers" if len(rows) <= _MARKED_DAYS else "lines"
    stack: dict[str, Any] = {"mode": mode, "marker": {"size": 6}, "line": {"width": 2.5, "color": colour}}
    if spec.is_stacked:
        stack = {
            "mode": "lines",
            "stackgroup": "all",
            "line": {"width": 0.8, "color": palette.PAPER},
            "fillcolor": colour,
        }
    return go.Scatter(
        x=[row["day"] for row in rows],
        y=[place(row[spec.value]) for row in rows],
        name=fmt.html(name),
        hovertemplate=texts,
        connectgaps=False,
        **stack,
    )


def _value_axis(values: list[Any], spec: Spec) -> dict[str, Any]:
    if spec.unit == "s":
        return base.duration_axis(values, spec.title)
    if spec.unit == "ratio":
        return {"title": {"text": spec.title}, "tickformat": ".0%", "range": [None, 1.005]}
    return base.count_axis(values, spec.title)
