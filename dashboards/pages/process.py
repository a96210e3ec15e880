"""Process: which ways cases take, and where they leave the model."""

import polars as pl
import streamlit as st

from dashboards import blocks, filters
from dashboards.charts import bars
from dashboards.charts import format as fmt
from dashboards.charts.process_map import Spec as MapSpec
from dashboards.charts.process_map import process_map
from dashboards.frame import Page, show
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Process",
    icon=":material/account_tree:",
    question="Which ways do cases take, and where do they leave the model?",
    audience="process owners",
    metrics=("process_conformance", "process_edges", "variants", "deviations", "case_deviation"),
    order=6,
)

_PATHS = {"main": "Main paths", "all": "All paths"}
_MAIN_EDGES = 24


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        process = filters.one_of("Process", "process", reader.values("process_edges", "process"), in_words=True)
        places = reader.values("process_edges", "facility_id", filters.given(process=process))
        facility = filters.one_of("Facility", "facility", places)
    if process is None or facility is None:
        blocks.nothing("No case has been seen yet: a case is a document that events name.")
        return
    _conformance(reader, process)
    where = {"process": process, "facility_id": facility}
    left, right = st.columns([3, 2], gap="large")
    with left:
        _map(reader, where)
    with right:
        _deviations(reader, where)
    _cases(reader, where)
    _variants(reader, where)
    _models(reader, process, facility)


def _conformance(reader: Reader, process: str) -> None:
    blocks.heading(reader, "Conformance with the model", "process_conformance")
    table = reader.table("process_conformance", {"process": process}, order_by="facility_id")
    if table.is_empty():
        blocks.nothing("No model of this process is compared with.")
        return
    words = {
        "facility_id": "Facility",
        "cases_count": "Cases",
        "conformant_count": "Without deviation",
        "adherence_ratio": "Adherence",
        "fitness_ratio": "Average fitness",
    }
    blocks.small_table(table, words, alt="Conformance by facility")
    blocks.download(reader, "process_conformance", {"process": process}, key="conformance", order_by="facility_id")


def _map(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Map", "process_edges")
    paths = filters.switch("Paths", "paths", _PATHS)
    limit = _MAIN_EDGES if paths == "main" else None
    table = reader.table("process_edges", where, order_by="edges_count", descending=True, limit=limit)
    if table.is_empty():
        blocks.nothing("No case of this process was seen at this facility.")
        return
    drawing = process_map(table, MapSpec())
    st.caption(
        "Arrows say how many cases went that way and the median time between the two steps; wider is more frequent."
    )
    st.graphviz_chart(drawing.dot, width="content", alt="Directly-follows map of the process")
    if drawing.shown_count < drawing.all_count:
        st.caption(f"{drawing.shown_count} of {drawing.all_count} activities, those on the most frequent paths.")
    blocks.download(reader, "process_edges", where, key="edges", order_by="edges_count", descending=True)


def _variants(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Variants", "variants")
    blocks.long_list(
        reader,
        "variants",
        where,
        columns=["cases_count", "share_ratio", "variant"],
        key="variants",
        order_by=["cases_count", "variant"],
        descending=True,
        empty="No case of this process was seen at this facility.",
    )


def _deviations(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Deviations from the model", "deviations")
    table = reader.table("deviations", where, order_by=["cases_count", "activity"], descending=True, limit=20)
    spec = bars.Spec(("activity", "kind"), "cases_count", "cases")
    blocks.chart(
        table, bars.bars, spec, key="deviations", alt="Cases by deviation", empty="Every case follows the model."
    )
    if not table.is_empty():
        blocks.download(
            reader, "deviations", where, key="deviations", order_by=["cases_count", "activity"], descending=True
        )


def _cases(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Cases that deviate", "case_deviation")
    blocks.long_list(
        reader,
        "case_deviation",
        where,
        columns=["case_id", "kind", "activity", "value_at_risk_usd", "is_accepted", "accepted_reason"],
        key="cases",
        order_by=["value_at_risk_usd", "case_id"],
        descending=True,
        empty="Every case follows the model.",
    )


def _models(reader: Reader, process: str, facility: str) -> None:
    blocks.heading(reader, "Models", "process_models")
    normative = reader.table("process_models", {"process": process, "kind": "normative", "facility_id": facility})
    if normative.is_empty():
        normative = reader.table("process_models", {"process": process, "kind": "normative", "facility_id": None})
    discovered = reader.table("process_models", {"process": process, "kind": "discovered", "facility_id": facility})
    if normative.is_empty() and discovered.is_empty():
        blocks.nothing("No model of this process is published.")
        return
    for tab, (words, table) in zip(
        st.tabs(["As it should be", "As it is"]),
        {"normative": normative, "discovered": discovered}.items(),
        strict=True,
    ):
        with tab:
            _model(words, table, process, reader.run.run_id)


def _model(kind: str, table: pl.DataFrame, process: str, run_id: str) -> None:
    if table.is_empty():
        blocks.nothing(f"No {kind} model of this process is published here.")
        return
    row = table.row(0, named=True)
    if row["dot"]:
        st.graphviz_chart(row["dot"], width="content", alt=f"{fmt.label(kind)} model of the process")
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
