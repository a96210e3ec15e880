"""Whoever follows `docs/how-to/use-your-own-files.md` gets what it says: its worked example is run word for word."""

import re
from pathlib import Path

import pytest

from pipelines.check import report
from pipelines.columns import RowTemplate, Taken
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.landing import land_feed
from pipelines.reference import build_reference
from pipelines.workspace import Feed, load_workspace
from tests.support import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "use-your-own-files.md").read_text()
EXAMPLE = GUIDE.split("A worked example.", 1)[1].split("## Other formats", 1)[0]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", EXAMPLE, flags=re.DOTALL)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    [configuration], [delivered, _told] = blocks("yaml"), blocks("text")
    (tmp_path / "dockledger.yaml").write_text(configuration)
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "moves.txt").write_text(delivered)
    return tmp_path


def test_check_says_of_the_example_what_the_guide_says(workspace):
    _delivered, told = blocks("text")
    assert list(report(load_workspace(workspace)))[: told.count("\n")] == told.splitlines()


def test_the_example_lands_as_the_guide_says(workspace: Path, engine: DuckDBEngine):
    head, _line, *body = [line for line in EXAMPLE.splitlines() if line.startswith("|")]
    columns, *expected = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *body)]
    given = load_workspace(workspace)
    build_reference(engine, given)
    land_feed(engine, given, given.feeds[0])
    texts = ", ".join(f"coalesce(CAST({column} AS VARCHAR), '')" for column in columns)
    found = engine.rows(f"SELECT {texts} FROM landing.moves__erp_posting t ORDER BY t.row_number, posting_id")
    assert [list(row) for row in found] == expected
    assert engine.rows("SELECT received_count, landed_count FROM landing.file") == [(5, 4)]


def test_the_guide_names_every_key_that_says_what_a_file_looks_like():
    keys = {"profile", "header", "rename", "columns", "values", "rows"} & set(Feed.model_fields)
    keys |= set(RowTemplate.model_fields) | set(Taken.model_fields) - {"joined"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:|`{key}[`:]", GUIDE)] == []
