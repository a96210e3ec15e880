"""How good models are, which activities follow each other, and which rules cases keep to, per facility."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import polars as pl

from mining.engine import Quality, allowed_relations, constraints, measure, relations
from mining.tables import PROCESS_CONSTRAINTS, PROCESS_MODEL_QUALITY, PROCESS_RELATIONS

# A constraint is told where it concerns at least this share of cases, and this share of them keeps to it.
LEAST_SUPPORT, LEAST_CONFIDENCE = 0.1, 0.9
_UNKNOWN = Quality(None, 0, None, 0, None, None, None)


def closed_by_facility(frequency: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The variants of cases that are over, by facility. Where an open case stops is not where the process ends.

    Args:
        frequency: rows of one process, as VARIANT_FREQUENCY says.
    """
    closed = frequency.filter(~pl.col("is_open") & (pl.col("cases_count") > 0))
    for (facility_id,), part in sorted(closed.partition_by("facility_id", as_dict=True).items()):
        yield facility_id, part


def model_quality(frequency: pl.DataFrame, models: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The quality of every model on the closed cases that it stands for.

    Args:
        frequency: rows of one process, as VARIANT_FREQUENCY says.
        models: rows as PROCESS_MODELS says; a normative one without a facility stands for all that have none of their
            own.
    """
    rows = [row for model in models for row in model.iter_rows(named=True)]
    held_to_own = {row["facility_id"] for row in rows if row["kind"] == "normative"}
    for facility_id, part in closed_by_facility(frequency):
        for row in rows:
            if row["facility_id"] == (
                facility_id if row["kind"] != "normative" or facility_id in held_to_own else None
            ):
                quality, reason = _measured(row["bpmn_xml"], f"{row['kind']} model of {row['process']}", part)
                told = {
                    **asdict(quality),
                    "process": row["process"],
                    "facility_id": facility_id,
                    "kind": row["kind"],
                    "cases_count": part["cases_count"].sum(),
                    "variants_count": part["variant"].n_unique(),
                    "unknown_reason": reason,
                }
                yield pl.DataFrame([told], schema=PROCESS_MODEL_QUALITY)


def _measured(bpmn_xml: str, name: str, variants: pl.DataFrame) -> tuple[Quality, str | None]:
    """The quality of a model, or why it is not known."""
    try:
        return measure(bpmn_xml, variants, name), None
    except ValueError as error:
        return _UNKNOWN, str(error)


def activity_relations(process: str, frequency: pl.DataFrame, normative_xml: str) -> Iterator[pl.DataFrame]:
    """What directly follows what at each facility, and whether the normative model allows it.

    Args:
        process: its name.
        frequency: rows of one process, as VARIANT_FREQUENCY says.
        normative_xml: the normative model, as BPMN 2.0.
    """
    allowed = allowed_relations(normative_xml, process)
    for facility_id, part in closed_by_facility(frequency):
        found = relations(part)
        pairs = found.select("from_activity", "to_activity").iter_rows()
        yield found.with_columns(
            pl.lit(process).alias("process"),
            pl.lit(facility_id).alias("facility_id"),
            pl.Series("is_allowed", [pair in allowed for pair in pairs], pl.Boolean),
        ).select(PROCESS_RELATIONS.names())


def kept_constraints(process: str, frequency: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The DECLARE constraints that the closed cases of each facility keep to.

    Args:
        process: its name.
        frequency: rows of one process, as VARIANT_FREQUENCY says.
    """
    for facility_id, part in closed_by_facility(frequency):
        found = constraints(part).with_columns(
            pl.lit(process).alias("process"),
            pl.lit(facility_id).alias("facility_id"),
            (pl.col("activated_count") / pl.col("cases_count")).alias("support_ratio"),
            (pl.col("satisfied_count") / pl.col("activated_count")).alias("confidence_ratio"),
        )
        told = (pl.col("support_ratio") >= LEAST_SUPPORT) & (pl.col("confidence_ratio") >= LEAST_CONFIDENCE)
        yield found.filter(told).select(PROCESS_CONSTRAINTS.names())
