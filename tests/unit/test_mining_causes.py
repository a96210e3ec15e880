"""Which values are told as causes, and which are not."""

import numpy as np
import polars as pl
import pytest

from mining import CAUSE_TABLES, find_causes
from mining.cause_tables import ATTRIBUTES
from mining.causes import causes, outcome_name, outcomes

POPULATION = {"subject": pl.String, "population": pl.String, "activity": pl.String, "from_activity": pl.String}
COLUMNS = dict.fromkeys(ATTRIBUTES.values(), pl.String) | {"weekday": pl.Int32, "hour": pl.Int32}
COUNTS = {
    "subject": pl.String, "kind": pl.String, "activity": pl.String, "from_activity": pl.String, "facility_id": pl.String,
    "attribute": pl.String, "value": pl.String, "units_count": pl.Int64, "outcome_count": pl.Int64,
}  # fmt: skip


def counted(*rows, kind="skipped", activity="putaway_completed"):
    """Counts of one outcome: rows of facility, attribute, value, units, units with the outcome."""
    whole = [("procure_to_receive", kind, activity, None, *row) for row in rows]
    return pl.DataFrame(whole, schema=COUNTS, orient="row").with_columns(outcome_name())


def by_value(found):
    return {(row["attribute"], row["value"]): row for row in found.iter_rows(named=True)}


def test_a_value_beside_the_others_by_hand():
    # A: 40 of 100; B and C: 20 of 200 together. Lift 0.4 / 0.1 = 4; had A been like the others, 10 of its 100 would have
    # it: 30 fewer.
    found = by_value(
        causes(counted(("A", "facility", "A", 100, 40), ("B", "facility", "B", 150, 15), ("C", "facility", "C", 50, 5)))
    )
    row = found["facility", "A"]
    assert (row["units_count"], row["outcome_count"], row["others_count"], row["others_outcome_count"]) == (
        100,
        40,
        200,
        20,
    )
    assert row["share_ratio"] == pytest.approx(0.4)
    assert row["others_share_ratio"] == pytest.approx(0.1)
    assert row["lift_ratio"] == pytest.approx(4)
    assert row["excess_count"] == pytest.approx(30)
    assert row["is_raised"]
    assert row["is_explained_by_facility"] is None
    assert row["facility_lift_reason"] == "it is the facility itself"
    assert not found["facility", "B"]["is_raised"]


def test_a_value_of_too_few_is_not_tested_and_says_why():
    rows = (("A", "shift", "x", 29, 25), ("A", "shift", "y", 30, 2), ("A", "shift", "z", 500, 3))
    found = by_value(causes(counted(*rows)))
    assert found["shift", "x"]["untested_reason"] == "fewer than 30 have the value"
    assert found["shift", "x"]["p_value"] is None
    assert not found["shift", "x"]["is_raised"]
    assert found["shift", "y"]["untested_reason"] is None
    assert found["shift", "y"]["p_value"] is not None
    lone = by_value(causes(counted(("A", "shift", "x", 500, 50), ("A", "shift", "y", 29, 1))))
    assert lone["shift", "x"]["untested_reason"] == "fewer than 30 have another value"
    rare = by_value(causes(counted(("A", "shift", "x", 500, 4), ("A", "shift", "y", 500, 0))))
    assert rare["shift", "x"]["untested_reason"] == "fewer than 5 have the outcome"


def test_four_with_the_outcome_are_no_cause_and_five_are():
    # 4 or 5 of 30 against 2 of 100,000: beyond chance either way.
    for hits, is_raised in ((4, False), (5, True)):
        found = by_value(causes(counted(("A", "shift", "x", 30, hits), ("A", "shift", "y", 100_000, 2))))
        assert found["shift", "x"]["p_adjusted"] < 1e-6
        assert found["shift", "x"]["is_raised"] is is_raised


