"""The page of every format says what its adapter does: its sample lands as it says, and its columns are those that land."""

import pytest

from pipelines.feed_files import feed_files
from pipelines.feed_pages import CLOCKS, FORMATS, columns_read, feed_pages
from pipelines.feeds.base import adapters
from pipelines.landing import adapter_of
from tests.samples import landed, sample, stated
from transforms.contracts import CONTRACTS

SPECS = [adapter.spec for adapter in adapters().values()]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_sample_of_a_format_lands_as_its_page_says(spec, engine, tmp_path):
    found = landed(engine, sample(FORMATS / spec.name, tmp_path))
    assert found == stated(FORMATS / spec.name)
    assert engine.rows("SELECT * FROM landing.malformed") == []
    reasons = [row for rows in found.values() for row in rows if "reason" in row]
    assert reasons, "a sample shows a row that is refused, too"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_columns_of_a_page_are_those_that_the_adapter_reads(spec, engine, tmp_path):
    workspace = sample(FORMATS / spec.name, tmp_path)
    [feed] = workspace.feeds
    landing = adapter_of(feed).land(engine.con, feed, feed_files(workspace, feed))
    for scan in landing.scans:
        told = set(columns_read(spec, scan.table))
        assert set(scan.columns) == told if spec.reads else set(scan.columns) <= told
        assert set(scan.columns) <= set(CONTRACTS[scan.table].columns)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_format_supplies_exactly_the_clocks_that_it_reads_and_says_what_it_follows(spec):
    read = {column for table in spec.tables for column in columns_read(spec, table)}
    assert read & set(CLOCKS) == set(spec.clocks)
    assert set(spec.reads) <= set(spec.tables)
    assert set(spec.personal_data) <= read
    assert spec.layout
    assert spec.refuses


def test_a_page_tells_the_clocks_apart_and_says_which_is_not_supplied():
    page = feed_pages()["feeds/sap_document_flow.md"]
    # VBFA states when a task and a movement were entered, and neither BUDAT nor a record time.
    for line in (
        "| `event_time` | the thing happened on the floor | ERDAT, ERZET |",
        "| `posted_at` | the ERP stored the posting | ERDAT, ERZET |",
        "| `recorded_at` | the execution system stored it | not supplied |",
        "| `posting_date` | accounting day, set by a person | not supplied |",
    ):
        assert line in page.splitlines()


def test_the_index_lists_every_format_with_its_tables_and_clocks():
    index = feed_pages()["feeds/README.md"].splitlines()
    [row] = [line for line in index if line.startswith("| [`x12`]")]
    # event_time, recorded_at, no posting_date, no posted_at, no ingested_at, counted_at.
    assert row.endswith("| `inventory_event`, `count_record`, `order_line` | yes | yes |  |  |  | yes |")
    assert sum(line.startswith("| [`") for line in index) == len(SPECS)
