"""What each contender does with the same log, step by step; run by `bench.mining`, each in a process of its own.

All answer: the directly-follows graph, the variants, the optimal alignment of every case with the model, and the graph
of the cases of one facility that lie in a quarter of the year. Imports are not timed; steps under a second are the best
of three. What only Dockledger makes, the table of cases with facility, ends and whether they are open, is a step apart.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from bench.mining_log import ACTIVITIES, model
from mining import ProcessSpec, process_activities
from mining.engine import align, libraries
from pipelines.engines.duckdb import DuckDBEngine
from pipelines.engines.settings import Engine
from transforms.contracts import CONTRACTS
from transforms.contracts.base import SQL_TYPE
from transforms.spec import models

SAMPLE = 500
FACILITY, FIRST, LAST = "F03", "2026-04-01", "2026-07-01"
Graph = dict[tuple[str, str], int]
# Cases are grouped by a hash of their steps, and the text of a variant is written once.
VARIANTS = """
WITH whole AS (
    SELECT case_no, bit_xor(hash_of(hash_of(activity, event_order), event_order)) AS trace_hash
    FROM process.case_event
    GROUP BY case_no
), counted AS (
    SELECT trace_hash, count(*) AS cases_count, min(case_no) AS case_no
    FROM whole
    GROUP BY trace_hash
)
SELECT trace_text(array_agg(trace_step(e.activity, e.event_order))), any_value(c.cases_count)
FROM process.case_event e
JOIN counted c ON c.case_no = e.case_no
GROUP BY c.trace_hash
"""


CONFORMANCE = """
SELECT v.case_id, a.fitness, a.cost, a.is_fitting
FROM process.case_variant v
JOIN marts.alignment a ON a.variant = v.variant
"""
WITHIN = f"""
AND e.facility_id = '{FACILITY}'
AND e.case_no IN (SELECT case_no FROM process.case_variant WHERE first_at >= '{FIRST}' AND last_at < '{LAST}')
"""


class Run:
    """The steps of a contender with their seconds, and what they came to."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}
        self.facts: dict[str, Any] = {}

    def step(self, name: str, does: Callable[[], Any]) -> Any:
        runs: list[float] = []
        while not runs or (len(runs) < 3 and runs[0] < 1):
            started = time.perf_counter()
            result = does()
            runs.append(time.perf_counter() - started)
        self.took[name] = min(runs)
        return result

    def told(self, **facts: Any) -> None:
        self.facts |= facts


def written_model(folder: Path) -> Path:
    """The model as a file."""
    path = folder / "model.bpmn"
    path.write_text(model(), encoding="utf-8")
    return path


def listed(graph: Graph) -> list[list[Any]]:
    """A graph as JSON takes it, sorted."""
    return [[*pair, n] for pair, n in sorted(graph.items())]


def warehouse(bpmn: Path) -> DuckDBEngine:
    """An empty warehouse beside a model, in which the activities of the log are those of one process."""
    spec = ProcessSpec(
        process="receipts", title="Receipts", case="a document", case_key="document", bpmn=bpmn,
        activities=ACTIVITIES, start=ACTIVITIES[:1], end=ACTIVITIES[-1:], horizon_s=1,
    )  # fmt: skip
    engine = DuckDBEngine(bpmn.parent / "warehouse.duckdb", Engine())
    engine.frame("reference.process_activity", process_activities([spec]))
    engine.table("reference.evaluation", "SELECT TIMESTAMPTZ '2027-01-01 00:00:00Z' AS as_of")
    return engine


def events(log: Path) -> str:
    """The log as canonical events, as SQL."""
    contract = CONTRACTS["inventory_event"]
    given = {"event_id", "event_type", "event_time", "facility_id", "document_id", "sequence_no"}
    columns = [c if c in given else f"CAST(NULL AS {SQL_TYPE[contract.kind(c)]}) AS {c}" for c in contract.columns]
    return f"SELECT {', '.join(columns)} FROM '{log}'"


def dockledger(log: Path, folder: Path) -> Run:
    """The models of the process in the engine, and our alignments on counted variants."""
    run, bpmn = Run(), written_model(folder)
    engine, registry = warehouse(bpmn), models()
    libraries.pm4py()

    def make(*tables: str) -> None:
        for table in tables:
            engine.materialise(registry[table])

    def load() -> None:
        engine.table("canonical.inventory_event", events(log))
        make("process.case_number", "process.case_event")

    def graph(where: str = "") -> Graph:
        rows = engine.rows(
            "SELECT e.from_activity, e.activity, count(*) FROM process.case_event e "
            f"WHERE e.from_activity IS NOT NULL {where} GROUP BY e.from_activity, e.activity"
        )
        return {(a, b): n for a, b, n in rows}

    def conformance() -> pl.DataFrame:
        found = align(engine.read("SELECT variant, cases_count FROM process.variant_frequency"), bpmn)
        engine.frame("marts.alignment", found)
        engine.table("marts.conformance", CONFORMANCE)
        return found

    run.step("load and sort", load)
    run.told(
        dfg=listed(run.step("DFG", graph)), variants_count=len(run.step("variants", lambda: engine.rows(VARIANTS)))
    )
    run.step("cases", lambda: make("process.case_variant", "process.variant_frequency"))
    found = run.step("conformance", conformance)
    run.told(filtered=listed(run.step("DFG after a filter", lambda: graph(WITHIN))))
    run.told(costs=dict(found.select("variant", "cost").iter_rows()))
    run.told(exact=bool(found["is_exact"].all()), fitness=engine.value("SELECT avg(fitness) FROM marts.conformance"))
    return run


