"""Trees of causes: what they ask, what they count and how they say it."""

import math
import random

import polars as pl
import pytest

from mining.cause_rules import conditions, counted_cells, rules
from mining.cause_tables import ATTRIBUTES
from mining.cause_words import in_words, label, percent
from mining.tree import Leaf, leaves

CELL = {
    "facility": pl.String,
    "abc_class": pl.String,
    "weekday": pl.Int64,
    "units_count": pl.Int64,
    "outcome_count": pl.Int64,
}


def cells(rows):
    return pl.DataFrame(rows, schema=CELL, orient="row")


# At DC-3PL, items of class A, on Saturdays and Sundays: 140 of 412. Everything else has 6 %: 24 of 400 and so on.
WEEKEND = [
    ("DC-3PL", "A", 6, 206, 70), ("DC-3PL", "A", 7, 206, 70), ("DC-3PL", "A", 1, 400, 24), ("DC-3PL", "A", 5, 400, 24),
    ("DC-3PL", "B", 2, 400, 24), ("DC-3PL", "B", 6, 400, 24), ("DC-3PL", "B", 7, 400, 24),
    ("DC1", "A", 2, 400, 24), ("DC1", "A", 6, 400, 24), ("DC1", "A", 7, 400, 24), ("DC1", "B", 6, 400, 24),
]  # fmt: skip


def words(leaf):
    return in_words(conditions(leaf))


def test_three_things_together_are_found_and_counted():
    found = {words(leaf): (leaf.units, leaf.hits) for leaf in leaves(cells(WEEKEND), 30)}
    assert found["At DC-3PL, items of class A, on Saturdays and Sundays"] == (412, 140)
    assert sum(units for units, _ in found.values()) == 412 + 9 * 400
    assert sum(hits for _, hits in found.values()) == 140 + 9 * 24


def test_the_order_of_rows_does_not_matter():
    shuffled = random.Random(3).sample(WEEKEND, len(WEEKEND))
    assert leaves(cells(shuffled), 30) == leaves(cells(WEEKEND), 30)


def test_no_leaf_is_smaller_than_said():
    # 29 of class A have it always; 30 would be a leaf.
    for few, expected in ((29, 1), (30, 2)):
        rows = [("X", "A", 1, few, few), ("X", "B", 1, 1000, 10)]
        found = leaves(cells(rows), 30)
        assert len(found) == expected
        assert min(leaf.units for leaf in found) >= 30


def test_chance_asks_no_question():
    # 11 of 100 against 10 of 100: a likelihood ratio of 0.05, where 10.83 would be worth a question.
    rows = [("X", "A", 1, 100, 11), ("X", "B", 1, 100, 10)]
    assert leaves(cells(rows), 30) == [Leaf((), 200, 21)]


@pytest.mark.parametrize(("hits", "is_asked"), [(21, False), (22, True)])
def test_a_question_is_worth_asking_from_one_in_a_thousand_on(hits, is_asked):
    # By hand: 2 * sum(observed * ln(observed / expected)) of [hits, 100 - hits] and [6, 94].
    observed = [[hits, 100 - hits], [6, 94]]
    whole = [hits + 6, 194 - hits]
    statistic = 2 * sum(o * math.log(o / (w / 2)) for row in observed for o, w in zip(row, whole, strict=True))
    assert (statistic >= 10.828) is is_asked
    rows = [("X", "A", 1, 100, hits), ("X", "B", 1, 100, 6)]
    assert (len(leaves(cells(rows), 30)) == 2) is is_asked


def entropy(units, hits):
    shares = (hits / units, 1 - hits / units) if units else (0, 1)
    return -sum(p * math.log2(p) for p in shares if p)


def uncertainty(rows, answers):
    """What is left after a question: the entropy of both sides, each times its units."""
    sides = [[r for r, answer in zip(rows, answers, strict=True) if answer is side] for side in (True, False)]
    counts = [(sum(r[3] for r in side), sum(r[4] for r in side)) for side in sides]
    return sum(units * entropy(units, hits) for units, hits in counts)


def test_the_first_question_is_the_one_that_tells_most():
    # Every possible first question, judged one by one from the same cells.
    for seed in range(20):
        rng = random.Random(seed)
        rows = []
        for facility in ("X", "Y", "Z", None):
            for abc_class in ("A", "B"):
                for weekday in range(1, 8):
                    units = rng.randint(20, 60)
                    share = 0.05 + 0.3 * (facility == "Y") * rng.random() + 0.1 * (weekday > 5) * rng.random()
                    rows.append((facility, abc_class, weekday, units, sum(rng.random() < share for _ in range(units))))
        questions: list = [("facility", v, [r[0] == v for r in rows]) for v in "XYZ"]
        questions += [("abc_class", "A", [r[1] == "A" for r in rows])]
        questions += [("weekday", day, [r[2] <= day for r in rows]) for day in range(1, 7)]
        best = min(questions, key=lambda question: uncertainty(rows, question[2]))
        asked = leaves(cells(rows), 30)[0].path[0]
        assert (asked[0], asked[1] if asked[0] != "abc_class" else "A") == best[:2]


