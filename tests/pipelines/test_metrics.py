"""`dockledger metrics` and the pages of measures say everything of every measure, from its two files alone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mining import JUDGEMENTS, MEANINGS
from pipelines.catalogue import catalogue
from pipelines.metric_pages import ancestors
from pipelines.targets import Targets
from tests.pipelines.support import WORKSPACE, dockledger, dockledger_here, make_workspace, rows, sentence
from tests.support import ROOT
from transforms.spec import metrics, models, rules

SECTIONS = ("## Columns", "## Lineage", "## Worked example", "## SQL")
FACTS = ("Question", "Definition", "Direction", "Additivity", "Grain", "Owner", "Source", "Version")
# A measure as somebody would write it: two files, no line of Python.
MODEL = """\
/*
title: Events by item
question: Which items move most?
definition: Number of events of an item at a facility up to as_of.
formula: events_count = count(events)
edge_rules:
  - An event without an item counts under NULL.
source: made up
owner: nobody in particular
grain: [facility_id, item_id]
direction: neutral
additivity: additive
columns:
  facility_id: {unit: id, description: the facility}
  item_id: {unit: id, description: the item, nullable: true}
  events_count: {unit: count, description: events, min: 1}
*/
SELECT facility_id, item_id, count(*) AS events_count
FROM canonical.inventory_event
GROUP BY facility_id, item_id
"""
EXAMPLE = {
    "canonical.inventory_event.csv": "event_id,facility_id,item_id\nE1,NDC,A\nE2,NDC,A\nE3,NDC,\n",
    "expected.csv": "facility_id,item_id,events_count\nNDC,A,2\nNDC,,1\n",
    "README.md": "Worked by hand: E1 and E2 are of A, E3 of no item.\n",
}


def fact(page: str, name: str) -> str:
    """What a page says behind a bold word."""
    [line] = [line for line in page.splitlines() if line.startswith(f"**{name}** ")]
    return line.removeprefix(f"**{name}** ")


def run_in(root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a Python module with the packages below a folder instead of these."""
    environment = {**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1"}
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240, env=environment)


def test_every_measure_and_rule_is_listed_with_question_unit_direction_and_owner():
    listed = dockledger("metrics")
    assert listed.returncode == 0
    lines = {line.split()[0]: line for line in listed.stdout.splitlines() if line.startswith("  ")}
    assert set(lines) == {"name", *metrics(), *rules(), *MEANINGS}
    for name, model in {**metrics(), **rules()}.items():
        header = model.header
        assert lines[name].endswith(f" {header.question}")
        for said in (header.unit, header.direction.replace("_", " "), header.owner):
            assert f" {said} " in lines[name]


def test_every_measure_and_rule_is_explained_whole():
    for name, model in {**metrics(), **rules()}.items():
        page = dockledger_here("metrics", name).stdout
        assert [s for s in SECTIONS if s not in page] == [], name
        for words in FACTS:
            assert fact(page, words).strip(), (name, words)
        assert [rule for rule in model.header.edge_rules if rule not in page] == []
        assert model.sql in page


def test_an_explanation_has_unit_formula_target_lineage_and_the_worked_example():
    page = dockledger_here("metrics", "latency_by_facility").stdout
    assert fact(page, "Unit") == "s (`p90_s`)"
    assert "within_sla_ratio = count(posted in time) / due_count" in fact(page, "Formula")
    assert "within_sla_ratio: at least what the workspace says (ratio)" in fact(page, "Target")
    assert "- `shared.duration_quantile` from `shared.duration_count`" in page
    # From the golden folder: what goes in, what comes out, and why.
    assert "| E3 | NDC | receipt_confirmed | 3601 | true | 3600 | true |" in page
    assert "2 in time of 3 posted + 1 overdue: 2 / 4 = 0.5" in page


