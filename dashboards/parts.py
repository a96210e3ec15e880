"""Parts of a page: a published table with heading, definition, rows and CSV; one of several at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboards import blocks, filters
from dashboards.reader import Filter, Reader

_FEW_ROWS = 12


@dataclass(frozen=True)
class Part:
    """One published table as a part of a page.

    Attributes:
        title: its heading.
        model: the published table.
        columns: those that are shown, in order; the CSV holds the same.
        order_by: columns that rows are ordered by.
        empty: the sentence for no rows.
        descending, by_magnitude: how they are ordered.
        note: a sentence below the heading.
        where: rows that are meant, whatever a page's filters say.
        otherwise: rows that are meant where a page's filters say nothing of these columns.
        draw: a chart of the rows above them, and what it is to draw.
        spec: its spec.
    """

    title: str
    model: str
    columns: Sequence[str]
    order_by: str | Sequence[str]
    empty: str
    descending: bool = False
    by_magnitude: bool = False
    note: str | None = None
    where: Filter = field(default_factory=dict)
    otherwise: Filter = field(default_factory=dict)
    draw: Callable[[pl.DataFrame, Any], go.Figure] | None = None
    spec: Any = None


def show(reader: Reader, part: Part, where: Filter | None = None, *, key: str | None = None) -> None:
    """A part of a page: few rows as text, many in a grid.

    Args:
        reader: of the run.
        part: what to show.
        where: the page's filters; those of columns that the table does not have are left out.
        key: names the part's CSV; the table's name where it stands on the page once.
    """
    key = key or part.model
    blocks.heading(reader, part.title, part.model)
    if part.note:
        st.caption(part.note)
    meant = {**part.otherwise, **_known(reader, part.model, where or {}), **part.where}
    order: dict[str, Any] = {
        "order_by": part.order_by,
        "descending": part.descending,
        "by_magnitude": part.by_magnitude,
    }
    if reader.count(part.model, meant) > _FEW_ROWS:
        blocks.long_list(reader, part.model, meant, columns=part.columns, key=key, empty=part.empty, **order)
        return
    table = reader.table(part.model, meant, **order)
    if table.is_empty():
        blocks.nothing(part.empty)
        return
    if part.draw:
        blocks.chart(table, part.draw, part.spec, key=f"chart_{key}", alt=part.title, empty=part.empty)
    blocks.small_table(table, part.columns, alt=part.title)
    blocks.download(reader, part.model, meant, key=key, columns=part.columns, **order)


def one_of(reader: Reader, parts: Mapping[str, Part], where: Filter | None = None, *, label: str, key: str) -> None:
    """One of several parts, as the reader chooses; `parts` by the word that stands for them in the address."""
    words = {name: part.title for name, part in parts.items()}
    chosen = filters.switch(label, key, words)
    show(reader, parts[chosen], where, key=f"{key}_{chosen}")


def _known(reader: Reader, model: str, where: Filter) -> Filter:
    columns = reader.columns(model)
    return {column: wanted for column, wanted in where.items() if column in columns}
