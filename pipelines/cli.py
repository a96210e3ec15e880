"""The `dockledger` command. Each command imports what it needs, so that `query` starts in a moment."""

import gc
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from pipelines.errors import BuildStopped, ChecksFailed, UnusableInput
from transforms.errors import BadModel

WORKSPACE = click.argument("workspace", type=click.Path(path_type=Path))
DAY = click.DateTime(["%Y-%m-%d"])
LOG_FORMS = ["ocel-json", "ocel-xml", "ocel-sqlite", "xes"]
MODEL_FORMS = ["bpmn", "pnml", "svg"]


class _Commands(click.Group):
    """Turns the ways a run can end badly into one sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (UnusableInput, BadModel) as error:
            click.echo(f"dockledger: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            raise  # whoever reads has seen enough, as with `| head`; click ends in silence
        except ChecksFailed as error:
            click.echo(f"dockledger: {error}", err=True)
            ctx.exit(1)
        except BuildStopped as error:
            click.echo(f"dockledger: {error}", err=True)
            ctx.exit(130)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"dockledger: {where}{error.strerror or error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dockledger")
def main() -> None:
    """Measures how long, how completely and how faithfully warehouse events become ERP postings."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Makes a workspace: a commented dockledger.yaml and folders for its feeds."""
    from pipelines.scaffold import make_workspace

    make_workspace(folder)
    click.echo(f"{folder}: put your files into {folder / 'feeds'}, then run `dockledger check {folder}`")


@main.command()
@WORKSPACE
def check(workspace: Path) -> None:
    """Reads every feed and reports what it finds; writes nothing."""
    from pipelines.check import report
    from pipelines.workspace import load_workspace

    for line in report(load_workspace(workspace)):
        click.echo(line)


@main.command()
@WORKSPACE
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--full", is_flag=True, help="Read every file again, also those that have not changed.")
def build(workspace: Path, quiet: bool, full: bool) -> None:
    """Reads what is new, builds all figures, checks them and publishes them."""
    run_id = _build(workspace, quiet, full)
    click.echo(f"published {workspace / 'published' / (run_id + '.duckdb')}")


@main.command()
@WORKSPACE
@click.option("--quiet", is_flag=True, help="Show no progress.")
def replay(workspace: Path, quiet: bool) -> None:
    """Builds after a mapping was mended, and says what became of the quarantined rows."""
    from pipelines.read import published_file

    published_file(workspace)
    run_id = _build(workspace, quiet, full=False)
    from pipelines.history import account

    for line in account(workspace, run_id):
        click.echo(line)


def _build(workspace: Path, quiet: bool, full: bool) -> str:
    """Builds and publishes; tells what is quarantined and the warnings on stderr. Returns the run id."""
    from pipelines.workspace import load_workspace

    # What is imported makes millions of objects and no garbage: to look for it takes a third of a small build.
    gc.disable()
    click.get_current_context().call_on_close(gc.enable)
    configuration = load_workspace(workspace)  # a wrong setting is told before anything heavy is imported
    from pipelines.check import quarantine_lines
    from pipelines.defs.build import run_build

    result = run_build(configuration, None if quiet else _progress(), is_full=full)
    for line in quarantine_lines(workspace):
        click.echo(line, err=True)
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    return result.run_id


def _progress() -> Callable[[str, int], None]:
    done = [0]

    def show(name: str, count: int) -> None:
        done[0] += 1
        line = f"[{done[0]:>3}/{count}] {name}"
        click.echo(
            f"\r{line:<60}" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty() or done[0] == count
        )

    return show


@main.command()
@WORKSPACE
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8501,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
def serve(workspace: Path, port: int) -> None:
    """Serves the dashboard of a workspace on this machine only."""
    from pipelines.serve import run_dashboard
    from pipelines.workspace import load_workspace

    load_workspace(workspace)
    run_dashboard(workspace, port, click.echo)


@main.command()
@WORKSPACE
def status(workspace: Path) -> None:
    """Says what is published, up to which instant, and how the latest build ended."""
    from pipelines.read import status_lines

    for line in status_lines(workspace):
        click.echo(line)


