"""`canonical_parquet`: typed columns mean what their text in a CSV would mean; files are refused by name."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import UnusableInput
from tests.landing import Landing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REQUIRED = {"event_id": "E1", "event_type": "pick_confirmed", "event_time": NOON, "facility_id": "NDC"}


def write(landing: Landing, name: str, **columns: Any) -> None:
    """A file whose columns are REQUIRED, repeated, and the given ones; None leaves one out."""
    length = max([len(values) for values in columns.values() if values is not None], default=1)
    arrays = {name: pa.array([value] * length) for name, value in REQUIRED.items()}
    arrays["event_id"] = pa.array([f"E{n}" for n in range(1, length + 1)])
    arrays = {name: array for name, array in (arrays | columns).items() if array is not None}
    path = landing.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays), path)


def land(landing: Landing, seen: str, **feed: Any) -> list[tuple[Any, ...]]:
    return landing.land(seen, adapter="canonical_parquet", **feed)


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        ([0.1, 1234.5], pa.float64(), ["0.100000", "1234.500000"]),
        ([0.1], pa.float32(), ["0.100000"]),
        ([Decimal("0.1"), Decimal("-999999999999.999999")], pa.decimal128(24, 6), ["0.100000", "-999999999999.999999"]),
        ([3, None], pa.int16(), ["3.000000", None]),
        (["00012.50", " 7 "], pa.string(), ["12.500000", "7.000000"]),
    ],
    ids=["double", "float", "decimal", "integer", "text"],
)
def test_a_quantity_of_any_type_keeps_its_value(landing, values, kind, kept):
    write(landing, "feeds/a.parquet", quantity=pa.array(values, kind))
    rows = land(landing, "CAST(quantity AS VARCHAR), reason")
    assert rows == [(n, value, None) for n, value in enumerate(kept, 1)]


@pytest.mark.parametrize(
    ("values", "kind", "shown"),
    [
        ([float("nan")], pa.float64(), "nan"),
        ([1e30], pa.float64(), "1e+30"),
        ([Decimal(10) ** 12], pa.decimal128(20, 2), "1000000000000.00"),
        ([10**12], pa.int64(), "1000000000000"),
    ],
    ids=["nan", "double", "decimal", "integer"],
)
def test_a_number_that_cannot_be_kept_is_refused_with_what_was_delivered(landing, values, kind, shown):
    """Twelve digits stand before the point: 10 to the twelfth is one too many."""
    write(landing, "feeds/a.parquet", quantity=pa.array(values, kind))
    [(row, reason, detail, raw)] = land(landing, "reason, detail, raw")
    assert (row, reason) == (1, "non-numeric quantity")
    assert detail == f"quantity '{shown}' is not a number that can be kept"
    assert json.loads(raw)["quantity"] == shown


def test_a_timestamp_with_a_zone_is_an_instant_whatever_the_feed_declares(landing):
    """13:00 in Berlin is 12:00 UTC in March."""
    local = pa.array([NOON], pa.timestamp("ms", tz="Europe/Berlin"))
    write(landing, "feeds/a.parquet", event_time=local)
    assert land(landing, "CAST(event_time AS VARCHAR)", system_timezone="facility") == [(1, "2026-03-01 12:00:00+00")]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_timestamp_without_a_zone_is_a_local_time_or_refused(landing, unit):
    """Chicago is six hours behind in March's first days."""
    write(landing, "feeds/a.parquet", event_time=pa.array([datetime(2026, 3, 1, 12)], pa.timestamp(unit)))  # noqa: DTZ001
    seen = "reason, CAST(event_time AS VARCHAR)"
    assert land(landing, seen) == [(1, "naive time", None)]
    assert land(landing, seen, system_timezone="America/Chicago") == [(1, None, "2026-03-01 18:00:00+00")]


def test_local_times_that_a_clock_change_touches_are_flagged(landing):
    """Chicago: 01:30 occurs twice on 2026-11-01, 02:30 not at all on 2026-03-08 (read as 03:30, UTC-5)."""
    naive = [datetime(2026, 11, 1, 1, 30), datetime(2026, 3, 8, 2, 30)]  # noqa: DTZ001
    write(landing, "feeds/a.parquet", event_time=pa.array(naive, pa.timestamp("us")))
    assert land(landing, "CAST(event_time AS VARCHAR), time_flags", system_timezone="America/Chicago") == [
        (1, "2026-11-01 06:30:00+00", "event_time ambiguous"),
        (2, "2026-03-08 08:30:00+00", "event_time nonexistent"),
    ]


