"""A code of a unit means what its own standard says, and quantities come in the base unit of their item."""

import csv
import re
from decimal import Decimal
from fractions import Fraction

import pytest

from data import DATA
from pipelines.deliveries import fingerprint
from pipelines.feeds.base import adapters
from pipelines.feeds.edifact import ADAPTER
from pipelines.units import PACKAGE, STANDARDS, UnitTable, standard_of, units
from pipelines.workspace import Feed
from tests.landing import event, events
from tests.support import real_data

TABLE = list(csv.DictReader((DATA / "reference" / "unit_codes.csv").read_text(encoding="utf-8").splitlines()))
DIMENSIONS = {
    "count": ("", "EA"),
    "mass": ("kg", "KGM"),
    "length": ("m", "MTR"),
    "area": ("m²", "MTK"),
    "volume": ("m³", "MTQ"),
}
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
# Codes of X12 or SAP that Recommendation 20 has, too, for what no inventory is kept in, or under the same meaning.
ELSEWHERE = {"KG": "keg", "OZ": "ounce av", "HL": "hundred foot (linear)", "FL": "flake ton", "PAL": "pascal",
             "KI": "kilogram per millimetre width"}  # fmt: skip


def recommendation_20() -> dict[str, dict[str, str]]:
    with real_data("un-rec20", "units-of-measure.csv").open(encoding="utf-8", newline="") as stream:
        return {row["CommonCode"]: row for row in csv.DictReader(stream)}


def stated_factor(text: str, unit: str) -> Fraction | None:
    """`0,453 592 37 kg`, `2,834 952 x 10⁻² kg`, `10³` or `kg` as a number of base units; none where none is stated."""
    number = (
        text.removesuffix(unit).replace(" ", "").replace(",", ".") if unit else text.replace(" ", "").replace(",", ".")
    )
    if not text:
        return None
    mantissa, _, power = number.rpartition("10") if re.search(r"10[⁻⁰¹²³⁴-⁹]", number) else (number, "", "")
    exponent = int(power.translate(SUPERSCRIPT)) if power else 0
    return Fraction(mantissa.removesuffix("x") or "1") * Fraction(10) ** exponent


def test_the_rows_of_recommendation_20_are_in_it_with_that_name_and_factor():
    """Its factors are rounded to six digits or so; ours are exact."""
    full, compared = recommendation_20(), 0
    for row in (r for r in TABLE if r["standard"] == "rec20"):
        theirs = full[row["code"]]
        assert theirs["Name"] == row["meaning"]
        unit = DIMENSIONS.get(row["dimension"], ("", ""))[0]
        factor = stated_factor(theirs["ConversionFactor"], unit)
        if row["factor"] and factor is not None:
            assert abs(Fraction(row["factor"]) / factor - 1) < Fraction(1, 1_000_000), row
            compared += 1
    # All but EA, H87 and NAR, for which it states none.
    assert compared == sum(r["standard"] == "rec20" and bool(r["factor"]) for r in TABLE) - 3


def test_where_another_standard_uses_a_code_of_recommendation_20_the_table_has_both():
    full = recommendation_20()
    own = units("rec20")
    others = {row["code"] for row in TABLE if row["standard"] in ("x12", "sap")}
    assert {code: full[code]["Name"] for code in others if code in full and code not in own} == ELSEWHERE


def test_every_code_stands_once_in_a_standard_and_its_unit_is_one_of_the_table():
    keys = [(row["standard"], row["code"]) for row in TABLE]
    assert len(set(keys)) == len(keys)
    assert {row["standard"] for row in TABLE} == {name for names in STANDARDS.values() for name in names}
    known = units("rec20")
    for row in TABLE:
        unit = known[row["unit"]]  # the canonical code is a code of Recommendation 20 or 21
        assert unit.unit == row["unit"]
        assert (unit.dimension, str(unit.factor)) == (
            row["dimension"],
            str(Fraction(row["factor"]) if row["factor"] else None),
        )
        assert (row["dimension"] == PACKAGE) == (not row["factor"])
    for dimension, (_, base) in DIMENSIONS.items():
        assert (known[base].dimension, known[base].factor) == (dimension, Fraction(1))


