"""The orchestrated side: definitions, assets, checks, schedule and sensor, generated from a workspace."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.build import build_defs
from pipelines.defs.warehouse import Warehouse
from pipelines.errors import UnusableInput
from pipelines.workspace import load_workspace
from tests.pipelines.support import WORKSPACE, environment, make_workspace, put, rows
from tests.support import ROOT
from transforms.contracts import FEED_TABLES
from transforms.spec import models

NIGHTLY = f"{WORKSPACE}schedule: {{cron: '30 3 * * 1-5', timezone: Europe/Berlin}}\n"


@pytest.fixture
def defs(tmp_path: Path) -> dg.Definitions:
    return build_defs(load_workspace(make_workspace(tmp_path / "ws", configuration=NIGHTLY)))


def keys(defs: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}


def test_there_is_an_asset_for_every_feed_and_every_model(defs):
    expected = {"landing/wms", "landing/erp", "landing/counts", "publish/current", "marts/mining"}
    expected |= {f"canonical/{table}" for table in FEED_TABLES}
    expected |= {model.table.replace(".", "/") for model in models().values()}
    assert expected <= keys(defs)


def test_every_model_and_contract_is_checked_and_the_checks_block(defs):
    graph = defs.resolve_asset_graph()
    blocking: dict[str, set[str]] = {}
    for key in graph.asset_check_keys:
        if graph.get(key).blocking:
            blocking.setdefault(key.asset_key.to_user_string(), set()).add(key.name)
    assert {name: blocking[name] for name in (f"canonical/{t}" for t in FEED_TABLES)} == {
        f"canonical/{t}": {"contract"} for t in FEED_TABLES
    }
    own = {"corrections": {"corrections_hold"}}
    for model in models().values():
        expected = {"columns", "bounds", "grain"} | own.get(model.name, set())
        assert blocking[model.table.replace(".", "/")] == expected


def test_what_is_published_comes_after_every_mart(defs):
    graph = defs.resolve_asset_graph()
    upstream = graph.get(dg.AssetKey(["publish", "current"])).parent_keys
    made = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert made <= set(upstream)


def test_the_schedule_has_the_cron_and_the_zone_of_the_workspace(defs):
    schedule = defs.resolve_schedule_def("nightly_build")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 3 * * 1-5", "Europe/Berlin")
    assert schedule.job_name == "build_job"


def test_the_sensor_asks_for_a_build_when_a_file_arrives_or_changes_and_otherwise_skips(tmp_path):
    root = make_workspace(tmp_path / "ws")
    sensor = build_defs(load_workspace(root)).resolve_sensor_def("arrived_files")
    instance = dg.DagsterInstance.ephemeral()

    def evaluate(cursor: str | None) -> tuple[int, str | None]:
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            data = sensor.evaluate_tick(context)
            return len(data.run_requests or []), data.cursor

    first, cursor = evaluate(None)
    assert first == 1, "what lies there at the beginning is new"
    assert evaluate(cursor) == (0, cursor), "nothing has happened since"
    put(root, "feeds/wms/new.csv", "event_id,event_type,event_time,facility_id\n")
    asked, after_arrival = evaluate(cursor)
    assert (asked, after_arrival != cursor) == (1, True)
    assert evaluate(after_arrival)[0] == 0
    put(root, "feeds/wms/new.csv", "event_id,event_type,event_time,facility_id\nE9,parked,x,y\n")
    assert evaluate(after_arrival)[0] == 1
    put(root, "elsewhere/other.csv", "not of any feed\n")
    put(root, "feeds/wms/new.csv.part", "not of any feed either\n")
    _, settled = evaluate(after_arrival)
    put(root, "feeds/wms/another.txt", "nor this\n")
    assert evaluate(settled)[0] == 0
    instance.dispose()


def test_the_job_builds_and_publishes_in_process(tmp_path):
    root = make_workspace(tmp_path / "ws")
    defs = build_defs(load_workspace(root))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("build_job").execute_in_process(instance=instance)
    assert result.success
    assert rows(root, "SELECT count(*) AS n FROM marts.event_latency") == [{"n": 5}]
    landed = result.asset_materializations_for_node("landing__wms")[0].metadata
    assert {name: landed[name].value for name in ("files", "received", "refused")} == {
        "files": 2,
        "received": 5,
        "refused": 0,
    }
    events = result.asset_materializations_for_node("canonical__inventory_event")[0].metadata
    assert events["rows"].value == 5
    assert "2026-02-26 05:00" in str(events["newest"].value), "how fresh it is"
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert failed == []


def test_one_asset_can_be_made_again_from_what_the_warehouse_holds(tmp_path):
    """As from the web interface: the run opens the warehouse as it is."""
    root = make_workspace(tmp_path / "ws")
    defs = build_defs(load_workspace(root))
    job = defs.resolve_job_def("build_job")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
        again = job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey(["marts", "transfers"])])
    assert again.success
    assert len(again.get_asset_materialization_events()) == 1


def test_a_feed_that_has_left_the_workspace_leaves_the_accounts(tmp_path):
    """The warehouse is kept between orchestrated runs, and with it what earlier settings landed."""
    root = make_workspace(tmp_path / "ws")
    for configuration in (WORKSPACE, WORKSPACE.replace("{name: wms,", "{name: floor,")):
        make_workspace(root, configuration=configuration)
        job = build_defs(load_workspace(root)).resolve_job_def("build_job")
        with dg.DagsterInstance.ephemeral() as instance:
            assert job.execute_in_process(instance=instance).success
    told = rows(
        root, "SELECT feed, sum(accepted_count) AS n FROM marts.feed_reconciliation GROUP BY feed ORDER BY feed"
    )
    assert told == [{"feed": "counts", "n": 2}, {"feed": "erp", "n": 4}, {"feed": "floor", "n": 5}]


def test_there_is_one_writer_at_a_time(tmp_path):
    workspace = load_workspace(make_workspace(tmp_path / "ws"))
    first, second = Warehouse(workspace), Warehouse(workspace)
    first.build()
    with pytest.raises(UnusableInput, match="another build of this workspace is running"):
        second.build()
    first.close()
    second.build()
    second.close()


def test_definitions_load_from_the_workspace_that_the_environment_names(tmp_path):
    """As `dagster dev` does: in a process of its own, by module name."""
    root = make_workspace(tmp_path / "ws", configuration=NIGHTLY)
    code = (
        "import json, dagster as dg; from pipelines.definitions import defs; dg.Definitions.validate_loadable(defs); "
    )
    code += "print(json.dumps([defs.resolve_schedule_def('nightly_build').cron_schedule, "
    code += "sorted(k.to_user_string() for k in defs.resolve_asset_graph().get_all_asset_keys() if k.path[0] == 'landing')]))"
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, text=True, capture_output=True, timeout=120,
        env={**environment(), "DOCKLEDGER_WORKSPACE": str(root)},
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr
    cron, landing = json.loads(loaded.stdout)
    assert cron == "30 3 * * 1-5"
    assert landing == ["landing/counts", "landing/delivered", "landing/erp", "landing/wms"]


def test_without_a_workspace_in_the_environment_the_sample_is_loaded(monkeypatch):
    monkeypatch.delenv("DOCKLEDGER_WORKSPACE", raising=False)
    module = importlib.reload(importlib.import_module("pipelines.definitions"))
    assert "landing/wms" in keys(module.defs)
    assert os.environ.get("DOCKLEDGER_WORKSPACE") is None
