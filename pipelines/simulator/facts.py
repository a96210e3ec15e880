"""What the truth is told from: everything that a simulation made, and what of it the feeds make known."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.simulator.business import Business
from pipelines.simulator.delivery import Delivery
from pipelines.simulator.draws import Ints
from pipelines.simulator.faults import ACCEPTED
from pipelines.simulator.generate import Generated
from pipelines.simulator.scenario import Scenario

EXCEPTION = {
    "rule": pl.String(),
    "facility": pl.Int64(),
    "reference_id": pl.String(),
    "opened": pl.Int64(),
    "resolved": pl.Int64(),
}


@dataclass(frozen=True)
class Facts:
    """Everything that a simulation made.

    Attributes:
        postings: as posting.post returns them, with `number`.
        book: what the books said of each count.
        deliveries: one a channel, in the order of the scenario's channels.
        as_of: UTC seconds.
    """

    scenario: Scenario
    made: Generated
    postings: pl.DataFrame
    book: Ints
    deliveries: list[Delivery]
    business: Business
    as_of: int

    @cached_property
    def accepted(self) -> pl.DataFrame:
        """The events that the feeds make known, with `event`, their row among all."""
        return self.made.events.with_row_index("event").filter(pl.col("refusal") == ACCEPTED)

    @cached_property
    def posted(self) -> pl.DataFrame:
        """The postings up to as_of, with `is_orphan`: nobody knows an event of theirs."""
        known = pl.lit(self.made.events["refusal"] == ACCEPTED)
        event = pl.when(pl.col("event") >= 0).then(pl.col("event"))
        return self.postings.filter(pl.col("posted_at") <= self.as_of).with_columns(
            is_orphan=known.gather(event).not_().fill_null(value=True)
        )


def exceptions_of(
    rule: str,
    frame: pl.DataFrame,
    reference: pl.Expr,
    opened: pl.Expr | str,
    resolved: pl.Expr | str | None = None,
    facility: pl.Expr | str = "facility",
) -> pl.DataFrame:
    """Exceptions of a rule, one a row of a frame, in the columns of EXCEPTION."""
    columns = {
        "rule": pl.lit(rule),
        "facility": pl.col(facility) if isinstance(facility, str) else facility,
        "reference_id": reference,
        "opened": pl.col(opened) if isinstance(opened, str) else opened,
        "resolved": pl.lit(None) if resolved is None else pl.col(resolved) if isinstance(resolved, str) else resolved,
    }
    return frame.select(**{name: columns[name].cast(dtype) for name, dtype in EXCEPTION.items()})
