"""Process: which ways cases take, how long each step lasts, and what has changed."""

from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from dashboards import blocks, choice, filters, palette, parts
from dashboards.charts import format as fmt
from dashboards.charts import process_map as maps
from dashboards.charts import spectrum, trend
from dashboards.frame import Page, show
from dashboards.process_parts import PARTS, TABLES
from dashboards.reader import Filter, Order, Reader
from dashboards.selection import Selection

PAGE = Page(
    title="Process",
    icon=":material/account_tree:",
    question="Which ways do cases take, how long does each step last, and what has changed?",
    audience="process owners",
    metrics=(
        *(
            "process_edges",
            "process_book_edges",
            "process_book_only_edges",
            "process_clocks",
            "variants",
            "process_cases",
        ),
        *("process_rework", "process_handovers", "process_batches", "process_throughput", "process_milestones"),
        *("process_spectrum", "process_drift", "object_centric_edges"),
    ),
    order=5,
)

_PATHS = {"main": "Main paths", "all": "All paths"}
_MAIN_EDGES = 24
_SHOWN_WAYS = 8
_CLOCKS = {"floor": "As it happened", "books": "As it was booked", "only": "Only in the books"}
_NO_CASE = "No case of this process matches these filters."
_NO_STEP = "No case of this process has gone from one step to another here."
_OF_ALL = "Over all cases of the process, at the facility that is chosen; the other filters do not reach it."
_NOT_POSTED = "Nothing of this process was posted here."
_DAILY = {"in_progress_count": "On their way", "started_count": "Begun", "ended_count": "Ended"}


def render(reader: Reader) -> None:
    """Shows the page."""
    chosen = choice.cases(reader)
    if chosen is None:
        blocks.nothing("No case has been seen yet: a case is a document that events name.")
        return
    _how_many(reader, chosen)
    comparison = choice.compared(reader, chosen)
    if isinstance(comparison, str):
        blocks.nothing(comparison)
    elif comparison is not None:
        _differences(reader, comparison)
    else:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _map(reader, chosen)
        with right:
            _variants(reader, chosen)
    _part(reader, chosen)


def _how_many(reader: Reader, chosen: Selection) -> None:
    """How many cases the filters leave, of how many."""
    every = reader.count("process_cases", {"process": chosen.process})
    ways = reader.filtered("chosen_way", Order(limit=1), a=chosen)
    found = ways["all_cases_count"][0] if ways.height else 0
    st.markdown(f"**{fmt.count(found)}** of {fmt.count(every)} cases")


def _map(reader: Reader, chosen: Selection) -> None:
    blocks.heading(reader, "Map", "process_edges")
    with filters.row("map_filters"):
        clock = filters.switch("Order of", "clock", _CLOCKS)
        paths = filters.switch("Paths", "paths", _PATHS)
    if clock == "floor":
        st.caption("Arrows say how many times a step followed and the median time between; wider is more frequent.")
        _draw(choice.edges(reader, chosen), maps.Spec(), paths, _NO_CASE)
        return
    place = _one_facility(reader, chosen)
    where = filters.given(process=chosen.process, facility_id=place)
    st.caption("In the order in which the ERP stored the postings, over all cases of the facility.")
    if clock == "books":
        _draw(
            _most_first(reader, "process_book_edges", where, "edges_count"), maps.Spec(), paths, "Nothing was posted."
        )
        return
    table = _most_first(reader, "process_clocks", {**where, "is_only_in_books": True}, "books_count")
    _draw(table, maps.Spec("books_count"), paths, "Every step of the books was taken on the floor, too.")
    _only_in_the_books(reader, where)


def _most_first(reader: Reader, model: str, where: Filter, count: str) -> pl.DataFrame:
    return reader.table(model, where, order_by=count, descending=True)


def _one_facility(reader: Reader, chosen: Selection) -> str | None:
    """The facility that is chosen, or one that is asked for, where a table is of one at a time."""
    if chosen.facilities:
        return chosen.facilities[0]
    places = reader.values("process_conformance", "facility_id", {"process": chosen.process})
    return filters.one_of("Of facility", "at", places)


