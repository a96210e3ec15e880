"""A JSON object whose arrays are read element by element: memory is that of one element, not of the document."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.unpacked import Unpacked, unpacked

_BLANK = re.compile(r"[ \t\r\n]*")
_MAY_GO_ON = re.compile(r"(\.|[eE][+-]?)?")


def array_elements(file: FeedFile, arrays: set[str]) -> Iterator[tuple[str, Any]]:
    """(key, element) of every array that is a value of the document's outermost object, in file order.

    Other values are passed over. Numbers stay the text that they were.

    Args:
        arrays: gets the key of every array, also of those without elements.

    Errors: UnusableInput, with the line, for what is no such object, or holds one element of more than 16 MiB.
    """
    with unpacked(file) as stream:
        yield from _Reader(file, stream, arrays).read()


class _Reader:
    """Text that is read as it is needed; what was consumed is dropped."""

    def __init__(self, file: FeedFile, stream: Unpacked, arrays: set[str]) -> None:
        self._file, self._stream, self._arrays = file, stream, arrays
        self._decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
        self._bytes = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._line, self._ended = "", 0, 1, False

    def read(self) -> Iterator[tuple[str, Any]]:
        self._take("{", "it is not a JSON object")
        if self._peek() == "}":
            self._at += 1
        else:
            while True:
                yield from self._member()
                if self._one_of(",}") == "}":
                    break
        if self._peek():
            raise self._refused("there is more after the document's end")

    def _member(self) -> Iterator[tuple[str, Any]]:
        key = self._value()
        if not isinstance(key, str):
            raise self._refused("a name is expected")
        self._take(":", "a colon is expected")
        if self._peek() != "[":
            self._value()
            return
        self._at += 1
        self._arrays.add(key)
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield key, self._value()
            if self._one_of(",]") == "]":
                return

    def _value(self) -> Any:
        """The next whole value: more text is read until one is whole, each time twice as much."""
        self._stream.begin_record()
        self._peek()
        size = 1 << 16
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more(size):
                    raise self._refused(error.msg, error.pos) from None
                size *= 2
                continue
            except RecursionError:
                raise self._refused("it is nested too deeply") from None
            # A number at the end of what was read may go on, also where it is cut at its point or exponent.
            if not _MAY_GO_ON.fullmatch(self._text, end) or not self._more(size):
                self._drop(end)
                return value

    def _peek(self) -> str:
        """The next sign that is no blank, '' at the end."""
        while True:
            self._drop(_BLANK.match(self._text, self._at).end())  # type: ignore[union-attr]  # it matches nothing, too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(1 << 16):
                return ""

    def _one_of(self, signs: str) -> str:
        found = self._peek()
        if not found or found not in signs:
            raise self._refused(f"'{signs[0]}' or '{signs[1]}' is expected")
        self._at += 1
        return found

    def _take(self, sign: str, otherwise: str) -> None:
        if self._peek() != sign:
            raise self._refused(otherwise)
        self._at += 1

    def _drop(self, end: int) -> None:
        """Goes on to a place; text before it is dropped where that is worth it."""
        self._line += self._text.count("\n", self._at, end)
        self._at = end
        if end > 1 << 16:
            self._text, self._at = self._text[end:], 0

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        parts, missing = [], size
        while missing > 0 and not self._ended:
            block = self._stream.read(1 << 16)
            missing -= len(block)
            self._ended = not block
            try:
                parts.append(self._bytes.decode(block, final=self._ended))
            except UnicodeDecodeError:
                raise self._refused("the file is not UTF-8 text") from None
        self._text = self._text[self._at :] + "".join(parts)
        self._at = 0
        return True

    def _refused(self, reason: str, at: int | None = None) -> UnusableInput:
        line = self._line + self._text.count("\n", self._at, self._at if at is None else at)
        return UnusableInput(f"line {line}: it is not whole JSON ({reason})", file=self._file.name)
