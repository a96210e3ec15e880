"""Identification keys of GS1 in master data: their lengths and check digits (GS1 General Specifications, 7.9)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.engines.duckdb import DuckDBEngine

GTIN_LENGTHS = (8, 12, 13, 14)
_GLN_LENGTH = 13
_MOST_NAMED = 10


def problem(number: str, *lengths: int) -> str:
    """What is wrong with a number of these lengths that ends with a check digit; '' where nothing is."""
    from stdnum.ean import calc_check_digit

    if not (number.isascii() and number.isdigit() and len(number) in lengths):
        return f"is not of {' or '.join(str(length) for length in lengths)} digits"
    right = calc_check_digit(number[:-1])
    return "" if number[-1] == right else f"has the check digit {number[-1]} where {right} is right"


def gln_problem(number: str) -> str:
    """What is wrong with a GLN."""
    return problem(number, _GLN_LENGTH)


def gtin_lines(engine: "DuckDBEngine", shown: str) -> Iterator[str]:
    """A sentence for each item whose GTIN cannot be one, the first ones in full: it is looked up as it is written.

    Args:
        engine: with the reference tables.
        shown: how the file of items is called.
    """
    given = engine.rows("SELECT item_id, gtin FROM reference.item ORDER BY rowid")
    wrong = [
        f"{shown} row {row}: gtin '{gtin}' of item {item} {reason}"
        for row, (item, gtin) in enumerate(given, 1)
        if gtin and (reason := problem(gtin, *GTIN_LENGTHS))
    ]
    yield from wrong[:_MOST_NAMED]
    if len(wrong) > _MOST_NAMED:
        yield f"{shown}: {len(wrong) - _MOST_NAMED} more of the kind"