def test_where_nothing_else_has_the_outcome_there_is_no_lift_but_a_lower_bound():
    found = by_value(causes(counted(("A", "shift", "x", 100, 20), ("A", "shift", "y", 100, 0))))
    row = found["shift", "x"]
    assert row["lift_ratio"] is None
    assert row["lift_unknown_reason"] == "nothing else has the outcome"
    assert row["lift_low_ratio"] > 1
    assert row["lift_high_ratio"] is None
    assert row["is_raised"]
    assert row["is_explained_by_facility"] is False  # at A itself nobody else has it


def test_a_shift_that_only_stands_in_for_its_facility_is_told_as_such():
    # Nights are worked mostly at A, where two fifths have the outcome in any shift; at B one in fifty has.
    rows = (
        ("A", "shift", "night", 200, 80),
        ("A", "shift", "day", 50, 20),
        ("B", "shift", "night", 50, 1),
        ("B", "shift", "day", 1000, 20),
    )
    row = by_value(causes(counted(*rows)))["shift", "night"]
    assert row["is_raised"]
    assert row["lift_ratio"] == pytest.approx((81 / 250) / (40 / 1050))
    # r = 80*50/250 + 1*1000/1050, s = 20*200/250 + 20*50/1050: 16.952 / 16.952
    assert row["facility_lift_ratio"] == pytest.approx(1)
    assert row["is_explained_by_facility"]


def test_a_shift_that_is_worse_at_every_facility_is_not_explained():
    rows = (
        ("A", "shift", "night", 200, 80),
        ("A", "shift", "day", 200, 20),
        ("B", "shift", "night", 200, 20),
        ("B", "shift", "day", 200, 5),
    )
    row = by_value(causes(counted(*rows)))["shift", "night"]
    # r = (80 + 20) * 200/400, s = (20 + 5) * 200/400
    assert row["facility_lift_ratio"] == pytest.approx(4)
    assert row["is_explained_by_facility"] is False


def test_a_feed_that_no_other_shares_a_facility_with_cannot_be_told_from_it():
    rows = (("A", "feed", "a_wms", 200, 80), ("B", "feed", "b_wms", 200, 8))
    row = by_value(causes(counted(*rows)))["feed", "a_wms"]
    assert row["is_raised"]
    assert row["is_explained_by_facility"]
    assert row["facility_lift_reason"] == "no facility has this value and another"


def test_an_outcome_says_why_no_cause_is_known():
    few = counted(("A", "facility", "A", 100, 4), ("B", "facility", "B", 100, 0))
    one_place = counted(("A", "facility", "A", 100, 20), kind="slow")
    even = counted(("A", "facility", "A", 100, 20), ("B", "facility", "B", 100, 20), kind="repeated")
    clear = counted(("A", "facility", "A", 100, 80), ("B", "facility", "B", 100, 20), kind="inserted")
    counts = pl.concat([few, one_place, even, clear])
    found = {row["kind"]: row for row in outcomes(counts, causes(counts)).iter_rows(named=True)}
    assert found["skipped"]["unknown_reason"] == "fewer than 5 have the outcome"
    assert found["slow"]["unknown_reason"] == "no value has 30 with it and 30 without it"
    assert found["repeated"]["unknown_reason"] == "nothing raises it beyond chance"
    assert found["inserted"]["unknown_reason"] is None
    assert (found["inserted"]["tested_count"], found["inserted"]["raised_count"]) == (2, 1)
    assert found["inserted"]["share_ratio"] == pytest.approx(0.5)


def test_no_outcome_gives_tables_with_their_columns():
    cells = {**POPULATION, **COLUMNS}
    made = find_causes(
        pl.DataFrame(schema=COUNTS),
        pl.DataFrame(schema={**cells, "units_count": pl.Int64}),
        pl.DataFrame(schema={**cells, "kind": pl.String, "outcome_count": pl.Int64}),
    )
    assert {name: table.schema for name, table in made.items()} == CAUSE_TABLES
    assert all(table.is_empty() for table in made.values())


