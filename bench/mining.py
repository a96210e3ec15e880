"""`python -m bench.mining SIZES`: process mining in the engine beside pm4py on pandas and r4pm, on one made-up log.

Each contender runs in a process of its own, one after the other, and reads the same Parquet file of rows in random
order; every step is timed inside it, its peak memory from outside. pm4py aligns a sample of at most 500 variants, every
nth of them in alphabetical order; its time for all is that of the sample times all / sampled, marked with ~.
"""

import argparse
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.__main__ import MIB, WORK
from bench.measure import CommandFailed, measure
from bench.mining_contenders import CONTENDERS
from bench.mining_log import make

STEPS = ("load and sort", "DFG", "variants", "cases", "conformance", "DFG after a filter")
TITLES = {"dockledger": "Dockledger (DuckDB)", "pandas": "pm4py (pandas)", "r4pm": "r4pm (polars)"}
AIMS = {"DFG": 10, "variants": 5, "conformance": 20}
FILTER_AIM_S, FILTER_AIM_EVENTS = 0.5, 10_000_000
PEAK_AIM_GIB = 4


@dataclass(frozen=True)
class Told:
    """What a contender came to: seconds of each step, what it found, its peak memory in bytes."""

    took: dict[str, float]
    facts: dict[str, Any]
    peak_bytes: int

    @property
    def is_extrapolated(self) -> bool:
        """Whether only a sample of the variants was aligned."""
        return "sampled" in self.facts


def run(name: str, log: Path, folder: Path) -> Told:
    """Runs a contender; its alignments of a sample are extrapolated to all variants."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-W", "ignore", "-m", "bench.mining_contenders", name, str(log), str(folder)]
    measured = measure(command, folder / "log.txt")
    facts = json.loads((folder / "result.json").read_text())
    took = facts.pop("took")
    if "sampled" in facts:
        took["conformance"] *= facts["variants_count"] / facts["sampled"]
    return Told(took, facts, measured.peak_bytes)


def differences(ours: Told, theirs: Told) -> list[str]:
    """What two contenders do not agree on."""
    found = [
        f"{what} differs" for what in ("dfg", "filtered", "variants_count") if ours.facts[what] != theirs.facts[what]
    ]
    known = ours.facts["costs"]
    apart = [variant for variant, cost in theirs.facts["costs"].items() if known[variant] != cost]
    return found + [f"{len(apart)} of {len(theirs.facts['costs'])} costs differ, such as of {v}" for v in apart[:1]]


def show(events: int, told: dict[str, Told]) -> None:
    """Prints the table of a size; ratios are pm4py's time over the contender's."""
    ours, peer = told["dockledger"], told.get("pandas")
    print(f"\n{events:,} events, {ours.facts['variants_count']:,} variants, mean fitness {ours.facts['fitness']:.4f}")
    print(f"{'seconds':22}" + "".join(f"{TITLES[name]:>28}" for name in told))
    for step in STEPS:
        cells = []
        for each in told.values():
            if step not in each.took:
                cells.append("-")
                continue
            mark = "~" if step == "conformance" and each.is_extrapolated else ""
            times = (
                f" ({peer.took[step] / each.took[step]:,.1f}x)"
                if peer and each is not peer and step in peer.took
                else ""
            )
            cells.append(f"{mark}{each.took[step]:,.3f}{times}")
        print(f"{step:22}" + "".join(f"{cell:>28}" for cell in cells))
    print(f"{'peak MiB':22}" + "".join(f"{each.peak_bytes / MIB:>28,.0f}" for each in told.values()))


def aims(events: int, told: dict[str, Told]) -> None:
    """Prints what was aimed at, and whether it was met."""
    ours, peer = told["dockledger"], told.get("pandas")
    if peer:
        for step, least in AIMS.items():
            ratio = peer.took[step] / ours.took[step]
            print(f"{step}: {ratio:.1f}x pm4py, aim {least}x: {'met' if ratio >= least else 'missed'}")
    if events >= FILTER_AIM_EVENTS * 0.99:
        took, peak = ours.took["DFG after a filter"], ours.peak_bytes / 1024**3
        print(f"DFG after a filter: {took:.2f} s, aim {FILTER_AIM_S} s: {'met' if took < FILTER_AIM_S else 'missed'}")
        print(f"peak: {peak:.1f} GiB, aim {PEAK_AIM_GIB} GiB: {'met' if peak <= PEAK_AIM_GIB else 'missed'}")
    if not ours.facts["exact"]:
        print("some variants were beyond the work limit: their moves are not known")


def bench(size: int, contenders: list[str]) -> list[str]:
    """One size: times all, prints the table, returns where results differ."""
    log = WORK / f"mining-{size}.parquet"
    events = make(log, size)
    told = {name: run(name, log, WORK / f"mining-{size}" / name) for name in contenders}
    show(events, told)
    aims(events, told)
    apart = [
        f"{TITLES[name]}: {line}" for name in contenders[1:] for line in differences(told["dockledger"], told[name])
    ]
    print("all agree on graphs, variants and costs" if not apart else f"{len(apart)} differences")
    shutil.rmtree(WORK / f"mining-{size}")
    log.unlink()
    return apart


def main() -> int:
    """Benches all sizes; exit code 1 where results differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.mining")
    parser.add_argument("sizes", type=int, nargs="+", help="numbers of events, about")
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), help="with dockledger, the contenders to run")
    arguments = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    contenders = [name for name in CONTENDERS if name == "dockledger" or name in (arguments.only or CONTENDERS)]
    try:
        apart = [line for size in arguments.sizes for line in bench(size, contenders)]
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 2
    for line in apart:
        print(line)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