@pytest.mark.parametrize(("standard", "code", "unit"), [
    ("sap", "ST", "EA"), ("rec20", "ST", "XST"), ("x12", "ST", "SET"),  # piece, sheet, set
    ("x12", "EA", "EA"), ("rec20", "H87", "EA"), ("rec20", "C62", "EA"), ("rec20", "PCE", "EA"), ("x12", "PC", "EA"),
    ("x12", "CA", "XCS"), ("rec20", "CA", "XCA"), ("x12", "PL", "XPX"), ("rec20", "PL", "XPL"), ("sap", "PAL", "XPX"),
    ("x12", "CR", "MTQ"), ("rec20", "CR", "XCR"), ("sap", "KAR", "XCT"), ("rec20", "PX", "XPX"),
    ("x12", "TN", "STN"), ("sap", "TO", "TNE"), ("rec20", "LBR", "LBR"), ("x12", "LB", "LBR"),
])  # fmt: skip
def test_a_code_means_what_its_own_standard_says(standard, code, unit):
    assert units(standard)[code].unit == unit


def test_every_adapter_names_a_standard_that_is_known_and_a_feed_may_name_another():
    stated = {name: adapter.spec.unit_codes for name, adapter in adapters().items()}
    expected = {
        "x12": "x12",
        "edifact": "rec20",
        "epcis_json": "rec20",
        "epcis_xml": "rec20",
        "sap_document_flow": "sap",
        "mapped_csv": None,
    }
    assert {name: stated[name] for name in expected} == expected
    assert {standard for standard in stated.values() if standard} <= set(STANDARDS)
    feed = Feed(name="edi", adapter="edifact", path="feeds/*")
    assert standard_of(feed, ADAPTER.spec) == "rec20"
    assert standard_of(feed.model_copy(update={"unit_codes": "sap"}), ADAPTER.spec) == "sap"
    assert standard_of(feed.model_copy(update={"unit_codes": "none"}), ADAPTER.spec) is None


def test_without_a_standard_reference_data_mean_what_all_standards_say():
    undeclared, sap = UnitTable("rec20", None), UnitTable("rec20", "sap")
    assert undeclared.base("ST") is None  # piece, sheet or set
    assert undeclared.base("CR") is None  # crate or cubic metre
    assert [undeclared.base(code).unit for code in ("EA", "PC", "KG", "FT")] == ["EA", "EA", "KGM", "FOT"]  # type: ignore[union-attr]
    assert sap.base("ST").unit == "EA"  # type: ignore[union-attr]
    assert sap.is_other("ST")
    assert not sap.is_other("EA")
    assert not undeclared.other_codes()


def landed(landing, rows, *, items, conversions="", unit_codes="rec20", declared=None):
    """(quantity, reason) of rows of (item, unit, quantity)."""
    landing.write("items.csv", "item_id,base_uom\n" + items)
    if conversions:
        landing.write("uom_conversions.csv", "item_id,uom,factor\n" + conversions)
    landing.write("feeds/a.csv", events(*(event(item_id=i, uom=u, quantity=q) for i, u, q in rows)))
    found = landing.land("quantity, reason", unit_codes=unit_codes, reference={"unit_codes": declared})
    return [(None if reason else quantity, reason) for _, quantity, reason in found]


def ok(*quantities):
    return [(Decimal(q).quantize(Decimal("0.000001")), None) for q in quantities]


UNKNOWN = (None, "unknown unit")


def test_units_of_one_dimension_are_converted_and_others_are_not(landing):
    """Base units: EA and KG. 3 dozen are 36, 2 pairs 4, 1 gross 144; 5 lb are 2.26796185 kg, rounded to 2.267962."""
    given = [("I1", "DZN", "3"), ("I1", "PR", "2"), ("I1", "GRO", "1"), ("I1", "H87", "7"), ("I1", "PCE", "7"),
             ("I2", "GRM", "1500"), ("I2", "TNE", "-2"), ("I2", "LBR", "5"), ("I2", "KGM", "1.5"),
             ("I1", "KGM", "1"), ("I2", "EA", "1"), ("I1", "XBX", "1"), ("I1", "ST", "1"), ("I1", "ZZ", "1")]  # fmt: skip
    found = landed(landing, given, items="I1,EA\nI2,KG\n")
    assert found == [*ok("36", "4", "144", "7", "7", "1.5", "-2000", "2.267962", "1.5"), *[UNKNOWN] * 5]


