"""Exports of a simulated workspace: other tools compute of them what is published."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.exported import instant, read_by_pm4py, violations
from tests.object_edges import theirs
from tests.pipelines.support import dockledger_here, rows
from tests.process_counts import pm4py_edges


@pytest.fixture(scope="module")
def own(built_workspace, tmp_path_factory) -> Path:
    """A copy of its own: DuckDB opens a file once a process, and others may have opened the shared one as pages do."""
    return shutil.copytree(built_workspace, tmp_path_factory.mktemp("exported") / "ws")


def exported(root: Path, folder: Path, *options: str) -> Path:
    path = folder / options[0]
    done = dockledger_here("export", root, "--to", *options, "--out", path)
    assert done.exit_code == 0, done.output
    return path


def test_the_object_centric_map_of_an_export_is_the_published_one(own, tmp_path):
    path = exported(own, tmp_path, "ocel-json")
    assert violations("ocel-json", path) == []
    log = json.loads(path.read_text())
    types = {thing["id"]: thing["type"] for thing in log["objects"]}
    relations = pl.DataFrame(
        [
            (f"{place:06}", event["type"], instant(event["time"]), thing["objectId"], types[thing["objectId"]])
            for place, event in enumerate(log["events"])
            for thing in event["relationships"]
            if types[thing["objectId"]] not in ("facility", "supplier")
        ],
        schema=["event_id", "activity", "at", "object_id", "object_type"],
        orient="row",
    )
    counts, _ = theirs(relations)
    published = rows(own, "SELECT * FROM marts.object_centric_edges")
    assert len(published) > 100
    key = ("object_type", "from_activity", "to_activity")
    assert {tuple(r[k] for k in key): (r["edges_count"], r["objects_count"]) for r in published} == counts


@pytest.mark.parametrize("process", ["procure_to_receive", "transfer_to_reconcile"])
def test_the_process_map_of_a_xes_is_the_published_one(own, tmp_path, process):
    path = exported(own, tmp_path, "xes", "--process", process)
    assert violations("xes", path) == []
    log: Any = read_by_pm4py("xes", path)
    published = rows(
        own,
        "SELECT from_activity, to_activity, sum(edges_count) AS n FROM marts.process_edges "
        f"WHERE process = '{process}' GROUP BY ALL",
    )
    assert {(r["from_activity"], r["to_activity"]): r["n"] for r in published} == pm4py_edges(log)
    facilities = Counter(log.groupby("case:concept:name")["case:facility_id"].first())
    told = rows(
        own,
        f"SELECT facility_id, count(*) AS n FROM marts.process_cases WHERE process = '{process}' GROUP BY ALL",
    )
    assert facilities == {row["facility_id"]: row["n"] for row in told}


def test_the_times_of_posting_in_an_export_are_the_published_ones(own, tmp_path):
    log = json.loads(exported(own, tmp_path, "ocel-json").read_text())
    stated = [(e["id"], {a["name"]: a["value"] for a in e["attributes"]}, e["time"]) for e in log["events"]]
    published = rows(
        own,
        "SELECT event_id, CAST(epoch_us(event_time) AS VARCHAR) AS happened, epoch_us(posted_at) AS posted "
        "FROM marts.event_latency WHERE posted_at IS NOT NULL",
    )
    posted = {key: instant(values["posted_at"]) for key, values, _ in stated if "posted_at" in values}
    assert {row["event_id"] for row in published} <= set(posted)
    ours = {row["event_id"]: row["posted"] for row in published}
    assert {key: round(when.timestamp() * 1e6) for key in ours if (when := posted[key])} == ours
