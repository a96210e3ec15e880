"""Which file an event is delivered in, and which events are delivered again, as they were or in another version."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulator.draws import Flags, Ints, happens, stream
from pipelines.simulator.faults import UNDELIVERED
from pipelines.simulator.posting import uploaded_at
from pipelines.simulator.scenario import Channel, Scenario

HOUR_S = 3600
LATEST_REPEAT = 3


@dataclass(frozen=True)
class Delivery:
    """What one channel of a site sends.

    Attributes:
        row: rows of the event table, in order of delivery.
        file: file number of each, not decreasing.
        sent_at: UTC seconds at which each file was sent.
        is_variant: whether the row is told otherwise than it was.
    """

    row: Ints
    file: Ints
    sent_at: Ints
    is_variant: Flags

    def bounds(self) -> list[tuple[int, int, int]]:
        """(file number, first place, place after the last) of every file that holds something."""
        starts = np.flatnonzero(np.diff(self.file, prepend=-1))
        ends = np.append(starts, len(self.file))[1:]
        return [(int(self.file[s]), int(s), int(e)) for s, e in zip(starts, ends, strict=True)]


def deliver(scenario: Scenario, channel: Channel, events: pl.DataFrame, seed: int) -> Delivery:
    """The files of one channel, in time; some rows come again one to three files later, some of them changed."""
    site = scenario.facilities[channel.facility]
    own = (events["facility"].to_numpy() == channel.facility) & (events["channel"].to_numpy() == channel.number)
    rows = np.flatnonzero(own & (events["refusal"].to_numpy() != UNDELIVERED))
    recorded = events["recorded_at"].to_numpy()[rows]
    rows = rows[np.argsort(recorded, kind="stable")]
    recorded = np.sort(recorded)
    file, sent_at = _files(channel, recorded)
    name = ["spreadsheet"] * channel.number
    rng = stream(seed, "duplicate deliveries", *name, site.id)
    again = np.flatnonzero(happens(scenario.ratio("duplicate_delivery_ratio", channel.facility), len(rows), rng))
    later = _later(file[again], sent_at, rng)
    changed = np.flatnonzero(events["is_conflicting"].to_numpy()[rows])
    changed_later = _later(file[changed], sent_at, stream(seed, "conflicting deliveries", *name, site.id))
    all_rows = np.concatenate([rows, rows[again], rows[changed]])
    all_files = np.concatenate([file, later, changed_later])
    is_variant = np.arange(len(all_rows)) >= len(rows) + len(again)
    order = np.argsort(all_files, kind="stable")
    return Delivery(all_rows[order], all_files[order], sent_at, is_variant[order])


def _later(file: Ints, sent_at: Ints, rng: np.random.Generator) -> Ints:
    """One to three files later."""
    return np.minimum(file + rng.integers(1, LATEST_REPEAT + 1, len(file)), len(sent_at) - 1)


def _files(channel: Channel, recorded: Ints) -> tuple[Ints, Ints]:
    """File number of each event (in order of recording) and when each file is sent; one more file for repeats."""
    interval = channel.posting.interval_seconds or HOUR_S
    sent = uploaded_at(channel.posting, recorded)
    if channel.posting.timing_model == "realtime":
        sent = -(-recorded // HOUR_S) * HOUR_S
    moments, slot = np.unique(sent, return_inverse=True)
    together = -(-len(moments) // channel.feed.files) if len(moments) else 1
    bundle = slot // together
    ends = np.append(np.arange(together, len(moments), together), len(moments)) - 1
    sent_at = moments[ends] if len(moments) else moments
    if channel.feed.events_per_file:
        bundle, sent_at = _split(bundle, sent_at, channel.feed.events_per_file)
    last = int(sent_at[-1]) if len(sent_at) else 0
    return bundle, np.append(sent_at, last + interval)


def _split(bundle: Ints, sent_at: Ints, limit: int) -> tuple[Ints, Ints]:
    """Splits bundles that hold more than `limit` events."""
    first = np.searchsorted(bundle, bundle, side="left")
    part = (np.arange(len(bundle)) - first) // limit
    _, file = np.unique(bundle * (1 + int(part.max(initial=0))) + part, return_inverse=True)
    starts = np.flatnonzero(np.diff(file, prepend=-1))
    return file, sent_at[bundle[starts]]
