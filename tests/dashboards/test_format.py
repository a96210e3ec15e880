"""How numbers are written for people."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboards.charts import format as fmt


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "—"),
        (0, "0 s"),
        (0.4, "0.4 s"),
        (42, "42 s"),
        (59.94, "59.9 s"),
        (59.97, "1 min"),  # one decimal would read 60.0 s
        (90, "1.5 min"),
        (2220, "37 min"),
        (3599, "1 h"),  # 59.98 min would read 60.0 min
        (18720, "5.2 h"),
        (172799, "2 d"),  # 48.0 h
        (267840, "3.1 d"),
        (-45, "-45 s"),
        (864_000_000, "10,000 d"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_keeps_it_short(seconds, words):
    assert fmt.duration(seconds) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "—"),
        (0.982, "98.2 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.9996, "> 99.9 %"),  # 99.96 % rounds to 100.0 %, which would hide that one failed
        (0.0004, "< 0.1 %"),
        (0.9994, "99.9 %"),
        (-0.05, "-5 %"),
    ],
)
def test_a_ratio_that_is_not_whole_never_reads_as_whole(ratio, words):
    assert fmt.ratio(ratio) == words


def test_a_value_is_written_by_its_unit():
    assert fmt.value(5400, "s") == "1.5 h"
    assert fmt.value(1.5, "h") == "1.5 h"
    assert fmt.value(1234567, "count") == "1,234,567"
    assert fmt.value(12.5, "units") == "12.5"
    assert fmt.value(3, "usd") == "3.00 USD"
    assert fmt.value(7.5, "unit_h") == "7.5 unit h"
    assert fmt.value(415127.831, "unit_h") == "415,128 unit h"
    assert fmt.value(3, "usd_h") == "3.00 USD h"
    assert fmt.value(None, "count") == "—"
    assert fmt.value(float("nan"), "s") == "—"


def test_a_target_says_which_side_is_good():
    assert fmt.target(0.95, "ratio", "up_is_good") == "≥ 95 %"
    assert fmt.target(3600, "s", "down_is_good") == "≤ 1 h"
    assert fmt.target(None, "s", "down_is_good") == "no target"


def test_an_instant_is_shown_in_utc_and_says_so():
    noon_in_chicago = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=-6)))
    assert fmt.instant(noon_in_chicago) == "2026-03-01 18:00 UTC"
    assert fmt.instant(datetime(2026, 3, 1, 18, 0, 5, tzinfo=UTC)) == "2026-03-01 18:00:05 UTC"
    assert fmt.instant(None) == "—"


def test_identifiers_read_as_words():
    assert fmt.label("missing_posting") == "Missing posting"
    assert fmt.label("sla_id") == "SLA ID"
    assert fmt.label("realtime") == fmt.label("at_once") == "Real time"


@pytest.mark.parametrize(
    ("column", "unit", "over_words", "over_numbers"),
    [
        ("value_at_risk_usd", "usd", "Value at risk", "Value at risk (USD)"),
        ("dark_usd_h", "usd_h", "Dark", "Dark (USD h)"),
        ("added_duration_p50_s", "s", "Added duration, median", "Added duration, median (h:m:s)"),
        ("p90_s", "s", "90 % within", "90 % within (h:m:s)"),
        ("km_p90_s", "s", "90 % within, incl. open", "90 % within, incl. open (h:m:s)"),
        ("response_p95_ms", "ms", "Response, 95 % within", "Response, 95 % within (ms)"),
        ("net_units", "units", "Net (units)", "Net (units)"),  # a quantity never says its unit itself
        ("within_sla_ratio", "ratio", "Within SLA", "Within SLA"),
        ("posted_at", "instant", "Posted", "Posted (UTC)"),
        ("p50_days", "number", "Median, days", "Median, days"),
        ("physical_p50_s", "s", "Physical, median", "Physical, median (h:m:s)"),
        ("ledger_km_p50_s", "s", "Ledger, median, incl. open", "Ledger, median, incl. open (h:m:s)"),
        ("unknown_reason", "text", "Why not known", "Why not known"),
        ("is_accepted", "boolean", "Accepted", "Accepted"),
    ],
)
def test_a_heading_says_the_unit_where_the_cells_do_not(column, unit, over_words, over_numbers):
    assert fmt.heading(column, unit) == over_words
    assert fmt.heading(column, unit, is_bare=True) == over_numbers


def test_two_columns_never_have_the_same_heading():
    told = fmt.headings({"backdated_count": "count", "backdated_ratio": "ratio", "facility_id": "id"})
    assert told == {
        "backdated_count": "Backdated (count)",
        "backdated_ratio": "Backdated (share)",
        "facility_id": "Facility",
    }


def test_yes_no_and_small_numbers_read_as_such():
    assert [fmt.value(flag, "boolean") for flag in (True, False, None)] == ["yes", "no", "—"]
    assert [fmt.value(p, "number") for p in (0.0421, 0.0000001, -0.0000001, 0.0, 12.5)] == [
        "0.0421",
        "< 0.001",
        "> -0.001",
        "0",
        "12.5",
    ]
    assert fmt.value(5600.0, "ms") == "5,600 ms"


def test_durations_keep_their_order_on_the_axis_on_both_sides_of_zero():
    placed = [fmt.duration_position(s) or 0.0 for s in (-3600, -1, 0, 1, 3600)]
    assert placed == sorted(placed)
    assert placed[2] == 0
    assert placed[1] == -placed[3]


def test_axis_ticks_cover_the_durations_and_no_more():
    # 94 s to 20,845 s lies between the ticks 1 min and 6 h.
    positions, words = fmt.duration_ticks([94, 20845])
    assert words == ["1 min", "10 min", "1 h", "6 h"]
    assert positions == sorted(positions)


@pytest.mark.parametrize("values", [[], [None], [0], [-5.0], [4e8], [60, 60], [1e12]])
def test_axis_ticks_exist_for_any_durations(values):
    positions, words = fmt.duration_ticks(values)
    assert len(positions) == len(words) >= 2
    assert positions == sorted(set(positions))


def test_a_range_of_one_duration_is_told_as_that_duration():
    assert fmt.span(2100, 14400) == "35 min to 4 h"
    assert fmt.span(43200, 43200) == "12 h"


def test_text_from_the_data_stays_text():
    assert fmt.markdown("[a](http://b) $x$ :red[c]") == r"\[a\]\(http\://b\) \$x\$ \:red\[c\]"
    assert fmt.html("<b>%{x}&") == "&lt;b&gt;&#37;{x}&amp;"


@pytest.mark.parametrize(
    ("value", "words"), [(None, "—"), (1.0, "1 x"), (3.416, "3.42 x"), (0.25, "0.25 x"), (1234.4, "1,234 x")]
)
def test_a_lift_is_told_as_how_many_times(value, words):
    assert fmt.times(value) == words
