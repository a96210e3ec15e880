"""Which rows of a site's own table a feed wants, by values of its own columns."""

import polars as pl

from transforms.contracts.reading import quoted
from transforms.contracts.sqlgen import literal

ANY = "*"


def only_sql(only: dict[str, list[str]]) -> str:
    """A condition that holds of the rows that a feed's `only` selects; `*` is any value but an empty one."""
    conditions = []
    for name, wanted in only.items():
        text = f"trim(CAST({quoted(name)} AS VARCHAR))"
        held = f"{text} IN ({', '.join(literal(value) for value in wanted)})"
        conditions.append(f"coalesce({text}, '') <> ''" if ANY in wanted else f"coalesce({held}, FALSE)")
    return " AND ".join(conditions) or "TRUE"


def only_expression(only: dict[str, list[str]]) -> pl.Expr:
    """The same over a frame of text."""
    held = pl.lit(value=True)
    for name, wanted in only.items():
        text = pl.col(name).str.strip_chars().fill_null("")
        held = held & ((text != "") if ANY in wanted else text.is_in(wanted))
    return held
