"""What all charts share: quiet axes, one font, hover text with units and n."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards import palette
from dashboards.charts import format as fmt

FONT = '"Source Sans", "Source Sans 3", sans-serif'
ROW_HEIGHT = 46
FEW_COUNTS = 5
_SPARSE_TICKS = 5  # that many labels are told apart on a phone
CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}

_AXIS: dict[str, Any] = {
    "gridcolor": "#E9EEF0",
    "linecolor": palette.LINE,
    "zeroline": False,
    "automargin": True,
    "fixedrange": True,
    "tickfont": {"color": palette.MUTED, "size": 13},
    "title": {"font": {"color": palette.MUTED, "size": 13}, "standoff": 10},
}


def styled(figure: go.Figure, height: int, *, legend: bool = True) -> go.Figure:
    """Gives a figure the shared look. `height` is in pixels; the width follows the page."""
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        font={"family": FONT, "size": 14, "color": palette.TEXT},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=legend,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "title": {"text": ""},
            "font": {"size": 13},
            "itemclick": "toggle",
            "itemdoubleclick": "toggleothers",
            "tracegroupgap": 0,
        },
        hoverlabel={
            "bgcolor": palette.PAPER,
            "bordercolor": palette.LINE,
            "align": "left",
            "font": {"family": FONT, "size": 14, "color": palette.TEXT},
        },
        dragmode=False,
    )
    figure.update_xaxes(**_AXIS)
    figure.update_yaxes(**_AXIS)
    return figure


def duration_axis(values_s: Sequence[float | None], title: str, *, is_sparse: bool = False) -> dict[str, Any]:
    """An axis of durations: placed by `format.duration_position`, labelled in words; `is_sparse`: every other one."""
    positions, words = fmt.duration_ticks(values_s)
    if is_sparse and len(words) > _SPARSE_TICKS:
        words = [text if place % 2 == 0 else "" for place, text in enumerate(words)]
    room = 0.03 * (positions[-1] - positions[0])
    return {
        "tickvals": positions,
        "ticktext": words,
        "range": [positions[0] - room, positions[-1] + room],
        "title": {"text": title},
        "zeroline": positions[0] < 0,
        "zerolinecolor": palette.MUTED,
    }


def count_axis(counts: Sequence[float | None], title: str) -> dict[str, Any]:
    """An axis of whole numbers from zero, without ticks between them."""
    few = max((c for c in counts if c is not None), default=0) < FEW_COUNTS
    return {
        "title": {"text": title},
        "rangemode": "tozero",
        "tickformat": ",d",
        "nticks": 5,
        **({"dtick": 1} if few else {}),
    }


def hover(title: str, *facts: tuple[str, str]) -> str:
    """Hover text: a title from the data, then one "name: value" a line."""
    lines = [f"<b>{fmt.html(title)}</b>", *(f"{name} {fmt.html(text)}" for name, text in facts)]
    return "<br>".join(lines) + "<extra></extra>"
