"""Building blocks of a page: a heading with its definition, a chart, a small table, a long list with its CSV."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboards import palette
from dashboards.charts import base
from dashboards.charts import format as fmt
from dashboards.csv_export import neutral, to_csv
from dashboards.reader import Filter, Reader
from transforms.spec import UNIT_OF_SUFFIX

SHOWN_ROWS = 500
CSV_ROWS = 1_000_000
PANELS = 6
PANELS_IN_A_ROW = 3
_ROWS_WITHOUT_SCROLLING = 15
_WORDS_NOT_IDENTIFIERS = ("event_type", "rule", "process", "kind", "activity", "severity", "status", "match_method")


def heading(reader: Reader, title: str, model: str) -> None:
    """A section's heading, with the definition of what it shows as its tooltip."""
    st.subheader(title, help=definition(reader, model), anchor=False)


def definition(reader: Reader, model: str) -> str | None:
    """What a published measure means, in Markdown; None when the catalogue does not have it."""
    metric = reader.metrics.get(model)
    if metric is None:
        return None
    parts = [f"**{fmt.markdown(metric.title)}.** {fmt.markdown(metric.definition)}"]
    parts.append(
        f"Source: {fmt.markdown(metric.source)}. Owner: {fmt.markdown(metric.owner)}. Version {metric.version}."
    )
    return "\n\n".join(parts)


def definitions(reader: Reader, models: Sequence[str], title: str) -> None:
    """The definitions of several measures or rules, folded away at the end of a page."""
    known = [text for text in (definition(reader, model) for model in models) if text]
    if known:
        with st.expander(title, icon=":material/menu_book:"):
            st.markdown("\n\n".join(known))


def nothing(sentence: str) -> None:
    """Says that there is nothing to show, and why."""
    st.info(sentence, icon=":material/inbox:")


def chart(
    table: pl.DataFrame, draw: Callable[[pl.DataFrame, Any], go.Figure], spec: Any, *, key: str, alt: str, empty: str
) -> None:
    """A chart of `table`, or the sentence `empty` when it has no rows. `alt` is read out by screen readers."""
    if table.is_empty():
        nothing(empty)
        return
    st.plotly_chart(draw(table, spec), theme=None, config=base.CONFIG, key=key, alt=alt)


def panels(
    table: pl.DataFrame, draw: Callable[[pl.DataFrame, Any], go.Figure], spec: Any, *, key: str, alt: str
) -> None:
    """One chart a facility, beside each other on common scales; more than fit ask for a choice."""
    facilities = table["facility_id"].unique().sort(nulls_last=True).to_list()
    columns = st.columns(min(len(facilities), PANELS_IN_A_ROW))
    for i, facility in enumerate(facilities[:PANELS]):
        with columns[i % len(columns)]:
            name = "No facility" if facility is None else facility
            st.markdown(f"**{fmt.markdown(name)}**")
            part = table.filter(pl.col("facility_id").eq_missing(pl.lit(facility)))
            chart(part, draw, spec, key=f"{key}_{i}", alt=f"{name}: {alt}", empty="Nothing here.")
    if len(facilities) > PANELS:
        st.caption(f"The first {PANELS} of {len(facilities)} facilities; choose one above to see another.")


def grid(count: int, in_a_row: int, *, gap: Literal["small", "medium"] = "small") -> list[Any]:
    """`count` places to draw in, so many in a row; a row keeps its shape when it is not full."""
    places: list[Any] = []
    while len(places) < count:
        places += st.columns(in_a_row, gap=gap)
    return places[:count]


def legend(colours: dict[str, str]) -> None:
    """What the colours of several charts mean, once for all of them."""
    entries = (f'<span><i style="background:{colour}"></i>{escape(words)}</span>' for words, colour in colours.items())
    st.html(f'<div class="legend">{"".join(entries)}</div>')


def gradient(low: str, high: str, *, is_dark_low: bool = False) -> None:
    """What the ends of a colour scale mean, once for several charts."""
    colours = ", ".join(reversed(palette.SEQUENTIAL) if is_dark_low else palette.SEQUENTIAL)
    bar = f'<i class="scale" style="background:linear-gradient(90deg, {colours})"></i>'
    st.html(f'<div class="legend"><span>{escape(low)}{bar}{escape(high)}</span></div>')


