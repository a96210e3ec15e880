"""X12 text taken apart: separators, segments, and the envelope with its counts and control numbers.

The separators stand in each interchange's own ISA segment: the character after the tag, the sixteenth element and what
follows it. Line breaks that are not the segment terminator mean nothing. The envelope is held to account while it is
read: ISA13 = IEA02, IEA01 groups, GS06 = GE02, GE01 transaction sets, ST02 = SE02, SE01 segments.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TextIO

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

_BLOCK_CHARS = 1 << 18
_LONGEST_CHARS = 1 << 20
_ISA_ELEMENTS, _ISA_CHARS = 16, 512  # 106 where it is padded as it should be
_BETWEEN = " \t\r\n\x1a"  # a control-Z ends files of old systems
_FIRST_WITH_REPETITION = "00402"  # before it ISA11 named the standard

Segment = list[str]


class NotX12(Exception):
    """What a file is refused for. `is_ahead`: at the segment that would come next."""

    def __init__(self, reason: str, *, is_ahead: bool = False) -> None:
        super().__init__(reason)
        self.is_ahead = is_ahead


@dataclass(frozen=True)
class Separators:
    """The characters that take an interchange apart; no repetition separator before release 00402."""

    element: str
    component: str
    repetition: str | None
    segment: str


@dataclass(frozen=True)
class Group:
    """What a functional group and its interchange say of themselves.

    Attributes:
        sender: GS02, the application that wrote it.
        date, time: GS04 and GS05, when it was written, in the writer's own time.
        is_test: ISA15 is T.
        component: the component separator.
    """

    sender: str
    date: str
    time: str
    is_test: bool
    component: str


@dataclass(frozen=True)
class Transaction:
    """One transaction set, its envelope verified.

    Attributes:
        kind: ST01, for example 944; TA1 for an interchange acknowledgment.
        group: the group that it stands in; None for a TA1.
        number: the ordinal of its first segment in the file (ISA of the first interchange is 1).
        segments: what stands between ST and SE; None where the kind was not wanted.
    """

    kind: str
    group: Group | None
    number: int
    segments: list[Segment] | None


def element(segment: Segment, place: int) -> str:
    """An element by its place (1 is the first after the tag), trimmed; '' where there is none."""
    return segment[place].strip() if place < len(segment) else ""


def read_separators(text: str) -> Separators:
    """The separators of an interchange, read from its ISA segment.

    Errors: NotX12.
    """
    if not text.startswith("ISA") or len(text) < 4:
        raise NotX12("an interchange must begin with an ISA segment, so this is not X12", is_ahead=True)
    mark, place, places = text[3], 3, [3]
    while len(places) < _ISA_ELEMENTS and (place := text.find(mark, place + 1, _ISA_CHARS)) >= 0:
        places.append(place)
    last = places[-1]
    if len(places) < _ISA_ELEMENTS or len(text) < last + 3:
        raise NotX12("the ISA segment has not its sixteen elements and a segment terminator", is_ahead=True)
    fields = [text[a + 1 : b] for a, b in pairwise(places)]
    repetition = fields[10] if fields[11] >= _FIRST_WITH_REPETITION else None
    if repetition is not None and (len(repetition) != 1 or repetition.isalnum() or repetition.isspace()):
        repetition = None
    found = Separators(mark, text[last + 1], repetition, text[last + 2])
    used = [s for s in (found.element, found.component, found.repetition, found.segment) if s is not None]
    if len(set(used)) < len(used) or any(s.isalnum() or s == " " for s in used):
        raise NotX12("the separators of the ISA segment cannot be told from each other or from data", is_ahead=True)
    return found


def runs(stream: TextIO, block_chars: int = _BLOCK_CHARS) -> Iterator[tuple[Separators, list[Segment]]]:
    """All segments in bounded runs; each run lies within one interchange.

    Args:
        stream: X12 text with its own line ends.
        block_chars: how much is read at once.

    Errors: NotX12 for what is no X12 text.
    """
    blocks = _blocks(stream, block_chars)
    text = _begin("\ufeff", blocks)
    while text:
        separators = read_separators(text)
        mark, end = re.escape(separators.element), re.escape(separators.segment)
        trailer = re.compile(f"(?:^|{end})[\\r\\n]*IEA{mark}[^{end}]*{end}")
        while (found := trailer.search(text)) is None:
            cut = text.rfind(separators.segment) + 1
            if cut:
                yield separators, _split(text[:cut], separators)
            text = text[cut:]
            if len(text) > _LONGEST_CHARS:
                raise NotX12(f"it is longer than {_LONGEST_CHARS} characters", is_ahead=True)
            more = next(blocks, "")
            if not more:
                yield separators, _split(text.rstrip(_BETWEEN), separators)
                return
            text += more
        yield separators, _split(text[: found.end()], separators)
        text = _begin(text[found.end() :], blocks)


def _blocks(stream: TextIO, block_chars: int) -> Iterator[str]:
    while text := stream.read(block_chars):
        if "\0" in text:
            raise NotX12("the file is binary, not X12 text", is_ahead=True)
        yield text


def _begin(text: str, blocks: Iterator[str]) -> str:
    """The text from the next interchange on, its ISA segment whole; '' at the end of the file."""
    text = text.lstrip(_BETWEEN + "\ufeff")
    while len(text) < _ISA_CHARS and (more := next(blocks, "")):
        text = (text + more).lstrip(_BETWEEN)
    return text


def _split(text: str, separators: Separators) -> list[Segment]:
    mark, end = separators.element, separators.segment
    for newline in "\r\n":
        if newline != end:
            text = text.replace(newline, "")
    return [segment.split(mark) for segment in text.split(end) if segment]


class _Envelope:
    """Takes segments one by one and holds the envelope to account."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self.number = 0
        self._isa: Segment = []
        self._gs: Segment = []
        self._st: Segment = []
        self._group: Group | None = None
        self._body: list[Segment] | None = None
        self._began = 0
        self._groups_count = self._sets_count = 0
        self._component = ""
        self._control: dict[str, Callable[[Segment], Transaction | None]] = {
            "ISA": self._open_interchange,
            "TA1": self._acknowledge,
            "GS": self._open_group,
            "ST": self._open_set,
            "SE": self._close_set,
            "GE": self._close_group,
            "IEA": self._close_interchange,
        }

    def take(self, separators: Separators, segments: list[Segment]) -> Iterator[Transaction]:
        """The transaction sets that these segments complete.

        Errors: NotX12 for a wrong envelope.
        """
        self._component = separators.component
        control = self._control
        for segment in segments:
            self.number += 1
            act = control.get(segment[0])
            if act is not None:
                done = act(segment)
                if done is not None:
                    yield done
            elif self._body is not None:
                self._body.append(segment)
            elif not self._st:
                raise NotX12(f"{segment[0][:20]} stands outside a transaction set")

    def finish(self) -> None:
        """To be called at the end of the file."""
        for opened, trailer in ((self._st, "SE"), (self._gs, "GE"), (self._isa, "IEA")):
            if opened:
                raise NotX12(f"the file ends without the {trailer} of this {opened[0]}: {_names(opened)}")

    def _require(self, segment: Segment, *, isa: bool, gs: bool, st: bool) -> None:
        for opened, must, name in ((self._st, st, "ST"), (self._gs, gs, "GS"), (self._isa, isa, "ISA")):
            if bool(opened) != must:
                where = "without" if must else "before the trailer of"
                which = name if must else f"the {name} that is open ({_names(opened)})"
                raise NotX12(f"{segment[0]} stands {where} {which}")

    def _open_interchange(self, segment: Segment) -> None:
        self._require(segment, isa=False, gs=False, st=False)
        self._isa, self._groups_count = segment, 0

    def _acknowledge(self, segment: Segment) -> Transaction:
        self._require(segment, isa=True, gs=False, st=False)
        return Transaction(segment[0], None, self.number, None)

    def _open_group(self, segment: Segment) -> None:
        self._require(segment, isa=True, gs=False, st=False)
        self._gs, self._sets_count = segment, 0
        self._groups_count += 1
        is_test = element(self._isa, 15) == "T"
        self._group = Group(element(segment, 2), element(segment, 4), element(segment, 5), is_test, self._component)

    def _open_set(self, segment: Segment) -> None:
        self._require(segment, isa=True, gs=True, st=False)
        self._st, self._began = segment, self.number
        self._body = [] if element(segment, 1) in self._wanted else None
        self._sets_count += 1

    def _close_set(self, segment: Segment) -> Transaction:
        self._require(segment, isa=True, gs=True, st=True)
        _equal_count(segment, self.number - self._began + 1, "segments")
        _equal_control(segment, self._st, 2)
        done = Transaction(element(self._st, 1), self._group, self._began, self._body)
        self._st, self._body = [], None
        return done

    def _close_group(self, segment: Segment) -> None:
        self._require(segment, isa=True, gs=True, st=False)
        _equal_count(segment, self._sets_count, "transaction sets")
        _equal_control(segment, self._gs, 6)
        self._gs = []

    def _close_interchange(self, segment: Segment) -> None:
        self._require(segment, isa=True, gs=False, st=False)
        _equal_count(segment, self._groups_count, "functional groups")
        _equal_control(segment, self._isa, 13)
        self._isa = []


