"""The Dagster instance of a build in this process: it keeps no log of events, which nobody reads and steps wait for.

What a run yields (materialisations, checks, failures) reaches its caller as it happens; only the copy in a database of
its own is left out. The schedule and the web server have instances of their own, which keep everything.
"""

from collections.abc import Sequence
from typing import Any

from dagster import AssetKey, DagsterInstance, EventRecordsResult
from dagster._core.events.log import EventLogEntry
from dagster._core.instance import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.event_log.base import AssetRecord
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage


class _NoEvents(InMemoryEventLogStorage):
    """A log that forgets.

    It is asked about every asset and check of a run, and need not look into a database before it says: nothing.
    """

    def store_event(self, event: EventLogEntry) -> None:
        """Keeps nothing."""

    def get_asset_records(self, asset_keys: Sequence[AssetKey] | None = None) -> Sequence[AssetRecord]:  # noqa: ARG002
        """No asset is known."""
        return []

    def fetch_observations(self, *_asked: Any, **_asked_by_name: Any) -> EventRecordsResult:
        """Nothing was observed."""
        return EventRecordsResult(records=[], cursor="", has_more=False)


def unlogged_instance() -> DagsterInstance:
    """What `DagsterInstance.ephemeral()` makes, but for the log of events (the minor release of Dagster is pinned)."""
    return DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=TemporaryLocalArtifactStorage(),  # type: ignore[no-untyped-call]
        run_storage=InMemoryRunStorage(),
        event_storage=_NoEvents(),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(),
        run_launcher=SyncInMemoryRunLauncher(),
    )
