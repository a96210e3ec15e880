"""Scorecard: each headline measure by facility, against its target, with its trend."""

from typing import Any, Literal

import polars as pl
import streamlit as st

from dashboards import blocks, filters
from dashboards.charts import format as fmt
from dashboards.frame import Page, show
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Scorecard",
    icon=":material/dashboard:",
    question="Does the ERP learn of what happens on the floor in time and in full, and is it getting better?",
    audience="executives",
    metrics=("scorecard", "scorecard_trend"),
    order=0,
)

_CARDS_IN_A_ROW = {1: 1, 2: 2}
_MEASURES_IN_A_ROW = {1: 4, 2: 2, 3: 2}
_COLOUR: dict[bool | None, Literal["green", "red", "gray"]] = {True: "green", False: "red", None: "gray"}
# Measures of posting, beside which the SLA stands: the target is one for all facilities, the SLA each facility's own.
_OF_POSTING = ("latency_p50_s", "latency_p90_s", "latency_km_p90_s", "within_sla_ratio")
_SIGN = {True: ":material/check_circle: ", False: ":material/error: ", None: ""}
_UNKNOWN = {
    "no_value": "there is no value",
    "no_target": "there is no target",
    "no_materiality": "the workspace sets no materiality",
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
    where = filters.given(facility_id=facility)
    table = reader.table("scorecard", where, order_by=["place", "facility_id"])
    if table.is_empty():
        blocks.nothing("No headline measure has a value yet.")
        return
    _targets(reader, where)
    names = {row["facility_id"]: row["name"] for row in reader.table("facilities").to_dicts()}
    slas = {place: _sla(reader, place) for place in table["facility_id"].unique()}
    cards = _CARDS_IN_A_ROW.get(table["facility_id"].n_unique(), 3)
    metrics = table["metric"].unique(maintain_order=True).to_list()
    for place, metric in zip(blocks.grid(len(metrics), _MEASURES_IN_A_ROW[cards], gap="medium"), metrics, strict=True):
        with place:
            rows = table.filter(pl.col("metric") == metric).to_dicts()
            blocks.heading(reader, fmt.markdown(rows[0]["title"]), _model(rows[0]))
            for card, row in zip(blocks.grid(len(rows), cards), rows, strict=True):
                with card:
                    sla = slas[row["facility_id"]] if row["metric"] in _OF_POSTING else None
                    _card(reader, row, names.get(row["facility_id"]), sla)
    blocks.download(reader, "scorecard", where, key="scorecard", order_by=["place", "facility_id"])


def _targets(reader: Reader, where: Filter) -> None:
    """How many of the cards below meet their target."""
    with st.container(horizontal=True):
        missed = reader.count("scorecard", {**where, "is_met": False})
        st.badge(f"{fmt.count(missed)} off target", icon=":material/error:", color="red" if missed else "gray")
        material = reader.count("scorecard", {**where, "is_material": True})
        if material:
            st.badge(f"{fmt.count(material)} by a material gap", icon=":material/priority_high:", color="red")
        met = reader.count("scorecard", {**where, "is_met": True})
        st.badge(f"{fmt.count(met)} on target", icon=":material/check_circle:", color="green" if met else "gray")
        open_ended = reader.count("scorecard", {**where, "is_met": None})
        if open_ended:
            st.badge(f"{fmt.count(open_ended)} without target", color="gray")


def _model(row: dict[str, Any]) -> str:
    """The catalogue entry that says what a headline measure means."""
    return row.get("model") or "scorecard"


def _gap(row: dict[str, Any]) -> str:
    """Whether a missed target is missed by much, as a word behind it; empty where that is not known."""
    if row["is_met"] is not False or row["is_material"] is None:
        return ""
    return ", material" if row["is_material"] else ", not material"


def _materiality(row: dict[str, Any]) -> str:
    """From what gap on a missed target matters, or why that is not known, as a sentence."""
    if row["is_material"] is not None:
        return f"A gap is material from {fmt.value(row['materiality'], row['unit'])} on."
    return f"Whether a gap is material is not known: {_UNKNOWN[row['material_unknown_reason']]}."


def _sla(reader: Reader, facility: str) -> str | None:
    """Within which time a facility's events are to be posted: one SLA, or the range of those of its event types."""
    known = reader.values("event_latency", "sla_s", {"facility_id": facility})
    return None if not known else f"SLA {fmt.span(known[0], known[-1])}"


def _card(reader: Reader, row: dict[str, Any], name: str | None, sla: str | None) -> None:
    where = {"metric": row["metric"], "facility_id": row["facility_id"]}
    trend = reader.table("scorecard_trend", where, order_by="day", columns=["value"])["value"].drop_nulls()
    place = f"**{fmt.markdown(row['facility_id'])}**"
    if name and name != row["facility_id"]:
        place = f"{place} :gray[{fmt.markdown(name)}]"
    n = f"{fmt.count(row['n'])} {'case' if row['n'] == 1 else 'cases'}"
    target = fmt.target(row["target"], row["unit"], row["direction"])
    facts = [
        place,
        f"Target: {target}. The figure rests on {n}.",
        _materiality(row),
        blocks.definition(reader, _model(row)) or "",
    ]
    if sla is not None:
        facts.insert(
            2, f"{sla}: what this facility is held to, by event type. The target is the same for all facilities."
        )
    has_target = row["target"] is not None
    with st.container(key=f"card_{row['metric']}_{row['facility_id']}"):
        st.metric(
            place,
            fmt.value(row["value"], row["unit"]),
            delta=f"{_SIGN[row['is_met']]}{target}{_gap(row)}" if has_target else n,
            delta_color=_COLOUR[row["is_met"]],
            delta_arrow="off",
            delta_description=n if has_target else None,
            chart_data=trend.cast(pl.Float64).to_list() if len(trend) > 1 else None,
            chart_type="area",
            help="\n\n".join(facts),
            border=True,
            height="stretch",
        )
        if sla is not None:
            st.caption(sla)


if __name__ == "__main__":
    show(PAGE, render)
