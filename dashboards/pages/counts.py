"""Counts: do the books match the shelf, and where do they not?"""

from dashboards import blocks, filters
from dashboards.charts import ratios
from dashboards.frame import Page, show
from dashboards.reader import Filter, Reader

PAGE = Page(
    title="Counts",
    icon=":material/inventory:",
    question="Do the books match the shelf, and where do they not?",
    audience="inventory control",
    metrics=("count_variance", "count_records"),
    order=5,
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
