"""From counted variants to published tables, process by process."""

from collections.abc import Iterator, Sequence

import polars as pl

from mining.bpmn import read_bpmn
from mining.conformance import deviations, judged, process_conformance
from mining.engine import NOISE_THRESHOLD, WORK_LIMIT, align, discover
from mining.export import dot
from mining.process import ProcessSpec
from mining.tables import TABLES, VARIANT_FREQUENCY, stacked

NORMATIVE, DISCOVERED = "normative", "discovered"


def mine(
    variant_frequency: pl.DataFrame,
    processes: Sequence[ProcessSpec],
    noise_threshold: float = NOISE_THRESHOLD,
    work_limit: int = WORK_LIMIT,
) -> dict[str, pl.DataFrame]:
    """Everything that mining publishes.

    Args:
        variant_frequency: counted variants, as VARIANT_FREQUENCY says; rows of other processes are left out.
        processes: the normative processes.
        noise_threshold: see `mining.engine.discover`.
        work_limit: see `mining.engine.align`; for each process.

    Returns:
        The tables `deviations`, `process_conformance` and `process_models`, with the columns and types of TABLES
        also when they are empty. A discovered model stands for the closed cases of a facility that has some.

    Errors: ValueError naming file and element when a normative model cannot be read or cannot run soundly.
    """
    counted = variant_frequency.select(VARIANT_FREQUENCY.names()).cast(VARIANT_FREQUENCY)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
    for spec in processes:
        frequency = counted.filter(pl.col("process") == spec.process)
        parts["process_models"].append(_normative(spec))
        parts["process_models"] += _discovered(spec, frequency, noise_threshold)
        cases = judged(frequency, align(frequency, spec.bpmn, work_limit))
        parts["deviations"].append(deviations(cases))
        parts["process_conformance"].append(process_conformance(cases))
    return {name: stacked(parts[name], schema) for name, schema in TABLES.items()}


def _model(process: str, facility_id: str | None, kind: str, bpmn_xml: str, drawing: str) -> pl.DataFrame:
    row = (process, facility_id, kind, bpmn_xml, drawing)
    return pl.DataFrame([row], schema=TABLES["process_models"], orient="row")


def _normative(spec: ProcessSpec) -> pl.DataFrame:
    graph = read_bpmn(spec.bpmn, spec.activities)
    return _model(spec.process, None, NORMATIVE, spec.bpmn.read_text(encoding="utf-8"), dot(graph))


def _discovered(spec: ProcessSpec, frequency: pl.DataFrame, noise_threshold: float) -> Iterator[pl.DataFrame]:
    """One discovered model per facility. Open cases are left out: where they stop is not where the process ends."""
    closed = frequency.filter(~pl.col("is_open") & (pl.col("cases_count") > 0))
    for (facility_id,), part in sorted(closed.partition_by("facility_id", as_dict=True).items()):
        title = f"{spec.title} at {facility_id}, discovered"
        yield _model(
            spec.process, facility_id, DISCOVERED,
            *discover(part, noise_threshold, process=f"{spec.process}_discovered", title=title),
        )  # fmt: skip