_CONTROL_PLACE = {"ISA": 13, "GS": 6, "ST": 2}


def _names(opened: Segment) -> str:
    return f"control number {element(opened, _CONTROL_PLACE[opened[0]])}"


def _equal_count(trailer: Segment, counted: int, what: str) -> None:
    stated = element(trailer, 1)
    if not (stated.isascii() and stated.isdigit()) or int(stated) != counted:
        raise NotX12(f"{trailer[0]}01 states '{stated[:20]}' {what}, but there are {counted}")


def _equal_control(trailer: Segment, header: Segment, place: int) -> None:
    """Control numbers of interchanges and groups are numbers; those of transaction sets are text."""
    first, second = element(header, place), element(trailer, 2)
    numeric = header[0] != "ST" and first.isdigit() and second.isdigit()
    if (int(first) != int(second)) if numeric else (first != second or not first):
        raise NotX12(f"{trailer[0]}02 '{second[:20]}' is not the control number of its {header[0]}, '{first[:20]}'")


def transactions(file: FeedFile, wanted: frozenset[str]) -> Iterator[Transaction]:
    """Every transaction set of a file, in order; those that are not wanted come without segments.

    Errors: UnusableInput with file, segment number and reason.
    """
    envelope = _Envelope(wanted)
    try:
        with _open(file) as stream:
            for separators, segments in runs(stream):
                yield from envelope.take(separators, segments)
        envelope.finish()
    except NotX12 as error:
        raise UnusableInput(f"segment {envelope.number + error.is_ahead}: {error}", file=file.name) from None
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


# X12 does not say its encoding; what is not UTF-8 is read byte by byte as ISO 8859-1, in which no separator differs.
codecs.register_error("dockledger-latin", _as_latin)


def _open(file: FeedFile) -> TextIO:
    opener = gzip.open if file.path.suffix == ".gz" else open
    return opener(file.path, "rt", encoding="utf-8-sig", errors="dockledger-latin", newline="")
