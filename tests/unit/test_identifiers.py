"""Keys of GS1 are held to their check digits where they are given, and told of where they are not known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean

from pipelines.check import report
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.identifiers import gln_problem, problem
from pipelines.workspace import Workspace, load_workspace
from tests.edifact import document
from tests.landing import event, events

# 061414100000: from the right 0x3 0x1 0x3 0x1 0x3 1x1 4x3 1x1 4x3 1x1 6x3 0x1 = 45, so 5.
GLN = "0614141000005"


def test_a_check_digit_is_that_of_gs1():
    assert gln_problem(GLN) == ""
    assert gln_problem("0614141000006") == "has the check digit 6 where 5 is right"
    assert gln_problem("614141000005") == "is not of 13 digits"
    assert gln_problem("06141410OOO05") == "is not of 13 digits"
    assert problem("73513537", 8, 12, 13, 14) == ""
    assert problem("735135371", 8, 12, 13, 14) == "is not of 8 or 12 or 13 or 14 digits"


def test_a_gln_of_a_facility_that_cannot_be_one_is_refused_with_its_line(tmp_path):
    (tmp_path / "dockledger.yaml").write_text(
        "facilities:\n"
        f'  - {{id: A, timezone: UTC, gln: "{GLN}"}}\n'
        '  - {id: B, timezone: UTC, gln: "0614141000006"}\n'
        "feeds:\n"
        '  - {name: wms, adapter: edifact, path: "feeds/*.edi"}\n'
    )
    with pytest.raises(UnusableInput) as caught:
        load_workspace(tmp_path)
    assert str(caught.value).endswith(
        "dockledger.yaml: line 3: facilities.1.gln: the GLN '0614141000006' has the check digit 6 where 5 is right; "
        "a code of another kind belongs in codes"
    )


def test_check_names_the_gtins_of_items_that_cannot_be_any(landing):
    """They stay codes of their items as they are written: a site may know no better."""
    landing.write("items.csv", "item_id,gtin\nI1,00614141000012\nI2,00614141000013\nI3,OWN-1\nI4,\n")
    landing.write("feeds/a.csv", events(event(item_id="00614141000013")))
    lines = list(report(landing.workspace(table="inventory_event")))
    assert lines == [
        "items.csv row 2: gtin '00614141000013' of item I2 has the check digit 3 where 2 is right",
        "items.csv row 3: gtin 'OWN-1' of item I3 is not of 8 or 12 or 13 or 14 digits",
        "wms: 1 files, 1 rows, 0 refused",
    ]


def test_check_names_the_first_of_many(landing):
    landing.write("items.csv", "item_id,gtin\n" + "".join(f"I{n},X\n" for n in range(13)))
    lines = list(report(landing.workspace(table="inventory_event")))
    assert len([line for line in lines if line.startswith("items.csv row")]) == 10
    assert "items.csv: 3 more of the kind" in lines


@pytest.mark.parametrize("written", ["614141000012", "0614141000012", "00614141000012"])
@pytest.mark.parametrize("delivered", ["614141000012", "0614141000012", "00614141000012"])
def test_a_gtin_is_one_item_with_however_many_zeros(landing, written, delivered):
    landing.write("items.csv", f"item_id,gtin\nI1,{written}\n")
    landing.write("feeds/a.csv", events(event(item_id=delivered)))
    assert landing.land("item_id, reason") == [(1, "I1", None)]


def test_spellings_of_a_gtin_that_are_another_item_or_several_mean_what_they_meant(landing):
    """614141000012 is an item's own code; two items share the second GTIN, in two spellings."""
    landing.write("items.csv", "item_id,gtin\nI1,00614141000012\n614141000012,\nI2,0614141000029\nI3,00614141000029\n")
    given = ["614141000012", "0614141000012", "614141000029", "73513537"]
    landing.write("feeds/a.csv", events(*(event(item_id=i) for i in given)))
    assert landing.land("item_id, reason") == [
        (1, "614141000012", None),
        (2, "I1", None),
        (3, None, "unknown item"),
        (4, None, "unknown item"),
    ]


def edi(workspace: Workspace) -> Workspace:
    """The workspace with its feed read as EDIFACT."""
    [feed] = workspace.feeds
    changed = {"adapter": "edifact", "table": None, "system_timezone": "facility"}
    return workspace.model_copy(update={"feeds": [feed.model_copy(update=changed)]})


def test_an_unknown_key_with_a_wrong_check_digit_is_told_so_and_a_known_one_is_not(landing):
    """The item 04000862141404 is right; ...405 is not, but I2 is known by it; ...406 is not, and nobody knows it.

    A row is told by its QTY segment: UNB, UNH, BGM, DTM, NAD and CPS come before the first LIN.
    """
    landing.write("items.csv", "item_id,gtin\nI1,4000862141404\nI2,4000862141405\n")
    head = ("BGM+351+DA1+9", "DTM+11:202601050830:203")
    lines = [s for n, code in enumerate(("4000862141405", "4000862141406", "4000862141411", "ABC"), 1)
             for s in (f"LIN+{n}++{code}:EN", "QTY+12:1")]  # fmt: skip
    landing.write("feeds/a.edi", document("DESADV", *head, f"NAD+SH+{GLN}::9", "CPS+1", *lines))
    landing.write(
        "feeds/b.edi", document("DESADV", *head, "NAD+SH+0614141000006::9", "CPS+1", "LIN+1++X:SA", "QTY+12:1")
    )
    workspace = edi(landing.workspace(table="inventory_event"))
    lines = list(report(workspace))
    assert [line.strip() for line in lines if "not known" in line] == [
        "1 x unknown facility: facility_id '0614141000006' is not known; as a GLN its check digit is wrong (first feeds/b.edi row 8)",
        "1 x unknown item: item_id '04000862141406' is not known; as a GTIN its check digit is wrong (first feeds/a.edi row 10)",
        "1 x unknown item: item_id '04000862141411' is not known (first feeds/a.edi row 12)",
        "1 x unknown item: item_id 'ABC' is not known (first feeds/a.edi row 14)",
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(number=st.one_of(st.from_regex(r"[0-9]{8}|[0-9]{12,14}", fullmatch=True), st.integers(0, 10**13 - 1).map(
    lambda n: f"{n:013}{ean.calc_check_digit(f'{n:013}')}")))  # fmt: skip
def test_the_engine_reckons_check_digits_as_stdnum_does(shared_engine: DuckDBEngine, number: str) -> None:
    assert shared_engine.value(f"SELECT has_check_digit('{number}')") == ean.is_valid(number)


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory):
    from pipelines.engines.settings import Engine

    engine = DuckDBEngine(tmp_path_factory.mktemp("engine") / "a.duckdb", Engine())
    yield engine
    engine.close()
