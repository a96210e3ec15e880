"""Exceptions: what went wrong, how old it is, and whether the backlog shrinks."""

import streamlit as st

from dashboards import blocks, filters, palette, parts
from dashboards.charts import aging, trend
from dashboards.charts import format as fmt
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import NOT_NULL, Filter, Reader

PAGE = Page(
    title="Exceptions",
    icon=":material/rule:",
    question="What is wrong right now, how long has it been, and does the backlog shrink?",
    audience="inventory control",
    metrics=(
        *("exception_aging", "exceptions_trend", "exceptions", "exception_resolution", "exception_volume"),
        "exception_history",
    ),
    order=2,
)

_STATES = {"open": "Open", "resolved": "Resolved", "any": "All"}
_CONDITION: dict[str, Filter] = {"open": {"resolved_at": None}, "resolved": {"resolved_at": NOT_NULL}, "any": {}}
_ROW = [
    "rule",
    "facility_id",
    "reference_id",
    "opened_at",
    "resolved_at",
    "age_s",
    "sla_s",
    "is_breached",
    "severity",
    "detail",
    "exception_id",
]

_PARTS = {
    "resolution": Part(
        "Time to resolve",
        "exception_resolution",
        [
            *("facility_id", "rule", "exceptions_count", "resolved_count", "open_count", "mean_resolution_s", "p50_s"),
            *("p90_s", "km_p50_s", "km_p90_s", "business_km_p50_s", "business_km_p90_s"),
            *("due_count", "within_sla_ratio", "km_within_sla_ratio"),
        ],
        ["exceptions_count", "facility_id", "rule"],
        "No exception was opened for these filters.",
        descending=True,
        note="Figures incl. open (Kaplan-Meier) also count exceptions that are still open.",
    ),
    "volume": Part(
        "By day",
        "exception_volume",
        ["day", "facility_id", "rule", "opened_count", "resolved_count", "breached_count"],
        ["day", "facility_id", "rule"],
        "No exception was opened for these filters.",
        descending=True,
    ),
    "history": Part(
        "From build to build",
        "exception_history",
        ["exception_id", "change_no", "state", "changed_at", "run_id"],
        ["changed_at", "exception_id", "change_no"],
        "Nothing has changed so far.",
        descending=True,
        note="Of all facilities and rules.",
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    rules = reader.values("exceptions", "rule")
    with filters.row():
        facility = filters.facility(reader)
        rule = filters.any_of("Rule", "rule", rules, in_words=True, every="All rules")
    where = filters.given(facility_id=facility, rule=rule)
    _how_many(reader, where)
    _aging(reader, where)
    _backlog(reader, where, rules)
    _list(reader, where)
    parts.one_of(reader, _PARTS, where, label="Look closer", key="exception_part")
    blocks.definitions(reader, rules, "What the rules mean")


def _how_many(reader: Reader, where: Filter) -> None:
    """The three numbers that say how bad it is."""
    help_text = blocks.definition(reader, "exceptions")
    facts: dict[str, tuple[Filter, str | None]] = {
        "Open": ({"resolved_at": None}, help_text),
        "Open past their SLA": (
            {"resolved_at": None, "is_breached": True},
            blocks.definition(reader, "exception_aging"),
        ),
        "Resolved": ({"resolved_at": NOT_NULL}, help_text),
    }
    for column, (words, (condition, text)) in zip(st.columns(3), facts.items(), strict=True):
        column.metric(words, fmt.count(reader.count("exceptions", {**where, **condition})), help=text, border=True)


def _aging(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Open, by age", "exception_aging")
    table = reader.table("exception_aging", where, order_by=["facility_id", "rule", "bucket"])
    if table.is_empty():
        blocks.nothing("Nothing is open for these filters.")
        return
    blocks.legend(aging.COLOURS)
    spec = aging.Spec(tuple(table["rule"].unique().sort()))
    blocks.panels(table, aging.aging, spec, key="aging", alt="open exceptions by age")
    with st.expander("As a table", icon=":material/table:"):
        words = {
            "facility_id": "Facility",
            "rule": "Rule",
            "bucket": "Age",
            "open_count": "Open",
            "breached_count": "Past SLA",
        }
        blocks.small_table(table, words, alt="Open exceptions by facility, rule and age")
    blocks.download(reader, "exception_aging", where, key="aging", order_by=["facility_id", "rule", "bucket"])


def _backlog(reader: Reader, where: Filter, rules: list[str]) -> None:
    blocks.heading(reader, "Backlog", "exceptions_trend")
    table = reader.table("exceptions_trend", where, order_by="facility_id")
    if table.is_empty():
        blocks.nothing("No exception was opened for these filters.")
        return
    colours = palette.assign(rules)
    blocks.legend({fmt.label(rule): colour for rule, colour in colours.items() if rule in table["rule"]})
    facts = {"opened_count": ("opened that day", "count"), "resolved_count": ("resolved that day", "count")}
    spec = trend.Spec(
        "open_count",
        "count",
        "open at the end of the day (UTC)",
        "rule",
        colours,
        facts,
        is_stacked=True,
        holds=True,
        is_identifier=False,
        has_legend=False,
    )
    blocks.panels(table, trend.trend, spec, key="backlog", alt="open exceptions by day")
    blocks.download(reader, "exceptions_trend", where, key="backlog", order_by=["facility_id", "rule", "day"])


def _list(reader: Reader, where: Filter) -> None:
    blocks.heading(reader, "Exceptions", "exceptions")
    with filters.row("list_filters"):
        state = filters.switch("State", "state", _STATES)
        severity = filters.any_of(
            "Severity", "severity", reader.values("exceptions", "severity"), in_words=True, every="Any severity"
        )
    condition = _CONDITION[state]
    blocks.long_list(
        reader,
        "exceptions",
        {**where, **condition, **filters.given(severity=severity)},
        columns=_ROW,
        key="exceptions",
        order_by=["age_s", "exception_id"],
        descending=True,
        empty="No exception matches these filters.",
    )


if __name__ == "__main__":
    show(PAGE, render)
