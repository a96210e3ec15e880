"""Filters. Each lives in the address, so that a view can be sent to somebody and comes back after a reload."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboards.charts import format as fmt
from dashboards.reader import Filter, Reader


def row(key: str = "filters") -> AbstractContextManager[Any]:
    """The row that a page's filters stand in; it wraps where the page is narrow."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=key)


def any_of(label: str, key: str, options: Sequence[str], *, in_words: bool = False, every: str = "All") -> str | None:
    """One of the options, or None for all of them.

    Args:
        label: stands above the filter.
        key: name of the query parameter.
        options: what can be chosen.
        in_words: options are identifiers with a fixed vocabulary, shown in words; the address may hold either form.
        every: what stands there when nothing is chosen.
    """
    words: Callable[[str], str] = fmt.label if in_words else str
    _prepare(key, {option: words(option) for option in options}, None)
    chosen: str | None = st.selectbox(
        label, list(options), index=None, placeholder=every, format_func=words, key=key, bind="query-params", width=240
    )
    return chosen


def one_of(label: str, key: str, options: Sequence[str] | Mapping[str, str], *, in_words: bool = False) -> str | None:
    """One of the options, the first to begin with; None only when there are none. A mapping gives each its words."""
    words: Callable[[str], str] = fmt.label if in_words else str
    if isinstance(options, Mapping):
        words = dict(options).__getitem__
    default = next(iter(options), None)
    _prepare(key, {option: words(option) for option in options}, default)
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key] = default  # the page before had the same filter with nothing, or something else, chosen
    chosen: str | None = st.selectbox(
        label, list(options), index=0 if options else None, format_func=words, key=key, bind="query-params", width=240
    )
    return chosen


def some_of(label: str, key: str, options: Sequence[str], *, in_words: bool = False) -> tuple[str, ...]:
    """Any number of the options; none of them is no filter. The address may hold them in words or as identifiers."""
    words: Callable[[str], str] = fmt.label if in_words else str
    raw = st.query_params.get_all(key)
    told = {option: words(option) for option in options}
    if any(value in told and told[value] != value for value in raw):
        _set_address(key, [told.get(value, value) for value in raw])
    chosen: list[str] = st.multiselect(
        label, list(options), placeholder="Any", format_func=words, key=key, bind="query-params", width=320
    )
    return tuple(chosen)


def day(label: str, key: str, first: date, last: date) -> date | None:
    """A day between two others, or None."""
    chosen: date | None = st.date_input(
        label, None, min_value=first, max_value=last, format="YYYY-MM-DD", key=key, bind="query-params", width=190
    )
    return chosen


def switch(label: str, key: str, options: dict[str, str]) -> str:
    """One of a few ways to look at the same thing; `options` to their words, the first to begin with."""
    default = next(iter(options))
    _prepare(key, options, default)
    chosen = st.segmented_control(
        label,
        list(options),
        default=default,
        required=True,
        format_func=options.__getitem__,
        key=key,
        wrap=True,
        bind="query-params",
    )
    return chosen or default


def facility(reader: Reader) -> str | None:
    """The chosen facility, or None for all."""
    return any_of("Facility", "facility", reader.values("facilities", "facility_id"), every="All facilities")


def given(**wanted: Any) -> Filter:
    """Only the filters that are set: a value of None is no filter."""
    return {column: value for column, value in wanted.items() if value is not None}


def _prepare(key: str, words: Mapping[str, str], default: str | None) -> None:
    """Settles what the address says before the filter reads it.

    An address may name an option by its identifier, where the filter itself writes it in words. And a choice that came
    with the address, not from a click, would be lost on the way to the next page that has the same filter.
    """
    raw = st.query_params.get(key)
    kept = st.session_state.get(key)
    wanted = kept if raw is None and kept != default else raw
    if isinstance(wanted, str) and wanted in words and words[wanted] != raw:
        _set_address(key, words[wanted])


def _set_address(key: str, value: str | list[str]) -> None:
    """Writes a filter's value into the address and begins anew with it."""
    try:
        st.query_params[key] = value
    except StreamlitAPIException:
        return  # the filter stood on this page a moment ago: then it keeps the address in step by itself
    st.rerun()
