"""Closing: is each period booked in time and in the right period, and what is left to reconcile?"""

import streamlit as st

from dashboards import filters, parts
from dashboards.charts import format as fmt
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Closing",
    icon=":material/event_available:",
    question="Is everything booked in the period in which it happened, and how much is left to reconcile?",
    audience="finance",
    metrics=(
        *("financial_close_lag", "period_cut_off", "backdating", "adjustments", "reconciliation_backlog"),
        "posting_leftovers",
    ),
    order=10,
)

_PERIOD = ["fiscal_year", "period_no", "legal_entity_id"]
_PARTS = (
    Part(
        "Reconciliation backlog",
        "reconciliation_backlog",
        [
            *("facility_id", "rule", "open_count", "breached_count", "oldest_age_s", "assumed_minutes"),
            *("assumed_effort_h", "logged_minutes", "logged_effort_h"),
        ],
        ["assumed_effort_h", "facility_id", "rule"],
        "Nothing is open.",
        descending=True,
        note="Effort is open exceptions times the minutes that one is assumed to take, and logged minutes where there "
        "are any.",
    ),
    Part(
        "Close lag",
        "financial_close_lag",
        [
            *(*_PERIOD, "first_date", "last_date", "is_ended", "close_lag_s", "last_posted_at", "postings_count"),
            *("posted_after_count", "posted_after_ratio", "value_usd", "posted_after_value_usd", "unknown_reason"),
        ],
        _PERIOD,
        "Nothing was posted yet.",
        descending=True,
    ),
    Part(
        "Cut-off",
        "period_cut_off",
        [
            *(*_PERIOD, "facility_id", "last_date", "cut_off_error_ratio", "value_usd", "booked_later_count"),
            *("booked_later_value_usd", "unbooked_count", "unbooked_value_usd", "booked_early_count"),
            "booked_early_value_usd",
        ],
        [*_PERIOD, "facility_id"],
        "No fiscal period ended with movements in it or around its end.",
        descending=True,
    ),
    Part(
        "Backdating",
        "backdating",
        [
            *("facility_id", "postings_count", "dated_count", "backdated_count", "backdated_ratio", "ahead_count"),
            *("value_usd", "backdated_value_usd", "backdated_value_ratio", "p50_days", "p90_days", "max_days"),
            "unknown_reason",
        ],
        "facility_id",
        "Nothing was posted yet.",
    ),
    Part(
        "Adjustments",
        "adjustments",
        [
            *("facility_id", "movements_count", "adjustments_count", "adjustments_per_thousand_ratio", "manual_count"),
            *("manual_ratio", "posted_only_count", "net_units", "absolute_units", "net_usd", "absolute_usd"),
            "unpriced_count",
        ],
        "facility_id",
        "Nothing has moved.",
    ),
    Part(
        "Where floor and books differ",
        "posting_leftovers",
        [
            *("kind", "reference_id", "facility_id", "since_at", "event_id", "posting_id", "document_id", "item_id"),
            *("event_quantity", "posted_quantity", "difference_quantity"),
        ],
        ["since_at", "reference_id"],
        "Every posting belongs to an event, once and in full.",
        descending=True,
        note="Postings without an event, double ones, and events posted in part or with another quantity. Events "
        "without any posting are not among them.",
    ),
)


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
    for part in _PARTS:
        parts.show(reader, part, filters.given(facility_id=facility))
    _unposted(reader, filters.given(facility_id=facility))


def _unposted(reader: Reader, where: Filter) -> None:
    """How many events the books do not have at all, which the list above leaves out."""
    unposted = reader.count("event_latency", {**where, "is_posted": False})
    st.caption(
        f"Beside these, {fmt.count(unposted)} events have no posting so far: the Latency page lists them under Slowest "
        "events, not posted; those past their SLA are exceptions, missing posting."
    )


if __name__ == "__main__":
    show(PAGE, render)
