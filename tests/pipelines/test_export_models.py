"""Process models out of a published build."""

import shutil

import pytest
from lxml import etree

from mining.bpmn import read_bpmn
from mining.formats import FORMATS
from pipelines.cli import MODEL_FORMS
from tests.pipelines.support import dockledger_here, rows

PROCESS = "procure_to_receive"


@pytest.fixture
def published(built_workspace, tmp_path):
    """A copy of its own: DuckDB opens a file once a process, and others may have opened the shared one as pages do."""
    return shutil.copytree(built_workspace, tmp_path / "ws", ignore=shutil.ignore_patterns("warehouse.duckdb", "feeds"))


def test_the_command_knows_every_form_of_a_model():
    assert tuple(MODEL_FORMS) == FORMATS


def test_a_normative_model_is_the_published_one(published, tmp_path):
    out = tmp_path / "model.bpmn"
    done = dockledger_here("export", published, "--to", "bpmn", "--process", PROCESS, "--out", out)
    assert done.output == f"{out}: normative model of {PROCESS}\n"
    [model] = rows(
        published,
        f"SELECT bpmn_xml FROM marts.process_models WHERE process = '{PROCESS}' AND kind = 'normative'",
    )
    assert out.read_text(encoding="utf-8") == model["bpmn_xml"]
    assert "putaway_completed" in read_bpmn(out).activities


@pytest.mark.parametrize("form", ["pnml", "svg"])
def test_a_discovered_model_has_the_activities_of_the_facility(published, tmp_path, form):
    out = tmp_path / f"model.{form}"
    asked = ("--to", form, "--process", PROCESS, "--facility", "NDC", "--discovered", "--out", out)
    done = dockledger_here("export", published, *asked)
    assert done.output == f"{out}: discovered model of {PROCESS} at NDC\n"
    texts = {element.text for element in etree.parse(out).iter("{*}text")}
    assert {"receipt_created", "receipt_confirmed", "putaway_completed"} <= texts


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "a model is of one process; --process is one of procure_to_receive, "),
        (("--process", PROCESS, "--discovered"), "a discovered model is of one facility; say which with --facility"),
        (("--process", PROCESS, "--since", "2026-01-01"), "are for event logs, not for models"),
        (("--process", "sales"), "process 'sales' is not known"),
        (
            ("--process", "return_to_disposition", "--facility", "NDC", "--discovered"),
            "there is no discovered model of return_to_disposition at NDC",
        ),
    ],
)
def test_a_model_that_there_is_not(workspace, tmp_path, options, sentence):
    done = dockledger_here("export", workspace, "--to", "svg", "--out", tmp_path / "model.svg", *options)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert not (tmp_path / "model.svg").exists()


def test_a_log_is_not_discovered(workspace, tmp_path):
    done = dockledger_here("export", workspace, "--to", "ocel-json", "--discovered", "--out", tmp_path / "log.json")
    assert (done.exit_code, done.stderr) == (2, "dockledger: --discovered is for models, not for event logs\n")
