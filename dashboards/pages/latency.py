"""Latency: how long from the floor to the ERP, where and when, down to the row."""

import streamlit as st

from dashboards import blocks, filters, palette, parts
from dashboards.charts import distribution, heat_map, matrix, quantiles, trend
from dashboards.charts import format as fmt
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Latency",
    icon=":material/timer:",
    question="How long does it take until the ERP believes what happened on the floor, where and when?",
    audience="analysts",
    metrics=(
        "latency_by_facility",
        "latency_trend",
        "latency_by_hour",
        "latency_distribution",
        "event_latency",
        *("latency_split", "latency_by_interface", "latency_by_shift", "latency_by_supplier", "step_times"),
        *("dock_to_stock", "dark_stock", "throughput", "censored_durations"),
    ),
    order=1,
)

_NAIVE = {f"p{percent}_s": fmt.quantile_words(percent) for percent in (50, 90, 95, 99)}
_CENSORED = {"km_p50_s": "Median incl. unposted", "km_p90_s": "90 % within, incl. unposted"}
_WITHIN_SLA = "Posted within SLA"
_N = {"events_count": "events", "unposted_count": "not posted yet"}
_SUMMARY = {
    "events_count": "Events",
    "unposted_count": "Not posted",
    **_NAIVE,
    **_CENSORED,
    "within_sla_ratio": _WITHIN_SLA,
}
_BY_DAY = {"p50_s": _NAIVE["p50_s"], "p90_s": _NAIVE["p90_s"], "within_sla_ratio": _WITHIN_SLA}
_BY_HOUR = {
    "p90_s": _NAIVE["p90_s"],
    "p50_s": _NAIVE["p50_s"],
    "within_sla_ratio": _WITHIN_SLA,
    "events_count": "Events",
}
_ROW = [
    "event_id",
    "facility_id",
    "event_type",
    "event_time",
    "posted_at",
    "latency_s",
    "sla_s",
    "is_late",
    "item_id",
    "quantity",
    "document_id",
    "match_method",
    "feed",
    "file",
    "row_number",
]
_WAITING = [column for column in _ROW if column not in ("posted_at", "latency_s", "match_method")]
_NO_EVENT = "No event matches these filters."

