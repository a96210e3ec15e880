"""Transfers: how long goods are between sites, and which have not arrived."""

import streamlit as st

from dashboards import blocks, filters, parts
from dashboards.charts import format as fmt
from dashboards.charts import quantiles
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import NOT_NULL, Filter, Reader

PAGE = Page(
    title="Transfers",
    icon=":material/local_shipping:",
    question="How long are goods between sites, and which transfers have not arrived?",
    audience="logistics",
    metrics=("transfer_cycle_time", "transfers", "transfer_lead_time", "in_transit", "expedited_transfers"),
    order=3,
)

_ROW = [
    "transfer_id",
    "from_facility_id",
    "to_facility_id",
    "requested_at",
    "approved_at",
    "shipped_at",
    "received_at",
    "cycle_time_s",
    "status",
]
_OPEN = [column for column in _ROW if column not in ("received_at", "cycle_time_s")]

_LANE = ["from_facility_id", "to_facility_id"]
_OPEN_WORDS = "Open (not yet received)"
_NO_TRANSFER = "No transfer runs on these lanes."
_PARTS = {
    "legs": Part(
        "Time by leg",
        "transfer_lead_time",
        [*_LANE, "leg", "cases_count", "open_count", "p50_s", "p90_s", "p95_s", "km_p50_s", "km_p90_s"],
        [*_LANE, "leg"],
        _NO_TRANSFER,
    ),
    "under_way": Part(
        "Under way",
        "in_transit",
        [
            *(*_LANE, "bucket", "transfers_count", "under_way_units", "in_transit_units", "remainder_units"),
            *("under_way_usd", "unpriced_units"),
        ],
        [*_LANE, "bucket"],
        "Nothing is under way on these lanes.",
    ),
    "expedited": Part(
        "Expedited",
        "expedited_transfers",
        [
            *(*_LANE, "transfers_count", "received_count", "median_transit_s", "declared_count", "fast_count"),
            *("expedited_count", "expedited_ratio"),
        ],
        _LANE,
        _NO_TRANSFER,
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        sender = filters.any_of("From", "from", reader.values("transfers", "from_facility_id"), every="Anywhere")
        goal = filters.any_of("To", "to", reader.values("transfers", "to_facility_id"), every="Anywhere")
    lane = filters.given(from_facility_id=sender, to_facility_id=goal)
    _how_many(reader, lane)
    _lanes(reader, lane)
    parts.one_of(reader, _PARTS, lane, label="Look closer", key="transfer_part")
    blocks.heading(reader, "Shipped, not received", "transfers")
    blocks.long_list(
        reader,
        "transfers",
        {**lane, "shipped_at": NOT_NULL, "received_at": None},
        columns=_OPEN,
        key="open",
        order_by="shipped_at",
        empty="Everything that was shipped on these lanes has arrived.",
    )
    blocks.heading(reader, "All transfers", "transfers")
    status = filters.any_of("Status", "status", reader.values("transfers", "status"), in_words=True, every="Any status")
    blocks.long_list(
        reader,
        "transfers",
        {**lane, **filters.given(status=status)},
        columns=_ROW,
        key="transfers",
        order_by=["requested_at", "transfer_id"],
        descending=True,
        empty="No transfer matches these filters.",
    )


def _how_many(reader: Reader, lane: Filter) -> None:
    help_text = blocks.definition(reader, "transfers")
    facts: dict[str, Filter] = {
        "Transfers": {},
        "Received": {"received_at": NOT_NULL},
        _OPEN_WORDS: {"received_at": None},
        "Shipped, not received": {"shipped_at": NOT_NULL, "received_at": None},
        "Not shipped yet": {"shipped_at": None, "received_at": None},
    }
    for column, (words, condition) in zip(st.columns(len(facts)), facts.items(), strict=True):
        column.metric(words, fmt.count(reader.count("transfers", {**lane, **condition})), help=help_text, border=True)


def _lanes(reader: Reader, lane: Filter) -> None:
    blocks.heading(reader, "Cycle time by lane", "transfer_cycle_time")
    keys = ["from_facility_id", "to_facility_id"]
    table = reader.table("transfer_cycle_time", lane, order_by=keys)
    st.caption(
        "Of the transfers that were shipped and received. Open ones have no cycle time yet, and a receipt whose "
        "shipment nobody reported has none."
    )
    spec = quantiles.Spec(
        tuple(keys),
        {"p50_s": fmt.quantile_words(50), "p90_s": fmt.quantile_words(90)},
        {"timed_count": "shipped and received"},
        "shipped to received",
    )
    blocks.chart(
        table,
        quantiles.quantiles,
        spec,
        key="lanes",
        alt="Transfer cycle time by lane",
        empty="No transfer runs on these lanes.",
    )
    if not table.is_empty():
        words = {
            "from_facility_id": "From",
            "to_facility_id": "To",
            "transfers_count": "Transfers",
            "timed_count": "Shipped and received",
            "open_count": _OPEN_WORDS,
            "unshipped_count": "Of these not shipped",
            "p50_s": "Median",
            "p90_s": "90 % within",
        }
        blocks.small_table(table, words, alt="Transfer cycle time by lane")
        blocks.download(reader, "transfer_cycle_time", lane, key="lanes", order_by=keys)


if __name__ == "__main__":
    show(PAGE, render)