def test_times_outside_the_years_that_are_kept_and_days_are_refused(landing):
    write(
        landing, "feeds/a.parquet", event_time=pa.array([datetime(1969, 12, 31, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    )
    write(landing, "feeds/b.parquet", event_time=pa.array([NOON.date()], pa.date32()))
    assert land(landing, "reason, detail") == [
        (1, "impossible time", "event_time '1969-12-31 00:00:00+00' is outside 1970 to 2100"),
        (1, "schema violation", "event_time '2026-03-01' is not a time"),
    ]


def test_whole_doubles_fill_an_integer_column_and_fractions_do_not(landing):
    write(landing, "feeds/a.parquet", sequence_no=pa.array([7.0, None, 7.5], pa.float64()))
    assert land(landing, "sequence_no, reason") == [(1, 7, None), (2, None, None), (3, None, "schema violation")]


def test_a_day_is_a_day(landing):
    columns = {"posting_id": ["P1"], "posted_at": [NOON], "facility_id": ["NDC"], "posting_date": [NOON.date()]}
    (landing.root / "feeds").mkdir()
    pq.write_table(pa.table(columns), landing.root / "feeds/a.parquet")
    assert land(landing, "CAST(posting_date AS VARCHAR), reason", table="erp_posting") == [(1, "2026-03-01", None)]


def test_bytes_and_dictionaries_are_text(landing):
    item = pa.array(["0007"]).dictionary_encode()
    write(landing, "feeds/a.parquet", event_id=pa.array([b"E\xc3\xa9"], pa.binary()), item_id=item)
    assert land(landing, "event_id, item_id") == [(1, "Eé", "0007")]


def test_rows_are_numbered_in_their_own_file_across_row_groups(landing):
    for name in ("a", "b"):
        write(landing, f"feeds/{name}.parquet", sequence_no=pa.array(range(1, 3001)))
        table = pq.read_table(landing.root / f"feeds/{name}.parquet")
        pq.write_table(table, landing.root / f"feeds/{name}.parquet", row_group_size=700)
    assert land(landing, "sequence_no") == [(n, n) for _ in range(2) for n in range(1, 3001)]


def test_files_of_differing_schemas_are_one_feed(landing):
    """A number here and text there, a zone here and none there; what a file lacks is NULL, what is not canonical ignored."""
    write(landing, "feeds/a.parquet", quantity=pa.array([5]), colour=pa.array(["red"]))
    write(landing, "feeds/b.parquet", quantity=pa.array(["0.1"]), event_time=pa.array([datetime(2026, 3, 1)]))  # noqa: DTZ001
    write(landing, "feeds/c.parquet", event_time=pa.array(["2026-03-01T12:00:00Z"]))
    assert land(landing, "CAST(quantity AS VARCHAR), reason, file") == [
        (1, "5.000000", None, "feeds/a.parquet"),
        (1, "0.100000", "naive time", "feeds/b.parquet"),
        (1, None, None, "feeds/c.parquet"),
    ]


def test_a_folder_named_like_a_partition_adds_no_column(landing):
    write(landing, "feeds/item_id=I9/a.parquet")
    assert land(landing, "item_id", path="feeds/**/*.parquet") == [(1, None)]


def test_no_rows_are_zero_rows(landing):
    write(landing, "feeds/a.parquet", event_id=pa.array([], pa.string()), **{
        name: pa.array([], pa.string()) for name in ("event_type", "event_time", "facility_id")
    })  # fmt: skip
    assert (land(landing, "event_id"), landing.received()) == ([], 0)


def test_a_facility_may_be_the_feeds_own(landing):
    write(landing, "feeds/a.parquet", facility_id=None)
    assert land(landing, "facility_id", facility="NDC") == [(1, "NDC")]


def refusal(landing: Landing) -> str:
    with pytest.raises(UnusableInput) as refused:
        land(landing, "event_id")
    return str(refused.value)


def test_a_file_without_a_required_column_is_refused_with_what_it_has(landing):
    write(landing, "feeds/a.parquet", event_id=None, colour=pa.array(["red"]))
    told = refusal(landing)
    assert "feeds/a.parquet" in told
    assert "required column event_id is missing; the file has: event_type, event_time, facility_id, colour" in told


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "pages"])
def test_a_file_that_is_not_whole_is_refused_by_name(landing, damage):
    write(landing, "feeds/a.parquet", quantity=pa.array([1]))
    whole = (landing.root / "feeds/a.parquet").read_bytes()
    damaged = {"empty": b"", "text": b"event_id,event_type\n", "cut": whole[:-50],
               "pages": whole[:4] + b"\xff" * 100 + whole[104:]}  # fmt: skip
    landing.write("feeds/a.parquet", damaged[damage])
    told = refusal(landing)
    assert "feeds/a.parquet" in told
    assert "the file cannot be read" in told
    assert str(landing.root) not in told


def test_columns_that_cannot_be_told_apart_or_hold_no_plain_values_are_refused(landing):
    write(landing, "feeds/a.parquet", quantity=pa.array([1]), Quantity=pa.array([2]))
    assert "column quantity appears twice" in refusal(landing)
    write(landing, "feeds/a.parquet", lot_id=pa.array([["L1", "L2"]]))
    assert "column lot_id holds no plain values but VARCHAR[]" in refusal(landing)
    write(landing, "feeds/a.parquet", file_row_number=pa.array([1]))
    assert "file_row_number" in refusal(landing)


def test_bytes_that_are_no_text_are_refused_by_name(landing):
    write(landing, "feeds/a.parquet", lot_id=pa.array([b"\xff\xfe"], pa.binary()))
    assert "feeds/a.parquet" in refusal(landing)
