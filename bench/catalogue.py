"""`python -m bench.catalogue SIZES`: what every measure and rule costs, beside plain scans of the canonical rows.

A history of each size as in `bench.incremental`, built in full; the events stated are those that the build holds. The
catalogue is every SQL model but those of matching, and mining; what measures and rules need is told apart from mining,
causes, objects and what-if. The raw scan reads every column of every canonical row once. Every SQL model that costs
more than one percent of the catalogue then runs beside SQL tuned by hand (`bench.tuned_sql`); the tables of both must
be equal.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.__main__ import WORK
from bench.incremental import build, bytes_by_day, first_day, history, last_whole_day, year
from bench.tuned_sql import compared, tuned_models
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.workspace import load_workspace
from transforms.contracts import FEED_TABLES
from transforms.spec import models

SHOWN = 15
RUNS = 3
SHARE = 0.01
BOUND = 3


def is_of_catalogue(step: str) -> bool:
    """Whether a step makes measures or rules, or what they share."""
    return step.split("/", maxsplit=1)[0] in ("shared", "process", "rules", "marts")


def needed_by_measures() -> set[str]:
    """Tables of measures and rules and what these need: all that stand without process cases and without what-if."""
    known = models()
    mined = {table for table, model in known.items() if model.folder == "process" or model.name.startswith("what_if_")}
    while more := {table for table, model in known.items() if mined & set(model.inputs)} - mined:
        mined |= more
    wanted = {table for table, model in known.items() if model.folder in ("metrics", "rules")} - mined
    while more := {table for name in wanted for table in known[name].inputs if table in known} - wanted:
        wanted |= more
    return wanted


def raw_scan_s(folder: Path) -> float:
    """Seconds in which every column of every canonical row of a built workspace is read; the best of some runs."""
    engine = DuckDBEngine(folder / "warehouse.duckdb", load_workspace(folder).engine)
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for table in FEED_TABLES:
            engine.rows(f"SELECT bit_xor(hash(t)) FROM canonical.{table} t")
        took.append(time.perf_counter() - started)
    engine.close()
    return min(took)


def in_process(*arguments: str) -> Any:
    """What this module prints as JSON when it runs in a process of its own."""
    command = [sys.executable, "-m", "bench.catalogue", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def show_tuned(folder: Path, steps: dict[str, list[float]], total: float) -> None:
    """Prints the models that cost more than `SHARE` beside their tuned SQL, the worst ratio first."""
    costly = [name.split("/")[1] for name, took in steps.items() if took[0] > SHARE * total and _is_model(name)]
    without = [name for name in costly if name not in tuned_models()]
    found: dict[str, tuple[float, float]] = in_process("--tuned", str(folder), *sorted(set(costly) - set(without)))
    print(
        f"  {len(found)} models above {SHARE:.0%}, equal to their tuned SQL:{'model s':>10}{'tuned s':>9}{'ratio':>7}"
    )
    for name, (ours, theirs) in sorted(found.items(), key=lambda item: -item[1][0] / item[1][1]):
        over = f"  above {BOUND}x" if ours > BOUND * theirs else ""
        print(f"  {name:46}{ours:10.3f}{theirs:9.3f}{ours / theirs:6.1f}x{over}")
    print(f"  above {SHARE:.0%} without tuned SQL: {', '.join(without) or 'none'}", flush=True)


def _is_model(step: str) -> bool:
    """Whether a step makes the table of a SQL model; what a view costs, its readers pay."""
    table = step.replace("/", ".")
    return table in models() and models()[table].header.storage == "table"


def bench(size: int, largest: int, *, is_tuned: bool) -> tuple[int, dict[str, float]]:
    """Prints one size's table, beside tuned SQL where wanted; returns events and the seconds of whole and parts."""
    source, folder = year(largest), WORK / f"catalogue-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    sizes = bytes_by_day(source)
    end = last_whole_day(sizes) + timedelta(days=1)
    history(source, folder, first_day(sizes, end, size / largest), end)
    made = build(folder, "--full", "--steps")
    steps = {name: took for name, took in made["steps"].items() if is_of_catalogue(name)}
    print(f"\n{made['events']:,} events, peak of the build {made['peak_mib']:,.0f} MiB")
    seconds = show_steps(steps) | {"raw scan": in_process("--scan", str(folder))}
    print(f"  raw scan: {seconds['raw scan']:.1f} s", flush=True)
    if is_tuned:
        show_tuned(folder, steps, seconds["catalogue"])
    shutil.rmtree(folder)
    return made["events"], seconds


def show_steps(steps: dict[str, list[float]]) -> dict[str, float]:
    """Prints whole and parts of the catalogue and its dearest steps; returns the seconds of whole and parts."""
    wanted = needed_by_measures()
    of_measures = {name for name in steps if name.replace("/", ".") in wanted}
    parts = {"catalogue": set(steps), "measures and rules": of_measures, "mining to what-if": set(steps) - of_measures}
    seconds = {}
    for words, names in parts.items():
        wall, cpu = (sum(steps[name][place] for name in names) for place in (0, 1))
        print(f"  {words}: {len(names)} steps in {wall:.1f} s ({cpu:.1f} CPU s)")
        seconds[words] = wall
    for name, (wall, cpu) in sorted(steps.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"  {name:40}{wall:8.2f} s {cpu:8.2f} CPU s {wall / seconds['catalogue']:7.1%}")
    return seconds


def show_growth(before: tuple[int, dict[str, float]], after: tuple[int, dict[str, float]]) -> None:
    """Prints how many times the seconds of one size the next takes, beside n log n of their events."""
    (small, small_s), (large, large_s) = before, after
    bound = large * math.log(large) / (small * math.log(small))
    grown = ", ".join(f"{words} {large_s[words] / small_s[words]:.1f}x" for words in small_s)
    print(f"{small:,} to {large:,} events: {grown}; n log n would be {bound:.1f}x", flush=True)


def main() -> None:
    """Prints what the catalogue costs at each size, and how that grows."""
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue")
    parser.add_argument("sizes", type=int, nargs="*", help="events; the largest is the year's")
    parser.add_argument("--growth", action="store_true", help="the growth alone, without tuned SQL")
    parser.add_argument("--scan", type=Path, help="a built workspace, of which only the raw scan is timed")
    parser.add_argument(
        "--tuned", nargs="+", metavar=("WORKSPACE", "MODEL"), help="a built workspace and models to compare"
    )
    arguments = parser.parse_args()
    if arguments.scan or arguments.tuned:
        folder, *names = arguments.tuned or [arguments.scan]
        print(json.dumps(compared(Path(folder), names) if arguments.tuned else raw_scan_s(folder)))
        return
    sizes = sorted(arguments.sizes)
    found = [bench(size, sizes[-1], is_tuned=not arguments.growth) for size in sizes]
    for before, after in pairwise(found):
        show_growth(before, after)


if __name__ == "__main__":
    main()
