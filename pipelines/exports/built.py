"""The warehouse of a workspace as its published build left it, read-only."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engines.duckdb import in_words
from pipelines.errors import UnusableInput
from pipelines.read import published_file
from pipelines.workspace import Workspace

MEMORY_LIMIT = "1GiB"


@contextmanager
def built_warehouse(workspace: Workspace, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that cannot write.

    Args:
        spill: an existing folder for what does not fit in memory; left as it was.

    Errors: UnusableInput when nothing was published, or when the warehouse is not the one that was.
    """
    published = published_file(workspace.root)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=spill) as folder:
        con = _opened(workspace, folder)
        try:
            if _run_ids(con) != {published.stem}:
                raise UnusableInput(
                    "the latest build was not published, so its events are not exported; "
                    f"run `dockledger build {workspace.root}`",
                    file=workspace.warehouse,
                )
            yield con
        except (duckdb.CatalogException, duckdb.BinderException):
            raise UnusableInput(
                f"another version has built this; run `dockledger build {workspace.root}`", file=workspace.warehouse
            ) from None
        except duckdb.Error as error:
            raise in_words(error, spill) from None
        finally:
            con.close()


def _opened(workspace: Workspace, folder: str) -> duckdb.DuckDBPyConnection:
    path = workspace.warehouse
    if not path.is_file():
        raise UnusableInput(f"the warehouse is gone; run `dockledger build {workspace.root}`", file=path)
    config: dict[str, Any] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": folder,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if workspace.engine.threads:
        config["threads"] = str(workspace.engine.threads)
    try:
        return duckdb.connect(str(path), read_only=True, config=config)
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise UnusableInput("a build is running; export when it has ended", file=path) from None
        raise UnusableInput(f"the warehouse cannot be opened ({str(error).splitlines()[0]})", file=path) from None


def _run_ids(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The build that began last, and the one that made the figures."""
    try:
        found = con.execute("SELECT run_id FROM reference.run UNION ALL SELECT run_id FROM marts.run_info").fetchall()
    except duckdb.CatalogException:
        return set()
    return {run_id for (run_id,) in found}
