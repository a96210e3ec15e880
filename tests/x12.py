"""X12 files that a test writes: the envelope is made right around the segments that a test gives."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.x12 import ADAPTER
from pipelines.feeds.x12_text import Transaction, transactions
from pipelines.workspace import Feed

FEED = Feed(name="edi", adapter="x12", path="feeds/*.edi")

ISA = (
    "ISA*00*          *00*          *ZZ*THREEPL        *ZZ*DEPOSITOR      *260105*2300*U*00401*{control:09}*0*{usage}*>"
)


def transaction(kind: str, *segments: str, control: str = "0001") -> list[str]:
    """One transaction set around its segments."""
    return [f"ST*{kind}*{control}", *segments, f"SE*{len(segments) + 2}*{control}"]


def group(*sets: list[str], written: str = "20260105*2300", control: int = 1) -> list[str]:
    """A functional group around transaction sets, written on 5 January 2026 at 23:00 unless told otherwise."""
    inside = [segment for one in sets for segment in one]
    return [f"GS*RE*THREEPL*DEPOSITOR*{written}*{control}*X*004010", *inside, f"GE*{len(sets)}*{control}"]


def interchange(*groups: list[str], control: int = 7, usage: str = "P") -> list[str]:
    """An interchange around functional groups."""
    inside = [segment for one in groups for segment in one]
    return [ISA.format(control=control, usage=usage), *inside, f"IEA*{len(groups)}*{control:09}"]


def document(kind: str, *segments: str, written: str = "20260105*2300", usage: str = "P", control: int = 7) -> str:
    """A file with one document. The number of its first own segment is 4: ISA, GS and ST come before."""
    whole = interchange(group(transaction(kind, *segments), written=written), usage=usage, control=control)
    return text(whole)


def text(segments: list[str], terminator: str = "~", mark: str = "*") -> str:
    """Segments as a file's text; every segment ends with the terminator."""
    return "".join(segment.replace("*", mark) + terminator for segment in segments)


def file(folder: Path, content: str | bytes, name: str = "a.edi") -> FeedFile:
    """A delivered file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return FeedFile(path, name)


def read(folder: Path, content: str | bytes, *wanted: str) -> list[Transaction]:
    """The transaction sets of a file."""
    return list(transactions(file(folder, content), frozenset(wanted)))


def refusal(folder: Path, content: str | bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(UnusableInput) as caught:
        read(folder, content, "944")
    return str(caught.value)


class Landed:
    """What the adapter makes of files: rows without what is not stated, and how many rows each file holds."""

    def __init__(self, *files: FeedFile) -> None:
        con = duckdb.connect(config={"threads": "1"})
        landing = ADAPTER.land(con, FEED, list(files))
        self.events, self.counts, self.orders = (self._rows(con, scan) for scan in landing.scans)
        assert landing.received_sql
        self.received = dict(con.execute(landing.received_sql).fetchall())

    @staticmethod
    def _rows(con: duckdb.DuckDBPyConnection, scan: Any) -> list[dict[str, Any]]:
        found = con.execute(f"SELECT * FROM ({scan.sql}) ORDER BY file, row_number, {scan.columns[0]}")
        names = [column[0] for column in found.description]
        assert set(names) == {*scan.columns, "file", "row_number"}
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return [{name: value for name, value in row.items() if value is not None} for row in rows]
