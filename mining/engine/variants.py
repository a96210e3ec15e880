"""Counted variants: the only form in which cases come to the miners."""

import polars as pl

SEPARATOR = " > "


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
