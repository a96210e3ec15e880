"""`python -m bench.incremental SIZES [--day YYYY-MM-DD]`: one more day on top of histories, beside full builds of them.

One simulated year; a history of a size is its last days, as many as hold that share of the year's bytes, so that the
day on top is the same for all. A full build of the history first, then the build that reads the day's files. Parts are
those of `bench.timed_build`; the events stated are those that the build holds.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.__main__ import SEED, WORK
from bench.measure import measure

DAYS = 365
DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
MEASURED = ("landing", "canonical", "matching")


def year(size: int) -> Path:
    """The workspace of a year with `size` events; made when it is not there yet."""
    workspace = WORK / f"year-{size}"
    if not (workspace / "dockledger.yaml").exists():
        shutil.rmtree(workspace, ignore_errors=True)
        arguments = ["simulate", "three-dc", "--out", str(workspace), "--events", str(size), "--seed", str(SEED)]
        measure([sys.executable, "-m", "pipelines.cli", *arguments, "--days", str(DAYS)], WORK / "simulate.log")
    return workspace


def day_of(file: Path) -> date:
    """The day that a simulated file's name states."""
    stated = DAY.search(file.name)
    assert stated, file
    return date(*map(int, stated.groups()))


def bytes_by_day(source: Path) -> dict[date, int]:
    """Bytes of the feeds' files of each day, in the days' order."""
    found: Counter[date] = Counter()
    for file in (source / "feeds").rglob("*"):
        if file.is_file():
            found[day_of(file)] += file.stat().st_size
    return dict(sorted(found.items()))


def last_whole_day(sizes: dict[date, int]) -> date:
    """The last day with half of what is usual: the last files of a simulation only post what is left."""
    return max(day for day, size in sizes.items() if size >= median(sizes.values()) / 2)


def first_day(sizes: dict[date, int], end: date, share: float) -> date:
    """The latest day from which the days before `end` hold that share of all bytes; else the first of all."""
    held = 0
    for day in sorted((day for day in sizes if day < end), reverse=True):
        held += sizes[day]
        if held >= share * sum(sizes.values()):
            return day
    return min(sizes)


def history(source: Path, folder: Path, first: date, last: date) -> None:
    """Links the files of some days, `last` left out, into a workspace of their own, evaluated at its newest instant."""
    if not (folder / "dockledger.yaml").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("feeds", "published", "warehouse*", "truth*"))
        settings = (source / "dockledger.yaml").read_text()
        (folder / "dockledger.yaml").write_text(re.sub(r"(?m)^as_of: .*\n", "", settings))
    for file in (source / "feeds").rglob("*"):
        if file.is_file() and first <= day_of(file) < last:
            to = folder / file.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            if not to.exists():
                os.link(file, to)


def build(folder: Path, *flags: str) -> dict[str, Any]:
    """One build in a process of its own."""
    command = [sys.executable, "-m", "bench.timed_build", str(folder), *flags]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def bench(size: int, largest: int, day_on_top: date | None) -> list[Any]:
    """One line of the table: (history, full s, day s, ratio, then what the day took by part)."""
    source, folder = year(largest), WORK / f"history-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    sizes = bytes_by_day(source)
    last = day_on_top or last_whole_day(sizes)
    history(source, folder, first_day(sizes, last, size / largest), last)
    full = build(folder, "--full")
    history(source, folder, last, last + timedelta(days=1))
    day = build(folder)
    at_once, on_top = (sum(took["parts"][part][0] for part in MEASURED) for took in (full, day))
    shutil.rmtree(folder)
    parts = [day["parts"][part][0] for part in (*MEASURED, "marts", "publish", "close")]
    return [f"{full['events']:,}", at_once, on_top, on_top / at_once, *parts, day["peak_mib"]]


def main() -> None:
    """Prints one line a size."""
    parser = argparse.ArgumentParser(prog="python -m bench.incremental")
    parser.add_argument("sizes", type=int, nargs="+", help="events of the histories; the largest is the year's")
    parser.add_argument("--day", type=date.fromisoformat, help="the day on top, else the last whole one")
    arguments = parser.parse_args()
    sizes = sorted(arguments.sizes)
    print("history    full s   day s  ratio | landing canonical matching   marts publish   close  peak MiB", flush=True)
    for size in sizes:
        name, full, day, ratio, *parts, peak = bench(size, sizes[-1], arguments.day)
        told = " ".join(f"{part:7.2f}" for part in parts)
        print(f"{name:>10} {full:7.1f} {day:7.2f} {ratio:6.1%} | {told} {peak:8.0f}", flush=True)


if __name__ == "__main__":
    main()
