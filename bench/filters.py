"""`python -m bench.filters EVENTS...`: what the models of `transforms/filtered/` take over that many published events.

The tables are made in SQL: ten thousand variants of three to nine steps, twelve facilities, a year. Each choice is
run three times, with a cursor of its own as a page has it; the graph of a choice is held against one that is counted
from the rows of its edges.
"""

import argparse
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.__main__ import WORK
from dashboards.reader import Reader, open_reader
from dashboards.selection import Selection

VARIANTS, STEPS, RUNS = 10_000, 6, 3
AIM_S, AIM_EVENTS = 0.5, 10_000_000
APRIL, JULY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
CHOICES = {
    "all cases": Selection("p"),
    "a facility in a quarter": Selection("p", facilities=["F03"], from_at=APRIL, to_at=JULY, time_basis="within"),
    "a path": Selection("p", eventually=[("a1", "a7")], avoids=["a3"]),
    "two facilities, slow": Selection("p", facilities=["F01", "F02"], min_duration_s=20_000),
    "a supplier": Selection("p", suppliers=["S7"]),
}
TABLES = Path(__file__).with_suffix(".sql")


def published(events: int) -> Path:
    """The folder of a published file of that many events."""
    folder = WORK / f"filters-{events}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "published").mkdir(parents=True)
    with duckdb.connect(str(folder / "published" / "run.duckdb")) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(TABLES.read_text(encoding="utf-8").format(variants=VARIANTS, cases=events // STEPS))
        made = con.execute("SELECT sum(events_count), count(*) FROM marts.process_cases").fetchall()[0]
    size = (folder / "published" / "run.duckdb").stat().st_size / 1024**2
    print(f"\n{made[0]:,} events of {made[1]:,} cases, {VARIANTS:,} variants; published file {size:,.0f} MiB")
    (folder / "published" / "CURRENT").write_text("run.duckdb\n")
    return folder


def best_s(folder: Path, name: str, **sides: Selection) -> float:
    """Seconds that a model takes over one or two choices; the best of some runs, each with a reader of its own."""
    took = []
    for _ in range(RUNS):
        reader = open_reader(folder)  # a reader keeps its answers for as long as its view lives
        started = time.perf_counter()
        reader.filtered(name, **sides)
        took.append(time.perf_counter() - started)
    return min(took)


def check(reader: Reader, chosen: Selection) -> int:
    """How many cases are chosen; the graph of them has as many edges between activities as they have rows of edges."""
    graph = reader.filtered("filtered_edges", a=chosen).drop_nulls(["from_activity", "to_activity"])
    rows = reader.filtered("filtered_performance", a=chosen)
    columns = ["from_activity", "to_activity", "edges_count"]
    assert sorted(graph.select(columns).rows()) == sorted(rows.select(columns).rows())
    return int(reader.filtered("filtered_variants", a=chosen)["cases_count"].sum())


def main() -> None:
    """Prints what each choice takes at each size, and whether the aim is met."""
    parser = argparse.ArgumentParser(prog="python -m bench.filters")
    parser.add_argument("sizes", type=int, nargs="+", help="events")
    for events in parser.parse_args().sizes:
        folder, worst = published(events), 0.0
        for words, chosen in CHOICES.items():
            cases = check(open_reader(folder), chosen)
            graph = best_s(folder, "filtered_edges", a=chosen)
            durations = best_s(folder, "filtered_performance", a=chosen)
            compared = best_s(folder, "compared_edges", a=chosen, b=Selection("p"))
            worst = max(worst, graph)
            print(
                f"  {words:26}{cases:12,} cases: graph {graph:.2f} s, durations {durations:.2f} s, "
                f"compared {compared:.2f} s"
            )
        if events >= AIM_EVENTS:
            print(f"DFG after a filter: {worst:.2f} s at worst, aim {AIM_S} s: {'met' if worst < AIM_S else 'missed'}")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
