"""What has been delivered: which files of a feed are new, changed or gone since the warehouse last read them.

A file is known by the hash of its content. Its size and time of change only spare hashing it again: where both are as
they were, so is the content. What a file's rows were made with (settings, reference data, this package's own code) is
known by one fingerprint of the feed; where that differs, every file counts as new.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from data import DATA
from pipelines.corrections import corrections_of
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.workspace import Feed, Workspace
from transforms.contracts.sqlgen import literal

_ROOMS = Path(__file__).resolve().parents[1]
_CODE = (
    "pipelines/feeds/*.py", "pipelines/feed_files.py", "pipelines/landing.py", "pipelines/accounts.py",
    "pipelines/corrections.py", "pipelines/correcting.py", "pipelines/reference.py", "pipelines/lookups.py",
    "pipelines/units.py", "transforms/contracts/*.py", "transforms/dialects/*.sql",
)  # fmt: skip
_COLUMNS = {
    "feed": pl.String,
    "file": pl.String,
    "size_bytes": pl.Int64,
    "modified_ns": pl.Int64,
    "content_hash": pl.String,
}


@dataclass(frozen=True)
class Delivered:
    """One file as it lies there now.

    Attributes:
        file: path and name.
        size_bytes: its size.
        modified_ns: when it was last changed, in nanoseconds since 1970.
        content_hash: SHA-256 of its bytes.
    """

    file: FeedFile
    size_bytes: int
    modified_ns: int
    content_hash: str


@dataclass(frozen=True)
class Changes:
    """What has happened to a feed's files.

    Attributes:
        present: every file that lies there now.
        fresh: those that must be read: new ones and changed ones.
        replaced: names of those among them that were read before, with other content.
        vanished: names of files that were read before and lie there no more.
        shrunk: names of files that are smaller than they were.
        made_with: the fingerprint of what their rows are made with.
    """

    present: list[Delivered]
    fresh: list[FeedFile]
    replaced: list[str]
    vanished: list[str]
    shrunk: list[str]
    made_with: str

    @property
    def is_none(self) -> bool:
        """Whether everything is as it was."""
        return not self.fresh and not self.vanished


def find_changes(engine: DuckDBEngine, feed: Feed, files: list[FeedFile], made_with: str) -> Changes:
    """Compares the files of a feed with those that the warehouse has read.

    Args:
        made_with: the feed's fingerprint, taken before anything that it is of was read: what changes meanwhile makes
            the next build read the files again.

    Errors: UnusableInput for a file that cannot be read.
    """
    engine.con.execute(
        "CREATE TABLE IF NOT EXISTS landing.delivery (feed VARCHAR, file VARCHAR, size_bytes BIGINT, "
        "modified_ns BIGINT, content_hash VARCHAR)"
    )
    engine.con.execute("CREATE TABLE IF NOT EXISTS landing.fingerprint (feed VARCHAR, fingerprint VARCHAR)")
    own = f"WHERE feed = {literal(feed.name)}"
    known = {
        file: (size, modified, content)
        for file, size, modified, content in engine.rows(
            f"SELECT file, size_bytes, modified_ns, content_hash FROM landing.delivery {own}"
        )
    }
    is_same = engine.value(f"SELECT fingerprint FROM landing.fingerprint {own}") == made_with
    present = [_delivered(file, known.get(file.name)) for file in files]
    fresh = [
        d.file for d in present if not is_same or d.file.name not in known or d.content_hash != known[d.file.name][2]
    ]
    return Changes(
        present=present,
        fresh=fresh,
        replaced=[file.name for file in fresh if file.name in known],
        vanished=sorted(known.keys() - {file.name for file in files}),
        shrunk=[d.file.name for d in present if d.file.name in known and d.size_bytes < known[d.file.name][0]],
        made_with=made_with,
    )


def _delivered(file: FeedFile, known: tuple[int, int, str] | None) -> Delivered:
    try:
        stat = file.path.stat()
        if known and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return Delivered(file, *known)
        with file.path.open("rb") as stream:
            content_hash = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnusableInput(f"the file cannot be read ({error.strerror})", file=file.name) from None
    return Delivered(file, stat.st_size, stat.st_mtime_ns, content_hash)


def forget(engine: DuckDBEngine, feed: Feed, changes: Changes) -> None:
    """Takes files that are to be read again, or are gone, out of what is known: before their rows are touched.

    A build that dies later leaves their rows without a known file, and the next one reads the files again.
    """
    gone = [*changes.vanished, *(file.name for file in changes.fresh)]
    with engine.given(pl.DataFrame({"file": gone}, schema={"file": pl.String})) as given:
        engine.con.execute(f"""DELETE FROM landing.delivery
            WHERE feed = {literal(feed.name)} AND file IN (SELECT file FROM {given})""")


@contextmanager
def unchanging(changes: Changes) -> Iterator[None]:
    """To be held while files are read: of one that changes meanwhile neither the old nor the new state is read.

    Errors: UnusableInput for a file whose size or time of change is not what it was when it was hashed, or that is
    gone; in place of what was complained of meanwhile, which came of it.
    """
    try:
        yield
    except (UnusableInput, OSError, duckdb.Error):
        _refuse_changed(changes)
        raise
    _refuse_changed(changes)


def _refuse_changed(changes: Changes) -> None:
    fresh = {file.name for file in changes.fresh}
    for d in (d for d in changes.present if d.file.name in fresh):
        try:
            stat = d.file.path.stat()
            is_same = (stat.st_size, stat.st_mtime_ns) == (d.size_bytes, d.modified_ns)
        except OSError:
            is_same = False
        if not is_same:
            raise UnusableInput(
                "the file changed while it was read; the next build reads it again", file=d.file.name
            ) from None


def remember(engine: DuckDBEngine, feed: Feed, changes: Changes) -> None:
    """Makes all files that lie there known, once their rows have landed."""
    rows = [(feed.name, d.file.name, d.size_bytes, d.modified_ns, d.content_hash) for d in changes.present]
    own = f"WHERE feed = {literal(feed.name)}"
    made_with = f"{literal(feed.name)}, {literal(changes.made_with)}"
    with engine.given(pl.DataFrame(rows, schema=_COLUMNS, orient="row")) as given:
        engine.con.execute(f"""BEGIN TRANSACTION;
            DELETE FROM landing.delivery {own};
            DELETE FROM landing.fingerprint {own};
            INSERT INTO landing.delivery BY NAME SELECT * FROM {given};
            INSERT INTO landing.fingerprint VALUES ({made_with});
            COMMIT""")


def _content(path: Path) -> bytes:
    """What a reference file holds; of one that cannot be read, nothing: who reads it next says why."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def fingerprint(workspace: Workspace, feed: Feed) -> str:
    """A hash of everything but its files that the landed rows of a feed depend on."""
    digest = hashlib.sha256(code_hash(_CODE).encode())
    facilities = [facility.model_dump(mode="json") for facility in workspace.facilities]
    # Not where a correction stands nor who reported it: that changes no row.
    corrections = [
        [c.table_name, c.row_key, c.action, c.column_name, c.expected, c.value, c.reason]
        for c in corrections_of(workspace, feed)
    ]
    settings = [feed.model_dump(mode="json"), facilities, sorted(corrections, key=str), workspace.reference.unit_codes]
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for path in (workspace.reference.items, workspace.reference.item_aliases, workspace.reference.uom_conversions):
        digest.update(b"\x00" if path is None else _content(workspace.root / path) + b"\x01")
    return digest.hexdigest()


@cache
def code_hash(patterns: tuple[str, ...]) -> str:
    """A hash of files of this package, by patterns below its rooms, and of the shipped reference data."""
    paths = [path for pattern in patterns for path in sorted(_ROOMS.glob(pattern))]
    paths += sorted((DATA / "reference").glob("*.csv"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
