"""The process models in SQL: cases, total order, open cases, variants and edges, also against pm4py's own."""

import hashlib
import random
import warnings
from collections import Counter
from itertools import permutations

import pandas as pd
import pytest

from mining import load_processes, process_activities
from pipelines.engines.duckdb import DuckDBEngine
from tests.mined import CASES, DAY, START, at, event, mined

TABLES = CASES


def variants(engine: DuckDBEngine) -> dict[str, str]:
    return dict(engine.rows("SELECT case_id, variant FROM process.case_variant"))


def test_a_case_of_receiving_is_a_line_of_a_document_at_a_facility(engine):
    """Two lines, another document, another facility, and a line that is not stated: five cases of one event each."""
    mined(engine, [
        event("e1", "receipt_created", 0),
        event("e2", "receipt_created", 0, document_line="2"),
        event("e3", "receipt_created", 0, document_id="PO-2"),
        event("e4", "receipt_created", 0, facility_id="RDC"),
        event("e5", "receipt_created", 0, document_line=None),
    ])  # fmt: skip
    assert sorted(variants(engine)) == ["NDC|PO-1|", "NDC|PO-1|1", "NDC|PO-1|2", "NDC|PO-2|1", "RDC|PO-1|1"]


def test_an_event_without_document_or_of_no_process_is_in_no_case(engine):
    mined(engine, [
        event("e1", "receipt_created", 0, document_id=None),
        event("e2", "pallet_wrapped", 0),
    ])  # fmt: skip
    assert {engine.count(table) for table in TABLES} == {0}


def test_a_transfer_is_one_case_at_the_receiving_facility_whatever_its_lines(engine):
    mined(engine, [
        event("t1", "transfer_requested", 0, facility_id="RDC", document_id="TO-1", partner_facility_id="NDC"),
        event("t2", "transfer_shipped", 60, facility_id="NDC", document_id="TO-1", partner_facility_id="RDC"),
        event("t3", "transfer_received", 120, facility_id="RDC", document_id="TO-1", document_line="2"),
    ])  # fmt: skip
    found = engine.rows("SELECT facility_id, case_id, variant FROM process.case_variant")
    assert found == [("RDC", "TO-1", "transfer_requested > transfer_shipped > transfer_received")]


@pytest.mark.parametrize(
    ("events", "facility"),
    [
        # The partner of the first shipment that states one, before anything else.
        ([("transfer_requested", "A", "B"), ("transfer_shipped", "A", "C"), ("transfer_received", "D", "A")], "C"),
        ([("transfer_shipped", "A", None), ("transfer_shipped", "A", "C"), ("transfer_received", "D", "A")], "C"),
        ([("transfer_shipped", "A", "C"), ("transfer_shipped", "A", "E")], "C"),
        # Else where it was received.
        ([("transfer_requested", "A", "B"), ("transfer_shipped", "A", None), ("transfer_received", "D", "A")], "D"),
        # Else the partner of the first request that states one.
        ([("transfer_requested", "A", None), ("transfer_requested", "A", "B"), ("transfer_shipped", "A", None)], "B"),
        # Else where its first event happened.
        ([("transfer_approved", "A", "B"), ("transfer_shipped", "F", None)], "A"),
    ],
)
def test_the_receiving_facility_of_a_transfer_is_found_by_rank(engine, events, facility):
    rows = [
        event(f"t{i}", kind, i, facility_id=at_facility, partner_facility_id=partner, document_id="TO-1")
        for i, (kind, at_facility, partner) in enumerate(events)
    ]
    mined(engine, rows)
    assert engine.rows("SELECT facility_id FROM process.case_variant") == [(facility,)]


def test_a_quality_hold_belongs_to_a_receipt_and_makes_no_case_alone(engine):
    mined(engine, [
        event("e1", "receipt_created", 0),
        event("e2", "quality_hold_placed", 60),
        event("e3", "quality_hold_placed", 0, document_id="QH-1"),
        event("e4", "quality_hold_released", 60, document_id="QH-1"),
    ])  # fmt: skip
    assert variants(engine) == {"NDC|PO-1|1": "receipt_created > quality_hold_placed"}
    assert engine.rows("SELECT sum(edges_count) FROM marts.process_edges") == [(3,)]


