"""A build reads only what is new; what became of the files is told; a warehouse that is spoilt is made anew."""

import os
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import UnusableInput
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from tests.building import build_tables, opened_build, run_steps
from tests.pipelines.support import EVENTS_HEADER, FILES, WORKSPACE, make_workspace, put, rows

HEADER_BYTES, BLOCK_BYTES = 3 * 4096, 256 * 1024  # of the engine's files
EVENTS = "SELECT event_id FROM marts.event_latency WHERE feed = 'wms' ORDER BY event_id"


def read_by_a_build(root: Path) -> list[str]:
    """The names of the files that the next build reads of feed wms, which it then knows."""
    with opened_build(root) as build:
        build_reference(build.engine, build.workspace)
        return [file.name for file in land_feed(build.engine, build.workspace, build.workspace.feeds[0]).changes.fresh]


@pytest.fixture
def root(tmp_path):
    return make_workspace(tmp_path / "ws")


def test_only_new_and_changed_files_are_read(root):
    monday, tuesday = "feeds/wms/monday.csv", "feeds/wms/tuesday.csv"
    assert read_by_a_build(root) == [monday, tuesday]
    assert read_by_a_build(root) == []
    put(root, "feeds/wms/wednesday.csv", f"{EVENTS_HEADER}\n")
    assert read_by_a_build(root) == ["feeds/wms/wednesday.csv"]
    put(root, monday, FILES[monday] + "E9,putaway_completed,2026-02-24T09:00:00Z,NDC,A,1,,,\n")
    assert read_by_a_build(root) == [monday]


def test_a_file_that_was_only_touched_is_not_read_again_and_one_that_kept_its_size_is(root):
    monday = root / "feeds/wms/monday.csv"
    read_by_a_build(root)
    os.utime(monday, ns=(1, 1))
    assert read_by_a_build(root) == []
    monday.write_text(monday.read_text().replace("E3,", "E8,"))
    assert read_by_a_build(root) == ["feeds/wms/monday.csv"]


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("timezone: America/Chicago", "timezone: America/Denver"),
        ('path: "feeds/wms/*.csv"}', 'path: "feeds/wms/*.csv", system_timezone: UTC}'),
        ("sla: {", "reference: {items: items.csv}\nsla: {"),
    ],
)
def test_settings_that_change_what_rows_say_mean_reading_every_file_again(root, given, instead):
    put(root, "items.csv", "item_id\nA\nB\n")
    read_by_a_build(root)
    make_workspace(root, {}, WORKSPACE.replace(given, instead))
    assert len(read_by_a_build(root)) == 2
    assert read_by_a_build(root) == []


def test_reference_data_that_changed_means_reading_every_file_again(root):
    make_workspace(
        root, {"items.csv": "item_id\nA\nB\n"}, WORKSPACE.replace("sla: {", "reference: {items: items.csv}\nsla: {")
    )
    read_by_a_build(root)
    put(root, "items.csv", "item_id\nA\n")
    assert len(read_by_a_build(root)) == 2


def test_reference_data_that_changes_during_a_build_means_reading_every_file_again(root):
    make_workspace(
        root, {"items.csv": "item_id\nA\nB\n"}, WORKSPACE.replace("sla: {", "reference: {items: items.csv}\nsla: {")
    )
    with opened_build(root) as build:
        run_steps(build, last="reference/tables")  # its rows are made with A and B
        put(root, "items.csv", "item_id\nA\n")
        run_steps(build, keep=lambda step: step.name != "reference/tables")
    assert read_by_a_build(root) == ["feeds/wms/monday.csv", "feeds/wms/tuesday.csv"]


def test_settings_that_do_not_concern_rows_leave_files_read(root):
    read_by_a_build(root)
    make_workspace(root, {}, WORKSPACE.replace("posting_seconds: 3600", "posting_seconds: 60"))
    assert read_by_a_build(root) == []


def test_files_that_vanished_or_shrank_are_told_and_their_rows_leave(root):
    build_tables(root)
    (root / "feeds/wms/tuesday.csv").unlink()
    put(root, "feeds/wms/monday.csv", "\n".join(FILES["feeds/wms/monday.csv"].splitlines()[:2]) + "\n")
    said = build_tables(root)
    told = "1 vanished since the build before, for example feeds/wms/tuesday.csv; "
    told += "1 shrank since the build before, for example feeds/wms/monday.csv"
    assert f"landing.wms: files_kept: {told}" in said
    assert rows(root, EVENTS) == [{"event_id": "E1"}]
    assert [warning for warning in build_tables(root) if "files_kept" in warning] == []


def test_a_file_that_cannot_be_read_is_read_when_it_has_been_mended(root):
    good = FILES["feeds/wms/monday.csv"]
    build_tables(root)
    put(root, "feeds/wms/monday.csv", "event_id\nE1\n")
    with pytest.raises(UnusableInput, match="required columns event_type, event_time, facility_id are missing"):
        build_tables(root)
    put(root, "feeds/wms/monday.csv", good)
    build_tables(root)
    assert [row["event_id"] for row in rows(root, EVENTS)] == ["E1", "E2", "E3", "E4", "E5"]


def test_a_spoilt_warehouse_is_made_anew_from_the_files(root):
    build_tables(root)
    before = rows(root, EVENTS)
    (root / "warehouse.duckdb").write_bytes(b"no database at all" * 1000)
    build_tables(root)
    assert rows(root, EVENTS) == before


def test_a_warehouse_whose_blocks_are_spoilt_is_made_anew_and_not_called_open_elsewhere(root):
    """The engine names the block that is wrong, which is no lock."""
    build_tables(root)
    before, path = rows(root, EVENTS), root / "warehouse.duckdb"
    with path.open("r+b") as file:
        for block in range(HEADER_BYTES, path.stat().st_size, BLOCK_BYTES):
            file.seek(block + 100)
            file.write(b"spoilt" * 20)
    with pytest.raises(duckdb.Error, match="block"):
        duckdb.connect(str(path))
    build_tables(root)
    assert rows(root, EVENTS) == before


def test_a_full_build_reads_everything_again(root):
    build_tables(root)
    before = rows(root, EVENTS)
    build_tables(root, is_full=True)
    assert rows(root, EVENTS) == before
