"""Causes: what raises a deviation, a slow segment or a fault of posting?"""

import streamlit as st

from dashboards import blocks, filters, palette
from dashboards.charts import format as fmt
from dashboards.charts.forest import Spec, forest
from dashboards.frame import Page, show
from dashboards.reader import NOT_NULL, Filter, Reader

PAGE = Page(
    title="Causes",
    icon=":material/troubleshoot:",
    question="Why here: what raises a deviation, a slow segment or a fault of posting?",
    audience="analysts",
    metrics=("causes", "cause_outcomes", "cause_rules"),
    order=7,
)

_SHOWN = {"raised": "Raised", "tested": "All that were tested"}
_COLOURS = {
    "raised": palette.PRIMARY,
    "raised, as its facility is": palette.CATEGORICAL[1],
    "not raised beyond chance": palette.MUTED,
}
_ROWS = 25
_COLUMNS = [
    "label", "standing", "units_count", "outcome_count", "share_ratio", "others_share_ratio", "lift_ratio",
    "lift_low_ratio", "lift_high_ratio", "p_adjusted", "facility_lift_ratio", "excess_count", "untested_reason",
]  # fmt: skip
_OUTCOME_COLUMNS = [
    "kind", "from_activity", "activity", "units_count", "outcome_count", "share_ratio", "tested_count", "raised_count",
    "unknown_reason",
]  # fmt: skip


def render(reader: Reader) -> None:
    """Shows the page."""
    # What has most causes comes first, so that the page opens with something to see.
    order = ["raised_count", "outcome_count"]
    known = reader.table("cause_outcomes", columns=["subject", *order], order_by=order, descending=True)
    with filters.row():
        subject = filters.one_of("Process", "subject", list(dict.fromkeys(known["subject"])), in_words=True)
        own = reader.table("cause_outcomes", {"subject": subject}, order_by=order, descending=True)
        outcome = filters.one_of("Outcome", "outcome", own["outcome"].to_list(), in_words=True)
    if subject is None or outcome is None:
        blocks.nothing("Nothing has happened yet whose causes could be sought.")
        return
    where = {"subject": subject, "outcome": outcome}
    told = reader.table("cause_outcomes", where).row(0, named=True)
    words = "cases"
    if subject == "posting":
        words = "received lines" if told["kind"] == "adjusted" else "events"
    # In full, since a filter cuts off what is long.
    st.markdown(f"**{fmt.markdown(fmt.label(outcome))}**")
    _how_often(told, words)
    _raising(reader, where, told["unknown_reason"], words)
    _in_words(reader, where)
    _outcomes(reader, subject)


def _how_often(told: dict[str, object], words: str) -> None:
    facts = {
        fmt.label(words): (fmt.value(told["units_count"], "count"), f"{fmt.label(words)} in which it could happen"),
        "Have the outcome": (fmt.value(told["outcome_count"], "count"), "Those in which it did happen"),
        "Share": (fmt.value(told["share_ratio"], "ratio"), "Those that have the outcome, of all that could"),
    }
    for column, (name, (text, help_text)) in zip(st.columns(3), facts.items(), strict=True):
        column.metric(name, text, help=help_text, border=True)


def _raising(reader: Reader, where: Filter, unknown_reason: str | None, words: str) -> None:
    blocks.heading(reader, "What raises it", "causes")
    which = filters.switch("Values", "values", _SHOWN)
    condition: Filter = {"is_raised": True} if which == "raised" else {"p_value": NOT_NULL}
    chosen = {**where, **condition}
    table = reader.table("causes", chosen, order_by=["lift_low_ratio", "label"], descending=True, limit=_ROWS)
    st.caption(
        "How many times as often as where the value is another, with its 95 % interval; the surest first. What goes "
        "together need not be its cause: a lift says where to look, not what to change. A value that is raised as its "
        "facility is says no more than the facility does."
    )
    spec = Spec(
        "label", "lift_ratio", "lift_low_ratio", "lift_high_ratio", "share_ratio", "others_share_ratio", "units_count",
        words, "standing", _COLOURS, "lift against other values",
    )  # fmt: skip
    reason = unknown_reason or "no value could be tested"
    empty = f"No cause can be told: {fmt.markdown(reason)}."
    blocks.chart(table, forest, spec, key="lift", alt="Lift of each value with its interval", empty=empty)
    if not table.is_empty():
        with st.expander("As a table", icon=":material/table:"):
            blocks.long_list(
                reader, "causes", chosen, columns=_COLUMNS, key="causes", empty=empty,
                order_by=["lift_low_ratio", "label"], descending=True,
            )  # fmt: skip


def _in_words(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "In words", "cause_rules")
    told = reader.table("cause_rules", {**where, "is_told": True}, order_by="rule_no")
    if told.is_empty():
        blocks.nothing("No few questions tell where it happens more often.")
        return
    st.markdown("\n".join(f"- {fmt.markdown(sentence)}" for sentence in told["sentence"]))
    st.caption(
        "Found by a tree of at most three questions in the same data that the shares are of: in new data they would be "
        "less far apart."
    )
    blocks.download(reader, "cause_rules", where, key="rules", order_by="rule_no")


def _outcomes(reader: Reader, subject: str) -> None:
    blocks.heading(reader, "All outcomes", "cause_outcomes")
    blocks.long_list(
        reader, "cause_outcomes", {"subject": subject},
        columns=_OUTCOME_COLUMNS,
        key="outcomes", empty="Nothing has happened yet.", order_by=["raised_count", "outcome_count"], descending=True,
    )  # fmt: skip


if __name__ == "__main__":
    show(PAGE, render)
