"""A file that is there whole or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.durable import put_in_place
from pipelines.errors import UnusableInput
from pipelines.workspace import Workspace


@contextmanager
def whole_file(workspace: Workspace, path: Path) -> Iterator[Path]:
    """Yields a path to write to; what was written gets the name `path` at the end, and nothing does after an error.

    Errors: UnusableInput for a path of the workspace's own files; OSError where it cannot be written.
    """
    own = workspace.root.resolve()
    place = path.resolve()
    if place in (own / "warehouse.duckdb", own / "dockledger.yaml") or place.is_relative_to(own / "published"):
        raise UnusableInput("this is a file of the workspace itself; name another one", file=path)
    if path.is_dir():
        raise UnusableInput("this is a folder; name a file in it", file=path)
    if not path.parent.is_dir():
        raise UnusableInput("there is no such folder", file=path.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        put_in_place(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
