"""The files of a feed: what its pattern finds, refused where it leads outside, cannot be listed or does harm."""

import gzip
import os
import zlib
from glob import glob, has_magic
from pathlib import Path

from pipelines.errors import UnusableInput
from pipelines.feeds.base import FeedFile
from pipelines.feeds.unpacked import FREE_BYTES, MOST_TIMES
from pipelines.workspace import Feed, Workspace

_BLOCK_BYTES = 1 << 20


def feed_files(workspace: Workspace, feed: Feed) -> list[FeedFile]:
    """The files that a feed's pattern finds now, in name order.

    Errors: UnusableInput for one that lies outside the workspace, however it is reached, and for a folder that cannot
    be listed.
    """
    root = workspace.root
    _refuse_closed(root, feed)
    found = sorted(glob(feed.path, root_dir=root, recursive=True, include_hidden=True))  # noqa: PTH207 - thousands of names, as text
    inside = root.resolve()
    is_inside: dict[str, bool] = {}  # by folder: to resolve every path of thousands takes longer than reading some
    files = []
    for name in found:
        path, folder = root / name, os.path.dirname(name)  # noqa: PTH120 - likewise
        if not path.is_file():
            continue
        if folder not in is_inside:
            _refuse_loop(root, folder)
            is_inside[folder] = (root / folder).resolve().is_relative_to(inside)
        if not is_inside[folder] or (path.is_symlink() and not path.resolve().is_relative_to(inside)):
            raise UnusableInput(f"feed {feed.name} reaches outside the workspace", file=name)
        files.append(FeedFile(path, Path(name).as_posix()))
    return files


def _refuse_loop(root: Path, folder: str) -> None:
    """Refuses a folder that a link leads back into: every file in it would be found again and again."""
    real = (root / folder).resolve()
    if any((root / above).resolve() == real for above in Path(folder).parents):
        raise UnusableInput("the folder is a link back to a folder that it lies in", file=folder)


def _refuse_closed(root: Path, feed: Feed) -> None:
    """Refuses a folder on the way that cannot be listed: its files would count as vanished, and their rows leave."""
    parts = Path(feed.path).parts
    for place, part in enumerate(parts):
        above = "".join(f"{name}/" for name in (*parts[:place], *(["**"] if part == "**" else [])))
        folders = glob(above, root_dir=root, recursive=True, include_hidden=True)  # noqa: PTH207 - as above
        needed = os.X_OK | (os.R_OK if has_magic(part) else 0)
        for folder in folders if place else ["", *folders]:
            if not os.access(root / folder, needed):
                raise UnusableInput(f"feed {feed.name}: the folder cannot be listed", file=folder.rstrip("/") or root)


def refuse_harmful_archive(file: FeedFile) -> None:
    """Reads a compressed file to its end: the engine takes what can be unpacked, checks no sum and knows no bound.

    Errors: UnusableInput for one that is broken or unpacks to more than MOST_TIMES its size and FREE_BYTES.
    """
    if file.path.suffix != ".gz":
        return
    total = 0
    try:
        most = max(FREE_BYTES, MOST_TIMES * file.path.stat().st_size)
        with gzip.open(file.path, "rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                total += len(block)
                if total > most:
                    raise UnusableInput(
                        f"the archive unpacks to more than {MOST_TIMES} times its size and {FREE_BYTES >> 20} MiB",
                        file=file.name,
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInput(f"the file cannot be read ({error})", file=file.name) from None
