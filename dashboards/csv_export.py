"""Tables as CSV that a spreadsheet opens without running anything in it.

A cell that a spreadsheet would take for a formula gets a leading apostrophe; plain numbers stay numbers.
"""

import re

import polars as pl
import polars.selectors as cs

_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^[+\-]?(\d+\.?\d*|\.\d+)([eE][+\-]?\d+)?$"
_INSTANT = "%Y-%m-%dT%H:%M:%S%.fZ"


def to_csv(table: pl.DataFrame) -> str:
    """A table as CSV text: header, commas, instants in UTC with a Z, NULL as an empty field."""
    flat = table.with_columns(_joined(name) for name, kind in table.schema.items() if isinstance(kind, pl.List))
    zoned = [name for name, kind in flat.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    written = flat.with_columns(
        [pl.col(name).dt.convert_time_zone("UTC").dt.strftime(_INSTANT) for name in zoned]
        + [_neutral(name) for name in flat.select(cs.string() | cs.categorical()).columns]
    )
    return written.rename({name: neutral_text(name) for name in written.columns}).write_csv(quote_style="necessary")


def neutral_text(text: str) -> str:
    """One cell, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if re.search(_FORMULA, text) and not re.search(_NUMBER, text) else text


def _neutral(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    is_formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name)


def _joined(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.List(pl.String)).list.join(" > ")