def _draw(table: pl.DataFrame, spec: maps.Spec, paths: str, empty: str) -> None:
    if table.is_empty():
        blocks.nothing(empty)
        return
    drawing = maps.process_map(table.head(_MAIN_EDGES) if paths == "main" else table, spec)
    _graph(drawing, "Directly-follows map of the process")


def _graph(drawing: maps.Drawing, alt: str) -> None:
    st.graphviz_chart(drawing.dot, width="content", alt=alt)
    if drawing.shown_count < drawing.all_count:
        st.caption(f"{drawing.shown_count} of {drawing.all_count} activities, those on the most frequent paths.")


def _only_in_the_books(reader: Reader, where: Filter) -> None:
    with st.expander("The cases behind it", icon=":material/list:"):
        blocks.long_list(
            reader,
            "process_book_only_edges",
            where,
            columns=["case_id", "from_activity", "to_activity", "inverted_count", "first_posted_at", "negative_units"],
            key="only_cases",
            order_by=["first_posted_at", "case_id"],
            descending=True,
            empty="No case has a step that only the books have.",
        )


def _variants(reader: Reader, chosen: Selection) -> None:
    blocks.heading(reader, "Variants", "variants")
    order = Order(["cases_count", "variant"], descending=True)
    read = partial(reader.filtered, "filtered_variants", order, a=chosen)
    shown = reader.filtered("filtered_variants", replace(order, limit=blocks.SHOWN_ROWS), a=chosen)
    if shown.is_empty():
        blocks.nothing(_NO_CASE)
        return
    steps = reader.values("process_variant_steps", "activity", {"process": chosen.process})
    blocks.ways(shown.head(_SHOWN_WAYS), palette.assign(steps))
    with st.expander("As a table", icon=":material/table:"):
        blocks.grid_of(shown.select("cases_count", "share_ratio", "variant"), key="variants", alt="Variants")
    blocks.download_of(reader, "variants", read, key="variants")


def _differences(reader: Reader, sides: choice.Comparison) -> None:
    """Two choices on one map, and their differences as tables."""
    title = fmt.label(f"{sides.a_words} against {sides.b_words}")
    blocks.heading(reader, fmt.markdown(title), "process_edges")
    found = _widest_first(reader, "compared_edges", "difference_ratio", sides)
    if found.is_empty():
        blocks.nothing(_NO_CASE)
        return
    left, right = st.columns(2, gap="large")
    with left:
        paths = filters.switch("Paths", "paths", _PATHS)
        st.caption(
            f"Arrows say in what share of the cases a step followed, {fmt.markdown(sides.a_words)} → "
            f"{fmt.markdown(sides.b_words)}. Coloured is a difference whose 95 % interval leaves out 0."
        )
        blocks.legend(
            {
                f"more often {sides.a_words}": maps.MORE_IN_A,
                f"more often {sides.b_words}": maps.MORE_IN_B,
                "no clear difference": palette.LINE,
            }
        )
        drawn = found.sort("a_cases_count", "b_cases_count", descending=True)
        names = maps.Difference(sides.a_words, sides.b_words)
        _graph(maps.difference_map(drawn.head(_MAIN_EDGES) if paths == "main" else drawn, names), "Map of two choices")
    with right:
        st.markdown("**How often**")
        _compared(reader, "compared_edges", found, sides, {"cases_ratio": ""})
        st.markdown("**How long**")
        timed = _widest_first(reader, "compared_performance", "difference_p50_s", sides)
        _compared(reader, "compared_performance", timed, sides, {"p50_s": "Median ", "p90_s": "90 % within "})


def _widest_first(reader: Reader, model: str, column: str, sides: choice.Comparison) -> pl.DataFrame:
    return reader.filtered(model, Order([column], descending=True, by_magnitude=True), a=sides.a, b=sides.b)