def test_an_unknown_value_fits_no_question():
    rows = [(None, "A", 1, 200, 4), ("X", "A", 1, 200, 60), ("Y", "A", 1, 200, 5)]
    found = {words(leaf): leaf.units for leaf in leaves(cells(rows), 30)}
    assert found == {"At X": 200, "Not at X": 400}


def test_conditions_in_words():
    def said(*path):
        return words(Leaf(path, 1, 0))

    assert said(("weekday", 5, True)) == "On Mondays to Fridays"
    assert said(("weekday", 5, False)) == "On Saturdays and Sundays"
    assert said(("weekday", 6, False)) == "On Sundays"
    assert said(("weekday", 2, False), ("weekday", 3, True)) == "On Wednesdays"
    assert said(("hour", 13, False)) == "From 14:00"
    assert said(("hour", 13, True)) == "Before 14:00"
    assert said(("hour", 8, False), ("hour", 11, True)) == "From 09:00 to 12:00"
    assert said(("shift", "late", False), ("shift", "early", False)) == "In a shift other than early or late"
    assert said(("shift", "late", False), ("shift", "early", True)) == "In shift early"
    assert said(("supplier", "S3", True), ("facility", "W5", True)) == "At W5, from supplier S3"
    assert said(("operator_pool", "W5 late", True)) == "By crew W5 late"
    assert said(("feed", "w5", False)) == "Not from feed w5"


def test_values_that_stand_alone():
    assert label("facility", "W5") == "Facility W5"
    assert label("operator_pool", "W5 late") == "Crew W5 late"
    assert label("weekday", "7") == "Sundays"
    assert label("hour", "09") == "09:00 to 10:00"
    assert label("hour", "23") == "23:00 to 24:00"


def test_shares_in_words():
    assert percent(34, 100) == "34 %"
    assert percent(6, 100) == "6.0 %"
    assert percent(66, 10_000) == "0.66 %"
    assert percent(96, 100_000) == "0.096 %"
    assert percent(0, 10) == "0 %"
    assert percent(10, 10) == "100 %"


def population(rows):
    """Whole cases of one process by facility, class and weekday."""
    full = [("p", "cases", None, None, f, "feed", None, c, None, None, d, 9, units) for f, c, d, units, _ in rows]
    names = ["subject", "population", "activity", "from_activity", *ATTRIBUTES.values(), "units_count"]
    texts = dict.fromkeys(names, pl.String) | {"weekday": pl.Int64, "hour": pl.Int64, "units_count": pl.Int64}
    return pl.DataFrame(full, schema=texts, orient="row")


def test_an_outcome_is_told_in_a_sentence():
    every = population(WEEKEND)
    hits = every.with_columns(
        kind=pl.lit("skipped"), activity=pl.lit("x"), outcome=pl.lit("skipped x"),
        outcome_count=pl.Series([row[4] for row in WEEKEND]),
    ).drop("units_count")  # fmt: skip
    key = {"subject": "p", "outcome": "skipped x", "kind": "skipped", "activity": "x", "from_activity": None}
    raised = [
        {**key, "attribute": a, "is_raised": True, "is_explained_by_facility": None}
        for a in ("facility", "abc_class", "weekday")
    ]
    stands_in = {**key, "attribute": "feed", "is_raised": True, "is_explained_by_facility": True}
    schema = {
        **dict.fromkeys([*key, "attribute"], pl.String),
        "is_raised": pl.Boolean,
        "is_explained_by_facility": pl.Boolean,
    }
    told = rules(pl.DataFrame([*raised, stands_in], schema=schema), every, hits).row(0, named=True)
    assert told["sentence"] == (
        "At DC-3PL, items of class A, on Saturdays and Sundays: 34 % of 412 cases, 6.0 % elsewhere."
    )
    assert told["is_told"]
    assert (told["units_count"], told["outcome_count"]) == (412, 140)
    assert (told["others_count"], told["others_outcome_count"]) == (3600, 216)
    assert told["lift_ratio"] == pytest.approx((140 / 412) / 0.06)
    assert told["lift_low_ratio"] < told["lift_ratio"] < told["lift_high_ratio"]


def test_cells_are_added_up_over_what_is_not_asked():
    rows = [("X", "A", 1, 10, 1), ("X", "A", 2, 20, 2), ("X", "B", 1, 40, 4), (None, "A", 1, 5, 0)]
    every = population(rows)
    hits = every.with_columns(outcome_count=pl.Series([1, 2, 4, 0])).drop("units_count")
    found = counted_cells(every, hits, ["abc_class", "facility"])
    assert found.rows() == [("X", "A", 30, 3), ("X", "B", 40, 4), (None, "A", 5, 0)]
