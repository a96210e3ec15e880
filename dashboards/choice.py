"""Which cases a reader looks at, and what with: filters in words, each in the address, to `Selection`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import streamlit as st

from dashboards import filters
from dashboards.charts import format as fmt
from dashboards.reader import NOT_NULL, Filter, Order, Reader
from dashboards.selection import Selection, TimeBasis

DURATIONS_S = {"1 h": 3600, "4 h": 14400, "8 h": 28800, "1 d": 86400, "2 d": 172800, "7 d": 604800, "30 d": 2592000}
_BASES: tuple[TimeBasis, ...] = ("started", "ended", "within", "touching")
_STATES = {"open": True, "over": False}
_WAYS = 100
_MOST_FIRST = Order(["edges_count"], descending=True)
_TIMED = [
    *("from_activity", "to_activity", "edges_count", "p50_s", "p90_s", "p95_s"),
    *("business_p50_h", "business_p90_h", "business_p95_h"),
]
_COMPARE = {
    "none": "Nothing",
    "facility": "Another facility",
    "period": "The period before",
    "step": "With and without a step",
}
# What opens the further conditions when an address names one of them.
_FURTHER = (
    *("basis", "abc_class", "supplier", "shift", "state", "starts", "ends", "passes", "avoids", "follows"),
    *("at_least", "at_most", "way"),
)


@dataclass(frozen=True)
class Comparison:
    """Two choices beside each other, and what each is called."""

    a: Selection
    b: Selection
    a_words: str
    b_words: str


def process_and_facility(reader: Reader) -> tuple[str | None, str | None]:
    """The process, the one with most cases to begin with, and the facility or None for all."""
    names = reader.values("process_cases", "process", most_rows_first=True)
    process = filters.one_of("Process", "process", names, in_words=True)
    where = filters.given(process=process)
    places = reader.values("process_conformance", "facility_id", where)
    return process, filters.any_of("Facility", "facility", places, every="All facilities")


def cases(reader: Reader) -> Selection | None:
    """The cases that the filters choose; None where there is no process."""
    with filters.row():
        process, facility = process_and_facility(reader)
        if process is None:
            return None
        first, last = _days(reader, process)
        start = filters.day("From (UTC)", "from_day", first, last)
        end = filters.day("To (UTC)", "to_day", first, last)
    chosen = Selection(
        process,
        facilities=_only(facility),
        from_at=_midnight(start) if start else None,
        to_at=_midnight(end) + timedelta(days=1) if end else None,
    )
    is_asked = any(key in st.query_params for key in _FURTHER)
    with st.expander("Further conditions", icon=":material/filter_alt:", expanded=is_asked):
        return _by_way(reader, _by_attribute(reader, chosen))


def compared(reader: Reader, chosen: Selection) -> Comparison | str | None:
    """What the choice is compared with; None for nothing, a sentence where something is still to be chosen."""
    with filters.row("compare_filters"):
        by = filters.switch("Compare with", "compare", _COMPARE)
        if by == "facility":
            places = reader.values("process_conformance", "facility_id", {"process": chosen.process})
            others = [place for place in places if place not in chosen.facilities]
            other = filters.one_of("Other facility", "other_facility", others)
        if by == "step":
            step = filters.one_of("Step", "step", _activities(reader, chosen.process), in_words=True)
    match by:
        case "facility" if not chosen.facilities:
            return "Choose a facility above: it is compared with another."
        case "facility" if other is None:
            return "There is no other facility in this process."
        case "facility":
            return Comparison(chosen, replace(chosen, facilities=_only(other)), chosen.facilities[0], str(other))
        case "period":
            before = chosen.period_before()
            sentence = "Choose the first and the last day above: that time is compared with as long a time before."
            return sentence if before is None else Comparison(before, chosen, "before", "in this period")
        case "step" if step is not None:
            without, with_it = (*chosen.avoids, step), (*chosen.passes, step)
            words = fmt.label(step).lower()
            sides = replace(chosen, avoids=without), replace(chosen, passes=with_it)
            return Comparison(*sides, f"without {words}", f"with {words}")
    return None


def is_whole(chosen: Selection) -> bool:
    """Whether nothing is chosen but a process and one facility: then the published tables hold the figures."""
    return len(chosen.facilities) == 1 and chosen == Selection(chosen.process, facilities=chosen.facilities)


def edges(reader: Reader, chosen: Selection) -> pl.DataFrame:
    """Edges of the chosen cases: `from_activity`, `to_activity`, `edges_count`, `cases_count`, `p50_s`; most first."""
    columns = ["from_activity", "to_activity", "edges_count", "cases_count", "p50_s"]
    if is_whole(chosen):
        where = {"process": chosen.process, "facility_id": chosen.facilities[0]}
        return reader.table("process_edges", where, order_by="edges_count", descending=True, columns=columns)
    counted = reader.filtered("filtered_edges", _MOST_FIRST, a=chosen)
    timed = performance(reader, chosen).select("from_activity", "to_activity", "p50_s")
    return counted.join(timed, on=["from_activity", "to_activity"], how="left", maintain_order="left").select(columns)


def performance(reader: Reader, chosen: Selection) -> pl.DataFrame:
    """Quantiles of the time between the steps of the chosen cases, the most frequent steps first."""
    if is_whole(chosen):
        where = {"process": chosen.process, "facility_id": chosen.facilities[0], "p50_s": NOT_NULL}
        return reader.table("process_edges", where, order_by="edges_count", descending=True, columns=_TIMED)
    return reader.filtered("filtered_performance", _MOST_FIRST, a=chosen).select(_TIMED)


def _by_attribute(reader: Reader, chosen: Selection) -> Selection:
    where = {"process": chosen.process}
    with filters.row("attribute_filters"):
        basis = filters.one_of("A case lies in that time when it", "basis", _BASES, in_words=True)
        abc_class = filters.any_of("Item class", "abc_class", reader.values("process_cases", "abc_class", where))
        supplier = filters.any_of("Supplier", "supplier", reader.values("process_cases", "supplier_id", where))
        shift = filters.any_of("Shift", "shift", reader.values("process_cases", "shift", where))
        state = filters.any_of("State", "state", list(_STATES), in_words=True)
        at_least = filters.any_of("Takes at least", "at_least", list(DURATIONS_S), every="Any time")
        at_most = filters.any_of("Takes at most", "at_most", list(DURATIONS_S), every="Any time")
    return replace(
        chosen,
        time_basis=next((known for known in _BASES if known == basis), "started"),
        abc_classes=_only(abc_class),
        suppliers=_only(supplier),
        shifts=_only(shift),
        is_open=_STATES[state] if state else None,
        min_duration_s=DURATIONS_S[at_least] if at_least else None,
        max_duration_s=DURATIONS_S[at_most] if at_most else None,
    )


def _by_way(reader: Reader, chosen: Selection) -> Selection:
    steps: Filter = {"process": chosen.process}
    every = _activities(reader, chosen.process)
    pairs = _pairs(reader, chosen.process)
    with filters.row("way_filters"):
        first = reader.values("process_variant_steps", "activity", {**steps, "step_no": 1})
        last = reader.values("process_variant_steps", "activity", {**steps, "is_last": True})
        starts = filters.any_of("Starts with", "starts", first, in_words=True, every="Anything")
        ends = filters.any_of("Ends with", "ends", last, in_words=True, every="Anything")
        follows = filters.any_of("Directly after each other", "follows", list(pairs), in_words=True, every="Anything")
        passes = filters.some_of("Passes all of", "passes", every, in_words=True)
        avoids = filters.some_of("Avoids all of", "avoids", every, in_words=True)
        way = filters.any_of("Variant", "way", _ways(reader, chosen), in_words=True, every="Any")
    return replace(
        chosen,
        starts=_only(starts),
        ends=_only(ends),
        follows=(pairs[follows],) if follows else (),
        passes=passes,
        avoids=avoids,
        variants=_only(way),
    )


def _activities(reader: Reader, process: str) -> list[str]:
    return reader.values("process_variant_steps", "activity", {"process": process})


def _pairs(reader: Reader, process: str) -> dict[str, tuple[str, str]]:
    where = {"process": process, "from_activity": NOT_NULL, "to_activity": NOT_NULL}
    keys = ["from_activity", "to_activity"]
    found = reader.table("process_variant_edges", where, columns=keys).unique().sort(keys)
    return {f"{before} > {after}": (before, after) for before, after in found.iter_rows()}


def _ways(reader: Reader, chosen: Selection) -> list[str]:
    """The most frequent variants of the facility, or of any."""
    where = filters.given(process=chosen.process, facility_id=next(iter(chosen.facilities), None))
    found = reader.table("variants", where, order_by=["cases_count", "variant"], descending=True, limit=_WAYS)
    return found["variant"].unique(maintain_order=True).to_list()


def _days(reader: Reader, process: str) -> tuple[date, date]:
    """The first and the last day on which anything happened in the process."""
    days: Sequence[date] = reader.values("process_throughput", "day", {"process": process})
    today = reader.run.as_of.date()
    return (days[0], days[-1]) if days else (today, today)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _only(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
