"""The timing model that postings show is the one that the simulated sites have, also when clocks change."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from tests.building import build_tables
from tests.soundness.support import ask

# As data/scenarios/three-dc.yaml has them: the 3PL acknowledges at these hours of its clock, which is UTC.
SITES = {
    "NDC": ("realtime", None, None),
    "RDC": ("micro_batch", 1800.0, None),
    "3PL1": ("batch", 21600.0, "2, 8, 14, 20"),
}
ZONES = {"NDC": "America/Chicago", "RDC": "America/New_York", "3PL1": "UTC"}


@pytest.fixture(scope="session")
def changing_workspace(once):
    """Three sites over the night of 8 March 2026, in which the clocks of two of them change."""

    def fill(folder: Path) -> None:
        from pipelines.simulator import simulate

        simulate("three-dc", folder, events=6_000, seed=5, start=date(2026, 3, 5), days=7)
        build_tables(folder)

    return once("three-dc-clock-change", fill)


@pytest.fixture(params=["built_workspace", "changing_workspace"])
def posted(request) -> Path:
    return request.getfixturevalue(request.param)


def test_every_site_is_seen_to_post_as_it_does(posted):
    sql = "SELECT facility_id, detected_model, detected_period_s, batch_hours, is_as_declared FROM marts.timing_model"
    found = {row[0]: row[1:] for row in ask(posted, sql)}
    assert found == {site: (*model, True) for site, model in SITES.items()}


def test_a_site_that_does_what_it_says_is_clear(posted):
    found = dict(ask(posted, "SELECT facility_id, confidence_ratio FROM marts.timing_model"))
    assert all(found[site] > 0.8 for site in SITES), found


def test_the_concentration_equals_numpy_over_the_delivered_postings(posted):
    """R = |mean of exp(2 pi i t / period)| of the minutes of posted_at on the local clock, up to as_of."""
    as_of = ask(posted, "SELECT as_of FROM marts.run_info")[0][0]
    files = sorted((posted / "feeds" / "erp").glob("*.csv"))
    rows = pl.concat(
        [pl.read_csv(path, infer_schema=False).select("posting_id", "posted_at", "facility_id") for path in files]
    )
    rows = (
        rows.unique()
        .with_columns(pl.col("posted_at").str.to_datetime(time_zone="UTC"))
        .filter(pl.col("posted_at") <= as_of)
    )
    sql = "SELECT facility_id, detected_period_s, clock, concentration_ratio, postings_count FROM marts.timing_model WHERE clock IS NOT NULL"
    found = ask(posted, sql)
    assert {row[0] for row in found} == {"RDC", "3PL1"}
    for site, period_s, clock, concentration, count in found:
        own = rows.filter(pl.col("facility_id") == site)["posted_at"].to_list()
        zone = ZoneInfo(ZONES[site] if clock == "local" else "UTC")
        local = [moment.astimezone(zone) for moment in own]
        minutes = np.array([60 * moment.hour + moment.minute for moment in local])
        expected = abs(np.exp(2j * np.pi * minutes / (period_s / 60)).mean())
        assert len(own) == count
        assert concentration == pytest.approx(expected, abs=1e-6)
