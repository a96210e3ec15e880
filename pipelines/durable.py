"""Files that are there whole or not at all, also after a loss of power."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Waits until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(part: Path, path: Path) -> None:
    """Gives a complete file its name, whatever had that name before."""
    sync(part)
    part.replace(path)
    sync(path.parent)
