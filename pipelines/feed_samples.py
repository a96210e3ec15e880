"""Samples of feeds as Markdown: the files below `feeds/`, and what landing makes of them (`landed.<table>.csv`)."""

import csv
from pathlib import Path

from pipelines.feeds.base import FeedFile
from pipelines.feeds.workbooks import is_workbook, read_sheet
from pipelines.workspace import load_workspace


def sample_text(folder: Path) -> str:
    """The files of a sample and what landing makes of them, as Markdown."""
    files = sorted((folder / "feeds").iterdir())
    parts = [*(f"`feeds/{path.name}`\n\n{_shown(path, folder)}" for path in files), "lands as"]
    for path in sorted(folder.glob("landed.*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [[cell(value) for value in row] for row in csv.reader(stream)]
        head, *body = [f"| {' | '.join(row)} |" for row in rows]
        table = "\n".join([head, "|" + "---|" * len(rows[0]), *body])
        parts.append(f"`{path.name.split('.')[1]}`\n\n{table}")
    return "\n\n".join([*parts, "Rows with a reason are quarantined; times are in UTC."])


def _shown(path: Path, folder: Path) -> str:
    """A file as a code block: of a workbook its rows from the header on, of another binary one only that it is one."""
    if is_workbook(path):
        [feed] = load_workspace(folder).feeds
        sheet = read_sheet(FeedFile(path, path.name), feed.sheet, feed.header_row)
        assert sheet, f"{path} holds no row"
        rows = sheet.rows.select(str(place) for place in range(len(sheet.header))).rows()
        lines = [" | ".join(value or "" for value in row) for row in [tuple(sheet.header), *rows]]
        return "\n".join(["from its header on, without blank rows, each cell as its text\n\n```", *lines, "```"])
    content = path.read_bytes()
    try:
        return f"```\n{content.decode().rstrip()}\n```"
    except UnicodeDecodeError:
        return f"a binary file of {len(content)} bytes"


def cell(text: str) -> str:
    """A text as a cell of a Markdown table."""
    return text.replace("|", "\\|")
