"""Hour by weekday: where in the week a measure is high."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt

HOURS = range(24)
WEEKDAYS = range(1, 8)


@dataclass(frozen=True)
class Spec:
    """What to draw.

    Attributes:
        value: column that gives the colour.
        unit: its unit (`s`, `ratio` or `count`).
        title: what the colour means.
        n: count columns to their words, shown on hover.
        low, high: the ends of the colour scale, so that maps beside each other compare; None: of this table alone.
    """

    value: str
    unit: str
    title: str
    n: dict[str, str]
    low: float | None = None
    high: float | None = None


def heat_map(table: pl.DataFrame, spec: Spec) -> go.Figure:
    """A cell for each `weekday` (1 = Monday) and `hour` of `table`, both local; a cell without rows stays blank."""
    cells = {(row["weekday"], row["hour"]): row for row in table.to_dicts()}
    figure = go.Figure(
        go.Heatmap(
            x=list(HOURS),
            y=[fmt.weekday(d) for d in WEEKDAYS],
            z=[[_place(cells.get((d, h)), spec) for h in HOURS] for d in WEEKDAYS],
            text=[[_text(cells.get((d, h)), d, h, spec) for h in HOURS] for d in WEEKDAYS],
            hovertemplate="%{text}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
            colorscale=palette.scale(),
            reversescale=spec.unit == "ratio",
            showscale=False,
            **_ends(spec),
        )
    )
    base.styled(figure, 260, legend=False)
    figure.update_xaxes(
        tickvals=list(range(0, 24, 3)),
        ticktext=[f"{h:02d}" for h in range(0, 24, 3)],
        showgrid=False,
        title={"text": "local hour of the event"},
        range=[-0.5, 23.5],
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _place(row: dict[str, Any] | None, spec: Spec) -> float | None:
    return None if row is None else place(row[spec.value], spec.unit)


def place(value: float | None, unit: str) -> float | None:
    """Where a value lies on the colour scale."""
    if value is None:
        return None
    return fmt.duration_position(value) if unit == "s" else float(value)


def _text(row: dict[str, Any] | None, day: int, hour: int, spec: Spec) -> str:
    if row is None:
        return ""
    facts = [(spec.title, fmt.value(row[spec.value], spec.unit))] + [(fmt.count(row[c]), w) for c, w in spec.n.items()]
    return base.hover(f"{fmt.weekday(day)} {hour:02d}:00 to {hour:02d}:59", *facts).removesuffix("<extra></extra>")


def ends(table: pl.DataFrame, value: str) -> tuple[float | None, float | None]:
    """The lowest and the highest value of a column: the ends of a scale that several maps share."""
    known = table[value].cast(pl.Float64).drop_nulls()
    return (None, None) if known.is_empty() else (float(known.min()), float(known.max()))  # type: ignore[arg-type]


def _ends(spec: Spec) -> dict[str, float | None]:
    if spec.low is None or spec.high is None:
        return {}
    return {"zmin": place(spec.low, spec.unit), "zmax": place(spec.high, spec.unit)}