def small_table(table: pl.DataFrame, columns: dict[str, str], *, alt: str) -> None:
    """A short table as text: `columns` to their headings, values in words by the unit that the name's suffix says."""
    rows = [{heading: _cell(row[column], column) for column, heading in columns.items()} for row in table.to_dicts()]
    st.table(
        pl.DataFrame(rows, schema=dict.fromkeys(columns.values(), pl.String)),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )


def download(reader: Reader, name: str, where: Filter | None = None, *, key: str, **choice: Any) -> None:
    """A button that downloads rows of a mart as CSV; they are read and written when it is pressed."""
    st.download_button(
        "Download CSV",
        data=lambda: to_csv(reader.table(name, where, **{"limit": CSV_ROWS, **choice})),
        file_name=f"dockledger-{name}-{reader.run.run_id}.csv",
        mime="text/csv",
        key=f"csv_{key}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def long_list(
    reader: Reader,
    name: str,
    where: Filter | None = None,
    *,
    columns: Sequence[str],
    key: str,
    empty: str,
    order_by: str | Sequence[str],
    descending: bool = False,
    by_magnitude: bool = False,
) -> None:
    """The first rows of a mart in a grid that sorts and searches, how many there are, and all of them as CSV."""
    choice: dict[str, Any] = {
        "order_by": order_by,
        "descending": descending,
        "by_magnitude": by_magnitude,
        "columns": columns,
    }
    shown = reader.table(name, where, limit=SHOWN_ROWS, **choice)
    if shown.is_empty():
        nothing(empty)
        return
    st.dataframe(
        _displayed(shown),
        column_config={c: _column(c) for c in shown.columns},
        hide_index=True,
        key=key,
        placeholder=fmt.NOTHING,
        height="content" if shown.height <= _ROWS_WITHOUT_SCROLLING else "auto",
        alt=f"{fmt.label(name)}, {fmt.count(shown.height)} rows",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        download(reader, name, where, key=key, **choice)
        st.caption(_how_many(reader.count(name, where)), width="content")


def _how_many(total: int) -> str:
    if total <= SHOWN_ROWS:
        return f"{fmt.count(total)} rows"
    if total <= CSV_ROWS:
        return f"the first {fmt.count(SHOWN_ROWS)} of {fmt.count(total)} rows; the CSV holds all"
    return (
        f"the first {fmt.count(SHOWN_ROWS)} of {fmt.count(total)} rows; the CSV holds the first {fmt.count(CSV_ROWS)}"
    )


def _unit(column: str) -> str:
    """The unit that a column's suffix says."""
    return next((unit for suffix, unit in UNIT_OF_SUFFIX if column.endswith(suffix)), "text")


def _cell(value: Any, column: str) -> str:
    unit = _unit(column)
    if value is None or unit not in ("text", "id"):
        return fmt.value(value, unit)
    return fmt.markdown(fmt.label(value) if column in _WORDS_NOT_IDENTIFIERS else value)


def _displayed(table: pl.DataFrame) -> pl.DataFrame:
    """Durations as durations, decimals as floats, sequences as text: what the grid can sort and show.

    The grid offers a CSV of its own and writes texts into it as they are, so that they are made neutral here.
    """
    kinds = table.schema.items()
    shown = table.with_columns(
        [(pl.col(c) * 1_000_000).cast(pl.Int64).cast(pl.Duration("us")) for c, _ in kinds if _unit(c) == "s"]
        + [pl.col(c).cast(pl.Float64) for c, kind in kinds if isinstance(kind, pl.Decimal)]
        + [pl.col(c).cast(pl.List(pl.String)).list.join(" > ") for c, kind in kinds if isinstance(kind, pl.List)]
    )
    return neutral(shown)


def _column(name: str) -> Any:
    """How the grid shows a column, by its name's suffix."""
    config = st.column_config
    words = fmt.label(_without_suffix(name).removeprefix("is_"))
    match _unit(name):
        case "s":
            return config.NumberColumn(f"{words} (h:m:s)", format="compact", help=f"{name}; the CSV holds seconds")
        case "ratio":
            return config.NumberColumn(words, format="percent", help=f"{name}; the CSV holds a ratio from 0 to 1")
        case "instant":
            return config.DatetimeColumn(f"{words} (UTC)", format="YYYY-MM-DD HH:mm:ss", timezone="UTC", help=name)
        case "count" | "units":
            return config.NumberColumn(words, format="localized", help=name)
        case _:
            return config.Column(words, help=name)


def _without_suffix(name: str) -> str:
    """A column's name without its unit, where the heading says the unit otherwise."""
    for suffix in ("_s", "_ratio", "_at", "_count", "_id"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
