"""From counted variants to published tables, process by process."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from mining.bpmn import read_bpmn
from mining.conformance import judged
from mining.engine import NOISE_THRESHOLD, WORK_LIMIT, align, discover
from mining.export import dot
from mining.process import ProcessSpec
from mining.quality import activity_relations, closed_by_facility, kept_constraints, model_quality
from mining.tables import JUDGEMENTS, TABLES, VARIANT_FREQUENCY, stacked

NORMATIVE, DISCOVERED = "normative", "discovered"


def mine(
    variant_frequency: pl.DataFrame,
    processes: Sequence[ProcessSpec],
    noise_threshold: float = NOISE_THRESHOLD,
    work_limit: int = WORK_LIMIT,
) -> dict[str, pl.DataFrame]:
    """Everything that mining makes.

    Args:
        variant_frequency: counted variants, as VARIANT_FREQUENCY says; rows of other processes are left out.
        processes: the normative processes.
        noise_threshold: see `mining.engine.discover`.
        work_limit: see `mining.engine.align`; for each normative model, closed and open cases each.

    Returns:
        The tables of TABLES and JUDGEMENTS, with their columns and types also when they are empty. A variant is judged
        by the model of its facility. A discovered model, and what is told of models, relations and constraints, stands
        for the closed cases of a facility that has some.

    Errors: ValueError naming file and element when a normative model cannot be read or cannot run soundly.
    """
    counted = variant_frequency.select(VARIANT_FREQUENCY.names()).cast(VARIANT_FREQUENCY)
    schemas = TABLES | JUDGEMENTS
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in schemas}
    for spec in processes:
        frequency = counted.filter(pl.col("process") == spec.process)
        models = [*_normative(spec), *_discovered(spec, frequency, noise_threshold)]
        parts["process_models"] += models
        parts["process_model_quality"] += model_quality(frequency, models)
        parts["process_constraints"] += kept_constraints(spec.process, frequency)
        for model, own in _by_model(spec, frequency):
            by_state = (align(own.filter(is_open=each), model, work_limit, is_open=each) for each in (False, True))
            conformance, deviations = judged(own, *by_state)
            parts["process_relations"] += activity_relations(spec.process, own, model.read_text(encoding="utf-8"))
            parts["variant_conformance"].append(conformance)
            parts["variant_deviation"].append(deviations)
    return {name: stacked(parts[name], schema) for name, schema in schemas.items()}


def check_model(path: Path, activities: Collection[str]) -> None:
    """Whether a normative model can be used.

    Args:
        path: a BPMN file.
        activities: the names that its tasks may have.

    Errors: ValueError naming file and element when it cannot be read or cannot run soundly.
    """
    graph = read_bpmn(path, activities)
    try:
        path.read_text(encoding="utf-8")  # as it is published
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: it is not in UTF-8") from None
    align(pl.DataFrame({"variant": graph.activities[:1], "cases_count": [1] * len(graph.activities[:1])}), path)


def _by_model(spec: ProcessSpec, frequency: pl.DataFrame) -> Iterator[tuple[Path, pl.DataFrame]]:
    """The counted variants of a process by the normative model that they are held to; none where no case is."""
    models = {facility: spec.bpmn_of(facility) for facility in frequency["facility_id"].unique().sort()}
    for model in dict.fromkeys(models.values()):
        held = [facility for facility, own in models.items() if own == model]
        yield model, frequency.filter(pl.col("facility_id").is_in(held))


def _model(process: str, facility_id: str | None, kind: str, bpmn_xml: str, drawing: str) -> pl.DataFrame:
    row = (process, facility_id, kind, bpmn_xml, drawing)
    return pl.DataFrame([row], schema=TABLES["process_models"], orient="row")


def _normative(spec: ProcessSpec) -> Iterator[pl.DataFrame]:
    """The normative model of a process, and those of facilities that have their own."""
    for facility_id, path in ((None, spec.bpmn), *sorted(spec.bpmn_by_facility.items())):
        graph = read_bpmn(path, spec.activities)
        yield _model(spec.process, facility_id, NORMATIVE, path.read_text(encoding="utf-8"), dot(graph))


def _discovered(spec: ProcessSpec, frequency: pl.DataFrame, noise_threshold: float) -> Iterator[pl.DataFrame]:
    """One discovered model per facility."""
    for facility_id, part in closed_by_facility(frequency):
        title = f"{spec.title} at {facility_id}, discovered"
        yield _model(
            spec.process, facility_id, DISCOVERED,
            *discover(part, noise_threshold, process=f"{spec.process}_discovered", title=title),
        )  # fmt: skip
