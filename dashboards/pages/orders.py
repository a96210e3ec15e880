"""Orders and purchases: are promises to customers kept, and do suppliers deliver and charge what was agreed?"""

import streamlit as st

from dashboards import filters, parts
from dashboards.charts import format as fmt
from dashboards.charts import quantiles, ratios
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Reader

PAGE = Page(
    title="Orders",
    icon=":material/shopping_cart:",
    question="Are promises to customers kept, and do suppliers deliver and charge what was agreed?",
    audience="customer service and purchasing",
    metrics=(
        *(
            "fill_rate",
            "on_time_shipment",
            "promise_accuracy",
            "order_cycle_time",
            "reservation_coverage",
            "order_lines",
        ),
        *("three_way_match", "invoice_disputes", "receipt_discrepancy", "receipt_adjustments", "purchase_lines"),
    ),
    order=8,
)

_NO_ORDER = "No feed states order lines."
_NO_PURCHASE = "No feed states purchase lines."
_NO_INVOICE = "No feed states invoice lines."
_KM = {f"km_p{percent}_s": fmt.quantile_words(percent, is_open_counted=True) for percent in (50, 90)}
_NAIVE = {f"p{percent}_s": fmt.quantile_words(percent) for percent in (50, 90, 95)}
_ORDERS = {
    "fill": Part(
        "Fill rate",
        "fill_rate",
        [
            *("facility_id", "line_fill_ratio", "order_fill_ratio", "unit_fill_ratio", "lines_count", "orders_count"),
            *("ordered_units", "filled_units", "undecided_lines_count", "unknown_lines_count"),
        ],
        "facility_id",
        _NO_ORDER,
        draw=ratios.ratios,
        spec=ratios.Spec(
            "facility_id",
            {"line_fill_ratio": "lines", "order_fill_ratio": "orders", "unit_fill_ratio": "units"},
            "lines_count",
            "lines",
            "filled",
        ),
    ),
    "on_time": Part(
        "On time",
        "on_time_shipment",
        [
            *("facility_id", "on_time_ratio", "on_time_in_full_ratio", "lines_count", "on_time_lines_count"),
            *("open_late_lines_count", "orders_count", "on_time_orders_count", "undecided_lines_count"),
            "unjudged_lines_count",
        ],
        "facility_id",
        _NO_ORDER,
        draw=ratios.ratios,
        spec=ratios.Spec(
            "facility_id",
            {"on_time_ratio": "lines on time", "on_time_in_full_ratio": "orders on time and in full"},
            "lines_count",
            "lines",
            "on time",
        ),
    ),
    "promises": Part(
        "Promise accuracy",
        "promise_accuracy",
        [
            *("facility_id", "accuracy_ratio", "completed_count", "early_count", "kept_count", "late_count"),
            *("open_count", "mean_absolute_error_s", "p50_s", "p90_s", "km_p50_s", "km_p90_s"),
        ],
        "facility_id",
        _NO_ORDER,
        note="Time from the promise to the completing shipment: negative is early.",
    ),
    "cycle": Part(
        "Order cycle time",
        "order_cycle_time",
        [
            *("facility_id", "orders_count", "complete_count", "open_count", "p50_s", "p90_s", "p95_s"),
            *("km_p50_s", "km_p90_s"),
        ],
        "facility_id",
        _NO_ORDER,
        draw=quantiles.quantiles,
        spec=quantiles.Spec(
            ("facility_id",),
            _NAIVE,
            {"orders_count": "orders", "open_count": "not complete yet"},
            "order to completing shipment",
            _KM,
        ),
    ),
    "reservations": Part(
        "Reservations",
        "reservation_coverage",
        [
            *("facility_id", "reservations_count", "open_count", "reserved_units", "covered_units", "coverage_ratio"),
            *("uncovered_items_count", "conflicts_count", "open_conflicts_count", "conflict_ratio", "unknown_reason"),
        ],
        "facility_id",
        "No feed states reservations.",
        note="A conflict is a reservation of goods that were already promised; each is listed on the Exceptions page.",
    ),
    "lines": Part(
        "Order lines",
        "order_lines",
        [
            *("order_id", "order_line", "facility_id", "item_id", "ordered_quantity", "shipped_quantity", "ordered_at"),
            *("promised_at", "shipped_at", "feed", "file", "row_number"),
        ],
        ["ordered_at", "order_id", "order_line"],
        _NO_ORDER,
        descending=True,
    ),
}
_SUPPLIER = ["supplier_id", "supplier_name", "facility_id"]
_PURCHASES = {
    "match": Part(
        "Three-way match",
        "three_way_match",
        [
            *(*_SUPPLIER, "lines_count", "matched_ratio", "quantity_count", "price_count", "both_count"),
            *("no_order_count", "unknown_count", "value_usd", "matched_value_usd", "matched_value_ratio"),
            "unknown_reason",
        ],
        ["value_usd", *_SUPPLIER],
        _NO_INVOICE,
        descending=True,
        note="Invoice lines against what was ordered and received; by the value that is charged.",
    ),
    "disputes": Part(
        "Invoice disputes",
        "invoice_disputes",
        [
            *(*_SUPPLIER, "lines_count", "disputed_count", "open_count", "disputed_ratio", "disputed_value_usd"),
            *("open_value_usd", "p50_s", "p90_s", "km_p50_s", "km_p90_s"),
        ],
        ["disputed_value_usd", *_SUPPLIER],
        _NO_INVOICE,
        descending=True,
    ),
    "receipts": Part(
        "Over, short and damaged",
        "receipt_discrepancy",
        [
            *(*_SUPPLIER, "lines_count", "discrepant_ratio", "over_lines_count", "short_lines_count"),
            *("damaged_lines_count", "rejected_lines_count", "open_lines_count", "ordered_units", "received_units"),
            *("over_units", "short_units", "damaged_units", "rejected_units"),
        ],
        ["discrepant_ratio", *_SUPPLIER],
        _NO_PURCHASE,
        descending=True,
    ),
    "corrected": Part(
        "Receipts adjusted afterwards",
        "receipt_adjustments",
        [
            *(*_SUPPLIER, "receipts_count", "adjusted_count", "adjusted_ratio", "received_units"),
            *("adjusted_net_units", "adjusted_absolute_units"),
        ],
        ["adjusted_ratio", *_SUPPLIER],
        "Nothing was received.",
        descending=True,
    ),
    "lines": Part(
        "Purchase lines",
        "purchase_lines",
        [
            *("purchase_order_id", "purchase_order_line", *_SUPPLIER[::2], "item_id", "ordered_quantity"),
            *("received_quantity", "rejected_quantity", "stocked_quantity", "unit_price", "currency", "due_date"),
            *("feed", "file", "row_number"),
        ],
        ["due_date", "purchase_order_id", "purchase_order_line"],
        _NO_PURCHASE,
        descending=True,
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
        suppliers = reader.values("receipt_adjustments", "supplier_id")
        supplier = filters.any_of("Supplier", "supplier", suppliers, every="All suppliers")
    where = filters.given(facility_id=facility, supplier_id=supplier)
    parts.one_of(reader, _ORDERS, where, label="Orders", key="orders")
    st.divider()
    parts.one_of(reader, _PURCHASES, where, label="Purchases", key="purchases")


if __name__ == "__main__":
    show(PAGE, render)
