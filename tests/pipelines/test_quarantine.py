"""`dockledger quarantine` lists what a build could not use, and counts it by reason."""

import csv
import io
import json
from pathlib import Path

import pytest

from pipelines.quarantine import all_reasons
from tests.building import build_tables
from tests.pipelines.support import dockledger_here, make_workspace, rows, sentence

CONFIGURATION = """\
facilities: [{id: NDC, timezone: America/Chicago}]
feeds:
  - {name: wms, adapter: canonical_csv, table: inventory_event, path: "feeds/wms/*.csv"}
  - {name: erp, adapter: canonical_csv, table: erp_posting, path: "feeds/erp/*.csv"}
  - {name: tidy, adapter: canonical_csv, table: count_record, path: "feeds/counts/*.csv"}
"""
# Rows 2, 3 and 5 of the events are refused, and row 1 of the postings.
FILES: dict[str, str | bytes] = {
    "feeds/wms/a.csv": """\
event_id,event_type,event_time,facility_id,document_id
E1,receipt_confirmed,2026-02-23T08:00:00Z,NDC,R1
=cmd|'/c calc'!A1,parked,2026-02-23T09:00:00Z,NDC,R1
E3,"@SUM(1)",2026-02-23T10:00:00Z,NDC,R1
E4,receipt_confirmed,2026-02-23T11:00:00Z,NDC,R1
E5,receipt_confirmed,2026-02-23 12:00:00,NDC,R1
""",
    "feeds/erp/a.csv": "posting_id,posted_at,facility_id\nP1,2026-02-23T08:10:00Z,NDC2\n",
}
NAIVE = "event_time '2026-02-23 12:00:00' states no time zone and feed wms declares no system_timezone"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_workspace(tmp_path_factory.mktemp("quarantine") / "ws", FILES, CONFIGURATION)
    build_tables(root)
    return root


def test_rows_are_listed_in_order_with_their_place_and_reason(published):
    told = dockledger_here("quarantine", published, "--format", "json")
    assert told.exit_code == 0
    found = [(r["feed"], r["file"], r["row_number"], r["reason"], r["detail"]) for r in json.loads(told.stdout)]
    assert found == [
        ("erp", "feeds/erp/a.csv", 1, "unknown facility", "facility_id 'NDC2' is not known"),
        ("wms", "feeds/wms/a.csv", 2, "unknown event type", "event_type 'parked' is not known"),
        ("wms", "feeds/wms/a.csv", 3, "unknown event type", "event_type '@SUM(1)' is not known"),
        ("wms", "feeds/wms/a.csv", 5, "naive time", NAIVE),
    ]
    assert json.loads(json.loads(told.stdout)[0]["raw"]) == {
        "posting_id": "P1",
        "posted_at": "2026-02-23T08:10:00Z",
        "facility_id": "NDC2",
    }
    # Of four rows two have the same reason; equal numbers stand in order of the words.
    assert told.stderr == "4 rows quarantined: 2 x unknown event type, 1 x naive time, 1 x unknown facility\n"


def test_a_feed_and_a_reason_can_be_chosen_and_a_limit_leaves_the_count(published):
    told = dockledger_here("quarantine", published, "--feed", "wms", "--reason", "unknown event type", "--limit", "1")
    assert told.stderr == "2 rows quarantined, 1 of them listed: 2 x unknown event type\n"
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["feed", "file", "row_number", "reason", "detail", "raw"]
    assert len(lines) == 2 + 1
    assert "parked" in lines[2]


def test_no_cell_of_the_csv_is_a_formula(tmp_path):
    """A malformed row is kept as it came, and that may begin with anything."""
    files: dict[str, str | bytes] = {"feeds/wms/a.csv": "event_id,event_type,event_time,facility_id\n=1+1,x\n"}
    root = make_workspace(tmp_path / "ws", files, CONFIGURATION)
    build_tables(root)
    told = dockledger_here("quarantine", root, "--format", "csv")
    [row] = csv.DictReader(io.StringIO(told.stdout))
    assert (row["row_number"], row["raw"]) == ("1", "'=1+1,x")


def test_a_feed_or_a_reason_without_rows_is_fine_and_one_that_is_misspelt_is_refused(published):
    fine = dockledger_here("quarantine", published, "--feed", "tidy", "--format", "json")
    assert (fine.exit_code, fine.stdout, fine.stderr) == (0, "[]\n", "nothing is quarantined\n")
    assert dockledger_here("quarantine", published, "--reason", "missing lot").exit_code == 0
    wrong = dockledger_here("quarantine", published, "--feed", "vms")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert sentence(wrong.stderr) == "there is no feed 'vms' in what is published; there are erp, tidy, wms"
    wrong = dockledger_here("quarantine", published, "--reason", "unknown")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert sentence(wrong.stderr) == f"there is no reason 'unknown'; there are {', '.join(all_reasons())}"
    assert len(all_reasons()) == 11


def test_without_a_published_build_there_is_nothing_to_list(tmp_path):
    ran = dockledger_here("quarantine", make_workspace(tmp_path / "new"))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "nothing is published here yet" in sentence(ran.stderr)


def test_two_refused_rows_with_one_number_stop_no_build(tmp_path):
    """An EPCIS event that names two things gives two rows with its place in the document."""
    configuration = "facilities: [{id: NDC, timezone: UTC}]\nfeeds: [{name: e, adapter: epcis_json, path: 'feeds/*'}]\n"
    things = [{"epcClass": f"https://id.gs1.org/01/0401234512345{n}", "quantity": n} for n in (6, 7)]
    event: dict[str, object] = {
        "type": "ObjectEvent",
        "eventID": "E",
        "eventTime": "2026-01-05T08:00:00Z",
        "bizStep": "receiving",
    }
    event |= {"bizLocation": {"id": "elsewhere"}, "quantityList": things}
    document = json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": [event]}})
    root = make_workspace(tmp_path / "ws", {"feeds/a.json": document}, configuration)
    build_tables(root)
    found = rows(root, "SELECT row_number, part, raw->>'quantity' AS quantity FROM marts.quarantine ORDER BY part")
    assert found == [{"row_number": 1, "part": 1, "quantity": "6"}, {"row_number": 1, "part": 2, "quantity": "7"}]
    assert "2 rows quarantined: 2 x unknown facility" in dockledger_here("quarantine", root).stderr
