"""JSON documents that the engine reads whole: one with an endless string is refused before it fills the memory."""

import gzip
import re
from pathlib import Path

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

_BLOCK_BYTES = 1 << 20
# Within a string every quote is escaped. One at the beginning of a block may be, and is passed over.
_BEGIN_OR_END = re.compile(rb'(?<=[^\\])"')


def refuse_long_strings(file: FeedFile) -> None:
    """Refuses a document in which a whole block lies within one string, number or stretch of blanks.

    So a string of more than 2 MiB is never passed, one of less than 1 MiB always is.

    Errors: UnusableInput.
    """
    opener = gzip.open if file.path.suffix == ".gz" else Path.open
    with opener(file.path, "rb") as stream:
        before = 0
        while len(block := stream.read(_BLOCK_BYTES)) == _BLOCK_BYTES:
            if not _BEGIN_OR_END.search(block):
                reason = f"there is no begin or end of a string between bytes {before} and {before + _BLOCK_BYTES}"
                raise UnusableInput(f"{reason}; it holds a text that is too long", file=file.name)
            before += len(block)