def test_a_csv_is_taken_as_it_is_written(landing):
    found = landed(landing, [("I1", "EA", "3"), ("I1", "H87", "3")], items="I1,EA\n", unit_codes=None)
    assert found == [*ok("3"), UNKNOWN]


def test_an_items_own_factor_goes_before_the_table_by_whichever_name(landing):
    """A case of I1 holds 24 and its dozen is a baker's; what the list calls CS, X12 calls CA."""
    given = [
        ("I1", "CA", "2"),
        ("I1", "DZ", "2"),
        ("I2", "DZ", "2"),
        ("I1", "PL", "1"),
        ("I1", "CS", "1"),
        ("I1", "CT", "1"),
    ]
    found = landed(
        landing, given, items="I1,EA\nI2,EA\n", conversions="I1,CS,24\nI1,DZN,13\nI1,PAL,480\n", unit_codes="x12"
    )
    # A carton is no case. PAL is a pallet in SAP alone, so it has one meaning; CS is no code of X12, but the list's own.
    assert found == [*ok("48", "26", "24", "480", "24"), UNKNOWN]


def test_two_names_of_one_unit_with_different_factors_are_no_help_to_a_third(landing):
    conversions = "I1,CS,24\nI1,XCS,12\n"
    assert landed(landing, [("I1", "CA", "1")], items="I1,EA\n", conversions=conversions, unit_codes="x12") == [UNKNOWN]


def test_saps_piece_is_not_recommendation_20s_sheet(landing):
    """Items of SAP: ST is a piece. A feed of Recommendation 20 sends H87, a piece, and ST, a sheet; one of SAP sends ST."""
    given = [("I1", "ST", "3"), ("I1", "H87", "3"), ("I1", "DZN", "1")]
    assert landed(landing, given, items="I1,ST\n", declared="sap") == [UNKNOWN, *ok("3", "12")]
    given = [("I1", "ST", "3"), ("I1", "EA", "3"), ("I1", "DZ", "1")]
    assert landed(landing, given, items="I1,ST\n", declared="sap", unit_codes="sap") == ok("3", "3", "12")


def test_a_base_unit_that_may_mean_several_is_only_what_is_written_so(landing):
    """Nothing says whose ST it is: it is not a piece because SAP says so, nor a sheet."""
    given = [("I1", "ST", "3"), ("I1", "H87", "3"), ("I1", "XST", "3")]
    assert landed(landing, given, items="I1,ST\n") == [*ok("3"), UNKNOWN, UNKNOWN]


def test_a_conversion_under_a_code_that_is_another_unit_in_the_feed_is_not_its_own(landing):
    """Items of SAP list a factor for ST, a piece; the feed's ST is a sheet, its EA is a piece."""
    given = [("I1", "ST", "1"), ("I1", "EA", "1")]
    found = landed(landing, given, items="I1,KG\n", conversions="I1,ST,0.5\n", declared="sap")
    assert found == [UNKNOWN, *ok("0.5")]


def test_every_fixed_ratio_is_the_quotient_of_two_factors():
    """All pairs of the table, computed here with decimals."""
    factors = {code: (unit, Decimal(str(float(unit.factor)))) for code, unit in units("rec20").items() if unit.factor}
    expected = {
        (code, base): pytest.approx(float(factor / base_factor), abs=1e-12, rel=1e-9)
        for base, (base_unit, base_factor) in factors.items()
        for code, (unit, factor) in factors.items()
        if code != base and unit.dimension == base_unit.dimension
    }
    found = UnitTable("rec20", "rec20").ratios(sorted(factors))
    assert {(code, base): float(ratio) for code, base, ratio in found.rows()} == expected


def test_what_reference_data_are_read_by_is_part_of_what_rows_were_made_with(landing):
    """Otherwise a build would keep rows that were read by another standard."""
    workspaces = [landing.workspace(table="inventory_event", reference=given) for given in ({}, {"unit_codes": "sap"})]
    assert len({fingerprint(workspace, workspace.feeds[0]) for workspace in workspaces}) == 2
