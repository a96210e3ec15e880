"""Scenarios are data: each loads, is written whole and read without complaint; what does not fit is refused by its key."""

from pathlib import Path

import polars as pl
import pytest

from data import DATA
from pipelines.check import report
from pipelines.errors import UnusableInput
from pipelines.simulator import scenario_names, simulate
from pipelines.simulator.scenario import load_scenario, read_scenario
from pipelines.workspace import load_workspace

NAMES = ["five-sites", "six-warehouses", "stale-allocation", "three-dc", "two-entities"]


def test_there_are_five_scenarios():
    assert scenario_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_of_a_scenario_passes_check(name, tmp_path):
    """What is refused is what was made to be refused, and no feed is without files."""
    simulate(name, tmp_path / "ws", events=3000, seed=9)
    workspace = load_workspace(tmp_path / "ws")
    lines = list(report(workspace))
    refused = [line for line in lines if " x " in line and "proposal" not in line]
    assert [
        line for line in refused if "unknown item: item_id 'NEW-" not in line and "missing lot: item" not in line
    ] == []
    assert [line for line in lines if "no file matches" in line] == []
    told = sum(int(line.rsplit(", ", 1)[1].split()[0]) for line in lines if line.endswith(" refused"))
    path = tmp_path / "ws" / "truth" / "refused_event.parquet"
    assert told >= (len(pl.read_parquet(path).filter(pl.col("reason") != "never delivered")) if path.exists() else 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_states_kinds_timing_and_slas_of_its_scenario(name, tmp_path):
    simulate(name, tmp_path / "ws", events=100, seed=9)
    workspace, scenario = load_workspace(tmp_path / "ws"), load_scenario(name)
    assert "3pl" in {facility.kind for facility in workspace.facilities}
    for facility, site in zip(workspace.facilities, scenario.facilities, strict=True):
        assert (facility.kind, facility.timing_model) == (site.kind, site.posting.timing_model)
    assert workspace.sla.posting_seconds == scenario.sla.posting_seconds
    own = scenario.sla.acknowledgement_seconds
    assert workspace.sla.acknowledgement_seconds == (14_400 if own is None else own)
    assert (workspace.reference.opening_stock is None) == (not scenario.opening_stock)


@pytest.mark.parametrize("name", NAMES)
def test_one_event_is_a_scenario_too(name, tmp_path):
    assert simulate(name, tmp_path / "ws", events=1, seed=1).events == 1


def test_a_scenario_is_as_its_base_where_it_states_nothing():
    base, own = load_scenario("three-dc"), load_scenario("six-warehouses")
    assert own.steps == base.steps
    assert own.items == base.items
    assert own.facilities != base.facilities


@pytest.mark.parametrize(
    ("line", "changed", "reason"),
    [
        ("based_on: three-dc", "based_on: four-dc", "based_on: there is no scenario 'four-dc'"),
        ("missing_lot_ratio: 0.004, miscount", "no_such_ratio: 0.004, miscount", "there is no fault no_such_ratio"),
        ("suppliers: 6", "suppliers: 5", "supplier_names: 5 names are needed"),
        ("silent_from: 0.75", "silent_from: 0", "silent_from: Input should be greater than 0"),
        (
            ", held: {median_s: 7200, sigma: 0.6, minimum_s: 900, maximum_s: 43200}",
            "",
            "double_promise_ratio needs held",
        ),
        (
            "feed: {kind: local_csv, name: de1_urgent",
            "feed: {kind: epcis, name: de1_urgent",
            "a spreadsheet is a local_csv",
        ),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_by_its_key(tmp_path, line, changed, reason):
    text = (DATA / "scenarios" / "five-sites.yaml").read_text()
    assert line in text
    path = tmp_path / "s.yaml"
    path.write_text(text.replace(line, changed))
    with pytest.raises(UnusableInput, match=reason):
        read_scenario(path)


def feeds_of(root: Path) -> set[str]:
    return {feed.name for feed in load_workspace(root).feeds}


def test_a_feature_is_off_where_its_key_is_absent(tmp_path):
    """three-dc names none: three sites, the ERP and the counts are all that it tells."""
    simulate("three-dc", tmp_path / "ws", events=500, seed=1)
    assert feeds_of(tmp_path / "ws") == {"ndc_epcis", "rdc_wms", "third_party_wms", "erp", "counts"}
    assert {path.name for path in (tmp_path / "ws" / "master").iterdir()} == {"items.csv", "item_aliases.csv"}
