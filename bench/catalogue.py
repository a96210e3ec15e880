"""`python -m bench.catalogue SIZES`: what every measure and rule costs, beside plain scans of the canonical rows.

A history of each size as in `bench.incremental`, built in full. The catalogue is every SQL model but those of matching,
and mining. The raw scan reads every column of every canonical row once.
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

from bench.__main__ import WORK
from bench.incremental import DAYS, build, day_of, history, year
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.workspace import load_workspace
from transforms.contracts import FEED_TABLES

SHOWN = 15
RUNS = 3


def is_of_catalogue(step: str) -> bool:
    """Whether a step makes measures or rules, or what they share."""
    return step.split("/", maxsplit=1)[0] in ("shared", "process", "rules", "marts")


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


def bench(size: int, largest: int) -> tuple[int, float]:
    """Prints one size's table; returns size and seconds of the catalogue."""
    source, folder = year(largest), WORK / f"catalogue-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    last = sorted({day_of(file) for file in (source / "feeds" / "erp").iterdir()})[DAYS - 2]
    history(source, folder, last - timedelta(days=round(DAYS * size / largest)), last)
    made = build(folder, "--full", "--steps")
    steps = {name: took for name, took in made["steps"].items() if is_of_catalogue(name)}
    total, cpu_total = (sum(took[place] for took in steps.values()) for place in (0, 1))
    command = [sys.executable, "-m", "bench.catalogue", "--scan", str(folder)]
    scan_s = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"\n{size:,} events: {len(steps)} steps in {total:.1f} s ({cpu_total:.1f} CPU s), raw scan {scan_s:.1f} s")
    print(f"peak of the build {made['peak_mib']:,.0f} MiB")
    for name, (wall, cpu) in sorted(steps.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"  {name:40}{wall:8.2f} s {cpu:8.2f} CPU s {wall / total:7.1%}", flush=True)
    shutil.rmtree(folder)
    return size, total


def main() -> None:
    """Prints what the catalogue costs at each size, and how that grows."""
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue")
    parser.add_argument("sizes", type=int, nargs="*", help="events; the largest is the year's")
    parser.add_argument("--scan", type=Path, help="a built workspace, of which only the raw scan is timed")
    arguments = parser.parse_args()
    if arguments.scan:
        print(json.dumps(raw_scan_s(arguments.scan)))
        return
    sizes = sorted(arguments.sizes)
    found = [bench(size, sizes[-1]) for size in sizes]
    for (small, before), (large, after) in pairwise(found):
        bound = large * math.log(large) / (small * math.log(small))
        print(f"{small:,} to {large:,} events: {after / before:.1f}x the time; n log n would be {bound:.1f}x")


if __name__ == "__main__":
    main()
