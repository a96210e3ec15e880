"""Open exceptions by age: one row a rule, one colour a bucket, older is darker."""

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

BUCKETS = ("0-4h", "4-24h", "1-3d", "3-7d", ">7d")
COLOURS = dict(zip(BUCKETS, palette.steps(len(BUCKETS)), strict=True))


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        rules: rules from top to bottom; the same list beside each other keeps rows comparable.
    """

    rules: tuple[str, ...]


def aging(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """Stacked bars of `open_count` by `rule` and `bucket`; the hover text says how many are breached."""
    figure = go.Figure()
    for bucket, colour in COLOURS.items():
        rows = {row["rule"]: row for row in table.filter(pl.col("bucket") == bucket).to_dicts()}
        figure.add_trace(
            go.Bar(
                name=fmt.html(bucket),
                orientation="h",
                y=[fmt.label(rule) for rule in spec.rules],
                x=[rows[rule]["open_count"] if rule in rows else 0 for rule in spec.rules],
                marker={"color": colour, "line": {"width": 1, "color": palette.PAPER}},
                hovertemplate=[
                    base.hover(
                        fmt.label(rule),
                        ("age", bucket),
                        (fmt.count(rows[rule]["open_count"]), "open"),
                        (fmt.count(rows[rule]["breached_count"]), "of them past their SLA"),
                    )
                    if rule in rows
                    else "<extra></extra>"
                    for rule in spec.rules
                ],
            )
        )
    base.styled(figure, 70 + 34 * len(spec.rules), legend=False)
    figure.update_layout(barmode="stack", bargap=0.3)
    figure.update_xaxes(base.count_axis(table["open_count"].to_list(), "open exceptions"))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure
