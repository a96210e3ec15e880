"""Samples of feeds as Markdown: the files below `feeds/`, and what landing makes of them (`landed.<table>.csv`)."""

import csv
from pathlib import Path


def sample_text(folder: Path) -> str:
    """The files of a sample and what landing makes of them, as Markdown."""
    files = sorted((folder / "feeds").iterdir())
    parts = [*(f"`feeds/{path.name}`\n\n{_shown(path.read_bytes())}" for path in files), "lands as"]
    for path in sorted(folder.glob("landed.*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [[cell(value) for value in row] for row in csv.reader(stream)]
        head, *body = [f"| {' | '.join(row)} |" for row in rows]
        table = "\n".join([head, "|" + "---|" * len(rows[0]), *body])
        parts.append(f"`{path.name.split('.')[1]}`\n\n{table}")
    return "\n\n".join([*parts, "Rows with a reason are quarantined; times are in UTC."])


def _shown(content: bytes) -> str:
    """A file as a code block; of a binary one, only that it is one."""
    try:
        return f"```\n{content.decode().rstrip()}\n```"
    except UnicodeDecodeError:
        return f"a binary file of {len(content)} bytes"


def cell(text: str) -> str:
    """A text as a cell of a Markdown table."""
    return text.replace("|", "\\|")
