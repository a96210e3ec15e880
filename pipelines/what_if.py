"""The schedules that what-if replays interfaces with: the standing ones, and those of a workspace."""

from pathlib import Path

import polars as pl

from pipelines.errors import UnusableInput
from pipelines.policy import OtherRuns, minutes_of
from pipelines.workspace import CONFIG_NAME, Workspace

# What the replay itself calls schedules: what happened, and the check that what happened can be replayed.
_TAKEN = ("measured", "unchanged")


def what_if_tables(workspace: Workspace, standing: Path) -> dict[str, pl.DataFrame]:
    """Name of a table of schema `reference` -> its rows: the schedules in their order, and the runs of given times.

    Args:
        standing: CSV of the schedules that every workspace has.

    Errors: UnusableInput for a name that is given twice.
    """
    schedules = pl.read_csv(standing)
    taken = [*_TAKEN, *schedules["schedule"]]
    for own in workspace.what_if:
        if own.name in taken:
            raise UnusableInput(f"what_if: there is a schedule '{own.name}' already", file=CONFIG_NAME)
        taken.append(own.name)
    rows = [_schedule(own, schedules.height + place) for place, own in enumerate(workspace.what_if, start=1)]
    more = pl.DataFrame(rows, schema=schedules.schema, orient="row")
    runs = [(own.name, minute) for own in workspace.what_if for minute in sorted({minutes_of(t) for t in own.at or []})]
    return {
        "what_if_schedule": pl.concat([schedules, more]),
        "what_if_run": pl.DataFrame(runs, schema={"schedule": pl.String, "run_minute": pl.Int64}, orient="row"),
    }


def _schedule(own: OtherRuns, place: int) -> tuple[str, str, int, str, int | None]:
    """A schedule of a workspace as a row; without a title it is called by its runs."""
    if own.at is not None:
        return own.name, own.title or "At " + ", ".join(sorted(set(own.at))), place, "hours", None
    return own.name, own.title or f"Every {own.every_minutes} minutes", place, "interval", own.every_minutes
