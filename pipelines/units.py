"""Codes of units by the standard that they are of, and what they are in an item's base unit.

`data/reference/unit_codes.csv` is the whole of it: a code means something in its own standard only. SAP's ST is a
piece, that of UN/ECE Recommendation 20 a sheet, that of X12 a set.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import polars as pl

from data import DATA
from pipelines.feeds.base import AdapterSpec
from pipelines.workspace import Feed, Workspace
from transforms.contracts.base import UNIT_RATIO_SCALE

# What a feed or the reference data may say its codes are of -> the lists in which they are then looked up.
STANDARDS = {"rec20": ("rec20", "rec21", "eancom"), "x12": ("x12",), "sap": ("sap",)}
PACKAGE = "package"  # the dimension of units that hold another number of each item


@dataclass(frozen=True)
class Unit:
    """What a code means.

    Attributes:
        unit: the canonical code, of UN/ECE Recommendation 20.
        dimension: count, mass, length, area, volume; or package.
        factor: in the dimension's base unit (piece, kilogram, metre, square metre, cubic metre); none for a package.
    """

    unit: str
    dimension: str
    factor: Fraction | None


@cache
def units(standard: str) -> dict[str, Unit]:
    """Code -> meaning, of one of STANDARDS."""
    with (DATA / "reference" / "unit_codes.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: Unit(row["unit"], row["dimension"], Fraction(row["factor"]) if row["factor"] else None)
            for row in csv.DictReader(stream)
            if row["standard"] in STANDARDS[standard]
        }


def standard_of(feed: Feed, spec: AdapterSpec) -> str | None:
    """The standard that a feed's codes are of; None: they are taken as they are written."""
    stated = feed.unit_codes or spec.unit_codes
    return None if stated in (None, "none") else stated


@dataclass(frozen=True)
class UnitTable:
    """What codes of units of one feed are for one workspace.

    Attributes:
        standard: of the feed's codes; None for none.
        declared: of the codes in the reference data; None for what every standard gives one meaning.
    """

    standard: str | None
    declared: str | None

    def base(self, code: str) -> Unit | None:
        """What a code of the reference data means; without a standard, only one that means the same in all."""
        if self.declared:
            return units(self.declared).get(code)
        known = {units(standard)[code] for standard in STANDARDS if code in units(standard)}
        return known.pop() if len(known) == 1 else None

    def is_other(self, code: str) -> bool:
        """Whether a code is another unit in the feed than in the reference data, which has a standard of its own."""
        if not (self.standard and self.declared):
            return False
        given, base = units(self.standard).get(code), units(self.declared).get(code)
        return given is not None and base is not None and given.unit != base.unit

    def other_codes(self) -> tuple[str, ...]:
        """All such codes."""
        known = units(self.standard) if self.standard else {}
        return tuple(code for code in known if self.is_other(code))

    def ratios(self, bases: Iterable[str]) -> pl.DataFrame:
        """code, base_uom, ratio: how many of these base units one unit of a feed's code is, where that is fixed."""
        rows = [
            (code, base, _rounded(ratio))
            for base in bases
            for code, unit in (units(self.standard) if self.standard else {}).items()
            if (code != base or self.is_other(code)) and (ratio := _ratio(unit, self.base(base))) is not None
        ]
        return pl.DataFrame(rows, schema={"code": pl.String, "base_uom": pl.String, "ratio": pl.String}, orient="row")

    def synonyms(self, codes: Iterable[str]) -> pl.DataFrame:
        """code, uom: what else a feed calls the unit that per-item conversions call `uom`."""
        rows = [
            (code, uom)
            for uom in codes
            for code, unit in (units(self.standard) if self.standard else {}).items()
            if (code != uom or self.is_other(code)) and (base := self.base(uom)) is not None and base.unit == unit.unit
        ]
        return pl.DataFrame(rows, schema={"code": pl.String, "uom": pl.String}, orient="row")


def unit_table(workspace: Workspace, feed: Feed, spec: AdapterSpec) -> UnitTable:
    """The table of one feed."""
    return UnitTable(standard_of(feed, spec), workspace.reference.unit_codes)


def _ratio(unit: Unit, base: Unit | None) -> Fraction | None:
    """How many of the base unit one unit is; None where that differs by item or they measure different things."""
    if base is None:
        return None
    if unit.unit == base.unit:
        return Fraction(1)
    if unit.dimension != base.dimension or unit.factor is None or base.factor is None:
        return None
    return unit.factor / base.factor


def _rounded(ratio: Fraction) -> str:
    """A ratio with as many decimal places as are kept."""
    scaled = round(ratio * 10**UNIT_RATIO_SCALE)
    digits = str(scaled).zfill(UNIT_RATIO_SCALE + 1)
    return f"{digits[:-UNIT_RATIO_SCALE]}.{digits[-UNIT_RATIO_SCALE:]}"
