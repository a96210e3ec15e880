"""Integration: do interfaces and feeds deliver in time, whole and in order, and is lateness theirs or people's?"""

import streamlit as st

from dashboards import blocks, filters, palette, parts
from dashboards.charts import trend
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Integration",
    icon=":material/hub:",
    question="Do interfaces and feeds deliver in time, whole and in order, and is lateness theirs or people's?",
    audience="integration and IT operations",
    metrics=(
        *("process_or_integration", "timing_model", "integration_health", "message_backlog", "recovery_time"),
        *("feed_health", "feed_quality", "feed_reconciliation", "quarantine", "quarantine_history", "corrections"),
    ),
    order=9,
)

_NO_MESSAGE = "No feed states integration messages."
_VERDICT = Part(
    "Process or integration",
    "process_or_integration",
    [
        *("facility_id", "verdict", "latency_vote", "exceptions_vote", "interface_vote", "capture_share_ratio"),
        *("interface_share_ratio", "process_exceptions_count", "integration_exceptions_count", "worst_feed_status"),
        "unknown_reason",
    ],
    "facility_id",
    "Nothing was posted yet.",
    note="Three votes a facility: where the time is lost, which exceptions come up, and how its interfaces do.",
)
_TIMING = Part(
    "How each facility posts",
    "timing_model",
    [
        *("facility_id", "detected_model", "detected_period_s", "batch_hours", "declared_model", "declared_interval_s"),
        *("is_as_declared", "confidence_ratio", "postings_count", "events_count", "unknown_reason"),
    ],
    "facility_id",
    "Nothing was posted yet.",
    note="In real time, in small batches, or a few times a day: as the times of postings show, and as declared.",
)
_HEALTH = Part(
    "Interfaces",
    "integration_health",
    [
        *("interface", "facility_id", "messages_count", "retry_ratio", "failure_ratio", "response_p95_ms"),
        *("queue_wait_p95_ms", "sequence_error_count", "sequence_repeat_count", "sequence_disorder_count"),
        "sequence_gap_count",
    ],
    ["failure_ratio", "interface", "facility_id"],
    _NO_MESSAGE,
    descending=True,
)
_WAITING = Part(
    "Messages that wait",
    "message_backlog",
    [
        *("interface", "facility_id", "day", "sent_count", "acknowledged_count", "waiting_count", "failed_count"),
        *("oldest_age_s", "unknown_reason"),
    ],
    ["day", "interface", "facility_id"],
    _NO_MESSAGE,
    descending=True,
)
_RECOVERY = Part(
    "Recovery from silence",
    "recovery_time",
    [
        *("feed", "facility_id", "last_row_at", "silent_from_at", "resumed_at", "backlog_before_count"),
        *("recovered_at", "recovery_s", "age_s"),
    ],
    ["silent_from_at", "feed", "facility_id"],
    "No feed fell silent.",
    descending=True,
)
_FEEDS = {
    "health": Part(
        "Freshness",
        "feed_health",
        [
            *("feed", "facility_id", "status", "watermark_at", "age_s", "expected_interval_s", "completeness_ratio"),
            *("covered_count", "intervals_count", "last_event_at", "last_ingested_at", "unknown_reason"),
        ],
        ["feed", "facility_id"],
        "There is no feed.",
    ),
    "quality": Part(
        "Quality",
        "feed_quality",
        [
            *("feed", "received_count", "accepted_count", "quarantine_ratio", "duplicate_ratio", "conflict_ratio"),
            *("disorder_ratio", "completeness_ratio", "unknown_reason"),
        ],
        "feed",
        "There is no feed.",
    ),
    "files": Part(
        "Every file",
        "feed_reconciliation",
        [
            *("feed", "file", "received_count", "accepted_count", "quarantined_count", "duplicate_count"),
            "out_of_scope_count",
        ],
        ["quarantined_count", "duplicate_count", "file"],
        "No file was delivered.",
        descending=True,
        note="Accepted, quarantined, duplicate and out of scope make up what was received.",
    ),
    "quarantine": Part(
        "Quarantine",
        "quarantine",
        ["feed", "file", "row_number", "reason", "detail", "raw"],
        ["feed", "file", "row_number"],
        "Every delivered row could be used.",
    ),
    "history": Part(
        "Quarantine history",
        "quarantine_history",
        ["feed", "file", "row_number", "reason", "latest_reason", "outcome", "first_run_id", "ended_run_id"],
        ["feed", "file", "row_number"],
        "No row was ever refused.",
    ),
    "corrections": Part(
        "Corrections",
        "corrections",
        [
            *("feed", "table_name", "row_key", "action", "column_name", "expected", "value", "reason", "reported_date"),
            *("reported_by", "state", "applied_count", "mended_count", "found", "found_file"),
        ],
        ["file", "row_number"],
        "No source is corrected.",
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
    where = filters.given(facility_id=facility)
    parts.show(reader, _VERDICT, where)
    parts.show(reader, _TIMING, where)
    parts.show(reader, _HEALTH, where)
    _backlog(reader, where)
    parts.show(reader, _RECOVERY, where)
    st.divider()
    parts.one_of(reader, _FEEDS, where, label="Feeds", key="feeds")


def _backlog(reader: Reader, where: Filter) -> None:
    """Messages that wait at the end of each day; a facility a panel, an interface a line."""
    parts.show(reader, _WAITING, where)
    table = reader.table("message_backlog", where, order_by=["facility_id", "interface", "day"])
    if table.is_empty():
        return
    colours = palette.assign(reader.values("message_backlog", "interface"))
    facts = {"sent_count": ("sent", "count"), "acknowledged_count": ("acknowledged", "count")}
    spec = trend.Spec("waiting_count", "count", "waiting at the end of the day (UTC)", "interface", colours, facts)
    blocks.panels(table, trend.trend, spec, key="backlog", alt="messages that wait, by day")


if __name__ == "__main__":
    show(PAGE, render)
