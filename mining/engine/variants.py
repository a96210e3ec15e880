"""Counted variants: the only form in which cases come to the miners."""

from collections.abc import Mapping

import polars as pl

SEPARATOR = " > "
# What still fits a model that people read; the time of discovery grows with the third power of it.
MAX_ACTIVITIES = 60


def counted_variants(variants: pl.DataFrame) -> pl.DataFrame:
    """Each variant once with its cases, the most frequent first.

    Args:
        variants: columns variant (activities joined with SEPARATOR) and cases_count; a variant may have several rows.
    """
    counted = variants.group_by("variant").agg(pl.col("cases_count").sum())
    return counted.sort(["cases_count", "variant"], descending=[True, False])


def traces(counted: pl.DataFrame) -> dict[tuple[str, ...], int]:
    """Activities in order -> cases, of variants that have some, in the order of the rows."""
    return {
        tuple(variant.split(SEPARATOR)): n
        for variant, n in counted.select("variant", "cases_count").iter_rows()
        if n > 0
    }


def checked_activities(counted: Mapping[tuple[str, ...], int]) -> list[str]:
    """The activities of traces, sorted.

    Errors: ValueError where there are more than a model can show.
    """
    activities = sorted({activity for trace in counted for activity in trace})
    if len(activities) > MAX_ACTIVITIES:
        raise ValueError(f"a process of {len(activities):,} activities cannot be mined; at most {MAX_ACTIVITIES} can")
    return activities
