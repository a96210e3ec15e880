"""A profile reads its system's export as its sample says, a workspace's own keys win, and every row is accounted for."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.check import report
from pipelines.deliveries import fingerprint
from pipelines.errors import UnusableInput
from pipelines.profiles import PROFILES, profile_names, profile_settings
from pipelines.workspace import Feed, load_workspace
from tests.samples import landed, sample, stated

NAMES = profile_names()
# What no template takes: counted by eye in the samples' files.
OUT_OF_SCOPE = {
    "dynamics_365_invent_trans": 1,  # on order
    "erpnext_stock_reconciliation": 2,  # a draft, opening stock
    "netsuite_inventory_transactions": 2,  # the cost line of a fulfilment, an order
    "odoo_stock_move": 2,  # planned, dropped
    "odoo_stock_move_line": 1,  # cancelled
}


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_of_a_profile_lands_as_worked_by_hand(name, engine, tmp_path):
    found = landed(engine, sample(PROFILES / name, tmp_path))
    assert found == stated(PROFILES / name)
    assert engine.rows("SELECT * FROM landing.malformed") == []
    [(received, rows)] = engine.rows("SELECT received_count, landed_count FROM landing.file")
    assert received - rows == OUT_OF_SCOPE.get(name, 0)
    refused = [row for table in found.values() for row in table if "reason" in row]
    assert 0 < len(refused) < rows


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_a_profile_is_used_by_its_sample(name, tmp_path):
    """A name that is misspelt in a profile would be a column that every file lacks, and so be silently NULL."""
    workspace = sample(PROFILES / name, tmp_path)
    [feed] = workspace.feeds
    [path] = (workspace.root / "feeds").iterdir()
    header = [feed.rename.get(column, column) for column in path.read_text().splitlines()[0].split(",")]
    maps = [feed.columns, *(row.columns for row in feed.rows)]
    sources = [source for columns in maps for source in columns.values()]
    named = {c for source in sources for c in ([source] if isinstance(source, str) else source.columns)}
    assert named <= set(header)


def feed(**given: Any) -> Feed:
    return Feed.model_validate({"name": "erp", "path": "feeds/*.csv", **given})


def test_what_a_feed_states_wins_over_its_profile_key_by_key():
    own = feed(
        profile="erpnext_stock_ledger_entry",
        delimiter=";",
        columns={"document_line": None, "quantity": "Qty Change"},
        values={"facility_id": "RDC"},
    )
    given = profile_settings("erpnext_stock_ledger_entry")["columns"]
    gone = ("document_line", "facility_id")
    assert own.columns == {c: s for c, s in given.items() if c not in gone} | {"quantity": "Qty Change"}
    assert (own.adapter, own.table, own.delimiter, own.values) == (
        "mapped_csv",
        "erp_posting",
        ";",
        {"facility_id": "RDC"},
    )


def test_what_a_feed_states_wins_over_the_rows_of_its_profile_and_rows_of_its_own_replace_them():
    own = feed(profile="odoo_stock_move", values={"facility_id": "RDC"})
    assert len(own.rows) == 5
    assert [row for row in own.rows if "facility_id" in row.columns] == []
    assert all("posting_id" in row.columns for row in own.rows)
    own = feed(profile="odoo_stock_move", rows=[{"when": {"state": "done"}}])
    assert [row.when for row in own.rows] == [{"state": ["done"]}]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return sample(PROFILES / "odoo_stock_move", tmp_path).root


def test_an_unknown_profile_is_refused_in_one_sentence_that_names_those_that_exist(workspace):
    path = workspace / "dockledger.yaml"
    path.write_text(path.read_text().replace("profile: odoo_stock_move", "profile: odoo"))
    with pytest.raises(UnusableInput) as caught:
        load_workspace(workspace)
    assert str(caught.value) == (
        f"{path}: line 6: feeds.0.profile: there is no profile 'odoo'; there are {', '.join(NAMES)}"
    )


def test_a_profile_is_of_mapped_csv_and_no_other_adapter(workspace):
    path = workspace / "dockledger.yaml"
    path.write_text(path.read_text() + "    adapter: canonical_csv\n")
    with pytest.raises(UnusableInput, match="feed erp: adapter canonical_csv reads no `rows`; mapped_csv does"):
        list(report(load_workspace(workspace)))


def test_check_reports_a_feed_with_a_profile(workspace):
    told = "\n".join(report(load_workspace(workspace)))
    # Seven rows in the file; the transfer gives two postings: eight.
    assert "8 rows" in told
    assert "unknown facility: facility_id 'YARD' is not known" in told


def test_rows_that_were_made_with_another_profile_are_made_anew(workspace, monkeypatch, tmp_path):
    before = load_workspace(workspace)
    folder = tmp_path / "profiles"
    folder.mkdir()
    changed = (PROFILES / "odoo_stock_move.yaml").read_text().replace("posted_at: date", "posted_at: write_date")
    (folder / "odoo_stock_move.yaml").write_text(changed)
    assert fingerprint(before, before.feeds[0]) == fingerprint(before, load_workspace(workspace).feeds[0])
    monkeypatch.setattr("pipelines.profiles.PROFILES", folder)
    after = load_workspace(workspace)
    assert fingerprint(before, before.feeds[0]) != fingerprint(after, after.feeds[0])
