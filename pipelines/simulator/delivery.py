"""Which file an event is delivered in, and which events are delivered again in a later file."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.simulator.draws import Ints, happens, stream
from pipelines.simulator.posting import uploaded_at
from pipelines.simulator.scenario import Scenario, Site

HOUR_S = 3600
LATEST_REPEAT = 3


@dataclass(frozen=True)
class Delivery:
    """What one site sends.

    Attributes:
        row: rows of the event table, in order of delivery.
        file: file number of each, not decreasing.
        sent_at: UTC seconds at which each file was sent.
    """

    row: Ints
    file: Ints
    sent_at: Ints

    def bounds(self) -> list[tuple[int, int, int]]:
        """(file number, first place, place after the last) of every file that holds something."""
        starts = np.flatnonzero(np.diff(self.file, prepend=-1))
        ends = np.append(starts, len(self.file))[1:]
        return [(int(self.file[s]), int(s), int(e)) for s, e in zip(starts, ends, strict=True)]


def deliver(scenario: Scenario, number: int, events: pl.DataFrame, seed: int) -> Delivery:
    """The files of one site, in time; some rows come again one to three files later."""
    site = scenario.facilities[number]
    rows = np.flatnonzero(events["facility"].to_numpy() == number)
    recorded = events["recorded_at"].to_numpy()[rows]
    rows = rows[np.argsort(recorded, kind="stable")]
    recorded = np.sort(recorded)
    file, sent_at = _files(site, recorded)
    rng = stream(seed, "duplicate deliveries", site.id)
    again = np.flatnonzero(happens(scenario.faults.duplicate_delivery_ratio, len(rows), rng))
    later = np.minimum(file[again] + rng.integers(1, LATEST_REPEAT + 1, len(again)), len(sent_at) - 1)
    all_rows, all_files = np.concatenate([rows, rows[again]]), np.concatenate([file, later])
    order = np.argsort(all_files, kind="stable")
    return Delivery(all_rows[order], all_files[order], sent_at)


def _files(site: Site, recorded: Ints) -> tuple[Ints, Ints]:
    """File number of each event (in order of recording) and when each file is sent; one more file for repeats."""
    interval = site.posting.interval_seconds or HOUR_S
    sent = uploaded_at(site.posting, recorded)
    if site.posting.timing_model == "realtime":
        sent = -(-recorded // HOUR_S) * HOUR_S
    moments, slot = np.unique(sent, return_inverse=True)
    together = -(-len(moments) // site.feed.files) if len(moments) else 1
    bundle = slot // together
    ends = np.append(np.arange(together, len(moments), together), len(moments)) - 1
    sent_at = moments[ends] if len(moments) else moments
    if site.feed.events_per_file:
        bundle, sent_at = _split(bundle, sent_at, site.feed.events_per_file)
    last = int(sent_at[-1]) if len(sent_at) else 0
    return bundle, np.append(sent_at, last + interval)


def _split(bundle: Ints, sent_at: Ints, limit: int) -> tuple[Ints, Ints]:
    """Splits bundles that hold more than `limit` events."""
    first = np.searchsorted(bundle, bundle, side="left")
    part = (np.arange(len(bundle)) - first) // limit
    _, file = np.unique(bundle * (1 + int(part.max(initial=0))) + part, return_inverse=True)
    starts = np.flatnonzero(np.diff(file, prepend=-1))
    return file, sent_at[bundle[starts]]