@main.command()
@WORKSPACE
@click.argument("sql")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def query(workspace: Path, sql: str, shape: str) -> None:
    """Answers SQL from what is published, read-only. Schema `marts` holds the measures."""
    from pipelines.read import answer

    click.echo(answer(workspace, sql, shape), nl=False)


@main.command()
@WORKSPACE
@click.option("--feed", help="Only rows of this feed.")
@click.option("--reason", help="Only rows with this reason, such as 'unknown item'.")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), help="List at most so many rows; all are counted.")
def quarantine(workspace: Path, feed: str | None, reason: str | None, shape: str, limit: int | None) -> None:
    """Lists the rows that the published build could not use, with file, row, reason and raw content."""
    from pipelines.quarantine import listing

    rows, summary = listing(workspace, feed=feed, reason=reason, shape=shape, limit=limit)
    click.echo(rows, nl=False)
    click.echo(summary, err=True)


@main.command()
@WORKSPACE
@click.option("--to", "form", type=click.Choice(LOG_FORMS + MODEL_FORMS), required=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file; one that is there is replaced.")
@click.option("--process", help="Only cases of this process; the process of a model.")
@click.option("--facility", help="Only cases that are told at this facility.")
@click.option("--since", type=DAY, help="Only cases that begin on this day (UTC) or later.")
@click.option("--until", type=DAY, help="Only cases that begin before this day (UTC).")
@click.option("--with-actors", is_flag=True, help="Say who did it, too; this may name persons.")
@click.option("--discovered", is_flag=True, help="The model of what a facility does, not of what it is meant to do.")
def export(workspace: Path, form: str, out: Path, discovered: bool, **asked: Any) -> None:
    """Writes the published build for other tools: its events as OCEL 2.0 or XES, or a process model."""
    from pipelines.exports.choice import Choice
    from pipelines.workspace import load_workspace

    since, until = (asked[end].date() if asked[end] else None for end in ("since", "until"))
    choice = Choice(asked["process"], asked["facility"], since, until, asked["with_actors"])
    configuration = load_workspace(workspace)
    if form in MODEL_FORMS:
        from pipelines.exports.process_model import export_model

        told = export_model(configuration, form, out, choice, is_discovered=discovered)
    else:
        from pipelines.exports.export import export_log

        if discovered:
            raise UnusableInput("--discovered is for models, not for event logs")
        told = export_log(configuration, form, out, choice)
    click.echo(f"{out}: {told}")


@main.command()
@click.argument("name", required=False)
@click.option("--workspace", type=click.Path(path_type=Path), help="Say the targets that this workspace sets.")
def metrics(name: str | None, workspace: Path | None) -> None:
    """Lists the measures and rules; with a NAME, its definition, edge rules, lineage, worked example and SQL."""
    from pipelines.catalogue import describe, listing
    from pipelines.targets import workspace_targets
    from pipelines.workspace import load_workspace

    targets = workspace_targets(load_workspace(workspace)) if workspace else None
    click.echo(describe(name, targets) if name else listing())


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail where a page is out of date.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("docs"), show_default=True)
def docs(only_check: bool, out: Path) -> None:
    """Writes the generated pages of the documentation."""
    from pipelines.generated_pages import stale_pages, write_pages

    if not only_check:
        click.echo(f"{write_pages(out)} pages written")
        return
    stale = stale_pages(out)
    if stale:
        raise UnusableInput(f"generated pages are out of date ({', '.join(stale)}); run `dockledger docs`")


@main.command()
@click.argument("scenario")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to make; must be empty or absent.")
@click.option(
    "--events", type=click.IntRange(min=100), default=50_000, show_default=True, help="About how many floor events."
)
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Equal seeds give equal files.")
@click.option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), default=None, help="First day; the scenario's own where absent."
)
@click.option("--days", type=click.IntRange(min=1), default=None, help="Days they cover; else the scenario's.")
def simulate(scenario: str, out: Path, events: int, seed: int, start: datetime | None, days: int | None) -> None:
    """Makes a workspace as real sites would send it, with labelled faults, from a SCENARIO such as three-dc."""
    from pipelines.simulator import simulate as run_scenario

    first: date | None = start.date() if start else None
    summary = run_scenario(scenario, out, events=events, seed=seed, start=first, days=days)
    click.echo(f"{out}: {summary}")


if __name__ == "__main__":
    main()
