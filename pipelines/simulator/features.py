"""What a scenario may switch on: faults, and what else a business tells beside events, postings and counts."""

from datetime import time
from typing import Annotated

from pydantic import Field, PositiveInt

from pipelines.simulator.shapes import Between, Code, Delay, Even, Ratio, Strict


class Faults(Strict):
    """Shares of what goes wrong; what a scenario does not name does not happen."""

    lost_posting_ratio: Ratio
    late_posting_ratio: Ratio
    late_extra: Delay
    clock_skew_ratio: Ratio
    clock_skew: Between
    orphan_posting_ratio: Ratio
    duplicate_delivery_ratio: Ratio
    transfer_never_received_ratio: Ratio
    transfer_late_ratio: Ratio
    transfer_late_extra: Delay
    miscount_ratio: Ratio
    skipped_putaway_ratio: Ratio
    skipped_approval_ratio: Ratio
    received_without_shipment_ratio: Ratio
    received_before_shipment_ratio: Ratio
    conflicting_delivery_ratio: Ratio = 0
    out_of_sequence_ratio: Ratio = 0
    unmapped_code_ratio: Ratio = 0
    missing_lot_ratio: Ratio = 0
    transfer_short_ratio: Ratio = 0
    duplicate_receipt_ratio: Ratio = 0
    manual_adjustment_ratio: Ratio = 0
    duplicate_posting_ratio: Ratio = 0
    quantity_mismatch_ratio: Ratio = 0
    backdated_ratio: Ratio = 0
    valuation_ratio: Ratio = 0
    double_pick_ratio: Ratio = 0
    unconfirmed_pick_ratio: Ratio = 0
    unapproved_variance_ratio: Ratio = 0


class Orders(Strict):
    """Order lines are told: `promise` is the time from order to promised shipment."""

    promise: Delay


class AdjustedSupplier(Strict):
    """A supplier (by number, from 1) whose receipts are put right by hand, always downwards."""

    supplier: PositiveInt
    units: Even


class Purchasing(Strict):
    """Purchase lines are told: ordered `lead` before they come, at a share of the unit cost, some delivered short."""

    lead: Delay
    price_ratio: Annotated[float, Field(gt=0)]
    short_ratio: Ratio = 0
    short: Even | None = None


class Invoicing(Strict):
    """Invoice lines are told: entered `after` the receipt; shares of those that charge something else."""

    after: Delay
    wrong_quantity_ratio: Ratio = 0
    wrong_price_ratio: Ratio = 0
    unknown_line_ratio: Ratio = 0


class Reservations(Strict):
    """Reservations of order lines are told; some stock is promised a second time and `held` for a while."""

    double_promise_ratio: Ratio = 0
    held: Delay | None = None


class Messages(Strict):
    """Messages between sites and ERP are told, one a file that a site sends."""

    acknowledged: Delay
    response_ms: Even
    queue_wait_ms: Even
    retried_ratio: Ratio = 0
    exhausted_ratio: Ratio = 0
    delayed_ratio: Ratio = 0
    delayed_extra: Delay
    unacknowledged_ratio: Ratio = 0


class ToldReceipt(Strict):
    """One receipt whose instants are known beforehand, local times of its site on a day counted from 0."""

    facility: Code
    day: Annotated[int, Field(ge=0)]
    received: time
    posted: time
    quantity: PositiveInt
