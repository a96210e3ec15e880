"""How fast events are made, before anything is written: `python -m pipelines.simulator.speed [events]`."""

import sys
import time

import click

from pipelines.simulator.faults import tell_faults
from pipelines.simulator.generate import generate
from pipelines.simulator.posting import post
from pipelines.simulator.scenario import load_scenario


def main() -> None:
    """Prints events a second for the making of events and postings."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    scenario = load_scenario("three-dc")
    begun = time.perf_counter()
    made = tell_faults(scenario, generate(scenario, events=events, seed=7, start=scenario.start), seed=7)
    generated = time.perf_counter()
    postings = post(scenario, made, seed=7)
    ended = time.perf_counter()
    click.echo(f"{events:,} events: {generated - begun:.2f} s; {len(postings):,} postings: {ended - generated:.2f} s")
    click.echo(f"{events / (ended - begun):,.0f} events/s")


if __name__ == "__main__":
    main()
