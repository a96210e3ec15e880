"""`python -m bench SIZES`: simulates a workspace of each size once, then times a build of it and its two peers.

The peers are plain scripts that read the same feeds and produce the same five tables; they keep no lineage, quarantine
nothing, check nothing and publish nothing. All run one after the other, each in a process of its own, after the feeds
were read once so that none of them pays for a cold disk.
"""

import argparse
import shutil
import sys
from pathlib import Path

from bench.compare import differences, published_tables
from bench.measure import CommandFailed, Measured, measure
from bench.results import KEYS

WORK = Path(__file__).resolve().parent / "work"
SEED = 7
BUILD, PLAIN, PANDAS = "dockledger build", "plain DuckDB script", "pandas + pm4py script"
PEERS = {PLAIN: "bench.plain_duckdb", PANDAS: "bench.pandas_pm4py"}
MIB = 1024 * 1024


def simulate(size: int) -> Path:
    """The workspace of `size` events; made when it is not there yet."""
    workspace = WORK / f"three-dc-{size}"
    if not (workspace / "dockledger.yaml").exists():
        shutil.rmtree(workspace, ignore_errors=True)
        arguments = ["simulate", "three-dc", "--out", str(workspace), "--events", str(size), "--seed", str(SEED)]
        took = measure([sys.executable, "-m", "pipelines.cli", *arguments], WORK / "simulate.log")
        print(f"simulated {size:,} events in {took.wall_s:.0f} s", flush=True)
    return workspace


def read_once(workspace: Path) -> int:
    """Reads every feed file, so that all that follow find them in memory; the number of bytes."""
    return sum(len(path.read_bytes()) for path in sorted((workspace / "feeds").rglob("*")) if path.is_file())


def run(name: str, workspace: Path, out: Path) -> Measured:
    """Times one contender; its result tables are in `out` afterwards."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    log = out / "log.txt"
    if name in PEERS:
        return measure([sys.executable, "-m", PEERS[name], str(workspace), str(out)], log)
    shutil.rmtree(workspace / "published", ignore_errors=True)
    (workspace / "warehouse.duckdb").unlink(missing_ok=True)
    took = measure([sys.executable, "-m", "pipelines.cli", "build", str(workspace), "--quiet"], log)
    published_tables(workspace, out)
    return took


def show(size: int, feed_bytes: int, measured: dict[str, Measured]) -> None:
    """Prints one size's table."""
    print(f"\n{size:,} events, {feed_bytes / MIB:,.0f} MiB of feeds")
    print(f"{'':24}{'wall s':>9}{'cpu s':>9}{'events/s':>12}{'peak MiB':>10}{'build is':>20}")
    build = measured[BUILD]
    for name, took in measured.items():
        ratio = took.wall_s / build.wall_s
        words = "" if name == BUILD else f"{ratio:.1f}x faster" if ratio > 1 else f"{1 / ratio:.1f}x slower"
        rate = size / took.wall_s
        print(f"{name:24}{took.wall_s:9.1f}{took.cpu_s:9.1f}{rate:12,.0f}{took.peak_bytes / MIB:10,.0f}{words:>20}")


def bench(size: int, contenders: list[str]) -> list[str]:
    """One size: times all, prints the table, returns where results differ."""
    workspace = simulate(size)
    feed_bytes = read_once(workspace)
    outs = {name: WORK / f"results-{size}" / name.split()[0] for name in contenders}
    measured = {name: run(name, workspace, outs[name]) for name in contenders}
    show(size, feed_bytes, measured)
    apart = []
    for peer in contenders[1:]:
        found = [line for table in KEYS for line in differences(outs[BUILD], outs[peer], table)]
        print(f"{peer}: {'all five tables agree with the build' if not found else f'{len(found)} values differ'}")
        apart += [f"{peer}: {line}" for line in found]
    return apart


def main() -> int:
    """Benches all sizes; exit code 1 where a peer's results differ from the build's."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sizes", type=int, nargs="+", help="numbers of simulated events")
    parser.add_argument("--without-pandas", action="store_true", help="leave out the slowest peer")
    arguments = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    contenders = [BUILD, PLAIN] if arguments.without_pandas else [BUILD, PLAIN, PANDAS]
    try:
        apart = [line for size in arguments.sizes for line in bench(size, contenders)]
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 2
    for line in apart[:40]:
        print(line)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
