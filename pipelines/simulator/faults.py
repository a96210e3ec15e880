"""Events that are told wrongly: not at all, with an unknown code, without their lot, in two versions, misnumbered.

What happened stays what it is; these flags say what the feeds make of it.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from pipelines.simulator.draws import Flags, stream
from pipelines.simulator.events import DOCUMENT_KIND
from pipelines.simulator.generate import Generated
from pipelines.simulator.scenario import Scenario

# What becomes of a row: accepted, refused for one of two reasons, or never delivered.
REFUSALS = ("accepted", "unknown item", "missing lot", "never delivered")
ACCEPTED, UNKNOWN_ITEM, MISSING_LOT, UNDELIVERED = range(len(REFUSALS))

# A site invents a handful of codes and uses them again and again.
UNKNOWN_CODES = [f"NEW-{word}" for word in ("AMBER", "BIRCH", "CEDAR", "DELTA", "EMBER", "FLINT", "GROVE")]
MOST_STEPS_BACK = 20


def tell_faults(scenario: Scenario, made: Generated, seed: int) -> Generated:
    """Adds `refusal` (position in REFUSALS) and `is_conflicting` to the events, and misnumbers some."""
    events = made.events
    facility, count = events["facility"].to_numpy().astype(np.int64), len(events)

    def strikes(fault: str) -> Flags:
        return happens_at(scenario.ratios(fault), facility, stream(seed, fault))

    # Documents in EPCIS name items by GTIN, for which nobody keeps aliases.
    named = np.zeros((2, len(scenario.facilities)), dtype=bool)
    for channel in scenario.channels():
        named[channel.number, channel.facility] = channel.feed.kind != "epcis"
    own_codes = named[events["channel"].to_numpy(), facility]
    has_lot = events["lot"].to_numpy() >= 0
    is_unmapped, is_lotless = strikes("unmapped_code_ratio") & own_codes, strikes("missing_lot_ratio") & has_lot
    refusal = np.select(
        [_silenced(scenario, events), is_unmapped, is_lotless],
        [UNDELIVERED, UNKNOWN_ITEM, MISSING_LOT],
        default=ACCEPTED,
    )
    is_told = told_rows(made, events)
    refusal[is_told] = ACCEPTED
    steps = stream(seed, "steps back").integers(1, MOST_STEPS_BACK + 1, count) * strikes("out_of_sequence_ratio")
    sequence = np.maximum(events["sequence_no"].to_numpy() - steps, 1)
    marked = events.with_columns(
        sequence_no=pl.Series(sequence),
        refusal=pl.Series(refusal).cast(pl.Int8),
        is_conflicting=pl.Series(strikes("conflicting_delivery_ratio") & (refusal == ACCEPTED) & ~is_told),
    )
    return replace(made, events=marked)


def happens_at(ratios: list[float], facility: np.ndarray, rng: np.random.Generator) -> Flags:
    """For each case whether something happens whose probability depends on the facility."""
    return np.asarray(rng.random(len(facility)) < np.array(ratios)[facility])


def told_rows(made: Generated, events: pl.DataFrame) -> Flags:
    """The events of the receipt that the scenario tells beforehand."""
    if made.told is None:
        return np.zeros(len(events), dtype=bool)
    own = (pl.col("document_kind") == DOCUMENT_KIND["receipt"]) & (pl.col("document") == made.told[0])
    return events.select(own).to_series().to_numpy()


def _silenced(scenario: Scenario, events: pl.DataFrame) -> Flags:
    """Events that the system of a silent site recorded after it fell silent."""
    times = events["event_time"].to_numpy()
    is_silent = np.zeros(len(events), dtype=bool)
    for facility, site in enumerate(scenario.facilities):
        if site.silent_from:
            since = times[0] + int((times[-1] - times[0]) * site.silent_from)
            own = (events["facility"].to_numpy() == facility) & (events["channel"].to_numpy() == 0)
            is_silent |= own & (events["recorded_at"].to_numpy() > since)
    return is_silent
