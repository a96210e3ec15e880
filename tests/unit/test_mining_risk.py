"""Ratios of risks against published figures, figures worked by hand, and slower ways to the same."""

import math

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats

from mining.risk import adjusted, score_interval, upper_tail, within_strata


def arrays(*counts):
    return tuple(np.array([each], dtype=np.float64) for each in counts)


def test_the_interval_of_koopmans_example():
    # Koopman (1984): 36 of 40 against 16 of 80 gives 2.94 to 7.15.
    low, high = score_interval(*arrays(36, 40, 16, 80))
    assert round(float(low[0]), 2) == 2.94
    assert round(float(high[0]), 2) == 7.15


def chi_square(x, n, y, m, ratio):
    """Pearson's statistic at the likeliest risks of that ratio, the risks sought by a numerical search."""

    def unlikely(risk):
        one, other = ratio * risk, risk
        terms = ((x, one), (n - x, 1 - one), (y, other), (m - y, 1 - other))
        return -sum(k * math.log(p) for k, p in terms if k)

    top = min(1, 1 / ratio)
    risk = optimize.minimize_scalar(unlikely, bounds=(1e-12, top * (1 - 1e-12)), options={"xatol": 1e-13}).x
    one = ratio * risk
    return (x - n * one) ** 2 / (n * one * (1 - one)) + (y - m * risk) ** 2 / (m * risk * (1 - risk))


@pytest.mark.parametrize(
    "counts", [(12, 60, 30, 300), (5, 30, 4, 900), (3, 40, 0, 200), (0, 35, 9, 80), (70, 90, 8, 30)]
)
def test_the_interval_holds_the_ratios_that_a_chi_square_test_does_not_refuse(counts):
    x, n, y, m = counts
    limit = stats.chi2.ppf(0.95, 1)
    low, high = (float(bound[0]) for bound in score_interval(*arrays(*counts)))
    middle = (x + 0.5) / (n + 1) / ((y + 0.5) / (m + 1))
    for bound, far, is_known in ((low, 1e-4, x > 0), (high, 1e4, y > 0)):
        if is_known:
            sought = optimize.brentq(lambda ratio: chi_square(x, n, y, m, ratio) - limit, *sorted((far, middle)))
            assert bound == pytest.approx(sought, rel=1e-4)
    assert (low == 0) == (x == 0)
    assert math.isinf(high) == (y == 0)


def test_nothing_on_either_side_has_no_interval():
    low, high = score_interval(*arrays(0, 30, 0, 50))
    assert math.isnan(low[0])
    assert math.isnan(high[0])


def test_rare_hits_among_millions_lose_no_digits():
    # So rare and so many that the interval is that of two Poisson counts, 40 against 20 of as many: an interval of the
    # share of the first among the 60, here Wilson's: 2/3 of 60 gives 0.5405 to 0.7731, ratios of 1.1765 and 3.4065.
    low, high = score_interval(*arrays(40, 5e8, 20, 5e8))
    wilson = stats.binomtest(40, 60).proportion_ci(method="wilson")
    assert float(low[0]) == pytest.approx(wilson.low / (1 - wilson.low), rel=1e-5)
    assert float(high[0]) == pytest.approx(wilson.high / (1 - wilson.high), rel=1e-5)


@pytest.mark.parametrize("counts", [(8, 30, 5, 100), (0, 30, 5, 100), (30, 30, 70, 100), (17, 400, 11, 350)])
def test_the_tail_is_fishers_exact_test(counts):
    x, n, y, m = counts
    table = [[x, n - x], [y, m - y]]
    assert upper_tail(*arrays(*counts))[0] == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)


def test_adjusted_p_values_by_hand():
    # Benjamini and Hochberg (1995): p * tests / rank, made monotone from the largest: 0.04, 0.06 (0.03 * 4 / 2), then
    # 0.0533 (0.04 * 4 / 3) pulls 0.06 down to itself, and 0.5.
    found = adjusted(np.array([0.01, 0.03, 0.04, 0.5]))
    assert found == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert adjusted(np.array([])).size == 0


def test_the_ratio_within_two_strata_by_hand():
    # r = 10*100/200 + 20*150/200 = 20, s = 5*100/200 + 30*50/200 = 10, ratio 2.
    # v = (15*100*100 - 10*5*200)/200**2 + (50*50*150 - 20*30*200)/200**2 = 3.5 + 6.375, variance of the log
    # 9.875 / (20 * 10) = 0.049375, so that the bounds are 2 * exp(-+1.959964 * 0.222205) = 1.2939 and 3.0915.
    # Test: surplus (10 - 7.5) + (20 - 12.5) = 10, variance 3.48618 + 7.06658 = 10.55276, z = 3.07835.
    # The third stratum has nobody on the other side and weighs nothing.
    strata = pl.DataFrame({"of": ["x"] * 3, "a": [10, 20, 7], "n": [100, 50, 9], "c": [5, 30, 0], "m": [100, 150, 0]})
    row = within_strata(strata, ["of"]).row(0, named=True)
    assert row["strata_count"] == 2
    assert row["ratio"] == pytest.approx(2)
    assert row["low"] == pytest.approx(1.2939, abs=5e-5)
    assert row["high"] == pytest.approx(3.0915, abs=5e-5)
    assert row["p_value"] == pytest.approx(stats.norm.sf(3.07835), rel=1e-4)


def test_a_single_stratum_of_one_side_says_nothing():
    strata = pl.DataFrame({"of": ["x"], "a": [7], "n": [9], "c": [0], "m": [0]})
    row = within_strata(strata, ["of"]).row(0, named=True)
    assert row == {"of": "x", "strata_count": 0, "ratio": None, "low": None, "high": None, "p_value": None}