def pandas(log: Path, folder: Path) -> Run:
    """pm4py on a pandas frame that was sorted before; alignments of a sample of variants."""
    import pandas as pd
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm as alignments
    from pm4py.objects.log.obj import Event, EventLog, Trace

    run = Run()

    def load() -> pd.DataFrame:
        frame = pd.read_parquet(log, columns=["document_id", "event_type", "event_time", "sequence_no", "facility_id"])
        frame = frame.sort_values(["document_id", "event_time", "sequence_no"], ignore_index=True)
        return pm4py.format_dataframe(
            frame, case_id="document_id", activity_key="event_type", timestamp_key="event_time"
        )

    def graph(frame: pd.DataFrame) -> Graph:
        return dict(pm4py.discover_dfg(frame)[0])

    def filtered() -> Graph:
        part = pm4py.filter_event_attribute_values(frame, "facility_id", [FACILITY], level="event")
        return graph(pm4py.filter_time_range(part, f"{FIRST} 00:00:00", f"{LAST} 00:00:00", mode="traces_contained"))

    frame = run.step("load and sort", load)
    run.told(dfg=listed(run.step("DFG", lambda: graph(frame))))
    variants = run.step("variants", lambda: pm4py.get_variants(frame))
    run.told(variants_count=len(variants), filtered=listed(run.step("DFG after a filter", filtered)))
    net = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(written_model(folder))))
    every = sorted(variants)
    sample = every[:: max(1, -(-len(every) // SAMPLE))]
    traces = EventLog([Trace([Event({"concept:name": activity}) for activity in variant]) for variant in sample])
    quiet = {"show_progress_bar": False}
    found = run.step("conformance", lambda: alignments.apply_log(traces, *net, parameters=quiet))
    run.told(costs={" > ".join(v): one["cost"] // 10_000 for v, one in zip(sample, found, strict=True)})
    run.told(sampled=len(sample))
    return run


def r4pm(log: Path, folder: Path) -> Run:
    """r4pm, its log made from a polars frame that was sorted before; costs of all variants."""
    import pm4py
    from r4pm import bindings, convert_item, import_item_from_df, petri_net

    run = Run()

    def made(frame: pl.DataFrame) -> str:
        return import_item_from_df("EventLog", frame)

    def read() -> pl.DataFrame:
        names = {"document_id": "case:concept:name", "event_type": "concept:name", "event_time": "time:timestamp"}
        frame = pl.read_parquet(log, columns=[*names, "sequence_no", "facility_id"])
        return frame.sort("document_id", "event_time", "sequence_no").drop("sequence_no").rename(names)

    def load() -> tuple[pl.DataFrame, str]:
        frame = read()
        return frame, made(frame.drop("facility_id"))

    def graph(item: str) -> Graph:
        return {(a, b): n for (a, b), n in bindings.discover_dfg(item)["directly_follows_relations"]}

    def filtered() -> Graph:
        at, case = pl.col("time:timestamp"), "case:concept:name"
        part = frame.filter(pl.col("facility_id") == FACILITY)
        lies = (at.min().over(case) >= pl.lit(FIRST).str.to_datetime(time_zone="UTC")) & (
            at.max().over(case) < pl.lit(LAST).str.to_datetime(time_zone="UTC")
        )
        return graph(made(part.filter(lies).drop("facility_id")))

    frame, item = run.step("load and sort", load)
    run.told(dfg=listed(run.step("DFG", lambda: graph(item))))
    projection = run.step("variants", lambda: convert_item(item, "EventLogActivityProjection"))
    run.told(variants_count=bindings.get_num_variants(projection))
    run.told(filtered=listed(run.step("DFG after a filter", filtered)))
    net = petri_net.from_pm4py(*pm4py.convert_to_petri_net(pm4py.read_bpmn(str(written_model(folder)))))
    found = run.step("conformance", lambda: bindings.align_variants(net, projection))
    run.told(costs={" > ".join(one["activities"]): one["result"]["Ok"]["cost"] for one in found})
    return run


CONTENDERS = {"dockledger": dockledger, "pandas": pandas, "r4pm": r4pm}


def main() -> None:
    """Runs one contender: its name, the log, the folder for what it makes; writes result.json there."""
    name, log, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    run = CONTENDERS[name](log, folder)
    (folder / "result.json").write_text(json.dumps({"took": run.took, **run.facts}))


if __name__ == "__main__":
    main()
