"""Exports that cannot be: one sentence, exit code 2, and no file that was not there before."""

import json
import resource
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.pipelines.support import command, dockledger_here, environment, make_workspace, put
from tests.support import ROOT


def refused(root: Path, *options: str | Path) -> str:
    done = dockledger_here("export", root, *options)
    assert done.exit_code == 2, done.output
    sentence = done.stderr.strip()
    assert sentence.startswith("dockledger: ")
    assert "\n" not in sentence
    return sentence.removeprefix("dockledger: ")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--process", "sales"), "process 'sales' is not known; there are procure_to_receive,"),
        (("--facility", "XYZ"), "facility 'XYZ' is not known; there are NDC, 3PL1"),
        (("--since", "2026-03-01", "--until", "2026-03-01"), "no day is on or after 2026-03-01 and before 2026-03-01"),
        (("--since", "2027-01-01"), "no event fits this choice; nothing was written"),
    ],
)
def test_a_choice_that_cannot_be(workspace, tmp_path, options, sentence):
    out = tmp_path / "log.json"
    out.write_text("as it was")
    assert sentence in refused(workspace, "--to", "ocel-json", "--out", out, *options)
    assert out.read_text() == "as it was"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["log.json"]


def test_a_xes_without_a_process(workspace, tmp_path):
    assert "--process is one of procure_to_receive, " in refused(
        workspace, "--to", "xes", "--out", tmp_path / "log.xes"
    )


def test_places_that_cannot_be_written(workspace, tmp_path):
    assert "none: there is no such folder" in refused(
        workspace, "--to", "ocel-xml", "--out", tmp_path / "none" / "log.xml"
    )
    assert "this is a folder" in refused(workspace, "--to", "ocel-xml", "--out", tmp_path)
    own = workspace / "warehouse.duckdb"
    assert "a file of the workspace itself" in refused(workspace, "--to", "ocel-sqlite", "--out", own)
    assert "a file of the workspace itself" in refused(
        workspace, "--to", "ocel-xml", "--out", workspace / "published" / "x"
    )


def test_a_workspace_in_which_nothing_was_built(tmp_path):
    root = make_workspace(tmp_path / "new")
    assert "nothing is published here yet" in refused(root, "--to", "ocel-json", "--out", tmp_path / "log.json")


def test_the_events_of_a_build_that_was_not_published(workspace, tmp_path):
    """A file that cannot be read stops the build after its beginning: what the warehouse holds is not what is published."""
    put(workspace, "feeds/wms/friday.csv", "no,header,of,events\n1,2,3,4\n")
    assert dockledger_here("build", workspace, "--quiet").exit_code == 2
    sentence = refused(workspace, "--to", "ocel-json", "--out", tmp_path / "log.json")
    assert "the latest build was not published, so its events are not exported" in sentence


def test_a_warehouse_that_is_gone_or_broken_or_held(workspace, tmp_path):
    out = tmp_path / "log.json"
    con = duckdb.connect(str(workspace / "warehouse.duckdb"))
    assert "the warehouse cannot be opened" in refused(workspace, "--to", "ocel-json", "--out", out)
    con.close()
    (workspace / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    assert "the warehouse cannot be opened" in refused(workspace, "--to", "ocel-json", "--out", out)
    (workspace / "warehouse.duckdb").unlink()
    assert "the warehouse is gone" in refused(workspace, "--to", "ocel-json", "--out", out)


def test_a_warehouse_of_another_version(workspace, tmp_path):
    with duckdb.connect(str(workspace / "warehouse.duckdb")) as con:
        con.execute("DROP VIEW process.event_object")
    sentence = refused(workspace, "--to", "ocel-json", "--out", tmp_path / "log.json")
    assert "another version has built this; run `dockledger build" in sentence


@pytest.mark.parametrize(
    "options", [("ocel-json",), ("ocel-xml",), ("ocel-sqlite",), ("xes", "--process", "order_to_fulfil")]
)
def test_a_disk_that_is_full_leaves_nothing_behind(built_workspace, tmp_path, options):
    """The process may write 100 KiB at most; SQLite, XML and plain files tell of it each in their own words."""
    out = tmp_path / "log"
    limited = (resource.RLIMIT_FSIZE, (100 * 1024, 100 * 1024))
    done = subprocess.run(
        command("export", built_workspace, "--to", *options, "--out", out),
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(*limited),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("dockledger: ")
    assert list(tmp_path.iterdir()) == []


def test_an_export_leaves_the_workspace_as_it_was(workspace, tmp_path):
    before = {p: p.read_bytes() for p in workspace.rglob("*") if p.is_file()}
    done = dockledger_here("export", workspace, "--to", "ocel-json", "--out", tmp_path / "log.json")
    assert done.exit_code == 0
    assert {p: p.read_bytes() for p in workspace.rglob("*") if p.is_file()} == before
    assert len(json.loads((tmp_path / "log.json").read_text())["events"]) == 5


def test_a_copied_workspace_exports_the_same(workspace, tmp_path):
    copied = Path(shutil.copytree(workspace, tmp_path / "copied"))
    for root, name in ((workspace, "one"), (copied, "other")):
        assert dockledger_here("export", root, "--to", "ocel-xml", "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