def _compared(
    reader: Reader, model: str, table: pl.DataFrame, sides: choice.Comparison, figures: dict[str, str]
) -> None:
    """A step a row, the figures of both choices beside each other; the CSV holds every column."""
    words: dict[str, str] = {}
    for figure, prefix in figures.items():
        words |= {f"a_{figure}": f"{prefix}{sides.a_words}", f"b_{figure}": f"{prefix}{sides.b_words}"}
        words[f"difference_{figure.removeprefix('cases_')}"] = f"{prefix}difference"
    blocks.grid_of(table.select("from_activity", "to_activity", *words), key=model, alt=fmt.label(model), words=words)
    blocks.download_of(reader, model, lambda: table, key=model)


def _part(reader: Reader, chosen: Selection) -> None:
    """What is looked at more closely: one of several tables."""
    part = filters.switch("Look closer", "part", PARTS)
    where = filters.given(process=chosen.process, facility_id=next(iter(chosen.facilities), None))
    match part:
        case "durations":
            _durations(reader, chosen)
        case "cases":
            _cases(reader, chosen)
        case "spectrum":
            _spectrum(reader, chosen)
        case "throughput":
            _throughput(reader, where)
        case "objects":
            parts.show(reader, TABLES[part])
        case _:
            st.caption(_OF_ALL)
            parts.show(reader, TABLES[part], where)


def _durations(reader: Reader, chosen: Selection) -> None:
    blocks.heading(reader, "Time between steps", "process_edges")
    table = choice.performance(reader, chosen)
    if table.is_empty():
        blocks.nothing(_NO_CASE)
        return
    blocks.grid_of(table, key="durations", alt="Time between steps")
    blocks.download_of(reader, "durations", lambda: table, key="durations")


def _cases(reader: Reader, chosen: Selection) -> None:
    blocks.heading(reader, "Cases, the longest first", "process_cases")
    order = Order(["duration_s", "case_no"], descending=True, limit=blocks.CSV_ROWS)
    read = partial(reader.filtered, "filtered_cases", order, a=chosen)
    shown = reader.filtered("filtered_cases", replace(order, limit=blocks.SHOWN_ROWS), a=chosen).drop("side", "case_no")
    if shown.is_empty():
        blocks.nothing(_NO_CASE)
        return
    blocks.grid_of(shown, key="cases", alt="Cases")
    with st.container(horizontal=True, vertical_alignment="center"):
        blocks.download_of(reader, "cases", read, key="cases")
        st.caption(f"at most {fmt.count(blocks.SHOWN_ROWS)} are shown; the CSV holds all", width="content")


def _spectrum(reader: Reader, chosen: Selection) -> None:
    blocks.heading(reader, "Performance spectrum", "process_spectrum")
    place = _one_facility(reader, chosen)
    where = filters.given(process=chosen.process, facility_id=place)
    steps = _most_first(reader, "process_edges", where, "edges_count").select("from_activity", "to_activity")
    found = reader.table("process_spectrum", where)
    table = steps.join(found, on=["from_activity", "to_activity"], how="inner", maintain_order="left")
    st.caption(
        "Every step by the local day on which it began, the most frequent steps first; slow or fast is a step by how "
        "long the same step takes in all facilities."
    )
    blocks.legend({words: spectrum.COLOURS[column] for column, words in spectrum.CLASSES.items()})
    blocks.chart(table, spectrum.spectrum, spectrum.Spec(), key="spectrum", alt="Performance spectrum", empty=_NO_STEP)
    if not table.is_empty():
        blocks.download(
            reader, "process_spectrum", where, key="spectrum", order_by=["from_activity", "to_activity", "day"]
        )


def _throughput(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Cases by day", "process_throughput")
    measure = filters.switch("Measure", "daily", _DAILY)
    colours = palette.assign(reader.values("facilities", "facility_id"))
    facts = {column: (words.lower(), "count") for column, words in _DAILY.items() if column != measure}
    spec = trend.Spec(measure, "count", _DAILY[measure].lower(), "facility_id", colours, facts)
    table = reader.table("process_throughput", where, order_by=["facility_id", "day"])
    blocks.chart(table, trend.trend, spec, key="throughput", alt="Cases by local day", empty=_NO_STEP)
    if not table.is_empty():
        blocks.download(reader, "process_throughput", where, key="throughput", order_by=["facility_id", "day"])


if __name__ == "__main__":
    show(PAGE, render)
