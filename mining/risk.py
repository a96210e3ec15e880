"""Ratios of risks: their intervals, their tests, and what is left of them within facilities."""

import numpy as np
import numpy.typing as npt
import polars as pl

Z_95 = 1.959963984540054
# Within a factor of 10^12 either way; halved so often that the bounds of an interval are right to twelve digits.
_WIDEST_LOG, _HALVINGS = 27.6, 90
Counts = npt.NDArray[np.float64]


def score_interval(hits: Counts, units: Counts, other_hits: Counts, other_units: Counts) -> tuple[Counts, Counts]:
    """The 95 % score interval of (hits / units) / (other_hits / other_units), element by element.

    It is defined where hits or other_hits are zero, too, and keeps its level where they are few. Source: P. Koopman,
    Confidence intervals for the ratio of two binomial proportions, Biometrics 40 (1984).

    Args:
        hits, units, other_hits, other_units: counts; units are positive, hits at most as many.

    Returns:
        Lower bounds, 0 where there are no hits, and upper bounds, infinite where there are no other hits; NaN where
        there are neither.
    """
    x, n, y, m = (np.asarray(each, dtype=np.float64) for each in (hits, units, other_hits, other_units))
    low = np.where(x == 0, 0.0, np.exp(_root(x, n, y, m, Z_95)))
    high = np.where(y == 0, np.inf, np.exp(_root(x, n, y, m, -Z_95)))
    is_empty = (x == 0) & (y == 0)
    return np.where(is_empty, np.nan, low), np.where(is_empty, np.nan, high)


def _root(x: Counts, n: Counts, y: Counts, m: Counts, score: float) -> Counts:
    """The logarithm of the ratio at which the score statistic, which falls with the ratio, is `score`."""
    low, high = np.full(x.shape, -_WIDEST_LOG), np.full(x.shape, _WIDEST_LOG)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_above = _score(x, n, y, m, np.exp(middle)) > score
        low, high = np.where(is_above, middle, low), np.where(is_above, high, middle)
    return (low + high) / 2


def _score(x: Counts, n: Counts, y: Counts, m: Counts, ratio: Counts) -> Counts:
    """The score statistic of a ratio of risks, with the risks that are most likely where the ratio holds."""
    squared = (n + m) * ratio
    linear = ratio * (n + y) + x + m
    # The smaller root of the quadratic, written so that nothing cancels where hits are rare.
    risk = 2 * (x + y) / (linear + np.sqrt(np.maximum(linear * linear - 4 * squared * (x + y), 0)))
    raised = np.minimum(ratio * risk, 1)
    variance = raised * (1 - raised) / n + ratio * ratio * risk * (1 - risk) / m
    difference = x / n - ratio * (y / m)
    return difference / np.sqrt(np.maximum(variance, np.finfo(np.float64).tiny))


def upper_tail(hits: Counts, units: Counts, other_hits: Counts, other_units: Counts) -> Counts:
    """P(so many hits or more) where hits fall on units without regard to the value: Fisher's exact test, one-sided."""
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(hits - 1, units + other_units, hits + other_hits, units))


def adjusted(p_values: Counts) -> Counts:
    """P-values after Benjamini and Hochberg: at most this share of what is as small is found by chance."""
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p_values, method="bh")) if p_values.size else p_values


def within_strata(strata: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The ratio of risks within strata after Mantel and Haenszel, its 95 % interval, and the test that it is above 1.

    Strata in which one side has no units say nothing and weigh nothing. Source: N. Mantel, W. Haenszel, Statistical
    aspects of the analysis of data from retrospective studies of disease (1959); the interval S. Greenland, J. Robins,
    Estimation of a common effect parameter from sparse follow-up data, Biometrics 41 (1985).

    Args:
        strata: columns of `by`, and a row a stratum with the counts a (hits), n (units), c and m (those of others).
        by: what the ratios are told by.

    Returns:
        Columns of `by`, strata_count (that have both sides), ratio, low and high (NULL where one side has no hits), and
        p_value, one-sided (NULL where no stratum can say anything).
    """
    from scipy.stats import norm

    a, n, c, m = (pl.col(name).cast(pl.Float64) for name in "ancm")
    whole, hits = n + m, a + c
    sums = strata.group_by(by).agg(
        ((n > 0) & (m > 0)).sum().cast(pl.Int64).alias("strata_count"),
        (a * m / whole).sum().alias("r"),
        (c * n / whole).sum().alias("s"),
        ((hits * n * m - a * c * whole) / whole**2).sum().alias("v"),
        (a - n * hits / whole).sum().alias("surplus"),
        (n * m * hits * (whole - hits) / (whole**2 * (whole - 1).clip(1))).sum().alias("variance"),
    )
    # Sums of floats depend on the order of rows in their last places.
    sums = sums.with_columns(pl.col("r", "s", "v", "surplus", "variance").round_sig_figs(12))
    ratio = pl.when((pl.col("r") > 0) & (pl.col("s") > 0)).then(pl.col("r") / pl.col("s"))
    stretch = (Z_95 * (pl.col("v") / (pl.col("r") * pl.col("s"))).sqrt()).exp()
    z = pl.when(pl.col("variance") > 0).then(pl.col("surplus") / pl.col("variance").sqrt())
    told = sums.sort(by).select(
        *by, "strata_count", ratio.alias("ratio"), (ratio / stretch).alias("low"), (ratio * stretch).alias("high"),
        z.alias("z"),
    )  # fmt: skip
    p_value = pl.Series("p_value", norm.sf(told["z"].to_numpy()), dtype=pl.Float64).fill_nan(None)
    return told.with_columns(p_value).drop("z")
