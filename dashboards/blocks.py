"""Building blocks of a page: a heading with its definition, a chart, a small table, a long list with its CSV."""

from collections.abc import Callable, Mapping, Sequence
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
WAY = " > "  # between the activities of a variant
_STEPS_IN_A_WAY = 30
PANELS_IN_A_ROW = 3
_ROWS_WITHOUT_SCROLLING = 15
_WORDS_NOT_IDENTIFIERS = (
    *("event_type", "rule", "process", "kind", "activity", "from_activity", "to_activity", "other_activity"),
    *("severity", "status", "match_method", "measure", "part", "step", "leg", "dimension", "outcome", "state"),
    *("template", "relation", "declared_model", "detected_model", "timing_model", "clock", "verdict"),
    *("variant", "latency_vote", "exceptions_vote", "interface_vote", "worst_feed_status"),
    *("unknown_reason", "level_unknown_reason", "unsplit_reason", "value_reason", "added_duration_reason"),
)
# What an edge says where there is no activity before it or after it.
_ENDS = {"from_activity": "(start)", "to_activity": "(end)"}
_REASON = "_reason"
_WHERE_THERE_ARE_ANY = ("business_", "accepted_until")
# Ratios that are no parts of a whole, and would read wrongly as percentages.
_PLAIN_NUMBERS = ("adjustments_per_thousand_ratio", "zeta_ratio")


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


def ways(table: pl.DataFrame, colours: Mapping[str, str]) -> None:
    """Variants as rows of steps, each step in its colour; columns `cases_count`, `share_ratio` and `variant`."""
    rows = []
    for row in table.to_dicts():
        names = row["variant"].split(WAY)
        steps = "".join(
            f'<span style="border-color:{colours.get(step, palette.MUTED)}">{escape(fmt.label(step))}</span>'
            for step in names[:_STEPS_IN_A_WAY]
        )
        steps += "…" if len(names) > _STEPS_IN_A_WAY else ""
        facts = f"<b>{escape(fmt.ratio(row['share_ratio']))}</b> {escape(fmt.count(row['cases_count']))}"
        rows.append(f'<div class="way"><p>{facts}</p><div>{steps}</div></div>')
    st.html("".join(rows))


def gradient(low: str, high: str, *, is_dark_low: bool = False) -> None:
    """What the ends of a colour scale mean, once for several charts."""
    colours = ", ".join(reversed(palette.SEQUENTIAL) if is_dark_low else palette.SEQUENTIAL)
    bar = f'<i class="scale" style="background:linear-gradient(90deg, {colours})"></i>'
    st.html(f'<div class="legend"><span>{escape(low)}{bar}{escape(high)}</span></div>')


def small_table(table: pl.DataFrame, columns: dict[str, str] | Sequence[str], *, alt: str) -> None:
    """A short table as text: columns, with headings of their own where given, values in words with their unit."""
    wanted = columns if isinstance(columns, dict) else fmt.headings({c: unit(c) for c in columns})
    shown = told(table.select(*wanted)).columns
    rows = [{wanted[column]: _cell(row[column], column) for column in shown} for row in table.to_dicts()]
    st.table(
        pl.DataFrame(rows, schema=dict.fromkeys((wanted[column] for column in shown), pl.String)),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )


def told(table: pl.DataFrame) -> pl.DataFrame:
    """A table without the columns that say nothing: reasons where all is known, hours worked where none are."""

    def is_needed(column: str) -> bool:
        is_always = not column.endswith(_REASON) and not any(word in column for word in _WHERE_THERE_ARE_ANY)
        return is_always or table[column].count() > 0

    return table.select(column for column in table.columns if is_needed(column))


def download(reader: Reader, name: str, where: Filter | None = None, *, key: str, **choice: Any) -> None:
    """A button that downloads rows of a mart as CSV; they are read and written when it is pressed."""
    download_of(reader, name, lambda: reader.table(name, where, **{"limit": CSV_ROWS, **choice}), key=key)


