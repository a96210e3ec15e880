"""The one writer: a resource that holds the workspace's lock and its only read-write connection."""

import os
import secrets
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.engines.choice import open_models
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.errors import UnusableInput
from pipelines.step import Build
from pipelines.workspace import Workspace

LOCK = ".dockledger.lock"


def new_run_id() -> str:
    """A name for a build that sorts by its start: instant in UTC and six random digits."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def is_whole(path: Path) -> bool:
    """Whether a warehouse can be opened as it was left: one that cannot is made anew from the files.

    Errors: UnusableInput when another program holds it or it must not be written.
    """
    if not path.exists():
        return True
    if not os.access(path, os.W_OK):
        raise UnusableInput("the warehouse cannot be written", file=path)
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise UnusableInput("another program has the warehouse open; close it and try again", file=path) from None
        return False
    return True


class Warehouse:
    """Opens the warehouse once per process and run; steps of one run share the connection, one at a time.

    Attributes:
        workspace: the workspace whose warehouse it is.
        run_id: the build's name.
        is_fresh: whether the build begins with an empty database.
        on_step: called with the name of each step that begins.
        failure: the first exception that a step raised.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        run_id: str | None = None,
        is_fresh: bool = False,
        on_step: Callable[[str], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.run_id = run_id or new_run_id()
        self.is_fresh = is_fresh
        self.on_step = on_step
        self.failure: BaseException | None = None
        self.turn = threading.Lock()
        self._build: Build | None = None
        self._lock = FileLock(workspace.root / LOCK, timeout=0)

    def build(self) -> Build:
        """The shared state of the build; opens the warehouse at the first call.

        Errors: UnusableInput when the workspace cannot be written or another build holds it.
        """
        if self._build is None:
            self._acquire()
            if self.is_fresh or not is_whole(self.workspace.warehouse):
                self._clear()
            settings = self.workspace.engine
            engine = DuckDBEngine(self.workspace.warehouse, settings)
            try:
                models = open_models(engine, settings, self.workspace.root)
            except BaseException:
                engine.close()
                raise
            self._build = Build(engine, self.workspace, self.run_id, models)
        return self._build

    @property
    def is_held(self) -> bool:
        """Whether this build, and no other, holds the workspace."""
        return self._lock.is_locked

    def _acquire(self) -> None:
        root = self.workspace.root
        if not os.access(root, os.W_OK):
            raise UnusableInput("the workspace cannot be written", file=root)
        try:
            self._lock.acquire()
        except Timeout:
            raise UnusableInput(
                "another build of this workspace is running; try again when it has ended", file=root
            ) from None
        except OSError as error:
            raise UnusableInput(f"the workspace cannot be written ({error.strerror})", file=root) from None

    def _clear(self) -> None:
        path = self.workspace.warehouse
        for old in (path, path.with_name(path.name + ".wal")):
            old.unlink(missing_ok=True)
        shutil.rmtree(path.with_suffix(".spill"), ignore_errors=True)

    def close(self) -> None:
        """Closes the connection and lets the next build in."""
        if self._build is not None:
            self._build.models.close()
            self._build.engine.close()
            self._build = None
        if self._lock.is_locked:
            self._lock.release()
