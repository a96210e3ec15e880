"""What all three must produce: the tables, their keys and the columns that are compared."""

import re
from pathlib import Path

KEYS: dict[str, tuple[str, ...]] = {
    "latency_by_facility": ("facility_id", "event_type"),
    "exception_aging": ("facility_id", "rule", "bucket"),
    "transfer_cycle_time": ("from_facility_id", "to_facility_id"),
    "count_variance": ("facility_id",),
    "variants": ("process", "facility_id", "variant"),
}
VALUES: dict[str, tuple[str, ...]] = {
    "latency_by_facility": (
        "events_count", "posted_count", "unposted_count", "p50_s", "p90_s", "p95_s", "p99_s", "km_p50_s", "km_p90_s",
        "within_sla_ratio",
    ),
    "exception_aging": ("open_count", "breached_count"),
    "transfer_cycle_time": ("transfers_count", "open_count", "p50_s", "p90_s"),
    "count_variance": (
        "counts_count", "variance_units", "absolute_variance_units", "ira_strict_ratio", "ira_tolerance_ratio",
        "unit_accuracy_ratio",
    ),
    "variants": ("cases_count", "share_ratio"),
}  # fmt: skip


def columns(table: str) -> list[str]:
    """All columns of a result table: its keys, then its values."""
    return [*KEYS[table], *VALUES[table]]


def as_of(workspace: Path) -> str:
    """The evaluation instant that a simulated workspace states."""
    stated = re.search(r"^as_of: '?([^'\n]+)", (workspace / "dockledger.yaml").read_text(), flags=re.MULTILINE)
    if stated is None:
        raise ValueError(f"{workspace} states no as_of")
    return stated.group(1)