_QUANTILES = ["p50_s", "p90_s", "p95_s", "p99_s", "km_p50_s", "km_p90_s"]
_SLA = ["due_count", "within_sla_ratio"]
_PARTS = {
    "split": Part(
        "Capture or interface",
        "latency_split",
        ["facility_id", "part", "cases_count", "open_count", *_QUANTILES],
        ["facility_id", "part"],
        _NO_EVENT,
        otherwise={"event_type": None},
        note="Capture ends when the floor's record is stored, interface when that record is posted.",
    ),
    "interface": Part(
        "By interface",
        "latency_by_interface",
        ["facility_id", "feed", "events_count", "unposted_count", *_QUANTILES, *_SLA],
        ["p90_s", "facility_id", "feed"],
        _NO_EVENT,
        descending=True,
        note="Of all event types; the interface of an event is the feed that delivered it.",
    ),
    "shift": Part(
        "By shift",
        "latency_by_shift",
        ["facility_id", "shift", "events_count", "unposted_count", *_QUANTILES, *_SLA],
        ["facility_id", "shift"],
        _NO_EVENT,
        note="Of all event types.",
    ),
    "supplier": Part(
        "By supplier",
        "latency_by_supplier",
        ["facility_id", "supplier_id", "supplier_name", "events_count", "unposted_count", *_QUANTILES, *_SLA],
        ["p90_s", "facility_id", "supplier_id"],
        "No event states a supplier.",
        descending=True,
        note="Of all event types.",
    ),
    "steps": Part(
        "Steps on the floor",
        "step_times",
        ["facility_id", "step", "cases_count", "open_count", *_QUANTILES],
        ["facility_id", "step"],
        "No step has begun.",
    ),
    "dock": Part(
        "Dock to stock",
        "dock_to_stock",
        [
            *("facility_id", "lines_count", "physical_p50_s", "physical_p90_s", "ledger_p50_s", "ledger_p90_s"),
            *("posting_gap_s", "physical_open_count", "ledger_open_count", "ledger_km_p50_s", "ledger_km_p90_s"),
        ],
        "facility_id",
        "Nothing was received.",
        note="Physical ends when goods are put away, ledger when the ERP knows it.",
    ),
    "dark": Part(
        "Dark stock",
        "dark_stock",
        [
            *("facility_id", "event_type", "events_count", "dark_unit_h", "open_unit_h", "dark_usd_h"),
            *("dark_negative_unit_h", "quantity_unknown_count", "unpriced_count"),
        ],
        ["facility_id"],
        _NO_EVENT,
        otherwise={"event_type": None},
        note="Units times the hours in which the ERP did not see them.",
    ),
    "volume": Part(
        "Volume by day",
        "throughput",
        ["day", "facility_id", "event_type", "lines_count", "documents_count", "moved_units", "moved_usd"],
        ["day", "facility_id", "event_type"],
        _NO_EVENT,
        descending=True,
    ),
    "open": Part(
        "Everything that can stay open",
        "censored_durations",
        [
            *("measure", "group_1", "group_2", "finished_count", "open_count", "p50_s", "p90_s", "km_p50_s"),
            *("km_p90_s", "due_count", "within_sla_ratio", "km_within_sla_ratio", "is_km_lower_bound"),
        ],
        ["measure", "group_1", "group_2"],
        "Nothing has begun.",
        note="Quantiles of what is finished, and Kaplan-Meier ones that count what is still open.",
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
        kinds = reader.values("latency_by_facility", "event_type")
        event_type = filters.any_of("Event type", "event_type", kinds, in_words=True, every="All event types")
    place = filters.given(facility_id=facility)
    _by_facility(reader, {**place, "event_type": event_type})
    _by_day(reader, {**place, "event_type": event_type})
    if event_type is None:
        _by_event_type(reader, place)
    _by_hour(reader, {**place, "event_type": event_type})
    _spread(reader, {**place, "event_type": event_type})
    parts.one_of(
        reader, _PARTS, {**place, **filters.given(event_type=event_type)}, label="Look closer", key="latency_part"
    )
    _slowest(reader, {**place, **filters.given(event_type=event_type)})


def _by_facility(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "By facility", "latency_by_facility")
    st.caption(
        "Dots are quantiles of posted events: within that time half of them were posted (median), 90 %, 95 % and 99 %. "
        "Diamonds (Kaplan-Meier) also count the events that still wait: "
        "where they lie far to the right of their dot, a queue is stuck; a triangle at the edge was not reached at all."
    )
    table = reader.table("latency_by_facility", where, order_by="facility_id")
    spec = quantiles.Spec(("facility_id",), _NAIVE, _N, "event to posting", _CENSORED)
    blocks.chart(
        table, quantiles.quantiles, spec, key="by_facility", alt="Latency quantiles by facility", empty=_NO_EVENT
    )
    if not table.is_empty():
        blocks.small_table(table, {"facility_id": "Facility", **_SUMMARY}, alt="Latency by facility")
        blocks.download(reader, "latency_by_facility", where, key="latency_by_facility", order_by="facility_id")


def _by_day(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "By day", "latency_trend")
    measure = filters.switch("Measure", "trend", _BY_DAY)
    unit, words = "ratio" if measure == "within_sla_ratio" else "s", _BY_DAY[measure]
    colours = palette.assign(reader.values("facilities", "facility_id"))
    facts = {"events_count": ("events", "count"), "posted_count": ("posted", "count")}
    spec = trend.Spec(measure, unit, words, "facility_id", colours, facts)
    table = reader.table("latency_trend", where)
    blocks.chart(table, trend.trend, spec, key="by_day", alt="Latency by local day", empty=_NO_EVENT)
    if not table.is_empty():
        blocks.download(reader, "latency_trend", where, key="by_day", order_by=["facility_id", "day"])


def _by_event_type(reader: Reader, place: Filter) -> None:
    blocks.heading(reader, "By event type", "latency_by_facility")
    where = {**place, "event_type": reader.values("latency_by_facility", "event_type")}
    keys = ["event_type", "facility_id"]
    table = reader.table("latency_by_facility", where, order_by=keys)
    spec = matrix.Spec("facility_id", "event_type", "p90_s", "s", _NAIVE["p90_s"], _N)
    st.caption("The time within which 90 % of the posted events were posted")
    blocks.chart(
        table,
        matrix.matrix,
        spec,
        key="by_type",
        alt="Latency, 90 % within, by event type and facility",
        empty=_NO_EVENT,
    )
    if not table.is_empty():
        with st.expander("As a table", icon=":material/table:"):
            columns = {"event_type": "Event type", "facility_id": "Facility", **_SUMMARY}
            blocks.small_table(table, columns, alt="Latency by event type and facility")
        blocks.download(reader, "latency_by_facility", where, key="latency_by_type", order_by=keys)


def _by_hour(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "By local hour and weekday", "latency_by_hour")
    measure = filters.switch("Colour", "colour", _BY_HOUR)
    unit = {"within_sla_ratio": "ratio", "events_count": "count"}.get(measure, "s")
    table = reader.table("latency_by_hour", where, order_by="facility_id")
    if table.is_empty():
        blocks.nothing(_NO_EVENT)
        return
    low, high = heat_map.ends(table, measure)
    blocks.gradient(fmt.value(low, unit), fmt.value(high, unit), is_dark_low=unit == "ratio")
    spec = heat_map.Spec(
        measure, unit, _BY_HOUR[measure], {"events_count": "events", "posted_count": "posted"}, low, high
    )
    blocks.panels(table, heat_map.heat_map, spec, key="by_hour", alt="by local hour and weekday")
    blocks.download(reader, "latency_by_hour", where, key="by_hour", order_by=["facility_id", "weekday", "hour"])


def _spread(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Distribution", "latency_distribution")
    table = reader.table("latency_distribution", where, order_by=["bucket_no", "facility_id"])
    if table.is_empty():
        blocks.nothing("No posted event matches these filters.")
        return
    buckets = tuple(dict.fromkeys(table.select("lower_s", "upper_s").iter_rows()))
    spec = distribution.Spec("events_count", "posted events", buckets)
    blocks.panels(table, distribution.distribution, spec, key="spread", alt="distribution of latency")
    blocks.download(reader, "latency_distribution", where, key="spread", order_by=["facility_id", "bucket_no"])


def _slowest(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Slowest events", "event_latency")
    which = filters.switch(
        "Events", "events", {"posted": "Posted, slowest first", "waiting": "Not posted, oldest first"}
    )
    if which == "posted":
        blocks.long_list(
            reader,
            "event_latency",
            {**where, "is_posted": True},
            columns=_ROW,
            key="slowest",
            order_by="latency_s",
            descending=True,
            empty="No posted event matches these filters.",
        )
    else:
        blocks.long_list(
            reader,
            "event_latency",
            {**where, "is_posted": False},
            columns=_WAITING,
            key="waiting",
            order_by="event_time",
            empty="Every event that matches these filters is posted.",
        )


if __name__ == "__main__":
    show(PAGE, render)
