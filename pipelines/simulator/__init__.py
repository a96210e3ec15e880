"""Scenario -> a workspace: feeds as sites would send them, with labelled faults and the truth beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.errors import UnusableInput
from pipelines.simulator.faults import tell_faults
from pipelines.simulator.generate import generate
from pipelines.simulator.posting import post
from pipelines.simulator.scenario import load_scenario, scenario_names
from pipelines.simulator.shapes import Span
from pipelines.simulator.write import Writer

HOUR_S = 3600


@dataclass(frozen=True)
class Summary:
    """What a simulation came to.

    Attributes:
        days: from the first to the last event.
        files: files written per feed.
        as_of: the evaluation instant in the workspace.
    """

    scenario: str
    out: Path
    events: int
    postings: int
    counts: int
    days: float
    files: dict[str, int]
    as_of: datetime

    def __str__(self) -> str:
        return (
            f"{self.events:,} events over {self.days:.1f} days, {self.postings:,} postings and {self.counts:,} counts "
            f"in {sum(self.files.values()):,} files, as of {self.as_of:%Y-%m-%dT%H:%M:%SZ}"
        )


def simulate(
    scenario: str,
    out: Path,
    *,
    events: int,
    seed: int,
    start: date | None = None,
    days: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Summary:
    """Writes a simulated workspace into an empty or new folder; the same arguments write the same bytes.

    Args:
        scenario: name of a scenario.
        out: the folder.
        events: number of physical events, at least 1.
        seed: of all random draws, 0 or more.
        start: first day; the scenario's own by default.
        days: how many days the events cover; what the scenario says of their number by default.
        progress: is told each stage.

    Errors: UnusableInput for an unknown scenario, a folder that is not empty or cannot be written.
    """
    spec = load_scenario(scenario)
    tell = progress or (lambda _stage: None)
    if events < 1 or seed < 0:
        raise UnusableInput(f"events must be at least 1 and seed at least 0, not {events} and {seed}")
    if days is not None:
        span = Span(at_events=events, at_days=days, exponent=0, minimum_days=1)
        spec = spec.model_copy(update={"span": span})
    _prepare(out)
    tell(f"simulating {events:,} events")
    made = tell_faults(spec, generate(spec, events=events, seed=seed, start=start or spec.start), seed)
    postings = post(spec, made, seed)
    recorded = made.events["recorded_at"].to_numpy()
    as_of = -(-int(recorded.max()) // HOUR_S) * HOUR_S + spec.as_of_hours * HOUR_S
    try:
        writer = Writer(spec, made, postings, seed=seed, as_of=as_of, out=out)
        writer.write(tell)
    except OSError as error:
        raise UnusableInput(f"the workspace cannot be written ({error.strerror or error})", file=out) from None
    times = made.events["event_time"].to_numpy()
    return Summary(
        scenario=scenario,
        out=out,
        events=len(made.events),
        postings=len(postings),
        counts=len(made.counts),
        days=float(times[-1] - times[0]) / 86400,
        files=writer.files,
        as_of=datetime.fromtimestamp(as_of, tz=UTC),
    )


def _prepare(out: Path) -> None:
    """Makes the folder, or refuses one that holds something."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        is_empty = not any(out.iterdir())
    except OSError as error:
        raise UnusableInput(f"the folder cannot be used ({error.strerror or error})", file=out) from None
    if not is_empty:
        raise UnusableInput("the folder is not empty; give a new one", file=out)


__all__ = ["Summary", "scenario_names", "simulate"]
