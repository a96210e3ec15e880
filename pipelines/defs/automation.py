"""What starts a build by itself: the nightly schedule and the arrival of feed files."""

import hashlib

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines.feed_files import feed_files
from pipelines.workspace import Workspace

SENSOR_INTERVAL_S = 60


def build_job() -> UnresolvedAssetJobDefinition:
    """The whole line as one job; in-process, since there is one writer."""
    return dg.define_asset_job("build_job", selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)


def build_schedule(workspace: Workspace, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """The nightly build, at the workspace's cron and in its time zone."""
    return dg.ScheduleDefinition(
        name="nightly_build",
        job=job,
        cron_schedule=workspace.schedule.cron,
        execution_timezone=workspace.schedule.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def files_digest(workspace: Workspace) -> str:
    """A digest of the name, size and modification time of every feed file: it changes when something arrives."""
    seen = hashlib.sha256()
    for feed in workspace.feeds:
        for file in feed_files(workspace, feed):
            state = file.path.stat()
            seen.update(f"{feed.name}|{file.name}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def build_sensor(workspace: Workspace, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Asks for a build when feed files have arrived or changed since the last one asked for."""

    @dg.sensor(name="arrived_files", job=job, minimum_interval_seconds=SENSOR_INTERVAL_S)
    def arrived_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        digest = files_digest(workspace)
        if digest == context.cursor:
            return dg.SkipReason("no feed file has arrived or changed")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=digest)], cursor=digest)

    return arrived_files
