"""Conformance: where cases leave the model of their process, what that costs, and which cases they are."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards import blocks, choice, filters, palette, parts
from dashboards.charts import bars, intervals
from dashboards.charts import format as fmt
from dashboards.charts import process_map as maps
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Conformance",
    icon=":material/fact_check:",
    question="Where do cases leave the model of their process, how often, and what are those cases worth?",
    audience="process owners",
    metrics=(
        *("process_conformance", "deviations", "case_deviation", "case_conformance", "temporal_deviations"),
        *("temporal_profile", "process_models", "process_model_quality", "process_constraints", "process_relations"),
    ),
    order=6,
)

_SHOWN_DEVIATIONS = 20
_COUNTING, _ACCEPTED = "counts against adherence", "accepted, with a reason"
_COLOURS = {False: palette.PRIMARY, True: palette.SEQUENTIAL[3]}
_LABELS = {_COUNTING: _COLOURS[False], _ACCEPTED: _COLOURS[True]}
_WHICH: dict[str, Filter] = {"counting": {"is_accepted": False}, "accepted": {"is_accepted": True}, "all": {}}
_WHICH_WORDS = {"counting": "Not accepted", "accepted": "Accepted", "all": "All"}
_ADHERENCE = Part(
    "Adherence to the model",
    "process_conformance",
    [
        *("facility_id", "cases_count", "conformant_count", "adherence_ratio", "adherence_low_ratio"),
        *("adherence_high_ratio", "fitness_ratio", "open_count", "approximated_count"),
    ],
    "facility_id",
    "No model of this process is compared with.",
    note="The share of cases without a deviation, and its 95 % interval: where intervals overlap, the "
    "difference may be chance.",
    draw=intervals.intervals,
    spec=intervals.Spec(
        *("facility_id", "adherence_ratio", "adherence_low_ratio", "adherence_high_ratio", "cases_count", "cases"),
        "cases without a deviation",
    ),
)
_DEVIATION = [
    *("facility_id", "kind", "activity", "cases_count", "share_ratio", "added_duration_p50_s", "added_duration_reason"),
    *("value_at_risk_usd", "valued_count", "is_accepted", "accepted_reason", "accepted_until_date"),
]
_PARTS = {
    "cases": Part(
        "All cases, the worst first",
        "case_conformance",
        [
            *("case_id", "facility_id", "fitness", "is_conformant", "is_open", "deviations_count", "accepted_count"),
            *("first_at", "last_at", "duration_s"),
        ],
        ["fitness", "case_id"],
        "No case of this process was seen here.",
    ),
    "time": Part(
        "Cases out of time",
        "temporal_deviations",
        ["case_id", "facility_id", "from_activity", "to_activity", "elapsed_s", "mean_s", "stddev_s", "zeta_ratio"],
        ["zeta_ratio", "case_id"],
        "No step came unusually early or late after another.",
        descending=True,
        note="Zeta is the distance from the mean in standard deviations.",
    ),
    "profile": Part(
        "Usual time between activities",
        "temporal_profile",
        ["from_activity", "to_activity", "pairs_count", "mean_s", "stddev_s"],
        ["pairs_count", "from_activity", "to_activity"],
        "No case of this process has two activities.",
        descending=True,
    ),
    "rules": Part(
        "Rules that cases keep to",
        "process_constraints",
        [
            *("facility_id", "template", "activity", "other_activity", "cases_count", "activated_count"),
            *("satisfied_count", "support_ratio", "confidence_ratio"),
        ],
        ["confidence_ratio", "facility_id", "template", "activity", "other_activity"],
        "Too few cases for rules.",
        note="Those that some cases break come first.",
    ),
    "relations": Part(
        "What follows what, and whether it may",
        "process_relations",
        [
            *("facility_id", "from_activity", "to_activity", "follows_count", "relation", "dependency"),
            *("is_in_heuristics_net", "is_allowed"),
        ],
        ["is_allowed", "facility_id", "from_activity", "to_activity"],
        "Too few cases for relations.",
        note="What the model does not allow comes first.",
    ),
}
_QUALITY = Part(
    "Quality of the models",
    "process_model_quality",
    [
        *("facility_id", "kind", "cases_count", "variants_count", "fitness_ratio", "replay_ratio", "precision_ratio"),
        *("generalisation_ratio", "simplicity_ratio", "unknown_reason"),
    ],
    ["facility_id", "kind"],
    "No model of this process is measured here.",
    note="Fitness: cases that the model explains. Precision: how much of what it allows happens. 100 % is best.",
)


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        process, facility = choice.process_and_facility(reader)
    if process is None:
        blocks.nothing("No case has been seen yet: a case is a document that events name.")
        return
    where = filters.given(process=process, facility_id=facility)
    parts.show(reader, _ADHERENCE, where)
    _deviations(reader, where)
    _cases(reader, where)
    parts.one_of(reader, _PARTS, where, label="Look closer", key="conformance_part")
    _models(reader, process, facility)
    parts.show(reader, _QUALITY, where)


def _deviations(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Deviations from the model", "deviations")
    order: dict[str, Any] = {"order_by": ["cases_count", "activity", "facility_id"], "descending": True}
    table = reader.table("deviations", where, limit=_SHOWN_DEVIATIONS, **order)
    if table.is_empty():
        blocks.nothing("Every case follows the model.")
        return
    blocks.legend(_LABELS)
    name = ("activity", "kind") if "facility_id" in where else ("facility_id", "activity", "kind")
    spec = bars.Spec(name, "cases_count", "cases", _COLOURS, "is_accepted")
    blocks.chart(table, bars.bars, spec, key="deviations_chart", alt="Cases by deviation", empty="")
    blocks.long_list(reader, "deviations", where, columns=_DEVIATION, key="deviations", empty="", **order)


def _cases(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Cases that deviate", "case_deviation")
    with filters.row("list_filters"):
        which = filters.switch("Deviations", "deviations_shown", _WHICH_WORDS)
        kinds = reader.values("deviations", "kind", where)
        kind = filters.any_of("Kind", "kind", kinds, in_words=True, every="Any kind")
        steps = reader.values("deviations", "activity", where)
        activity = filters.any_of("Activity", "activity", steps, in_words=True, every="Any activity")
    blocks.long_list(
        reader,
        "case_deviation",
        {**where, **_WHICH[which], **filters.given(kind=kind, activity=activity)},
        columns=[
            *("case_id", "facility_id", "kind", "activity", "value_at_risk_usd", "value_reason", "is_accepted"),
            *("accepted_reason", "accepted_until_date"),
        ],
        key="cases",
        order_by=["value_at_risk_usd", "case_id"],
        descending=True,
        empty="No case deviates in this way.",
    )


def _models(reader: Reader, process: str, facility: str | None) -> None:
    """The model as it should be beside the one that the cases show."""
    blocks.heading(reader, "Models side by side", "process_models")
    places = reader.values("process_models", "facility_id", {"process": process, "kind": "discovered"})
    place = facility or filters.one_of("Of facility", "at", places)
    meant = reader.table("process_models", {"process": process, "kind": "normative", "facility_id": place})
    if meant.is_empty():
        meant = reader.table("process_models", {"process": process, "kind": "normative", "facility_id": None})
    found = reader.table("process_models", {"process": process, "kind": "discovered", "facility_id": place})
    if meant.is_empty() and found.is_empty():
        blocks.nothing("No model of this process is published.")
        return
    for column, words, kind, table in zip(
        st.columns(2, gap="large"),
        ("As it should be", f"As it is in {place}"),
        ("normative", "discovered"),
        (meant, found),
        strict=True,
    ):
        with column:
            st.markdown(f"**{fmt.markdown(words)}**")
            _model(kind, table, process, reader.run.run_id)


def _model(kind: str, table: pl.DataFrame, process: str, run_id: str) -> None:
    if table.is_empty():
        blocks.nothing(f"No {kind} model of this process is published here.")
        return
    row = table.row(0, named=True)
    if row["dot"]:
        drawn = maps.model_drawing(row["dot"])
        st.graphviz_chart(drawn, width="content", alt=f"{fmt.label(kind)} model of the process")
    if row["bpmn_xml"]:
        st.download_button(
            "Download BPMN",
            row["bpmn_xml"],
            file_name=f"dockledger-{process}-{kind}-{run_id}.bpmn",
            mime="application/xml",
            key=f"bpmn_{kind}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


if __name__ == "__main__":
    show(PAGE, render)