def test_ties_in_time_are_ordered_by_recording_then_sequence_then_id_with_what_is_not_stated_first(engine):
    """All at second 0. Not recorded: e9. Recorded at 1: no sequence e8, sequence 1 e7. At 2: e5 before e6 by id."""
    rows = [
        event("e6", "transfer_received", 0, recorded_at=at(2), sequence_no=5),
        event("e5", "transfer_shipped", 0, recorded_at=at(2), sequence_no=5),
        event("e7", "transfer_approved", 0, recorded_at=at(1), sequence_no=1),
        event("e8", "transfer_requested", 0, recorded_at=at(1)),
        event("e9", "transfer_received", 0, sequence_no=9),
    ]
    mined(engine, rows)
    assert variants(engine) == {
        "PO-1": "transfer_received > transfer_requested > transfer_approved > transfer_shipped > transfer_received"
    }
    assert engine.rows("SELECT ties_count FROM process.case_variant") == [(4,)]


def test_every_order_of_the_same_activities_is_a_variant_of_its_own(engine):
    """4! = 24 orders; cases are grouped by a hash of their steps, which must not forget which step was where."""
    kinds = ("transfer_requested", "transfer_approved", "transfer_shipped", "transfer_received")
    rows = [
        event(f"{case}-{i}", kind, i, document_id=f"TO-{case}")
        for case, order in enumerate(permutations(kinds))
        for i, kind in enumerate(order)
    ]
    mined(engine, rows)
    assert variants(engine) == {f"TO-{case}": " > ".join(order) for case, order in enumerate(permutations(kinds))}


def test_a_case_is_open_while_its_last_event_is_younger_than_the_horizon(engine):
    """Receiving has a horizon of 3 days. Last event 1 s younger than it: open; exactly as old: no longer."""
    rows = [
        event("e1", "receipt_created", 0, document_line="exact"),
        event("e2", "receipt_created", 1, document_line="younger"),
        event("e3", "putaway_completed", 1, document_line="ended"),
        event("e4", "receipt_created", -9 * DAY, document_line="begun long ago"),
        event("e5", "receipt_confirmed", 1, document_line="begun long ago"),
    ]
    mined(engine, rows, as_of=3 * DAY)
    assert dict(engine.rows("SELECT split_part(case_id, '|', 3), is_open FROM process.case_variant")) == {
        "exact": False, "younger": True, "ended": False, "begun long ago": True
    }  # fmt: skip


def test_a_variant_is_named_by_the_md5_of_its_text(engine):
    """`printf 'receipt_created' | md5sum` begins with 16 digits that every build gives it; lines that go alike share it."""
    mined(engine, [event("e1", "receipt_created", 0), event("e2", "receipt_created", 0, document_line="2")])
    expected = hashlib.md5(b"receipt_created", usedforsecurity=False).hexdigest()[:16]
    assert engine.rows("SELECT DISTINCT variant_id FROM process.case_variant") == [(expected,)]
    assert engine.rows("SELECT variant_id, cases_count FROM process.variant_frequency") == [(expected, 2)]


def test_an_adjustment_makes_no_counting_case_alone(engine):
    """A loss written off by hand is no count; a count adjusted without approval is one."""
    mined(engine, [
        event("a1", "inventory_adjusted", 0, document_id="AD-1"),
        event("c1", "cycle_count_recorded", 0, document_id="CC-1"),
        event("c2", "inventory_adjusted", 60, document_id="CC-1"),
    ])  # fmt: skip
    assert variants(engine) == {"NDC|CC-1|1": "cycle_count_recorded > inventory_adjusted"}


def test_an_event_of_two_processes_is_in_the_one_whose_case_it_has(engine):
    """A quality hold belongs to receipts and to returns; the return's hold makes no receipt."""
    mined(engine, [
        event("r1", "return_received", 0, document_id="RM-1"),
        event("r2", "quality_hold_placed", 60, document_id="RM-1"),
    ])  # fmt: skip
    found = engine.rows("SELECT process, variant FROM process.case_variant")
    assert found == [("return_to_disposition", "return_received > quality_hold_placed")]


def test_a_transfer_has_a_horizon_of_seven_days(engine):
    mined(engine, [event("t1", "transfer_shipped", 0, document_id="TO-1")], as_of=7 * DAY - 1)
    assert engine.rows("SELECT is_open FROM process.variant_frequency") == [(True,)]