def test_lineage_leads_to_tables_that_no_model_makes():
    """By hand for one measure: transfers are made from events, and timed by calendars over the range of all clocks."""
    clocks = ["count_record", "erp_posting", "integration_message", "inventory_event", "invoice_line", "reservation"]
    calendars = ["calendar_holiday", "calendar_shift", "evaluation", "facility"]
    expected = {*(f"canonical.{t}" for t in clocks), *(f"reference.{t}" for t in calendars), "shared.working_clock"}
    assert set(ancestors("marts.transfers")) == expected
    others = {"rules.reported", *(f"process.{name}" for name in JUDGEMENTS)}
    for table in models():
        leaves = {t for t in ancestors(table) if t not in models()} - others
        assert {t.split(".")[0] for t in leaves} <= {"canonical", "landing", "reference"}, table
    assert "rules.reported" in ancestors("marts.exceptions")
    assert "matching.leftover_posting" in ancestors("marts.exceptions")
    assert "matching.leftover_posting" not in ancestors("marts.exceptions", behind_rules=False)


def test_the_targets_of_a_workspace_are_told(tmp_path):
    configuration = WORKSPACE + "targets: {within_sla_ratio: 0.98, latency_p90_s: 1800}\n"
    root = make_workspace(tmp_path / "mine", configuration=configuration)
    said = fact(dockledger_here("metrics", "latency_by_facility", "--workspace", root).stdout, "Target")
    assert "latency_p90_s: at most 1800 s; " in said
    assert "within_sla_ratio: at least 0.98 ratio; " in said
    assert "latency_p50_s: the workspace sets none; " in said


@pytest.mark.parametrize(
    ("targets", "name", "said"),
    [
        ("{}", "latency_by_shift", "the workspace sets none"),
        ("{}", "late_posting", "the workspace sets none"),
        ("{latency_by_shift.p50_s: 600}", "latency_by_shift", "latency_by_shift.p50_s: at most 600 s"),
        # Of the columns beside its headline a measure does not say which side is good: no side is told.
        (
            "{latency_by_shift.within_sla_ratio: 0.9}",
            "latency_by_shift",
            "latency_by_shift.within_sla_ratio: 0.9 ratio",
        ),
        ("{latency_by_shift.p50_s: 600}", "latency_by_supplier", "the workspace sets none"),
        ("{late_posting: 12}", "late_posting", "late_posting: at most 12 count"),
    ],
)
def test_any_figure_and_any_rule_can_have_a_target(tmp_path, targets, name, said):
    root = make_workspace(tmp_path / "mine", configuration=WORKSPACE + f"targets: {targets}\n")
    assert fact(dockledger_here("metrics", name, "--workspace", root).stdout, "Target") == said


def test_a_gap_that_matters_is_told_beside_the_target(tmp_path):
    more = "targets: {dark_stock.dark_unit_h: 40}\nmateriality: {dark_stock.dark_unit_h: 2.5}\n"
    root = make_workspace(tmp_path / "mine", configuration=WORKSPACE + more)
    said = fact(dockledger_here("metrics", "dark_stock", "--workspace", root).stdout, "Target")
    assert said == "dark_stock.dark_unit_h: at most 40 unit_h, a gap of 2.5 is material"


def test_without_a_workspace_a_measure_and_a_rule_say_what_a_target_of_theirs_is_called():
    assert fact(dockledger_here("metrics", "late_posting").stdout, "Target") == (
        "late_posting: at most what the workspace says (count)"
    )
    assert fact(dockledger_here("metrics", "latency_by_shift").stdout, "Target") == (
        "latency_by_shift.p50_s: at most what the workspace says (s)"
    )


KINDS = "there are measures of the scorecard, figures of a measure (measure.column) and rules"


