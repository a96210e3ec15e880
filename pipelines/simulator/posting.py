"""What the ERP stores, and when: each site's timing model, what gets lost or late on the way, and manual postings."""

import numpy as np
import polars as pl

from pipelines.simulator.draws import Ints, delays, happens, stream
from pipelines.simulator.events import EVENT_TYPES, IS_EXPECTED, NONE, SIGN, TYPE
from pipelines.simulator.generate import Generated
from pipelines.simulator.scenario import Posting, Scenario, seconds_of

DAY_S = 86400
FATES = ("in time", "lost", "late", "clock skew")


def uploaded_at(posting: Posting, recorded: Ints) -> Ints:
    """When a site sends what it recorded: at once, at the next half hour, at the next acknowledgement."""
    if posting.timing_model == "micro_batch":
        interval = int(posting.interval_seconds or 1)
        return -(-recorded // interval) * interval
    if posting.timing_model == "batch":
        moments = np.sort([seconds_of(t) for t in posting.acknowledges])
        day, second = np.divmod(recorded, DAY_S)
        place = np.searchsorted(moments, second, side="left")
        is_today = place < len(moments)
        return (day + ~is_today) * DAY_S + np.where(is_today, moments[place % len(moments)], moments[0])
    return recorded


def sla_table(scenario: Scenario) -> Ints:
    """Posting SLA in seconds per facility (rows) and event type."""
    return np.array([[scenario.sla.posting(s.id, t) for t in EVENT_TYPES] for s in scenario.facilities], dtype=np.int64)


def post(scenario: Scenario, made: Generated, seed: int) -> pl.DataFrame:
    """All postings in the order in which the ERP stored them.

    Returns:
        event (row of the event, NONE for a manual posting), is_keyed (without event_id), facility, item,
        event_type (NONE for a manual posting), quantity (signed), posted_at, document_kind, document, line.
    """
    events = made.events
    expected = np.flatnonzero(IS_EXPECTED[events["event_type"].to_numpy()])
    chosen = events[expected]
    facility, types = chosen["facility"].to_numpy().astype(np.int64), chosen["event_type"].to_numpy().astype(np.int64)
    posted = _usual(scenario, chosen, seed)
    fate = _fates(scenario, len(chosen), seed)
    posted = _delayed(scenario, chosen, posted, fate, sla_table(scenario)[facility, types], seed)
    sign = np.where(SIGN[types] == 0, 1, SIGN[types])
    postings = chosen.select("facility", "item", "event_type", "document_kind", "document", "line").with_columns(
        event=pl.Series(expected.astype(np.int64)),
        is_keyed=pl.Series(_keyed(scenario, facility, types, seed)),
        quantity=pl.Series(chosen["quantity"].to_numpy() * sign),
        posted_at=pl.Series(posted),
    )
    kept = postings.filter(pl.Series(fate != FATES.index("lost")))
    return pl.concat([kept, _manual(scenario, made, kept, seed)]).sort("posted_at", maintain_order=True)


def _usual(scenario: Scenario, chosen: pl.DataFrame, seed: int) -> Ints:
    """When each event is posted if nothing goes wrong."""
    facility, recorded = chosen["facility"].to_numpy(), chosen["recorded_at"].to_numpy()
    posted = recorded.copy()
    for number, site in enumerate(scenario.facilities):
        here = np.flatnonzero(facility == number)
        rng = stream(seed, "posting", site.id)
        posted[here] = uploaded_at(site.posting, recorded[here]) + delays(site.posting.delay, len(here), rng)
    return posted


def _fates(scenario: Scenario, count: int, seed: int) -> Ints:
    """For each posting a position in FATES."""
    faults = scenario.faults
    ends = np.cumsum([faults.lost_posting_ratio, faults.late_posting_ratio, faults.clock_skew_ratio])
    place = np.searchsorted(ends, stream(seed, "posting fates").random(count), side="right")
    return np.where(place == len(ends), 0, place + 1)


def _delayed(scenario: Scenario, chosen: pl.DataFrame, posted: Ints, fate: Ints, sla: Ints, seed: int) -> Ints:
    """Late postings come after the SLA; a clock that runs ahead makes an event later than its posting."""
    rng = stream(seed, "posting delays")
    time = chosen["event_time"].to_numpy()
    late = time + sla + delays(scenario.faults.late_extra, len(time), rng)
    skew = scenario.faults.clock_skew
    early = time - rng.integers(skew.minimum_s, skew.maximum_s + 1, len(time))
    return np.select([fate == FATES.index("late"), fate == FATES.index("clock skew")], [late, early], default=posted)


def _keyed(scenario: Scenario, facility: Ints, types: Ints, seed: int) -> np.ndarray:
    """Whether a posting names its document line only; types whose line has one event of their direction."""
    is_possible = np.isin(types, [TYPE[name] for name in scenario.key_only_types])
    ratios = np.array([site.posting.key_only_ratio for site in scenario.facilities])
    return is_possible & (stream(seed, "keyed").random(len(types)) < ratios[facility])


def _manual(scenario: Scenario, made: Generated, kept: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Manual postings: a copy of some postings' place and time, with a document that no event knows."""
    rng = stream(seed, "manual postings")
    rows = np.flatnonzero(happens(scenario.faults.orphan_posting_ratio, len(kept), rng))
    count = len(rows)
    facility = kept["facility"].to_numpy()[rows]
    stocked = made.items.is_stocked
    item = np.array([rng.choice(np.flatnonzero(stocked[f])) for f in facility], dtype=np.int64)
    quantity = rng.integers(1, 20, count) * np.where(rng.random(count) < 0.5, -1, 1)
    last = int(made.events["recorded_at"].to_numpy()[-1])
    posted = np.minimum(kept["posted_at"].to_numpy()[rows], last) + rng.integers(0, 1800, count)
    values = {
        "facility": facility,
        "item": item,
        "event_type": np.full(count, NONE),
        "document_kind": np.full(count, NONE),
        "document": np.arange(1, count + 1),
        "line": np.ones(count),
        "event": np.full(count, NONE),
        "is_keyed": np.zeros(count, dtype=bool),
        "quantity": quantity,
        "posted_at": posted,
    }
    return pl.DataFrame({name: pl.Series(values[name]).cast(dtype) for name, dtype in kept.schema.items()})
