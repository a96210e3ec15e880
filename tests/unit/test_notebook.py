"""The notebook runs from top to bottom on a built workspace, shows its figures, and is kept without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from dashboards.reader import open_reader
from tests.support import ROOT

NOTEBOOK = ROOT / "notebooks" / "explore_latency_by_warehouse.ipynb"
PLOTLY = "application/vnd.plotly.v1+json"


def executed(workspace: Path, monkeypatch: pytest.MonkeyPatch, scratch: Path) -> list[nbformat.NotebookNode]:
    """The outputs of the notebook, run on a workspace."""
    monkeypatch.setenv("DOCKLEDGER_WORKSPACE", str(workspace))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(scratch))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_the_notebook_shows_every_figure_of_a_built_workspace(built_workspace, monkeypatch, tmp_path):
    outputs = executed(built_workspace, monkeypatch, tmp_path)
    reader = open_reader(built_workspace)
    said = "".join(o["text"] for o in outputs if o["output_type"] == "stream")
    assert f"Run {reader.run.run_id}" in said
    assert f"{reader.run.events_count:,} events" in said
    figures = [o["data"][PLOTLY] for o in outputs if PLOTLY in o.get("data", {})]
    titles = [figure["layout"]["title"]["text"] for figure in figures]
    assert titles[:2] == ["Minutes from the event to its posting", "p90 by step, minutes"]
    assert len(titles) == 4
    facilities = set(reader.values("latency_by_facility", "facility_id"))
    assert set(figures[0]["data"][0]["y"]) == facilities
    assert {site for trace in figures[3]["data"] for site in trace["y"]} == facilities
    assert sum("text/html" in o.get("data", {}) for o in outputs if PLOTLY not in o.get("data", {})) == 3


def test_the_notebook_is_kept_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert [cell.execution_count for cell in code] == [None] * len(code)


def test_every_step_of_the_notebook_is_explained_before_it():
    """A heading and some words stand before the code of each section."""
    kinds = [cell.cell_type for cell in nbformat.read(NOTEBOOK, as_version=4).cells]
    assert kinds[0] == "markdown"
    assert kinds[-1] == "markdown"
    assert "code code code" not in " ".join(kinds)
