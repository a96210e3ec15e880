"""EDIFACT files that a test writes: the envelope is made right around the segments that a test gives."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.edifact import ADAPTER
from pipelines.feeds.edifact_lines import READ
from pipelines.feeds.edifact_text import Message, messages
from pipelines.workspace import Feed
from tests.x12 import Landed as LandedX12
from tests.x12 import file, text


def message(kind: str, *segments: str, reference: str = "1", release: str = "D:96A") -> list[str]:
    """One message around its segments."""
    return [f"UNH+{reference}+{kind}:{release}:UN", *segments, f"UNT+{len(segments) + 2}+{reference}"]


def group(*inside: list[str], reference: str = "G1") -> list[str]:
    """A functional group around messages."""
    within = [segment for one in inside for segment in one]
    return [f"UNG+DESADV+S+R+260105:2300+{reference}+UN+D:96A", *within, f"UNE+{len(inside)}+{reference}"]


def interchange(
    *inside: list[str], reference: str = "7", written: str = "260105:2300", syntax: str = "UNOC:3", test: str = ""
) -> list[str]:
    """An interchange around messages or groups, written on 5 January 2026 at 23:00 unless told otherwise."""
    within = [segment for one in inside for segment in one]
    unb = f"UNB+{syntax}+THREEPL:14+DEPOSITOR:14+{written}+{reference}" + (f"++++++{test}" if test else "")
    return [unb, *within, f"UNZ+{len(inside)}+{reference}"]


def document(kind: str, *segments: str, release: str = "D:96A", **envelope: Any) -> str:
    """A file with one message. The number of its first own segment is 3: UNB and UNH come before."""
    return text(interchange(message(kind, *segments, release=release), **envelope), "'\n", "*")


def read(folder: Path, content: str | bytes, *wanted: str) -> list[Message]:
    """The messages of a file."""
    return list(messages(file(folder, content), frozenset(wanted or ("DESADV",)), READ | {"FTX"}))


def refusal(folder: Path, content: str | bytes) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(UnusableInput) as caught:
        read(folder, content)
    return str(caught.value)


class Landed(LandedX12):
    """What the adapter makes of files: rows without what is not stated, and how many rows each file holds."""

    def __init__(self, *files: FeedFile, **feed: Any) -> None:
        con = duckdb.connect(config={"threads": "1"})
        landing = ADAPTER.land(con, Feed(name="edi", adapter="edifact", path="feeds/*.edi", **feed), list(files))
        self.events, self.counts = (self._rows(con, scan) for scan in landing.scans)
        assert landing.received_sql
        self.received = dict(con.execute(landing.received_sql).fetchall())