@pytest.mark.parametrize(
    ("key", "name", "value", "why"),
    [
        ("targets", "latency_by_shift.p5_s", 1, "'latency_by_shift.p5_s' is not known; near it: latency_by_shift.p95_s, "),
        ("targets", "late_postings", 1, "'late_postings' is not known; near it: late_posting"),
        ("materiality", "zzz", 1, f"'zzz' is not known; {KINDS}"),
        # A key of the rows and a text are no figures.
        ("targets", "latency_by_hour.weekday", 1, "'latency_by_hour.weekday' is not known; "),
        ("targets", "latency_by_shift.shift", 1, "'latency_by_shift.shift' is not known; "),
        ("targets", "latency_by_shift.within_sla_ratio", 95, "latency_by_shift.within_sla_ratio is a ratio between 0 and 1, not 95"),
        ("targets", "within_sla_ratio", 95, "within_sla_ratio is a ratio between 0 and 1, not 95"),
        ("materiality", "fill_rate.line_fill_ratio", 1.5, "fill_rate.line_fill_ratio is a ratio between 0 and 1, not 1.5"),
        ("targets", "late_posting", -1, "late_posting is a figure in count of 0 or more, not -1"),
        ("targets", "latency_p50_s", ".nan", "latency_p50_s is a figure in s that is finite, not nan"),
        ("targets", "late_posting", ".inf", "late_posting is a figure in count of 0 or more, not inf"),
    ],
)  # fmt: skip
def test_a_target_of_nothing_that_is_measured_is_refused(tmp_path, key, name, value, why):
    root = make_workspace(tmp_path / "mine", configuration=WORKSPACE + f"{key}: {{{name}: {value}}}\n")
    for command in (("build", root, "--quiet"), ("metrics", "late_posting", "--workspace", root)):
        refused = dockledger_here(*command)
        assert refused.exit_code == 2
        assert f"dockledger.yaml: {key}: {why}" in refused.stderr


def test_a_figure_beyond_one_by_its_nature_can_have_a_target_there(tmp_path):
    """Adjustments are counted per 1,000 movements: 5 of them are a target, as 0.95 is one of a share."""
    name = "adjustments.adjustments_per_thousand_ratio"
    root = make_workspace(tmp_path / "mine", configuration=WORKSPACE + f"targets: {{{name}: 5}}\n")
    said = fact(dockledger_here("metrics", "adjustments", "--workspace", root).stdout, "Target")
    assert said == f"{name}: at most 5 ratio"


def test_the_published_catalogue_says_formula_grain_and_target():
    given = Targets({"ira_tolerance_ratio": 0.95, "late_posting": 12, "latency_by_shift.km_p90_s": 900})
    found = {row["model"]: row for row in catalogue(given).iter_rows(named=True)}
    assert set(found) == {*metrics(), *rules(), *MEANINGS}
    assert found["count_variance"]["formula"].startswith("unit_accuracy_ratio = 1 - sum")
    assert found["count_variance"]["grain"] == "facility_id"
    assert "ira_tolerance_ratio: at least 0.95 ratio" in found["count_variance"]["target"]
    assert (found["late_posting"]["unit"], found["late_posting"]["target"]) == (
        "count",
        "late_posting: at most 12 count",
    )
    assert found["missing_posting"]["target"] == "the workspace sets none"
    assert found["latency_by_shift"]["target"] == "latency_by_shift.km_p90_s: 900 s"
    # A list of things holds no figure that could have one.
    assert found["facilities"]["target"] is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("transfer_cycle", "; near it: transfer_cycle_time"),
        ("Latency_By_Facility", "; near it: latency_by_facility"),
        ("aging", "; near it: exception_aging"),
        ("zzz", ""),
    ],
)
def test_an_unknown_name_is_one_sentence_with_the_names_near_it(name, near):
    ran = dockledger("metrics", name)
    assert (ran.returncode, ran.stdout) == (2, "")
    said = sentence(ran.stderr)
    assert said.startswith(f"there is no measure or rule '{name}'{near}")
    assert said.endswith("; `dockledger metrics` lists them all")


def test_tables_that_mining_makes_are_explained():
    page = dockledger_here("metrics", "process_models").stdout
    assert fact(page, "Question") == MEANINGS["process_models"].question
    # What is mined of variants is made from the cases: a lineage goes through it.
    assert (
        "- `process.variant_deviation` from `process.variant_frequency`"
        in dockledger_here("metrics", "deviations").stdout
    )