def test_an_edge_waits_from_one_event_of_a_case_to_the_next(engine):
    """Created at 0 and 0, confirmed after 600 and 1200 s: median 900, 90th percentile 600 + 0.9 x 600 = 1140, 95th 1170."""
    mined(engine, [
        event("a1", "receipt_created", 0),
        event("a2", "receipt_confirmed", 600),
        event("b1", "receipt_created", 0, document_line="2"),
        event("b2", "receipt_confirmed", 1200, document_line="2"),
    ])  # fmt: skip
    found = engine.rows("SELECT * FROM marts.process_edges ORDER BY from_activity NULLS FIRST")
    assert found == [
        ("procure_to_receive", "NDC", None, "receipt_created", 2, *[None] * 3, 2, *[None] * 3),
        ("procure_to_receive", "NDC", "receipt_confirmed", None, 2, *[None] * 3, 2, *[None] * 3),
        ("procure_to_receive", "NDC", "receipt_created", "receipt_confirmed", 2, 900.0, 1140.0, 1170.0, 2, *[None] * 3),
    ]


def random_events(seed: int, count: int) -> list[dict]:
    """Random activities of all processes, with many ties in time, in random order."""
    chance = random.Random(seed)
    kinds = sorted(process_activities(load_processes())["event_type"])
    return [
        event(
            f"e{i:05}", chance.choice(kinds), chance.randint(0, 400), facility_id=chance.choice(["NDC", "RDC"]),
            document_id=f"D-{chance.randint(1, count // 12)}", document_line=chance.choice(["1", "2", None]),
            recorded_at=chance.choice([None, at(500), at(501)]), sequence_no=chance.choice([None, 1, 2]),
        )
        for i in range(count)
    ]  # fmt: skip


def sorted_log(events: list[dict], process: str) -> pd.DataFrame:
    """The cases of a process as pm4py wants them, sorted in total order, one second apart so that no tie is left."""
    spec = next(s for s in load_processes() if s.process == process)
    of_process = [e for e in events if e["event_type"] in spec.activities]

    def case(e: dict) -> tuple:
        line = (e["facility_id"], e["document_id"], e.get("document_line"))
        return (e["document_id"],) if spec.case_key == "document" else line

    making = {case(e) for e in of_process if e["event_type"] not in spec.attached}
    early = at(-DAY)
    in_order = sorted(
        (e for e in of_process if case(e) in making),
        key=lambda e: (e["event_time"], e.get("recorded_at") or early, e.get("sequence_no") or 0, e["event_id"]),
    )
    log = pd.DataFrame(
        {
            "case:concept:name": [str(case(e)) for e in in_order],
            "concept:name": [e["event_type"] for e in in_order],
            "time:timestamp": pd.date_range(START, periods=len(in_order), freq="s"),
        }
    )
    # pm4py counts wrong variants, silently, where the events of a case do not stand together.
    return log.sort_values(["case:concept:name", "time:timestamp"], ignore_index=True)


@pytest.mark.parametrize("process", [spec.process for spec in load_processes()])
def test_variants_and_edges_of_a_random_log_are_those_of_pm4py(engine, process):
    events = random_events(seed=11, count=2_000)
    mined(engine, events)
    log = sorted_log(events, process)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py

        their_variants = {" > ".join(trace): n for trace, n in pm4py.get_variants(log).items()}
        graph, first, last = pm4py.discover_dfg(log)
    ours = engine.rows(f"SELECT variant, sum(cases_count) FROM marts.variants WHERE process = '{process}' GROUP BY 1")
    assert dict(ours) == their_variants
    edges = engine.rows(f"SELECT * FROM marts.process_edges WHERE process = '{process}'")
    counted: Counter = Counter()
    for _, _, before, after, n, *_ in edges:
        counted[before, after] += n
    expected = {**graph, **{(None, a): n for a, n in first.items()}, **{(a, None): n for a, n in last.items()}}
    assert dict(counted) == expected


def test_the_order_of_the_rows_changes_nothing(engine):
    events = random_events(seed=5, count=600)
    first = [mined(engine, events).rows(f"FROM {table} ORDER BY ALL") for table in TABLES]
    random.Random(1).shuffle(events)
    assert [mined(engine, events).rows(f"FROM {table} ORDER BY ALL") for table in TABLES] == first


def test_shares_of_a_process_at_a_facility_sum_to_one(engine):
    mined(engine, random_events(seed=3, count=600))
    sums = engine.rows("SELECT sum(share_ratio) FROM marts.variants GROUP BY process, facility_id")
    assert [s for (s,) in sums] == [pytest.approx(1.0)] * len(sums)
