"""`python -m bench.timed_build WORKSPACE [--full]`: builds without Dagster and prints what each part took, as JSON.

Parts: landing, canonical, matching, marts (all other models and what reads the feeds' settings), publish, close (what
the engine writes at the end). With `--steps`, each step on its own as well. `events` is how many the build holds.
"""

import gc
import json
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path

from pipelines.defs.warehouse import Warehouse
from pipelines.steps import build_steps
from pipelines.workspace import load_workspace

PART = {"landing": "landing", "canonical": "canonical", "matching": "matching", "publish": "publish"}


def timed_build(folder: Path, *, is_full: bool) -> tuple[dict[str, list[float]], dict[str, list[float]], int]:
    """Wall and processor seconds by part, and by step; and the number of canonical events.

    Errors: AssertionError where a blocking check fails.
    """
    gc.disable()  # as `dockledger build` does
    took: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    steps: dict[str, list[float]] = {}
    warehouse = Warehouse(load_workspace(folder), is_fresh=is_full)

    def add(part: str, started: tuple[float, float]) -> None:
        took[part][0] += time.perf_counter() - started[0]
        took[part][1] += time.process_time() - started[1]

    try:
        build = warehouse.build()
        for step in build_steps(build.workspace):
            started = (time.perf_counter(), time.process_time())
            outcome = step.run(build)
            assert all(f.passed or not f.is_blocking for f in outcome.findings), step.name
            steps[step.name] = [time.perf_counter() - started[0], time.process_time() - started[1]]
            add(PART.get(step.group, "marts"), started)
        events = int(build.engine.value("SELECT count(*) FROM canonical.inventory_event"))
    finally:
        started = (time.perf_counter(), time.process_time())
        warehouse.close()
        add("close", started)
    return dict(took), steps, events


if __name__ == "__main__":
    parts, by_step, events = timed_build(Path(sys.argv[1]), is_full="--full" in sys.argv)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"steps": by_step} if "--steps" in sys.argv else {}
    print(json.dumps({"parts": parts, "peak_mib": peak, "events": events} | told))
