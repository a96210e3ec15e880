"""The marts equal calculations that share no code with them: pandas and pm4py, plain Python, the simulator's truth."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from bench.compare import differences
from bench.results import KEYS
from tests.soundness.support import ask, instant
from tests.support import ROOT, real_data


@pytest.mark.timeout(900)
def test_measures_equal_what_pandas_and_pm4py_make_of_the_same_feeds(simulated, tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    # In a process of its own: a test of this one may hold the file with other settings.
    code = "import sys, pathlib; from bench.compare import published_tables as write; write(*map(pathlib.Path, sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", code, str(simulated), str(ours)], check=True, cwd=ROOT)
    subprocess.run([sys.executable, "-m", "bench.pandas_pm4py", str(simulated), str(theirs)], check=True, cwd=ROOT)
    assert [line for table in KEYS for line in differences(ours, theirs, table)] == []


@pytest.mark.timeout(900)
def test_every_row_of_every_file_is_accounted_for(told):
    rows = ask(told.root, "FROM marts.feed_reconciliation")
    assert [r for r in rows if r[2] != sum(r[3:7])] == []
    # The CSV files of the ERP hold one row a line below the header.
    files = {p.relative_to(told.root).as_posix(): _lines(p) - 1 for p in told.root.glob("feeds/erp/*.csv")}
    assert {r[1]: r[2] for r in rows if r[0] == "erp"} == files


def _lines(path: Path) -> int:
    with path.open() as stream:
        return sum(1 for _ in stream)


def kaplan_meier_quantile(posted: list[float], censored: list[float], p: float) -> float | None:
    """By the definition: the smallest t with S(t) <= 1 - p + 1e-12, postings before censorings at equal t."""
    survival, at_risk = 1.0, len(posted) + len(censored)
    ends = sorted([(t, 0) for t in posted] + [(t, 1) for t in censored])
    for place, (t, is_censored) in enumerate(ends):
        if not is_censored:
            survival *= (at_risk - 1) / at_risk
            # At equal t all postings come first; S(t) is what is left after the last of them.
            is_last = place + 1 == len(ends) or ends[place + 1] != (t, 0)
            if is_last and survival <= 1 - p + 1e-12:
                return t
        at_risk -= 1
    return None


def test_kaplan_meier_quantiles_equal_a_walk_over_single_events(built_workspace):
    as_of = instant(built_workspace)
    events = ask(built_workspace, "SELECT facility_id, event_type, event_time, latency_s FROM marts.event_latency")
    sql = "SELECT facility_id, event_type, km_p50_s, km_p90_s, km_p95_s, km_p99_s FROM marts.latency_by_facility"
    published = ask(built_workspace, sql)
    assert len(published) > 20
    for facility, kind, *quantiles in published:
        own = [e for e in events if e[0] == facility and kind in (None, e[1])]
        posted = [e[3] for e in own if e[3] is not None]
        censored = [(as_of - e[2]).total_seconds() for e in own if e[3] is None]
        assert quantiles == [kaplan_meier_quantile(posted, censored, p) for p in (0.5, 0.9, 0.95, 0.99)]


def test_document_flow_gives_the_known_figures(document_flow_workspace):
    sql = """SELECT events_count, posted_count, unposted_count, p50_s, p90_s, p95_s
        FROM marts.latency_by_facility WHERE event_type IS NULL"""
    assert ask(document_flow_workspace, sql) == [(22_462, 21_937, 525, 1.0, 80.0, 79_996.0)]
    assert exceptions_count(document_flow_workspace, "negative_latency") == 1


def exceptions_count(workspace: Path, rule: str) -> int:
    """How many exceptions a rule reports."""
    return ask(workspace, f"SELECT count(*) FROM marts.exceptions WHERE rule = '{rule}'")[0][0]


def test_document_flow_equals_pandas_over_the_raw_table(document_flow_workspace):
    raw = pd.read_csv(real_data("sap-document-flow", "VBFA.csv.gz"), dtype=str)
    raw = raw[(raw.VBTYP_V == "J") & raw.VBTYP_N.isin(["Q", "R"])]
    raw["at"] = pd.to_datetime(raw.ERDAT + raw.ERZET, format="%Y%m%d%H%M%S", utc=True)
    first = raw.groupby(["VBELV", "POSNV", "VBTYP_N"])["at"].min().unstack()
    tasks, moved = first[first.Q.notna()], first[first.Q.isna() & first.R.notna()]
    latency = (tasks.R - tasks.Q).dt.total_seconds()
    sql = "SELECT count(*), count(latency_s), sum(latency_s), min(latency_s), max(latency_s) FROM marts.event_latency"
    summed = (len(tasks), latency.count(), latency.sum(), latency.min(), latency.max())
    assert ask(document_flow_workspace, sql) == [summed]
    sql = "SELECT p50_s, p90_s, p95_s, p99_s FROM marts.latency_by_facility WHERE event_type IS NULL"
    expected = tuple(np.nanquantile(latency, [0.5, 0.9, 0.95, 0.99]))
    assert ask(document_flow_workspace, sql)[0] == pytest.approx(expected)
    assert exceptions_count(document_flow_workspace, "orphan_posting") == len(moved)
    as_of = instant(document_flow_workspace)
    assert as_of == max(tasks.Q.max(), first.R.max()).to_pydatetime()
    unposted = tasks.Q[tasks.R.isna()]
    late = int((unposted < as_of - timedelta(seconds=3600)).sum())
    assert exceptions_count(document_flow_workspace, "missing_posting") == late
    sql = "SELECT received_count, out_of_scope_count FROM marts.feed_reconciliation"
    selected = len(tasks) + int(first.R.notna().sum())
    assert ask(document_flow_workspace, sql) == [(167_766, 167_766 - selected)]


def test_a_swapped_order_of_activities_is_another_variant():
    """Combining the hashes of steps must not forget their order: B before A is not the way A before B."""
    con = duckdb.connect()
    con.execute((ROOT / "transforms" / "dialects" / "duckdb.sql").read_text())
    sql = "SELECT xor(hash_of('A', 1), hash_of('B', 2)), xor(hash_of('B', 1), hash_of('A', 2))"
    ((one, other),) = con.execute(sql).fetchall()
    assert one != other
