"""Messages between sites and the ERP: one a file that a site's system sends, with its attempts and its answer."""

import numpy as np
import polars as pl

from pipelines.simulator.delivery import Delivery
from pipelines.simulator.draws import delays, quantities, stream
from pipelines.simulator.scenario import Scenario

# What became of a message, and the error that is stated with it.
STATUSES = ("acknowledged", "sent", "failed")
ERRORS = (None, None, "TIMEOUT")
ACKNOWLEDGED, SENT, FAILED = range(len(STATUSES))
MOST_ATTEMPTS = 5


def messages_of(scenario: Scenario, deliveries: list[Delivery], seed: int, as_of: int) -> pl.DataFrame:
    """See business.Business; of all sites, each in order of sending.

    Args:
        deliveries: one a channel, in the order of the scenario's channels.
    """
    found = [
        _of_site(scenario, channel.facility, delivery, seed)
        for channel, delivery in zip(scenario.channels(), deliveries, strict=True)
        if channel.number == 0
    ]
    sent = pl.concat(found).filter(pl.col("sent_at") <= as_of)
    return sent.with_columns(acknowledged_at=pl.when(pl.col("acknowledged_at") <= as_of).then("acknowledged_at"))


def _of_site(scenario: Scenario, facility: int, delivery: Delivery, seed: int) -> pl.DataFrame:
    spec = scenario.messages
    assert spec is not None
    rng = stream(seed, "messages", scenario.facilities[facility].id)
    sent = np.array([delivery.sent_at[file] for file, _, _ in delivery.bounds()], dtype=np.int64)
    count = len(sent)
    chance = rng.random((4, count))
    is_exhausted, is_retried = chance[0] < spec.exhausted_ratio, chance[1] < spec.retried_ratio
    is_delayed, is_silent = chance[2] < spec.delayed_ratio, chance[3] < spec.unacknowledged_ratio
    answered = sent + delays(spec.acknowledged, count, rng)
    too_late = sent + scenario.sla.acknowledgement(scenario.facilities[facility].id) + delays(
        spec.delayed_extra, count, rng
    )  # fmt: skip
    # Somebody settles every second exhausted message by hand, long after.
    is_settled = rng.random(count) < 0.5
    acknowledged = np.where(is_delayed | is_exhausted, too_late, answered)
    is_open = np.where(is_exhausted, ~is_settled, is_silent)
    attempts = np.where(is_exhausted, rng.integers(3, MOST_ATTEMPTS + 1, count), 1 + is_retried)
    return pl.DataFrame(
        {
            "facility": np.full(count, facility, dtype=np.int64),
            "number": np.arange(1, count + 1),
            "sent_at": sent,
            "acknowledged_at": pl.Series(acknowledged).zip_with(pl.Series(~is_open), pl.Series([None], dtype=pl.Int64)),
            "attempts": attempts.astype(np.int64),
            "status": np.select([is_exhausted, is_open], [FAILED, SENT], default=ACKNOWLEDGED).astype(np.int64),
            "response_ms": quantities(spec.response_ms, count, rng),
            "queue_wait_ms": quantities(spec.queue_wait_ms, count, rng),
        }
    )
