"""CSV record by record: slow and sure, for files that the engine cannot be trusted with.

The engine stops at most malformed rows, and its own way to set them aside (store_rejects) is not enough: where some
megabytes on end hold nothing else, it takes the stretch for the end of the file and loses what follows, and it numbers
rows by line, so that blank lines shift them. Some it passes over in silence: among many files, a quote that is never
closed costs the rest of its file. Here every record is either well-formed or malformed.
"""

import csv
import gzip
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

# The engine refuses lines of more than 2 MiB.
_LONGEST = 1 << 20
_SHOWN = 1000  # so many characters are kept of a record that is longer than that
_BLANK = ("\n", "\r")
# As the engine reads it: a quote may follow spaces.
_DIALECT: dict[str, Any] = {"strict": True, "skipinitialspace": True}


@dataclass(frozen=True)
class Malformed:
    """A record that has no columns to speak of.

    Attributes:
        row_number: its number in the file; the first record after the header is 1.
        detail: what is wrong with it.
        raw: its text.
    """

    row_number: int
    detail: str
    raw: str


class _TooLong(Exception):
    """A record has taken more text than any may have."""


class _Lines:
    """Lines that can be given back; remembers those that the current record has taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._fresh = iter(lines)
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self._taken_chars = 0

    def begin_record(self) -> None:
        self.taken, self._taken_chars = [], 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._taken_chars > _LONGEST:
            raise _TooLong
        line = self._returned.popleft() if self._returned else next(self._fresh)
        self.taken.append(line)
        self._taken_chars += len(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))


def open_text(path: Path) -> TextIO:
    """A CSV file, compressed or not, with its own line ends; bytes that are not UTF-8 become surrogates."""
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")


def _bounded(stream: TextIO) -> Iterator[str]:
    """The lines of a file; of one that is too long, its beginning, so that it fills no memory."""
    while line := stream.readline(_LONGEST + 1):
        yield line
        while len(line) > _LONGEST and not line.endswith(_BLANK):
            line = stream.readline(_LONGEST + 1)


def is_untidy(path: Path, delimiter: str) -> bool:
    """Whether the engine would misread a file without a word.

    It takes a blank first line for the header and the header for a row, and drops a last record within an open quote. A
    line that is too long is none to it, either, but its complaint names no file.
    """
    with open_text(path) as stream:
        if stream.read(1) in _BLANK:
            return True
        for block in iter(lambda: stream.read(_LONGEST), ""):
            if '"' in block:
                break
            if len(block) == _LONGEST and not any(end in block for end in _BLANK):
                return True
        else:
            return False
        stream.seek(0)
        lines = _Lines(_bounded(stream))
        try:
            for _ in csv.reader(lines, delimiter=delimiter, **_DIALECT):
                lines.begin_record()
        except (csv.Error, _TooLong):
            return True
    return False


def records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[str, list[str], str]]:
    """(text, fields, what is wrong) of every record; blank lines are none.

    A quote that is not closed, or closed where text follows, spoils one line: the next is read afresh.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, **_DIALECT)
    while True:
        source.begin_record()
        try:
            fields = next(reader, None)
        except _TooLong:
            yield "".join(source.taken), [], _text_problem(source.taken)
            continue
        except csv.Error as error:
            source.give_back(source.taken[1:])
            yield source.taken[0], [], f"the line is not CSV ({error})"
            continue
        if fields is None:
            return
        if fields:
            yield "".join(source.taken), fields, _text_problem(source.taken)


def _text_problem(lines: list[str]) -> str:
    if sum(map(len, lines)) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    for line in lines:
        if not line.isascii() and any("\udc80" <= letter <= "\udcff" for letter in line):
            return "it is not UTF-8 text"
    return ""


def tidy(path: Path, delimiter: str, clean: Path, *, width: int = 0) -> Iterator[Malformed]:
    """Writes the header and the well-formed records to `clean`, and yields the others.

    Args:
        width: number of columns of a file without a header; 0 where the first record is the header.
    """
    with open_text(path) as stream, clean.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        first = 1 if width else 0
        for row_number, (text, fields, problem) in enumerate(records(_bounded(stream), delimiter), first):
            width = width or len(fields)
            wrong = problem or ("" if len(fields) == width else f"it has {len(fields)} fields instead of {width}")
            if wrong:
                raw = text if len(text) <= _LONGEST else text[:_SHOWN]
                raw = raw.rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                yield Malformed(row_number, wrong, raw)
            else:
                writer.writerow(fields)
