"""The repository holds what it should, says it of itself alone, and its links lead somewhere."""

import ast
import re
from pathlib import Path

import pytest

from tests.conventions.tree import ROOMS, below, parsed, text, tracked
from tests.support import ROOT

FOLDERS = {*ROOMS, "notebooks", "tests", "bench", "docs", ".ci"}
# The lock is generated, the licence is quoted.
GENERATED = {"requirements.lock", "requirements-spark.lock", "LICENSE"}
MACHINE_PATH = re.compile(r"(?<![\w.\-/}])/(?:work|root|home|tmp|Users)/[\w.\-]+")
INDEX_HOST = re.compile(r"pypi\.\w|pythonhosted|/simple/|(?<!emit-)index-url", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
RELATIVE_LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)(?:#[^)]*)?\)")
ADR_SECTIONS = ("## Context", "## Decision", "## Consequences")


def matches(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Every match of a pattern in a tracked file as `path:line: match`."""
    lines = enumerate(text(path).splitlines(), 1)
    return [f"{path}:{number}: {found.group()}" for number, line in lines for found in pattern.finditer(line)]


def in_tree(pattern: re.Pattern[str], *folders: str) -> list[str]:
    """Every match of a pattern in the tracked files."""
    return [m for path in below(*folders) if path.name not in GENERATED for m in matches(pattern, path)]


def skips(tree: ast.AST) -> list[int]:
    """Lines that skip a test in a way that CI would not notice."""
    words = "skip importorskip mark.skip mark.skipif xfail mark.xfail"
    names = {f"pytest.{word}" for word in words.split()}
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node) in names]


def test_the_top_level_folders_are_the_rooms():
    """A further one needs a decision record that says why, and its name here."""
    assert {p.parts[0] for p in tracked() if len(p.parts) > 1} - FOLDERS == set()


def test_no_file_names_a_path_of_somebodys_machine():
    assert in_tree(MACHINE_PATH) == []


def test_no_file_names_the_host_of_a_package_index():
    assert [m for m in in_tree(INDEX_HOST) if not m.startswith("tests/conventions/")] == []


def test_nothing_is_left_unfinished():
    assert in_tree(UNFINISHED, *ROOMS, "tests", "bench", "docs", "notebooks") == []


def test_a_test_that_cannot_run_says_so_through_skip_or_fail():
    """Only then does CI fail where something that it must have is missing."""
    elsewhere = [p for p in below("tests", suffix=".py") if p != Path("tests/support.py")]
    assert [f"{path}:{line}" for path in elsewhere for line in skips(parsed(path))] == []


@pytest.mark.parametrize("record", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda p: p.stem)
def test_every_decision_record_is_numbered_and_says_context_decision_and_consequences(record):
    written = record.read_text()
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", record.stem)
    assert written.startswith(f"# {int(record.stem[:4])}. ")
    assert all(section in written for section in ADR_SECTIONS)


def test_every_relative_link_of_the_documentation_leads_to_a_file():
    links = [(page, link) for page in below(suffix=".md") for link in RELATIVE_LINK.findall(text(page))]
    assert [f"{page}: {link}" for page, link in links if not (ROOT / page.parent / link).exists()] == []


@pytest.mark.parametrize("path", ["/ro" + "ot/x", "see /tm" + "p/out.csv", "`/wo" + "rk/data`"])
def test_a_machine_path_is_seen(path):
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["bench/work/x", "https://example.org/work/x", "workspace/feeds", "/workspace/"])
def test_what_only_looks_like_a_machine_path_is_let_through(path):
    assert not MACHINE_PATH.search(path)