def download_of(reader: Reader, name: str, read: Callable[[], pl.DataFrame], *, key: str) -> None:
    """A button that downloads what `read` gives as CSV; it is called when the button is pressed."""
    st.download_button(
        "Download CSV",
        data=lambda: to_csv(read()),
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
    grid_of(shown, key=key, alt=fmt.label(name))
    with st.container(horizontal=True, vertical_alignment="center"):
        download(reader, name, where, key=key, **choice)
        st.caption(how_many(reader.count(name, where)), width="content")


def grid_of(table: pl.DataFrame, *, key: str, alt: str, words: Mapping[str, str] | None = None) -> None:
    """A table in a grid that sorts and searches; its headings say the units. `words` are headings of some columns."""
    shown = told(table)
    headings = {**fmt.headings({c: unit(c) for c in shown.columns}, is_bare=True), **(words or {})}
    st.dataframe(
        _displayed(shown),
        column_config={c: _column(c, kind, headings[c]) for c, kind in shown.schema.items()},
        hide_index=True,
        key=key,
        placeholder=fmt.NOTHING,
        height="content" if shown.height <= _ROWS_WITHOUT_SCROLLING else "auto",
        alt=f"{alt}, {fmt.count(shown.height)} rows",
    )


def how_many(total: int) -> str:
    """How many rows there are, and where they are if not all are shown."""
    if total <= SHOWN_ROWS:
        return f"{fmt.count(total)} rows"
    if total <= CSV_ROWS:
        return f"the first {fmt.count(SHOWN_ROWS)} of {fmt.count(total)} rows; the CSV holds all"
    return (
        f"the first {fmt.count(SHOWN_ROWS)} of {fmt.count(total)} rows; the CSV holds the first {fmt.count(CSV_ROWS)}"
    )


def unit(column: str) -> str:
    """The unit that a column's suffix says."""
    if column in _PLAIN_NUMBERS:
        return "number"
    return next((unit for suffix, unit in UNIT_OF_SUFFIX if column.endswith(suffix)), "text")


def _cell(value: Any, column: str) -> str:
    named = unit(column)
    if value is None and column in _ENDS:
        return _ENDS[column]
    if isinstance(value, bool | float) and named == "text":
        named = "number"
    if value is None or named not in ("text", "id"):
        words = fmt.value(value, named)
        return fmt.markdown(words) if words.startswith(">") else words
    return fmt.markdown(fmt.label(value) if column in _WORDS_NOT_IDENTIFIERS else value)


def _displayed(table: pl.DataFrame) -> pl.DataFrame:
    """Durations as durations, decimals as floats, sequences and flags as text: what the grid can sort and show.

    The grid offers a CSV of its own and writes texts into it as they are, so that they are made neutral here.
    """
    kinds = table.schema.items()
    shown = table.with_columns(
        [(pl.col(c) * 10).round().cast(pl.Int64).cast(pl.Duration("us")) * 100_000 for c, _ in kinds if unit(c) == "s"]
        + [pl.col(c).cast(pl.Float64) for c, kind in kinds if isinstance(kind, pl.Decimal)]
        + [pl.col(c).cast(pl.List(pl.String)).list.join(" > ") for c, kind in kinds if isinstance(kind, pl.List)]
        + [_in_words(c) for c, kind in kinds if c in _WORDS_NOT_IDENTIFIERS and kind == pl.String]
        + [_yes_or_no(c) for c, kind in kinds if kind == pl.Boolean]
    )
    return neutral(shown)


def _yes_or_no(column: str) -> pl.Expr:
    """Words: the grid would draw a box that looks as if it could be ticked."""
    words = {flag: fmt.value(flag, "boolean") for flag in (True, False)}
    return pl.col(column).replace_strict(words, return_dtype=pl.String)


def _in_words(column: str) -> pl.Expr:
    told = pl.col(column).map_elements(fmt.label, return_dtype=pl.String)
    return told.fill_null(_ENDS[column]) if column in _ENDS else told


def _column(name: str, kind: pl.DataType, words: str) -> Any:
    """How the grid shows a column, by its name's suffix."""
    config = st.column_config
    match "date" if kind == pl.Date else unit(name):
        case "date" if kind == pl.Date:
            made = config.DateColumn(words, format="YYYY-MM-DD", help=name)
        case "s":
            made = config.NumberColumn(words, format="compact", help=f"{name}; the CSV holds seconds")
        case "ratio":
            made = config.NumberColumn(words, format="percent", help=f"{name}; the CSV holds a ratio from 0 to 1")
        case "instant":
            made = config.DatetimeColumn(words, format="YYYY-MM-DD HH:mm:ss", timezone="UTC", help=name)
        case "number":
            made = config.NumberColumn(words, format="%.2f", help=name)
        case "count" | "units" | "usd" | "unit_h" | "usd_h" | "h" | "ms":
            made = config.NumberColumn(words, format="localized", help=name)
        case _:
            made = config.Column(words, help=name)
    return made
