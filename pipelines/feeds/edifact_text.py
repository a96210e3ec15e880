"""EDIFACT text (ISO 9735) taken apart: separators, characters, segments, the envelope with its counts and references.

The separators stand in the UNA before an interchange, else they are those of the standard. UNB names the character set.
Line breaks that are not the segment terminator mean nothing. pydifact takes each segment apart; which segment belongs
to what, and whether the envelope is whole, is decided here, since pydifact would read a file whole, and drops what
stands before a UNA that it finds anywhere.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TextIO

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

_BLOCK_CHARS = 1 << 18
_LONGEST_CHARS = 1 << 20
_BEGIN_CHARS = 64
_REMEMBERED = 1 << 14
_MOST_SEGMENTS = 250_000  # of one message: it is held whole, and takes about 1 kB a segment
_BETWEEN = " \t\r\n\x1a\ufeff"  # a control-Z ends files of old systems
_BYTE_ORDER_MARK = "\xef\xbb\xbf"  # UTF-8's, read byte by byte
_STANDARD = ":+.? '"
_TAG = re.compile(r"[A-Z][A-Z0-9]{2}")

# Element 0001. What is not UTF-8 under the levels A and B, which know no more than ISO 646, is read as ISO 8859-1.
_EITHER = ""
_CHARACTERS = {
    "UNOA": _EITHER, "UNOB": _EITHER, "UNOC": "latin-1", "UNOD": "iso8859-2", "UNOE": "iso8859-5", "UNOF": "iso8859-7",
    "UNOG": "iso8859-3", "UNOH": "iso8859-4", "UNOI": "iso8859-6", "UNOJ": "iso8859-8", "UNOK": "iso8859-9",
    "UNOL": "iso8859-15", "UNOW": "utf-8", "UNOY": "utf-8",
}  # fmt: skip

Segment = list[str | list[str]]


class NotEdifact(Exception):
    """What a file is refused for. `is_ahead`: at the segment that would come next."""

    def __init__(self, reason: str, *, is_ahead: bool = False) -> None:
        super().__init__(reason)
        self.is_ahead = is_ahead


@dataclass(frozen=True)
class Separators:
    """The characters that take an interchange apart; `release` is '' where UNA states a blank: none is in use."""

    component: str
    element: str
    decimal: str
    release: str
    reserved: str
    segment: str


@dataclass(frozen=True)
class Interchange:
    """What an interchange says of itself.

    Attributes:
        sender: S002, who sent it.
        date, time: S004, when it was prepared, in the writer's own time.
        is_test: element 0035 is stated and not 0.
    """

    sender: str
    date: str
    time: str
    is_test: bool


@dataclass(frozen=True)
class Message:
    """One message, its envelope verified.

    Attributes:
        kind: element 0065, for example DESADV.
        interchange: that it stands in.
        number: the ordinal of its UNH in the file (the first UNB is 1; a UNA is no segment).
        segments: those that are read between UNH and UNT, with their ordinals; None where the kind was not wanted.
    """

    kind: str
    interchange: Interchange
    number: int
    segments: list[tuple[int, Segment]] | None


def value(segment: Segment, place: int, component: int = 0) -> str:
    """A component by its places (element 1 is the first after the tag, component 0 its first), trimmed; '' for none."""
    found = segment[place] if place < len(segment) else ""
    if isinstance(found, str):
        return found.strip() if component == 0 else ""
    return found[component].strip() if component < len(found) else ""


def read_separators(text: str) -> tuple[Separators, str]:
    """The separators of an interchange, and the text from its UNB on.

    Errors: NotEdifact.
    """
    stated = text[3:9] if text.startswith("UNA") else _STANDARD
    rest = text[9:].lstrip(_BETWEEN) if text.startswith("UNA") else text
    if len(stated) < 6 or not rest.startswith("UNB"):
        raise NotEdifact("an interchange must begin with UNA or UNB, so this is not EDIFACT", is_ahead=True)
    found = Separators(stated[0], stated[1], stated[2], stated[3].strip(" "), stated[4], stated[5])
    used = [found.component, found.element, found.segment, *found.release]
    if len(set(used)) < len(used) or any(s.isalnum() or s == " " for s in used):
        raise NotEdifact("the separators of UNA cannot be told from each other or from data", is_ahead=True)
    if not rest.startswith(f"UNB{found.element}"):
        raise NotEdifact("UNB is not followed by the element separator that holds for it", is_ahead=True)
    return found, rest


def raw_segments(stream: TextIO, block_chars: int = _BLOCK_CHARS) -> Iterator[tuple[Separators, str]]:
    """Every segment as text without line breaks, its terminator included, with the separators of its interchange.

    Args:
        stream: EDIFACT text, one character a byte, with its own line ends.
        block_chars: how much is read at once.

    Errors: NotEdifact for what is no EDIFACT text.
    """
    blocks = _blocks(stream, block_chars)
    text = _begin("", blocks)
    while text:
        separators, text = read_separators(text)
        whole, breaks = _whole_segment(separators), "\r\n".replace(separators.segment, "")
        place, tag = 0, ""
        while tag != "UNZ":
            found = whole.match(text, place)
            if found is None:
                text, place = text[place:], 0
                more = next(blocks, "")
                if not more:
                    if text := text.strip(_BETWEEN):
                        yield separators, _without(text, breaks) + separators.segment
                    return
                if len(text) > _LONGEST_CHARS:
                    raise NotEdifact(f"it is longer than {_LONGEST_CHARS} characters", is_ahead=True)
                text += more
                continue
            place = found.end()
            segment = _without(found.group(), breaks).lstrip(" \t")
            tag = segment[:3]
            if segment != separators.segment:
                yield separators, segment
        text = _begin(text[place:].lstrip(_BETWEEN + separators.segment), blocks)


def _without(text: str, breaks: str) -> str:
    for newline in breaks:
        text = text.replace(newline, "")
    return text


def _whole_segment(separators: Separators) -> re.Pattern[str]:
    """A segment up to the first terminator that is not released; a line break cannot be released."""
    end, release = re.escape(separators.segment), re.escape(separators.release)
    if not release:
        return re.compile(f"[^{end}]*+{end}")
    breaks = "\r\n".replace(separators.segment, "")
    return re.compile(f"[^{end}{release}]*+(?:{release}[{breaks}]*+[^{breaks}][^{end}{release}]*+)*+{end}")


def _blocks(stream: TextIO, block_chars: int) -> Iterator[str]:
    while text := stream.read(block_chars):
        if "\0" in text:
            raise NotEdifact("the file is binary, not EDIFACT text", is_ahead=True)
        yield text


def _begin(text: str, blocks: Iterator[str]) -> str:
    """The text from the next interchange on, its UNA whole; '' at the end of the file."""
    text = text.removeprefix(_BYTE_ORDER_MARK).lstrip(_BETWEEN)
    while len(text) < _BEGIN_CHARS and (more := next(blocks, "")):
        text = (text + more).removeprefix(_BYTE_ORDER_MARK).lstrip(_BETWEEN)
    return text


def splitter(separators: Separators) -> Callable[[str], Segment]:
    """A function that takes one segment's text apart; what it returns is not to be changed.

    Its error: NotEdifact.
    """
    from pydifact import Characters, Parser, Tokenizer
    from pydifact.exceptions import EDISyntaxError

    make: Any = Characters  # it has no types
    characters = make(
        separators.component, separators.element, separators.decimal, separators.release, " ", separators.segment
    )
    characters.escape_character = separators.release  # pydifact would put its own in the place of none
    parser: Any = Parser()

    @lru_cache(maxsize=_REMEMBERED)  # the same quantities, parties and items come again and again
    def split(text: str) -> Segment:
        try:
            found: Segment = next(parser.convert_tokens_to_raw_segments(Tokenizer().get_tokens(text, characters)))
        except (EDISyntaxError, StopIteration):
            raise NotEdifact(f"'{text[:20]}' has no end") from None
        return found

    return split


def _decoder(syntax: str) -> Callable[[str], str]:
    """A function that reads bytes, one character each, as the characters of a syntax identifier.

    Its error: NotEdifact.
    """
    if syntax not in _CHARACTERS:
        raise NotEdifact(f"the syntax identifier '{syntax[:10]}' of UNB is none of {', '.join(_CHARACTERS)}")
    named = _CHARACTERS[syntax]

    def decode(text: str) -> str:
        if text.isascii() or named == "latin-1":
            return text
        try:
            return text.encode("latin-1").decode(named or "utf-8")
        except UnicodeDecodeError:
            if named:
                raise NotEdifact(f"it is not in the characters of {syntax} ({named})") from None
            return text

    return decode


class _Envelope:
    """Takes segments one by one and holds the envelope to account."""

    def __init__(self, wanted: frozenset[str], read: frozenset[str]) -> None:
        self._wanted, self._read = wanted, read
        self.number = 0
        self._open: dict[str, Segment] = {}
        self._counts = {"UNB": 0, "UNG": 0, "groups": 0}
        self._body: list[tuple[int, Segment]] | None = None
        self._began = 0
        self._separators: Separators | None = None
        self._split: Callable[[str], Segment] = lambda _: []
        self._decode: Callable[[str], str] = str
        self._interchange = Interchange("", "", "", False)
        self._control: dict[str, Callable[[Segment], Message | None]] = {
            "UNB": self._open_interchange, "UNG": self._open_group, "UNH": self._open_message,
            "UNT": self._close_message, "UNE": self._close_group, "UNZ": self._close_interchange,
        }  # fmt: skip

    def take(self, separators: Separators, text: str) -> Message | None:
        """The message that this segment completes, if any.

        Errors: NotEdifact for a wrong envelope.
        """
        self.number += 1
        if separators is not self._separators:
            self._separators, self._split, self._decode = separators, splitter(separators), str
        tag = text[:3]
        if not _TAG.fullmatch(tag) or text[3] not in (separators.element, separators.segment):
            raise NotEdifact(f"'{text[:10]}' is no segment: a tag is three capital letters or digits")
        act = self._control.get(tag)
        if act is not None:
            return act(self._split(self._decode(text)))
        if "UNH" not in self._open:
            raise NotEdifact(f"{tag} stands outside a message")
        if self._body is not None and tag in self._read:
            if len(self._body) >= _MOST_SEGMENTS:
                raise NotEdifact(f"the message has more than {_MOST_SEGMENTS} segments that are read")
            self._body.append((self.number, self._split(self._decode(text))))
        return None

    def finish(self) -> None:
        """To be called at the end of the file."""
        for header, trailer in (("UNH", "UNT"), ("UNG", "UNE"), ("UNB", "UNZ")):
            if header in self._open:
                raise NotEdifact(f"the file ends without the {trailer} of this {header}: {self._names(header)}")

    def _names(self, header: str) -> str:
        return f"reference {value(self._open[header], _REFERENCE_PLACE[header])}"

    def _require(self, segment: Segment, *needed: str) -> None:
        """Exactly these headers must be open."""
        for header in ("UNH", "UNG", "UNB"):
            if (header in self._open) != (header in needed):
                is_missing = header in needed
                where = "without" if is_missing else "before the trailer of"
                which = header if is_missing else f"the {header} that is open ({self._names(header)})"
                raise NotEdifact(f"{segment[0]} stands {where} {which}")

    def _open_interchange(self, unb: Segment) -> None:
        self._require(unb)
        self._decode = _decoder(value(unb, 1))
        self._open["UNB"] = unb
        self._counts |= {"UNB": 0, "groups": 0}
        is_test = value(unb, 11) not in ("", "0")
        self._interchange = Interchange(value(unb, 2), value(unb, 4), value(unb, 4, 1), is_test)

    def _open_group(self, ung: Segment) -> None:
        self._require(ung, "UNB")
        self._open["UNG"] = ung
        self._counts["groups"] += 1
        self._counts["UNG"] = 0

    def _open_message(self, unh: Segment) -> None:
        self._require(unh, "UNB", *self._group())
        self._open["UNH"], self._began = unh, self.number
        self._body = [] if value(unh, 2) in self._wanted else None
        self._counts["UNG" if self._group() else "UNB"] += 1

    def _close_message(self, unt: Segment) -> Message:
        self._require(unt, "UNB", "UNH", *self._group())
        unh = self._open["UNH"]
        _equal_count(unt, self.number - self._began + 1, "segments")
        _equal_reference(unt, unh)
        del self._open["UNH"]
        done = Message(value(unh, 2), self._interchange, self._began, self._body)
        self._body = None
        return done

    def _close_group(self, une: Segment) -> None:
        self._require(une, "UNB", "UNG")
        _equal_count(une, self._counts["UNG"], "messages")
        _equal_reference(une, self._open.pop("UNG"))

    def _close_interchange(self, unz: Segment) -> None:
        self._require(unz, "UNB")
        groups = self._counts["groups"]
        _equal_count(unz, groups or self._counts["UNB"], "groups" if groups else "messages")
        _equal_reference(unz, self._open.pop("UNB"))

    def _group(self) -> tuple[str, ...]:
        """What must be open where a group is."""
        return ("UNG",) if "UNG" in self._open else ()


_REFERENCE_PLACE = {"UNB": 5, "UNG": 5, "UNH": 1}


def _equal_count(trailer: Segment, counted: int, what: str) -> None:
    stated = value(trailer, 1)
    if not (stated.isascii() and stated.isdigit()) or int(stated) != counted:
        raise NotEdifact(f"{trailer[0]} states '{stated[:20]}' {what}, but there are {counted}")


def _equal_reference(trailer: Segment, header: Segment) -> None:
    """References are text: 01 is another than 1."""
    first, second = value(header, _REFERENCE_PLACE[str(header[0])]), value(trailer, 2)
    if first != second or not first:
        raise NotEdifact(f"{trailer[0]} has not the reference of its {header[0]}: '{second[:20]}' and '{first[:20]}'")


def messages(file: FeedFile, wanted: frozenset[str], read: frozenset[str]) -> Iterator[Message]:
    """Every message of a file, in order; those that are not wanted come without segments.

    Args:
        file: the file; with `.gz` at the end of its name it is a compressed one.
        wanted: kinds of messages.
        read: tags of segments that are kept.

    Errors: UnusableInput with file, segment number and reason.
    """
    envelope = _Envelope(wanted, read)
    opener = gzip.open if file.path.suffix == ".gz" else open
    try:
        with opener(file.path, "rt", encoding="latin-1", newline="") as stream:
            for separators, text in raw_segments(stream):
                done = envelope.take(separators, text)
                if done is not None:
                    yield done
        envelope.finish()
    except NotEdifact as error:
        raise UnusableInput(f"segment {envelope.number + error.is_ahead}: {error}", file=file.name) from None
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None
