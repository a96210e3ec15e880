"""What if: what other runs of an interface, or a step less, would have made of what was measured."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards import blocks, filters
from dashboards.charts import format as fmt
from dashboards.charts import quantiles
from dashboards.frame import Page, show
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="What if",
    icon=":material/alt_route:",
    question="What would change if an interface ran at other times, or a step were left out?",
    audience="integration and process owners",
    metrics=("what_if_latency", "what_if_interface", "what_if_transfers", "what_if_steps"),
    order=12,
)

_SCOPES = {"facility": "One facility", "timing_model": "All of a timing model"}
# Column of the mart without its prefix -> words and unit.
_FIGURES = {
    "p50_s": ("Median latency", "s"),
    "p90_s": (fmt.quantile_words(90), "s"),
    "within_sla_ratio": ("Posted within SLA", "ratio"),
    "dark_unit_h": ("Dark stock", "unit_h"),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        kind = filters.switch("What changes", "scope_kind", _SCOPES)
        scopes = reader.values("what_if_latency", "scope", {"scope_kind": kind})
        scope = filters.one_of("Where", "scope", scopes)
        schedule = filters.one_of("The interface runs", "schedule", _schedules(reader))
    if scope is None or schedule is None:
        blocks.nothing("No facility has posted anything yet, so that nothing can be replayed.")
    else:
        where = {"scope_kind": kind, "scope": scope}
        _change(reader, where, schedule)
        _ladder(reader, where)
        _transfers(reader, {**where, "schedule": schedule})
    _interfaces(reader)
    _steps(reader)


def _schedules(reader: Reader) -> dict[str, str]:
    """The schedules in their own order, with their titles."""
    table = reader.table("what_if_latency", columns=["schedule", "schedule_title", "place"], order_by="place")
    return dict(table.select("schedule", "schedule_title").iter_rows())


def _change(reader: Reader, where: Filter, schedule: str) -> None:
    blocks.heading(reader, "Latency and dark stock", "what_if_latency")
    table = reader.table("what_if_latency", {**where, "schedule": schedule})
    if table.is_empty():
        blocks.nothing("Nothing is known of this change.")
        return
    row = table.row(0, named=True)
    help_text = blocks.definition(reader, "what_if_latency")
    for column, (name, (words, unit)) in zip(st.columns(len(_FIGURES)), _FIGURES.items(), strict=True):
        column.metric(
            words,
            fmt.value(row[f"replayed_{name}"], unit),
            delta=f"measured {fmt.value(row[f'measured_{name}'], unit)}",
            delta_color="off",
            delta_arrow="off",
            help=help_text,
            border=True,
        )
    if row["unknown_reason"]:
        blocks.nothing(f"Not every figure is given: {row['unknown_reason']}.")
    headings = {"what": "", **{name: words for name, (words, _) in _FIGURES.items()}, "open_count": "Not posted"}
    blocks.small_table(_side_by_side(row), headings, alt="Measured and replayed, side by side")
    st.caption(f"Assumed: {fmt.markdown(row['assumptions'])}")
    blocks.download(reader, "what_if_latency", where, key="change", order_by="place")


def _side_by_side(row: dict[str, Any]) -> pl.DataFrame:
    """What was measured, the check of the replay, and the change, one row each."""
    lines = {"measured": "As measured", "unchanged": "The same runs, replayed", "replayed": row["schedule_title"]}
    columns = [*_FIGURES, "open_count"]
    rows = [{"what": words, **{name: row.get(f"{line}_{name}") for name in columns}} for line, words in lines.items()]
    return pl.DataFrame(rows, infer_schema_length=None)


def _ladder(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "From real time to once a day", "what_if_latency")
    table = reader.table("what_if_latency", where, order_by="place")
    spec = quantiles.Spec(
        ("schedule_title",),
        {"replayed_p50_s": fmt.quantile_words(50), "replayed_p90_s": fmt.quantile_words(90)},
        {"events_count": "events"},
        "event to posting, replayed",
        is_named_above=True,
    )
    blocks.chart(
        table,
        quantiles.quantiles,
        spec,
        key="ladder",
        alt="Latency by schedule",
        empty="Nothing is known of this change.",
    )


def _transfers(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Transfers in the books", "what_if_transfers")
    keys = ["from_facility_id", "to_facility_id"]
    table = reader.table("what_if_transfers", where, order_by=keys)
    if table.is_empty():
        blocks.nothing("No transfer with a posted shipment begins or ends where the interface changes.")
        return
    words = {
        "from_facility_id": "From",
        "to_facility_id": "To",
        "transfers_count": "Transfers",
        "measured_p50_s": "Median, measured",
        "replayed_p50_s": "Median, replayed",
        "measured_p90_s": "90 % within, measured",
        "replayed_p90_s": "90 % within, replayed",
        "unknown_reason": "Why not given",
    }
    blocks.small_table(table, words, alt="Book cycle of transfers by lane")
    st.caption(
        "From the posting of the shipment to that of the receipt. A faster interface at the shipping end alone makes "
        "this longer, since the goods leave the books there sooner."
    )
    blocks.download(reader, "what_if_transfers", where, key="transfers", order_by=keys)


def _interfaces(reader: Reader) -> None:
    blocks.heading(reader, "Interfaces as they run", "what_if_interface")
    table = reader.table("what_if_interface", order_by="facility_id")
    if table.is_empty():
        blocks.nothing("There are no facilities.")
        return
    words = {
        "facility_id": "Facility",
        "runs": "Runs",
        "explained_ratio": "Came by them",
        "held_up_count": "Held up",
        "bypassed_count": "Before their run",
        "missing_count": "Never posted",
        "processing_p50_s": "Processing, median",
        "unknown_reason": "Why not replayed",
    }
    blocks.small_table(table, words, alt="Runs of the interfaces")
    blocks.download(reader, "what_if_interface", key="interfaces", order_by="facility_id")


def _steps(reader: Reader) -> None:
    blocks.heading(reader, "A step less", "what_if_steps")
    with filters.row("steps"):
        process = filters.one_of("Process", "process", reader.values("what_if_steps", "process"), in_words=True)
        places = reader.values("what_if_steps", "facility_id", filters.given(process=process))
        facility = filters.one_of("Facility", "facility", places)
    if process is None or facility is None:
        blocks.nothing("No case that is over has a step between two others.")
        return
    where = {"process": process, "facility_id": facility}
    table = reader.table("what_if_steps", where, order_by="saved_h", descending=True)
    words = {
        "activity": "Step left out",
        "cases_count": "Cases",
        "measured_p50_s": "Median, measured",
        "halved_p50_s": "Median, half the wait",
        "without_p50_s": "Median, without",
        "measured_p90_s": "90 % within, measured",
        "without_p90_s": "90 % within, without",
        "saved_h": "Saved in all",
        "unknown_reason": "Why not given",
    }
    blocks.small_table(table, words, alt="Durations of cases without a step")
    for sentence in dict.fromkeys(table["assumptions"]):
        st.caption(f"Assumed: {fmt.markdown(sentence)}")
    blocks.download(reader, "what_if_steps", where, key="steps", order_by="saved_h", descending=True)


if __name__ == "__main__":
    show(PAGE, render)
