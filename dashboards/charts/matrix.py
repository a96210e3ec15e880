"""One measure by two names, the value written in each cell."""

from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt
from dashboards.charts.heat_map import place

# So many of the lightest colours leave dark text a contrast of at least 4.5 to 1, as WCAG 2 asks of text.
_READABLE_COLOURS = 5


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        across: column that names a column of the matrix; its values are shown as they are.
        down: column that names a row; its values are shown in words.
        value: column that gives colour and text.
        unit: its unit.
        title: what the value is, for the hover text.
        n: count columns to their words, shown on hover.
    """

    across: str
    down: str
    value: str
    unit: str
    title: str
    n: dict[str, str]


def matrix(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A cell for each pair of names in `table`, names in its order; a pair without a row stays blank."""
    rows = table.to_dicts()
    across = list(dict.fromkeys(row[spec.across] for row in rows))
    down = list(dict.fromkeys(row[spec.down] for row in rows))
    cells = {(row[spec.down], row[spec.across]): row for row in rows}
    grid = [[cells.get((d, a)) for a in across] for d in down]
    figure = go.Figure(
        go.Heatmap(
            x=[fmt.html(a) for a in across],
            y=[fmt.label(d) for d in down],
            z=[[place(cell[spec.value], spec.unit) if cell else None for cell in line] for line in grid],
            text=[[fmt.value(cell[spec.value], spec.unit) if cell else "" for cell in line] for line in grid],
            texttemplate="%{text}",
            textfont={"size": 14, "color": palette.TEXT},
            colorscale=palette.scale(_READABLE_COLOURS),
            reversescale=spec.unit == "ratio",
            showscale=False,
            xgap=3,
            ygap=3,
            hoverongaps=False,
            hovertext=[[_hover(cell, spec) if cell else "" for cell in line] for line in grid],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    base.styled(figure, 48 + 38 * len(down), legend=False)
    figure.update_layout(margin={"t": 32})
    figure.update_xaxes(side="top", showgrid=False, type="category", tickfont={"color": palette.TEXT, "size": 14})
    figure.update_yaxes(
        autorange="reversed", showgrid=False, type="category", tickfont={"color": palette.TEXT, "size": 14}
    )
    return figure


def _hover(cell: dict[str, object], spec: Spec) -> str:
    facts = [(spec.title, fmt.value(cell[spec.value], spec.unit))]
    facts += [(fmt.count(cell[c]), words) for c, words in spec.n.items()]  # type: ignore[arg-type]
    return base.hover(f"{cell[spec.across]}, {fmt.label(str(cell[spec.down]))}", *facts).removesuffix("<extra></extra>")
