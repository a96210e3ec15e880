"""The truth of process deviations: what every case that the feeds make known lacks, has twice, swaps or does too late.

Worked out from counts and first and last times of each step, not by aligning: in these processes every step has one
place, so that what is missing and what is there twice says all.
"""

from dataclasses import dataclass, field

import polars as pl

from pipelines.simulator.events import DOCUMENT_KIND, TYPE
from pipelines.simulator.facts import Facts

DAY_S = 86400
KEYS = ("process", "document_kind", "document", "line", "kind", "activity")
_COLUMNS = {
    "process": pl.String(), "document_kind": pl.Int64(), "document": pl.Int64(), "line": pl.Int64(),
    "facility": pl.Int64(), "kind": pl.String(), "activity": pl.String(), "last_event": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class _Process:
    """A process as the simulator knows it.

    Attributes:
        document: kind of its documents.
        steps: in order.
        only_with: a step that is asked for only where one of these other ones happened; the others always are.
        ends: steps with which a case can be complete.
        making: steps that make a case.
        single: steps that may happen once only.
        horizon_s: how long what is missing at the end is awaited.
    """

    name: str
    document: str
    steps: tuple[str, ...]
    ends: tuple[str, ...]
    horizon_s: int
    only_with: dict[str, tuple[str, ...]] = field(default_factory=dict)
    making: tuple[str, ...] = ()
    single: tuple[str, ...] = ()


_RECEIPT = ("receipt_created", "receipt_confirmed", "quality_hold_placed", "quality_hold_released", "putaway_completed")
_COUNT = ("cycle_count_recorded", "count_variance_approved", "inventory_adjusted")
PROCESSES = (
    _Process(
        "procure_to_receive", "receipt", _RECEIPT, ends=_RECEIPT[-1:], horizon_s=3 * DAY_S,
        only_with={_RECEIPT[2]: (_RECEIPT[3],), _RECEIPT[3]: (_RECEIPT[2],)},
        making=(*_RECEIPT[:2], _RECEIPT[-1]),
    ),
    _Process(
        "transfer_to_reconcile", "transfer",
        ("transfer_requested", "transfer_approved", "transfer_shipped", "transfer_received"),
        ends=("transfer_received",), horizon_s=7 * DAY_S, single=("transfer_received",),
    ),
    _Process(
        "order_to_fulfil", "order", ("inventory_reserved", "pick_released", "pick_confirmed", "shipment_confirmed"),
        ends=("shipment_confirmed",), horizon_s=3 * DAY_S, single=("pick_confirmed",),
    ),
    _Process(
        "count_to_adjust", "count", _COUNT, ends=_COUNT, horizon_s=3 * DAY_S,
        only_with={_COUNT[1]: _COUNT[2:], _COUNT[2]: ()}, making=_COUNT[:2],
    ),
    _Process(
        "return_to_disposition", "return", ("return_received", "return_dispositioned"),
        ends=("return_dispositioned",), horizon_s=7 * DAY_S,
    ),
)  # fmt: skip


def true_deviations(facts: Facts) -> pl.DataFrame:
    """Every deviation of the cases that the feeds make known, with `is_injected`: whether a fault made it.

    Returns:
        process, document_kind, document, line, facility (where the case is told), kind, activity, last_event (of the
        case), is_injected; sorted. Steps that are still awaited at as_of are none.
    """
    found = [pl.DataFrame(schema=_COLUMNS)]
    for process in PROCESSES:
        cases = _cases(process, facts)
        found += [_skipped(process, cases, facts.as_of), *_repeated(process, cases)]
        if process.document == "transfer":
            found += [_swapped(process, cases), _too_late(process, cases, facts)]
    made = facts.made.deviations.select(*(pl.col(key).cast(_COLUMNS[key]) for key in KEYS), is_injected=True)
    whole = pl.concat(found).join(made, on=KEYS, how="left", maintain_order="left")
    return whole.with_columns(pl.col("is_injected").fill_null(value=False)).sort(KEYS)


def _cases(process: _Process, facts: Facts) -> pl.DataFrame:
    """A row per case: document_kind, document, line, facility, last_event, and n_, first_ and last_ of each step."""
    of_step = {step: pl.col("event_type") == TYPE[step] for step in process.steps}
    own = (pl.col("document_kind") == DOCUMENT_KIND[process.document]) & pl.any_horizontal(of_step.values())
    time = pl.col("event_time")
    cases = (
        facts.accepted.filter(own)
        .group_by("document_kind", "document", "line", maintain_order=True)
        .agg(
            _told_at(process),
            time.max().alias("last_event"),
            *(is_it.sum().cast(pl.Int64).alias(f"n_{step}") for step, is_it in of_step.items()),
            *(time.filter(is_it).min().alias(f"first_{step}") for step, is_it in of_step.items()),
            *(time.filter(is_it).max().alias(f"last_{step}") for step, is_it in of_step.items()),
        )
    )
    return cases.filter(pl.any_horizontal(pl.col(f"n_{step}") > 0 for step in process.making or process.steps))


def _told_at(process: _Process) -> pl.Expr:
    """A transfer is told where it is received, which its request, shipment and receipt know; else where it happened."""
    place = pl.col("facility").cast(pl.Int64)
    if process.document != "transfer":
        return place.first().alias("facility")
    sent = pl.col("event_type").is_in([TYPE["transfer_requested"], TYPE["transfer_shipped"]])
    came = pl.col("event_type") == TYPE["transfer_received"]
    return pl.coalesce(
        pl.col("partner").cast(pl.Int64).filter(sent).first(), place.filter(came).first(), place.first()
    ).alias("facility")


def _deviation(process: _Process, cases: pl.DataFrame, kind: str, activity: str) -> pl.DataFrame:
    named = cases.with_columns(process=pl.lit(process.name), kind=pl.lit(kind), activity=pl.lit(activity))
    return named.select(pl.col(name).cast(dtype) for name, dtype in _COLUMNS.items())


def _skipped(process: _Process, cases: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """A step that was asked for and did not happen, where a later one did or nothing more is awaited."""
    is_over = pl.any_horizontal(pl.col(f"n_{step}") > 0 for step in process.ends)
    is_over |= as_of - pl.col("last_event") >= process.horizon_s
    found = []
    for place, step in enumerate(process.steps):
        later = [pl.col(f"n_{after}") > 0 for after in process.steps[place + 1 :]]
        is_due = is_over | pl.any_horizontal(*later, pl.lit(value=False))
        if step in process.only_with:
            needing = [pl.col(f"n_{other}") > 0 for other in process.only_with[step]]
            is_due &= pl.any_horizontal(*needing, pl.lit(value=False))
        found.append(_deviation(process, cases.filter((pl.col(f"n_{step}") == 0) & is_due), "skipped", step))
    return pl.concat(found)


def _repeated(process: _Process, cases: pl.DataFrame) -> list[pl.DataFrame]:
    return [_deviation(process, cases.filter(pl.col(f"n_{s}") > 1), "repeated", s) for s in process.single]


def _swapped(process: _Process, cases: pl.DataFrame) -> pl.DataFrame:
    """Received before it was shipped."""
    found = cases.filter(pl.col("first_transfer_received") < pl.col("first_transfer_shipped"))
    return _deviation(process, found, "wrong_order", "transfer_received")


def _too_late(process: _Process, cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Received, in the end, later than the receiver's transfer SLA after the first shipment."""
    slas = pl.Series([facts.scenario.sla.transfer(site.id) for site in facts.scenario.facilities], dtype=pl.Int64)
    taken = pl.col("last_transfer_received") - pl.col("first_transfer_shipped")
    found = cases.filter(taken > pl.lit(slas).gather(pl.col("facility")))
    return _deviation(process, found, "too_late", "transfer_received")
