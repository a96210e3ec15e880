"""What the ERP stores, and when: each site's timing model, what goes wrong on the way, and manual postings."""

import numpy as np
import polars as pl

from pipelines.simulator.draws import Flags, Ints, delays, stream
from pipelines.simulator.events import DOCUMENT_KIND, EVENT_TYPES, IS_EXPECTED, NONE, SIGN, TYPE
from pipelines.simulator.faults import UNDELIVERED, happens_at, told_rows
from pipelines.simulator.generate import Generated
from pipelines.simulator.scenario import Scenario
from pipelines.simulator.shapes import seconds_of
from pipelines.simulator.sites import Posting

DAY_S = 86400
FATES = ("in time", "lost", "late", "clock skew", "double", "other quantity")
FAULTS = (
    "lost_posting_ratio", "late_posting_ratio", "clock_skew_ratio", "duplicate_posting_ratio",
    "quantity_mismatch_ratio",
)  # fmt: skip
IN_TIME, LOST, LATE, CLOCK_SKEW, DOUBLE, OTHER_QUANTITY = range(len(FATES))

# A person types a posting again within the hour, and dates one back by up to ten days.
LATEST_DOUBLE_S, MOST_DAYS_BACK, MOST_UNITS_OFF = 3600, 10, 3


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
        event (row of the event, NONE for a manual posting), is_keyed (without event_id), is_double (a second posting),
        facility, item, event_type (NONE for a manual posting), quantity (signed), posted_at, days_back (of its
        posting date), is_misvalued, document_kind, document_type, document, line.
    """
    events = made.events
    reaches = events["refusal"].to_numpy() != UNDELIVERED
    expected = np.flatnonzero(IS_EXPECTED[events["event_type"].to_numpy()] & reaches)
    chosen = events[expected]
    facility, types = chosen["facility"].to_numpy().astype(np.int64), chosen["event_type"].to_numpy().astype(np.int64)
    is_told = told_rows(made, chosen)
    is_keyed = _keyed(scenario, chosen, seed) & ~is_told
    fate = _fates(scenario, facility, is_keyed, seed)
    fate[is_told] = IN_TIME
    posted = _delayed(scenario, chosen, _usual(scenario, chosen, seed), fate, seed)
    if made.told is not None:
        posted[is_told & (types == TYPE["receipt_confirmed"])] = made.told[1]
    sign = np.where(SIGN[types] == 0, 1, SIGN[types])
    names = ("facility", "item", "event_type", "document_kind", "document_type", "document", "line")
    postings = chosen.select(*names).with_columns(
        event=pl.Series(expected.astype(np.int64)),
        is_keyed=pl.Series(is_keyed),
        quantity=pl.Series(_posted_quantity(chosen, fate, seed) * sign),
        posted_at=pl.Series(posted),
        is_double=pl.lit(value=False),
    )
    kept = postings.filter(pl.Series(fate != LOST))
    doubles = _doubles(postings.filter(pl.Series(fate == DOUBLE)), seed)
    together = pl.concat([kept, _manual(scenario, made, kept, seed), doubles]).sort("posted_at", maintain_order=True)
    return _misdated(scenario, together, seed)


def _usual(scenario: Scenario, chosen: pl.DataFrame, seed: int) -> Ints:
    """When each event is posted if nothing goes wrong."""
    facility, recorded = chosen["facility"].to_numpy(), chosen["recorded_at"].to_numpy()
    types, channel = chosen["event_type"].to_numpy(), chosen["channel"].to_numpy()
    posted = recorded.copy()
    for own in scenario.channels():
        site, name = scenario.facilities[own.facility], ["spreadsheet"] * own.number
        here = np.flatnonzero((facility == own.facility) & ((channel == own.number) | (own.number == 0)))
        rng = stream(seed, "posting", *name, site.id)
        posted[here] = uploaded_at(own.posting, recorded[here]) + delays(own.posting.delay, len(here), rng)
        for event_type, more in own.posting.by_event_type.items():
            slow = here[types[here] == TYPE[event_type]]
            posted[slow] += delays(more, len(slow), stream(seed, "posting", *name, site.id, event_type))
    return posted


def _fates(scenario: Scenario, facility: Ints, is_keyed: Flags, seed: int) -> Ints:
    """For each posting a position in FATES; what goes wrong with an event's number needs one."""
    ends = np.cumsum(np.array([scenario.ratios(name) for name in FAULTS]), axis=0)[:, facility]
    place = (stream(seed, "posting fates").random(len(facility)) >= ends).sum(axis=0)
    fate = np.where(place == len(FAULTS), IN_TIME, place + 1)
    return np.where(is_keyed & np.isin(fate, [DOUBLE, OTHER_QUANTITY]), IN_TIME, fate)


