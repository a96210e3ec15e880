"""The files of the repository and what stands in them, as the convention tests see it."""

import ast
import subprocess
from functools import cache
from pathlib import Path

from tests.support import ROOT

ROOMS = ("transforms", "mining", "pipelines", "dashboards", "data")
BINARY = {".png", ".gz", ".parquet", ".xlsx", ".duckdb", ".ico"}


@cache
def tracked() -> tuple[Path, ...]:
    """Files that are, or on the next commit will be, part of the repository, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.returncode == 0, f"these tests run in a clone: {listed.stderr}"
    return tuple(sorted({Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()}))


def below(*folders: str, suffix: str = "") -> list[Path]:
    """Tracked files below one of the top-level folders (all without any) that end in `suffix`."""
    return [p for p in tracked() if (not folders or p.parts[0] in folders) and p.name.endswith(suffix)]


def text(path: Path) -> str:
    """The text of a tracked file; empty for a binary one."""
    return "" if path.suffix in BINARY else (ROOT / path).read_text(encoding="utf-8", errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a tracked Python file."""
    return ast.parse(text(path), filename=str(path))