def _units(rng, count):
    """Units with facilities of different sizes, and attributes of which some go with the facility."""
    facility = rng.choice(6, count, p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
    shift = (rng.random(count) < 0.3 + 0.1 * facility).astype(int)
    traits = {"facility": facility, "feed": facility * 2 + (rng.random(count) < 0.2), "shift": shift}
    traits |= {"weekday": rng.integers(1, 8, count), "hour": rng.integers(0, 24, count)}
    return pl.DataFrame({name: values.astype(str) for name, values in traits.items()})


def _counts(units, hits, kind):
    flagged = units.with_columns(pl.Series("hit", hits.astype(np.int64)))
    parts = [
        flagged.group_by(pl.col("facility").alias("facility_id"), pl.col(name).alias("value")).agg(
            pl.len().cast(pl.Int64).alias("units_count"), pl.col("hit").sum().alias("outcome_count")
        ).with_columns(pl.lit(name).alias("attribute"))
        for name in units.columns
    ]  # fmt: skip
    outcome = {"subject": "p", "kind": kind, "activity": "x"}
    whole = pl.concat(parts).with_columns(
        **{k: pl.lit(v) for k, v in outcome.items()}, from_activity=pl.lit(None, pl.String)
    )
    return whole.select(list(COUNTS)).with_columns(outcome_name())


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(5)
    units = _units(rng, 2000)
    counts = pl.concat([_counts(units, rng.random(2000) < 0.1, f"k{n}") for n in range(3)])
    for seed in range(5):
        shuffled = counts.sample(fraction=1, shuffle=True, seed=seed)
        assert causes(shuffled).equals(causes(counts))
        assert outcomes(shuffled, causes(shuffled)).equals(outcomes(counts, causes(counts)))


def test_outcomes_drawn_at_random_have_no_causes_beyond_the_level():
    # Where nothing is a cause every discovery is false, so that at most one build in twenty may have any. Of 200 builds
    # that is 10; 19 would be three standard deviations more (sqrt(200 * 0.05 * 0.95) = 3.1).
    rng = np.random.default_rng(20260301)
    with_any = 0
    for _ in range(200):
        units = _units(rng, 1500)
        drawn = [_counts(units, rng.random(1500) < share, f"k{n}") for n, share in enumerate((0.02, 0.1, 0.4))]
        with_any += int(causes(pl.concat(drawn))["is_raised"].any())
    assert with_any <= 19


def test_beside_real_causes_the_share_of_false_ones_stays_within_the_level():
    # Two outcomes are raised in one shift and on one weekday, at every facility alike; all other values have nothing to
    # do with them but by their shift. Of what is called raised at most a twentieth is to be false, on average of 60
    # builds; values that go with the shift (facilities, feeds) are truly raised and count as found.
    rng = np.random.default_rng(7)
    shares, found_count = [], 0
    for _ in range(60):
        units = _units(rng, 3000)
        risk = 0.05 + 0.15 * (units["shift"] == "1").to_numpy() + 0.15 * (units["weekday"] == "3").to_numpy()
        drawn = [_counts(units, rng.random(3000) < risk, f"k{n}") for n in range(2)]
        drawn += [_counts(units, rng.random(3000) < 0.1, f"noise{n}") for n in range(2)]
        raised = causes(pl.concat(drawn)).filter("is_raised")
        is_true = pl.col("kind").str.starts_with("k") & (
            pl.col("attribute").is_in(["facility", "feed", "shift"])
            | ((pl.col("attribute") == "weekday") & (pl.col("value") == "3"))
        )
        found_count += raised.filter(is_true & pl.col("attribute").is_in(["shift", "weekday"])).height
        shares.append(1 - raised.filter(is_true).height / raised.height)
    assert np.mean(shares) <= 0.05
    assert found_count == 60 * 4  # the shift and the weekday of both outcomes, in every build
