"""Tables as CSV that a spreadsheet opens without running anything in it.

A cell that a spreadsheet would take for a formula gets a leading apostrophe; plain numbers stay numbers.
"""

import polars as pl
import polars.selectors as cs

from data.spreadsheets import FORMULA, NUMBER, neutral_text

_INSTANT = "%Y-%m-%dT%H:%M:%S%.fZ"


def to_csv(table: pl.DataFrame) -> str:
    """A table as CSV text: header, commas, instants in UTC with a Z, NULL as an empty field."""
    flat = table.with_columns(_joined(name) for name, kind in table.schema.items() if isinstance(kind, pl.List))
    zoned = [name for name, kind in flat.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    instants = [pl.col(name).dt.convert_time_zone("UTC").dt.strftime(_INSTANT) for name in zoned]
    written = neutral(flat).with_columns(instants)
    return written.rename({name: neutral_text(name) for name in written.columns}).write_csv(quote_style="necessary")


def neutral(table: pl.DataFrame) -> pl.DataFrame:
    """A table whose texts are no formulas to a spreadsheet."""
    return table.with_columns(_neutral(name) for name in table.select(cs.string() | cs.categorical()).columns)


def _neutral(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    is_formula = text.str.contains(FORMULA) & ~text.str.contains(NUMBER)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name)


def _joined(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.List(pl.String)).list.join(" > ")
