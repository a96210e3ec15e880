"""The command from outside: what it prints, where, and with which exit code."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UnusableInput
from pipelines.read import answer
from tests.pipelines.support import (
    EVENTS_HEADER,
    FILES,
    WORKSPACE,
    dockledger,
    dockledger_here,
    environment,
    make_workspace,
    put,
    rows,
    sentence,
    snapshot,
)
from tests.support import ROOT

LATENCIES = "SELECT event_id, latency_s FROM marts.event_latency ORDER BY event_id"
HEAVY = ("dagster", "pm4py", "streamlit", "pandas", "polars", "pandera")


def test_a_person_comes_from_an_empty_folder_to_an_answer(tmp_path):
    root = tmp_path / "mine"
    assert dockledger("init", root).returncode == 0
    for name, content in FILES.items():
        put(root, name, content)
    checked = dockledger("check", root)
    assert checked.returncode == 0
    assert "wms: 2 files, 5 rows, 0 refused" in checked.stdout
    built = dockledger("build", root)
    assert built.returncode == 0, built.stderr
    assert "publish/current" in built.stderr, "progress is shown"
    assert built.stdout.startswith(f"published {root}")
    status = dockledger("status", root).stdout
    assert "5 events, 4 postings" in status
    assert "wms: 2 files, 5 rows = 5 accepted + 0 quarantined + 0 duplicates + 0 out of scope" in status
    asked = dockledger("query", root, LATENCIES, "--format", "json")
    # E1 10:00 after, E2 two hours, E3 never, E4 half a minute, E5 20 minutes.
    expected = {"E1": 600, "E2": 7200, "E3": None, "E4": 30, "E5": 1200}
    assert json.loads(asked.stdout) == [{"event_id": k, "latency_s": v} for k, v in expected.items()]


def test_init_refuses_a_folder_that_is_a_workspace_already(workspace):
    before = snapshot(workspace)
    ran = dockledger("init", workspace)
    assert ran.returncode == 2
    assert "already has a dockledger.yaml" in sentence(ran.stderr)
    assert snapshot(workspace) == before


def test_check_reports_and_writes_nothing(workspace):
    put(
        workspace,
        "feeds/wms/late.csv",
        "event_id,event_type,event_time,facility_id\nE9,parked,2026-02-27T00:00:00Z,NDC\n",
    )
    before = snapshot(workspace)
    ran = dockledger("check", workspace)
    assert ran.returncode == 0
    assert "wms: 3 files, 6 rows, 1 refused" in ran.stdout
    assert "1 x unknown event type: event_type 'parked' is not known (first feeds/wms/late.csv row 1)" in ran.stdout
    assert snapshot(workspace) == before


def test_check_tells_of_local_times_at_a_clock_change(tmp_path):
    """On 29 March 2026 clocks in Berlin go from 02:00 to 03:00: 02:30 is read as 03:30."""
    row = "feeds/a.csv", f"{EVENTS_HEADER}\nE1,pick_confirmed,2026-03-29 02:30:00,RDC,A,1,,,\n"
    settings = "facilities: [{id: RDC, timezone: Europe/Berlin}]\nfeeds: [{name: a, adapter: canonical_csv, table: inventory_event"
    root = make_workspace(tmp_path / "ws", dict([row]), settings + ", path: 'feeds/*', system_timezone: facility}]\n")
    ran = dockledger("check", root)
    assert (
        "1 x local time at a clock change, resolved as `dst` says (event_time nonexistent; first feeds/a.csv row 1)"
        in ran.stdout
    )


def test_stdout_of_a_query_holds_the_result_only(workspace):
    answers = {
        shape: dockledger("query", workspace, LATENCIES, "--format", shape) for shape in ("table", "csv", "json")
    }
    assert {(ran.returncode, ran.stderr) for ran in answers.values()} == {(0, "")}
    assert list(csv.reader(io.StringIO(answers["csv"].stdout)))[:3] == [
        ["event_id", "latency_s"],
        ["E1", "600.0"],
        ["E2", "7200.0"],
    ]
    listed = json.loads(answers["json"].stdout)
    assert [type(row) for row in listed] == [dict] * 5
    table = answers["table"].stdout.splitlines()
    assert table[0].split() == ["event_id", "latency_s"]
    assert len(table) == 2 + 5


def test_json_keeps_instants_in_utc_and_says_null_where_nothing_is_known(small_workspace):
    found = rows(small_workspace, "SELECT event_time, posted_at FROM marts.event_latency WHERE event_id = 'E3'")
    assert found == [{"event_time": "2026-02-23T12:00:00Z", "posted_at": None}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("query", "SELECT 1 AS one"), "one\n1\n"), (("quarantine",), "feed,file,row_number,reason,detail,raw\n")],
)
def test_a_query_imports_nothing_heavy_and_takes_less_than_a_second_of_work(small_workspace, arguments, told):
    name, *rest = arguments
    code = "import sys; sys.argv[0] = 'dockledger'; import atexit; "
    code += "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr)); "
    code += "from pipelines.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, name, str(small_workspace), *rest, "--format", "csv"],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    out, modules = process.stdout.read(), process.stderr.read().split()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    assert (process.returncode, out) == (0, told)
    assert "duckdb" in modules
    assert [name for name in HEAVY if name in modules] == []
    assert used.ru_utime + used.ru_stime < 1.0, "processor seconds; on an idle machine that is the time it takes"


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{folder}/warehouse.duckdb' AS w",
        "ATTACH ':memory:' AS w; CREATE TABLE w.t AS SELECT 1 AS one",
        "COPY (SELECT 1) TO '{folder}/stolen.csv'",
        "COPY marts.run_info TO '{folder}/stolen.parquet' (FORMAT parquet)",
        "EXPORT DATABASE '{folder}/stolen'",
        "SELECT * FROM read_csv('{folder}/feeds/wms/monday.csv')",
        "SELECT * FROM read_text('{folder}/dockledger.yaml')",
        "SELECT * FROM '{folder}/feeds/wms/monday.csv'",
        "SELECT * FROM glob('{folder}/*')",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '100GB'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE TABLE marts.mine AS SELECT 1 AS one",
        "INSERT INTO marts.facilities SELECT * FROM marts.facilities",
        "UPDATE marts.facilities SET name = 'mine'",
        "DELETE FROM marts.facilities",
        "DROP TABLE marts.facilities",
    ],
)
def test_a_query_can_neither_write_nor_reach_another_file_nor_change_a_setting(workspace, sql):
    before = snapshot(workspace)
    with pytest.raises(UnusableInput, match="the query failed"):
        answer(workspace, sql.format(folder=workspace), "json")
    assert snapshot(workspace) == before


def test_a_wrong_query_is_refused_in_one_sentence(small_workspace):
    ran = dockledger("query", small_workspace, "SELECT wrong FROM marts.event_latency")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert '"wrong" not found' in sentence(ran.stderr)


def test_where_nothing_is_published_query_and_status_say_so(tmp_path):
    root = make_workspace(tmp_path / "new")
    for ran in (dockledger("query", root, "SELECT 1"), dockledger("status", root)):
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "nothing is published here yet; run `dockledger build" in sentence(ran.stderr)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "sla: {posting_seconds: 3600",
            "sla: {posting_second: 3600",
            "line 7: sla.posting_second: this key is not known",
        ),
        ("sla: {posting_seconds: 3600", "sla: {posting_seconds: soon", "line 7: sla.posting_seconds: "),
        ("table: erp_posting, path", "table: erp_posting, paht", "line 5: feeds.1.paht: this key is not known"),
        ("timezone: UTC", "timezone: Mars/Olympus", "line 2: facilities.1.timezone: 'Mars/Olympus' is not an IANA"),
        ("2026-03-01T00:00:00Z ", "2026-03-01T00:00:00 ", "line 1: as_of: a time must state its zone"),
        ("adapter: canonical_csv, table: erp_posting", "adapter: canonical_cvs, table: erp_posting", "'canonical_cvs'"),
        ("sla: {", "publish: {keep: 1}\nsla: {", "line 7: publish.keep: Input should be greater than or equal to 2"),
        ("table: erp_posting", "table: erp_postings", "'erp_postings'"),
        ("feeds/erp/", "../erp/", "must stay inside the workspace"),
        ("{name: erp,", "{name: wms,", "feed 'wms' is given twice"),
        ("facilities: [{id: NDC", "facilities: [id: NDC", "it is not YAML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_line(tmp_path, old, new, said):
    assert old in WORKSPACE
    root = make_workspace(tmp_path / "wrong", configuration=WORKSPACE.replace(old, new, 1))
    ran = dockledger_here("check", root)
    assert ran.exit_code == 2
    assert said in sentence(ran.stderr)
    assert "dockledger.yaml" in ran.stderr or "feed " in ran.stderr


def test_status_says_why_fewer_postings_are_used_than_were_accepted(tmp_path):
    """as_of is 2026-03-01 00:00: P9 a second later is accepted and in no figure, P8 exactly then is."""
    late = "P8,2026-03-01T00:00:00Z,3PL1,B,-4,E3\nP9,2026-03-01T00:00:01Z,3PL1,A,1,\n"
    files: dict[str, str | bytes] = {**FILES, "feeds/erp/postings.csv": FILES["feeds/erp/postings.csv"] + late}
    root = make_workspace(tmp_path / "ws", files=files)
    assert dockledger_here("build", root, "--quiet").exit_code == 0
    told = dockledger_here("status", root).stdout
    assert "5 events, 5 postings" in told
    assert "erp: 1 files, 6 rows = 6 accepted + 0 quarantined + 0 duplicates + 0 out of scope; 1 after as_of" in told
    assert told.count("after as_of") == 1


def without_files(*feeds: str) -> str:
    """What a build says of feeds that have no file."""
    return "".join(f"warning: landing.{feed}: files_found: no file matches feeds/{feed}/*.csv\n" for feed in feeds)


@pytest.mark.parametrize("erp", ["present", "empty", "absent"])
def test_the_workspace_of_the_first_issue_works_unchanged(tmp_path, erp):
    root = make_workspace(tmp_path / "ws")
    if erp != "present":
        shutil.rmtree(root / "feeds" / "erp")
    if erp == "empty":
        (root / "feeds" / "erp").mkdir()
    ran = dockledger_here("build", root, "--quiet")
    assert (ran.exit_code, ran.stderr) == (0, "" if erp == "present" else without_files("erp"))
    found = rows(root, "SELECT count(*) AS events, count(posted_at) AS posted FROM marts.event_latency")
    assert found == [{"events": 5, "posted": 4 if erp == "present" else 0}]
    assert rows(root, "SELECT as_of FROM marts.run_info") == [{"as_of": "2026-03-01T00:00:00Z"}]


def test_a_workspace_without_any_file_builds_to_nothing(tmp_path):
    root = make_workspace(tmp_path / "ws", files={})
    ran = dockledger_here("build", root, "--quiet")
    assert (ran.exit_code, ran.stderr) == (0, without_files("counts", "erp", "wms"))
    assert rows(root, "SELECT events_count, postings_count FROM marts.run_info") == [
        {"events_count": 0, "postings_count": 0}
    ]
    assert dockledger_here("status", root).exit_code == 0


def data_rows(path: Path) -> int:
    """Rows that a feed file holds, counted without the product: CSV records or EPCIS events."""
    if path.suffix == ".json":
        return len(json.loads(path.read_bytes())["epcisBody"]["eventList"])
    with path.open(newline="") as stream:
        return sum(1 for record in csv.reader(stream) if record) - 1


def test_every_row_of_every_simulated_file_is_accounted_for(built_workspace):
    told = rows(built_workspace, "SELECT * FROM marts.feed_reconciliation")
    files = [p for p in sorted((built_workspace / "feeds").rglob("*")) if p.is_file()]
    received = {row["file"]: row["received_count"] for row in told}
    assert received == {p.relative_to(built_workspace).as_posix(): data_rows(p) for p in files}
    ends = ("accepted_count", "quarantined_count", "duplicate_count", "out_of_scope_count")
    assert [row for row in told if sum(row[end] for end in ends) != row["received_count"]] == []
    assert sum(row["duplicate_count"] for row in told) > 0, "some deliveries are repeated, or this shows little"


def test_the_installed_command_is_the_same():
    installed = shutil.which("dockledger", path=str(Path(sys.executable).parent))
    if installed is None:
        from tests.support import skip_or_fail

        skip_or_fail("the package is not installed, so there is no dockledger command")
    told = subprocess.run([installed, "metrics"], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout == dockledger("metrics").stdout


def test_check_names_columns_that_are_not_read_and_what_they_may_be_meant_for(workspace):
    header = "event_id,event_type,event_time,facility_id,quantitiy,colour"
    put(workspace, "feeds/wms/late.csv", f"{header}\nE9,pick_confirmed,2026-02-27T00:00:00Z,NDC,1,red\n")
    told = dockledger_here("check", workspace).stdout.splitlines()
    assert "  column 'quantitiy' is not read; near it: quantity (first in feeds/wms/late.csv)" in told
    assert "  column 'colour' is not read (first in feeds/wms/late.csv)" in told


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize("clock", ["event_time", "recorded_at"])
def test_a_row_of_a_year_that_is_mistyped_is_told(tmp_path, command, clock):
    """Without `as_of` everything is judged at the newest instant, and here one row of nine carries it 36 years ahead."""
    root = make_workspace(tmp_path / "ws", configuration=re.sub(r"(?m)^as_of: .*\n", "", WORKSPACE))
    assert "is of 2062" not in "".join(said(dockledger_here(command, root)))
    times = {"event_time": "2026-03-02T00:00:00Z", "recorded_at": "2026-03-02T00:00:00Z", clock: "2062-03-02T00:00:00Z"}
    header = f"event_id,event_type,facility_id,item_id,quantity,{','.join(times)}"
    put(root, "feeds/wms/late.csv", f"{header}\nE9,pick_confirmed,NDC,A,1,{','.join(times.values())}\n")
    told = [line for line in said(dockledger_here(command, root)) if "is of 2062" in line]
    assert len(told) == 1
    assert "feeds/wms/late.csv row 1, is of 2062-03-02 00:00:00+00, and all but 1 of " in told[0]


def said(ran: Any) -> list[str]:
    """All lines of a command that ended well."""
    assert ran.exit_code == 0
    return [*ran.stdout.splitlines(), *ran.stderr.splitlines()]


@pytest.mark.parametrize(("sign", "told"), [(";", '";"'), ("\t", '"\\t"'), ("|", '"|"')])
def test_a_header_that_another_sign_parts_says_which(tmp_path, sign, told):
    root = make_workspace(tmp_path / "ws")
    put(root, "feeds/wms/late.csv", f"{EVENTS_HEADER}\n".replace(",", sign))
    ran = dockledger_here("check", root)
    assert ran.exit_code == 2
    assert sentence(ran.stderr).endswith(f"; it seems to be parted otherwise: `delimiter: {told}`")