def test_an_installed_package_has_the_worked_examples(tmp_path):
    source = tmp_path / "source"
    for room in ("transforms", "mining", "pipelines", "dashboards", "data", "tests/golden"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    built = run_in(source, "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist")
    assert built.returncode == 0, built.stderr
    [wheel] = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    assert not (tmp_path / "installed" / "tests").exists()
    for name in ("transfer_cycle_time", "late_posting"):
        told = run_in(tmp_path / "installed", "pipelines.cli", "metrics", name)
        assert told.returncode == 0, told.stderr
        assert told.stdout == dockledger_here("metrics", name).stdout


def test_a_new_measure_is_two_files_and_no_line_of_python(tmp_path):
    """In a copy of the project: it is listed, explained, documented, tested, built and published."""
    copied = tmp_path / "project"
    for room in ("transforms", "mining", "pipelines", "data", "tests"):
        shutil.copytree(ROOT / room, copied / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copied)
    (copied / "transforms" / "metrics" / "events_by_item.sql").write_text(MODEL)
    golden = copied / "tests" / "golden" / "metrics" / "events_by_item"
    golden.mkdir()
    for name, text in EXAMPLE.items():
        (golden / name).write_text(text)
    listed = run_in(copied, "pipelines.cli", "metrics").stdout
    assert any(line.split()[:2] == ["events_by_item", "count"] for line in listed.splitlines())
    docs = run_in(copied, "pipelines.cli", "docs", "--out", tmp_path / "docs")
    assert docs.returncode == 0, docs.stderr
    page = (tmp_path / "docs" / "metrics" / "events_by_item.md").read_text()
    assert fact(page, "Formula") == "`events_count = count(events)`"
    assert EXAMPLE["README.md"].strip() in page
    tested = run_in(copied, "pytest", "-q", "-p", "no:cacheprovider", "tests/golden", "-k", "events_by_item")
    assert "1 passed" in tested.stdout, tested.stdout
    root = make_workspace(tmp_path / "mine")
    built = run_in(copied, "pipelines.cli", "build", root, "--quiet")
    assert built.returncode == 0, built.stderr
    # Of A at NDC: receipt, putaway, shipment of T1; its receipt is at 3PL1, and so is the shipment of B.
    found = rows(root, "SELECT * FROM marts.events_by_item ORDER BY facility_id, item_id")
    counted = {(row["facility_id"], row["item_id"]): row["events_count"] for row in found}
    assert counted == {("3PL1", "A"): 1, ("3PL1", "B"): 1, ("NDC", "A"): 3}
    known = rows(root, "SELECT unit, owner FROM marts.metric_catalogue WHERE model = 'events_by_item'")
    assert known == [{"unit": "count", "owner": "nobody in particular"}]


@pytest.mark.parametrize(
    ("old", "new", "command", "why"),
    [
        (
            "unit: count",
            "unit: percent",
            ["metrics"],
            "its header cannot be used: columns.events_count.unit: must be one of",
        ),
        ("count(*)", "cuont(*)", ["build"], "line 18: its SQL cannot be run (Catalog Error: "),
        ("canonical.inventory_event", "marts.not_there", ["build"], "it reads marts.not_there, which nothing makes"),
    ],
    ids=["a header", "its SQL", "what it reads"],
)
def test_a_mistake_in_a_new_measure_is_one_sentence_with_its_file(tmp_path, old, new, command, why):
    copied = tmp_path / "copy"
    for package in ("data", "mining", "pipelines", "transforms"):
        shutil.copytree(ROOT / package, copied / package, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "transforms" / "metrics" / "events_by_item.sql").write_text(MODEL.replace(old, new))
    workspace: list[Path | str] = [make_workspace(tmp_path / "mine"), "--quiet"] if command == ["build"] else []
    said = run_in(copied, "pipelines.cli", *command, *workspace)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith(f"dockledger: transforms/metrics/events_by_item.sql: {why}")
    assert said.stderr.count("\n") == 1
