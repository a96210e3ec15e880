"""CSV in another encoding than UTF-8: read from a copy, and refused where it is not what the feed declares."""

import codecs
import gzip
import re
from pathlib import Path

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

_BLOCK_BYTES = 1 << 20
_MARKS = {codecs.BOM_UTF8: "UTF-8", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_WIDE = ("utf-16", "utf-32")
# Letters in cp1252, control characters in ISO 8859, which no CSV holds.
_CONTROL = re.compile("[\x80-\x9f]")


def is_utf8(encoding: str) -> bool:
    """Whether files of this encoding are read as they are."""
    return encoding in ("utf-8", "utf-8-sig")


def marked_encoding(head: bytes) -> str | None:
    """The encoding that a byte order mark at the beginning of a file states."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)


def recoded(file: FeedFile, encoding: str, copy: Path) -> FeedFile:
    """A copy of a file in UTF-8.

    Errors: UnusableInput where the file cannot be in the declared encoding: bytes that it does not know, the mark of
    another one, or letters beyond ASCII that are UTF-8 throughout, which no other text is by chance.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
    is_ascii, opener = True, gzip.open if file.path.suffix == ".gz" else Path.open
    with opener(file.path, "rb") as stream, copy.open("wb") as out:
        block = stream.read(_BLOCK_BYTES)
        _refuse_other_mark(file, encoding, block)
        while True:
            is_last = not block
            is_ascii = is_ascii and block.isascii()
            utf8 = utf8 if utf8 and _can_decode(utf8, block, is_last=is_last) else None
            try:
                text = decoder.decode(block, is_last)
            except UnicodeError as error:
                found = isinstance(error, UnicodeDecodeError) and f"byte 0x{error.object[error.start]:02x}"
                raise UnusableInput(f"the file is not {encoding} text ({found or error})", file=file.name) from None
            if encoding.startswith("iso8859") and _CONTROL.search(text):
                raise UnusableInput(f"the file holds control characters in {encoding}: cp1252?", file=file.name)
            out.write(text.encode("utf-8", "surrogatepass"))
            if is_last:
                break
            block = stream.read(_BLOCK_BYTES)
    if utf8 and not is_ascii and not encoding.startswith(_WIDE):
        raise UnusableInput(f"the file is UTF-8 text, not {encoding} as the feed declares", file=file.name)
    return FeedFile(copy, file.name)


def _refuse_other_mark(file: FeedFile, encoding: str, head: bytes) -> None:
    marked = marked_encoding(head)
    if marked and not encoding.startswith((marked.lower(), *_WIDE)):
        raise UnusableInput(f"the file begins with the mark of {marked}, the feed declares {encoding}", file=file.name)


def _can_decode(decoder: codecs.IncrementalDecoder, block: bytes, *, is_last: bool) -> bool:
    try:
        decoder.decode(block, is_last)
    except UnicodeDecodeError:
        return False
    return True
