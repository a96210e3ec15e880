"""Delivered files as bytes, unpacked where they are gzip, with bounds on what an archive and one record may hold."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MARK = b"\x1f\x8b"
MOST_TIMES = 200  # logs pack to a tenth or a fiftieth; an archive made to do harm to a thousandth
FREE_BYTES = 64 << 20  # so much may be unpacked of any archive
RECORD_BYTES = 16 << 20  # of one record: an event, an object


class Unpacked(io.RawIOBase):
    """A file's bytes, counted.

    Attributes:
        since_record: bytes read since `begin_record`.
    """

    def __init__(self, stream: "IO[bytes] | gzip.GzipFile", file: FeedFile, most: int | None) -> None:
        super().__init__()
        self._stream, self._file, self._most = stream, file, most
        self._total = self.since_record = 0

    def read(self, size: int = 1 << 16) -> bytes:
        """The next bytes, none at the end.

        Errors: UnusableInput where the archive or one record is larger than it may be, or cannot be unpacked.
        """
        try:
            block = self._stream.read(min(size, 1 << 20) if size > 0 else 1 << 20)
        except (OSError, EOFError, zlib.error) as error:
            raise UnusableInput(f"the file cannot be read ({error})", file=self._file.name) from None
        self._total += len(block)
        self.since_record += len(block)
        if self._most is not None and self._total > self._most:
            raise UnusableInput(f"the archive unpacks to more than {MOST_TIMES} times its size", file=self._file.name)
        if self.since_record > RECORD_BYTES:
            raise UnusableInput(
                f"there is no event or object within {RECORD_BYTES >> 20} MiB, so one is larger or there is none",
                file=self._file.name,
            )
        return block

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fills a buffer; what text and line readers ask for."""
        view = memoryview(buffer).cast("B")
        block = self.read(len(view))
        view[: len(block)] = block
        return len(block)

    def begin_record(self) -> None:
        """A record has ended: the bytes of the next are counted anew."""
        self.since_record = 0


def is_packed(path: Path) -> bool:
    """Whether a file is gzip, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(2) == GZIP_MARK


@contextmanager
def unpacked(file: FeedFile) -> Iterator[Unpacked]:
    """Opens a file, unpacking what is gzip by its content.

    Errors: UnusableInput when it cannot be opened; reading raises more.
    """
    try:
        with file.path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MARK
            raw.seek(0)
            most = max(FREE_BYTES, MOST_TIMES * file.path.stat().st_size) if packed else None
            # gzip reads the raw stream, which closes with this block.
            yield Unpacked(gzip.GzipFile(fileobj=raw) if packed else raw, file, most)
    except OSError as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None
