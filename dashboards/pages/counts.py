"""Counts: do the books match the shelf, and where do they not?"""

from dashboards import blocks, filters, parts
from dashboards.charts import ratios
from dashboards.frame import Page, show
from dashboards.parts import Part
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Counts",
    icon=":material/inventory:",
    question="Do the books match the shelf, and where do they not?",
    audience="inventory control",
    metrics=(
        *("count_variance", "count_records", "count_variance_split", "count_variance_parts", "record_accuracy"),
        *("count_variance_recurrence", "count_coverage", "atp_distortion", "inventory_aging"),
    ),
    order=4,
)

_MEASURES = {
    "ira_strict_ratio": "IRA, exact",
    "ira_tolerance_ratio": "IRA, within tolerance",
    "unit_accuracy_ratio": "Unit accuracy",
}
_SUMMARY = {
    "facility_id": "Facility",
    "counts_count": "Counts",
    **_MEASURES,
    "variance_units": "Net variance, units",
    "absolute_variance_units": "Absolute variance, units",
}
_WHICH = {"outside": "Outside tolerance", "differing": "Not exact", "all": "All counts"}
_ROW = [
    "count_id",
    "facility_id",
    "location_id",
    "item_id",
    "abc_class",
    "counted_at",
    "shift",
    "counted_quantity",
    "book_quantity",
    "variance_units",
    "tolerance_ratio",
    "is_exact",
    "is_within_tolerance",
    "feed",
    "file",
    "row_number",
]

_NOTHING_COUNTED = "Nothing was counted."
_PARTS = {
    "timing": Part(
        "Timing or real",
        "count_variance_split",
        [
            *("facility_id", "differing_count", "explained_count", "within_tolerance_count", "recount_due_count"),
            *("exact_recount_count", "unsplit_count", "explained_ratio"),
            *("variance_units", "in_flight_units", "posted_during_units", "residual_units", "absolute_variance_units"),
            "absolute_residual_units",
        ],
        "facility_id",
        _NOTHING_COUNTED,
        note="A count that differs is explained by timing in full, or what remains (the residual) is within tolerance, "
        "or it is to be counted again: these make up those that differ. Counted again are also counts that agree with "
        "the books although timing says that they should not. In flight: moved before the count, posted after it.",
    ),
    "recount": Part(
        "To count again",
        "count_variance_parts",
        [
            *("count_id", "facility_id", "item_id", "counted_at", "variance_units", "in_flight_units"),
            *("posted_during_units", "residual_units", "is_explained", "unsplit_reason"),
        ],
        ["residual_units", "count_id"],
        "Nothing has to be counted again.",
        descending=True,
        where={"is_recount_due": True},
    ),
    "recurring": Part(
        "Recurring",
        "count_variance_recurrence",
        [
            *("facility_id", "dimension", "value", "counts_count", "differing_count", "outside_tolerance_count"),
            *("outside_tolerance_ratio", "variance_units", "absolute_variance_units"),
        ],
        ["outside_tolerance_count", "facility_id", "dimension", "value"],
        "No item, shift or supplier is off again and again.",
        descending=True,
        where={"is_recurring": True},
    ),
    "classes": Part(
        "By class",
        "record_accuracy",
        [
            *("facility_id", "abc_class", "counts_count", "ira_strict_ratio", "ira_strict_low_ratio"),
            *("ira_strict_high_ratio", "ira_tolerance_ratio", "unit_accuracy_ratio", "value_accuracy_ratio"),
            *("variance_usd", "absolute_variance_usd"),
        ],
        ["facility_id", "abc_class"],
        _NOTHING_COUNTED,
        note="Exact accuracy has its 95 % interval; the row without a class is of all of them.",
    ),
    "coverage": Part(
        "Coverage",
        "count_coverage",
        [
            *("facility_id", "abc_class", "stocked_items_count", "counted_items_count", "coverage_ratio"),
            *("counts_count", "recounts_count", "recount_ratio"),
        ],
        ["facility_id", "abc_class"],
        "Nothing is stocked.",
        note="The row without a class is of all of them.",
    ),
    "promise": Part(
        "Floor against books",
        "atp_distortion",
        [
            *("facility_id", "item_id", "distorted_time_ratio", "distorted_s", "distorted_unit_h", "shortfall_unit_h"),
            *("mean_distortion_units", "over_promise_s", "distorted_usd_h", "level_unknown_reason"),
        ],
        ["distorted_unit_h", "facility_id", "item_id"],
        "Nothing has moved.",
        descending=True,
        note="How far what the ERP could promise from was off; the row without an item is of all of them.",
    ),
    "aging": Part(
        "Age of stock",
        "inventory_aging",
        [
            *("facility_id", "bucket", "on_hand_units", "items_count", "on_hand_usd", "unpriced_units"),
            *("negative_units", "negative_items_count", "unknown_reason"),
        ],
        ["facility_id", "bucket"],
        "Nothing is in stock.",
    ),
}


def render(reader: Reader) -> None:
    """Shows the page."""
    with filters.row():
        facility = filters.facility(reader)
    place = filters.given(facility_id=facility)
    _accuracy(reader, place)
    blocks.heading(reader, "Variances", "count_records")
    with filters.row("list_filters"):
        which = filters.switch("Counts", "which", _WHICH)
        abc_class = filters.any_of(
            "ABC class", "abc_class", reader.values("count_records", "abc_class"), every="All classes"
        )
        shift = filters.any_of("Shift", "shift", reader.values("count_records", "shift"), every="All shifts")
    condition: Filter = {
        "outside": {"is_within_tolerance": False},
        "differing": {"is_exact": False},
        "all": {},
    }[which]
    where = {**place, **filters.given(abc_class=abc_class, shift=shift), **condition}
    blocks.long_list(
        reader,
        "count_records",
        where,
        columns=_ROW,
        key="counts",
        order_by="variance_units",
        descending=True,
        by_magnitude=True,
        empty="No count matches these filters.",
    )
    parts.one_of(reader, _PARTS, place, label="Look closer", key="count_part")


def _accuracy(reader: Reader, place: Filter) -> None:
    blocks.heading(reader, "Accuracy by facility", "count_variance")
    table = reader.table("count_variance", place, order_by="facility_id")
    spec = ratios.Spec("facility_id", _MEASURES, "counts_count", "counts")
    blocks.chart(
        table, ratios.ratios, spec, key="accuracy", alt="Count accuracy by facility", empty="Nothing was counted."
    )
    if not table.is_empty():
        blocks.small_table(table, _SUMMARY, alt="Count accuracy by facility")
        blocks.download(reader, "count_variance", place, key="accuracy", order_by="facility_id")


if __name__ == "__main__":
    show(PAGE, render)