def _delayed(scenario: Scenario, chosen: pl.DataFrame, posted: Ints, fate: Ints, seed: int) -> Ints:
    """Late postings come after the SLA; a clock that runs ahead makes an event later than its posting."""
    rng = stream(seed, "posting delays")
    time = chosen["event_time"].to_numpy()
    sla = sla_table(scenario)[chosen["facility"].to_numpy(), chosen["event_type"].to_numpy()]
    late = time + sla + delays(scenario.faults.late_extra, len(time), rng)
    skew = scenario.faults.clock_skew
    early = time - rng.integers(skew.minimum_s, skew.maximum_s + 1, len(time))
    return np.select([fate == LATE, fate == CLOCK_SKEW], [late, early], default=posted)


def _keyed(scenario: Scenario, chosen: pl.DataFrame, seed: int) -> Flags:
    """Whether a posting names its document line only; types whose line has one event of their direction."""
    facility, types = chosen["facility"].to_numpy(), chosen["event_type"].to_numpy()
    is_possible = np.isin(types, [TYPE[name] for name in scenario.key_only_types]) & ~_received_twice(chosen)
    ratios = np.array([site.posting.key_only_ratio for site in scenario.facilities])
    return is_possible & (stream(seed, "keyed").random(len(types)) < ratios[facility])


def _received_twice(chosen: pl.DataFrame) -> Flags:
    """Receipts of a transfer that was received more than once: their document does not tell one from the other."""
    is_receipt = (pl.col("event_type") == TYPE["transfer_received"]) & (
        pl.col("document_kind") == DOCUMENT_KIND["transfer"]
    )
    return chosen.select(is_receipt & (is_receipt.sum().over("document_kind", "document") > 1)).to_series().to_numpy()


def _posted_quantity(chosen: pl.DataFrame, fate: Ints, seed: int) -> Ints:
    """What is posted, before its sign: some postings state a few units more than the event."""
    quantity = chosen["quantity"].to_numpy()
    more = stream(seed, "other quantities").integers(1, MOST_UNITS_OFF + 1, len(quantity)) * (fate == OTHER_QUANTITY)
    return np.asarray(quantity + more * np.where(quantity < 0, -1, 1))


def _doubles(doubled: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The second postings of some events."""
    later = stream(seed, "double postings").integers(30, LATEST_DOUBLE_S + 1, len(doubled))
    return doubled.with_columns(
        posted_at=pl.col("posted_at") + pl.Series(later, dtype=pl.Int64), is_double=pl.lit(value=True)
    )


def _misdated(scenario: Scenario, postings: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Adds by how many days each posting is dated back, and whether it is valued at another cost than the item's."""
    facility = postings["facility"].to_numpy()
    rng = stream(seed, "posting dates")
    is_back = happens_at(scenario.ratios("backdated_ratio"), facility, rng)
    days = rng.integers(1, MOST_DAYS_BACK + 1, len(postings)) * is_back
    is_misvalued = happens_at(scenario.ratios("valuation_ratio"), facility, stream(seed, "values"))
    return postings.with_columns(days_back=pl.Series(days).cast(pl.Int64), is_misvalued=pl.Series(is_misvalued))


def _manual(scenario: Scenario, made: Generated, kept: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Manual postings: a copy of some postings' place and time, with a document that no event knows."""
    rng = stream(seed, "manual postings")
    rows = np.flatnonzero(happens_at(scenario.ratios("orphan_posting_ratio"), kept["facility"].to_numpy(), rng))
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
        "document_type": np.full(count, NONE),
        "document": np.arange(1, count + 1),
        "line": np.ones(count),
        "event": np.full(count, NONE),
        "is_keyed": np.zeros(count, dtype=bool),
        "quantity": quantity,
        "posted_at": posted,
        "is_double": np.zeros(count, dtype=bool),
    }
    return pl.DataFrame({name: pl.Series(values[name]).cast(dtype) for name, dtype in kept.schema.items()})
