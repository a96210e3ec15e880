"""When postings are sent, which SLA holds, and what the truth says of hand-made events and postings."""

from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.simulator.counts import book_quantities
from pipelines.simulator.delivery import Delivery
from pipelines.simulator.events import COLUMNS, DOCUMENT_KIND, NONE, TYPE
from pipelines.simulator.master import check_digit, gln, gtin, local_code
from pipelines.simulator.posting import uploaded_at
from pipelines.simulator.scenario import Scenario, load_scenario
from pipelines.simulator.shapes import Delay
from pipelines.simulator.sites import Posting, Sla
from pipelines.simulator.truth import (
    is_over_tolerance,
    posting_exceptions,
    transfer_exceptions,
    true_links,
    true_transfers,
)

HOUR = 3600
DELAY = Delay(median_s=1, sigma=0, minimum_s=1, maximum_s=1)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def scenario() -> Scenario:
    """three-dc with SLAs of whole hours: 1, 3PL1 12, shipments 2, those of 3PL1 3; transfers 48, to 3PL1 60."""
    sla: dict[str, Any] = {
        "posting_seconds": HOUR,
        "transfer_seconds": 48 * HOUR,
        "by_event_type": {"shipment_confirmed": 2 * HOUR},
        "by_facility": {
            "3PL1": {
                "posting_seconds": 12 * HOUR,
                "transfer_seconds": 60 * HOUR,
                "by_event_type": {"shipment_confirmed": 3 * HOUR},
            }
        },
    }
    return load_scenario("three-dc").model_copy(update={"sla": Sla.model_validate(sla)})


def events(*rows: dict[str, Any]) -> pl.DataFrame:
    """An event table; what a row leaves out is 0."""
    return pl.DataFrame([dict.fromkeys(COLUMNS, 0) | row for row in rows], schema=COLUMNS)


def test_a_micro_batch_is_sent_at_the_next_half_hour_and_on_the_half_hour_at_once():
    half_hourly = Posting(timing_model="micro_batch", delay=DELAY, key_only_ratio=0, interval_seconds=1800)
    recorded = np.array([utc("2026-01-05T10:02:00"), utc("2026-01-05T10:30:00"), utc("2026-01-05T10:30:01")])
    expected = [utc("2026-01-05T10:30:00"), utc("2026-01-05T10:30:00"), utc("2026-01-05T11:00:00")]
    assert uploaded_at(half_hourly, recorded).tolist() == expected


def test_a_batch_is_sent_at_the_next_acknowledgement_perhaps_tomorrow():
    moments = [time(20, 0), time(8, 0)]
    batch = Posting(timing_model="batch", delay=DELAY, key_only_ratio=0, acknowledges=moments)
    recorded = np.array([utc("2026-01-05T07:59:59"), utc("2026-01-05T08:00:01"), utc("2026-01-05T20:00:01")])
    expected = [utc("2026-01-05T08:00:00"), utc("2026-01-05T20:00:00"), utc("2026-01-06T08:00:00")]
    assert uploaded_at(batch, recorded).tolist() == expected


@pytest.mark.parametrize(
    ("facility", "event_type", "hours"),
    [
        ("NDC", "receipt_confirmed", 1),
        ("NDC", "shipment_confirmed", 2),
        ("3PL1", "receipt_confirmed", 12),
        ("3PL1", "shipment_confirmed", 3),
    ],
)
def test_the_most_particular_sla_holds(facility, event_type, hours):
    assert scenario().sla.posting(facility, event_type) == hours * HOUR


def test_postings_are_missing_late_or_early_strictly_beyond_their_bound():
    received, created = TYPE["receipt_confirmed"], TYPE["receipt_created"]
    as_of = 10 * HOUR
    made = events(
        {"event_time": 0, "event_type": received},  # 0 posted exactly on the SLA of 1 h: in time
        {"event_time": 0, "event_type": received},  # 1 one second later: late
        {"event_time": 9 * HOUR, "event_type": received},  # 2 unposted for exactly the SLA: not missing
        {"event_time": 9 * HOUR - 1, "event_type": received},  # 3 unposted for longer: missing
        {"event_time": 0, "event_type": created},  # 4 not expected to be posted: never missing
        {"event_time": 0, "event_type": received},  # 5 posted after as_of: missing, not late
        {"event_time": 50, "event_type": received},  # 6 posted 20 s before it happened
        {"event_time": 50, "event_type": received},  # 7 posted in the second it happened
    )
    # Event 7 is posted a second time, hours later: the first posting counts.
    postings = pl.DataFrame(
        {
            "event": [0, 1, 5, NONE, 6, 7, 7],
            "posted_at": [HOUR, HOUR + 1, as_of + 1, 5, 30, 50, 3 * HOUR],
            "is_double": [False] * 6 + [True],
        }
    )
    found = posting_exceptions(scenario(), made, true_links(made, postings), as_of)
    assert sorted(found.select("rule", "row", "opened", "resolved").rows()) == [
        ("late_posting", 1, HOUR, HOUR + 1),
        ("missing_posting", 3, 10 * HOUR - 1, None),
        ("missing_posting", 5, HOUR, None),
        ("negative_latency", 6, 50, None),
    ]


def step(document: int, event_type: str, hours: float, facility: int, partner: int) -> dict[str, Any]:
    return {
        "document_kind": DOCUMENT_KIND["transfer"],
        "document": document,
        "event_type": TYPE[event_type],
        "event_time": int(hours * HOUR),
        "facility": facility,
        "partner": partner,
    }


def test_transfers_are_unconfirmed_when_the_receiver_took_longer_than_its_own_sla():
    ndc, rdc, third = 0, 1, 2
    made = events(
        *[step(n, "transfer_shipped", 0, ndc, rdc) for n in (1, 2, 3)],
        step(1, "transfer_received", 48, rdc, ndc),  # exactly 48 h: confirmed
        step(2, "transfer_received", 49, rdc, ndc),  # an hour late
        step(4, "transfer_shipped", 45, ndc, third),  # 55 h under way, allowed 60 h
        step(5, "transfer_received", 9, third, ndc),  # never shipped
        step(6, "transfer_shipped", 0, rdc, third),  # received after as_of
        step(6, "transfer_received", 101, third, rdc),
    )
    found = transfer_exceptions(scenario(), true_transfers(made), as_of=100 * HOUR)
    assert found.rows() == [
        (2, rdc, 48 * HOUR, 49 * HOUR),
        (3, rdc, 48 * HOUR, None),
        (6, third, 60 * HOUR, None),
    ]


def test_a_count_is_over_tolerance_only_beyond_the_share_of_its_class():
    # class A allows 1 %, B 3 %, C 5 %: 2 of 200, 3 of 100, 5 of 100 are just allowed, one more is not
    abc = np.array([0, 0, 1, 1, 2, 2, 2, 2])
    counted = np.array([198, 197, 103, 104, 95, 94, 0, 1])
    book = np.array([200, 200, 100, 100, 100, 100, 0, 0])
    expected = [False, True, False, True, False, True, False, True]
    assert is_over_tolerance(scenario(), abc, counted, book).tolist() == expected


def test_the_book_is_what_was_posted_in_out_or_by_hand_up_to_the_count():
    rows = [
        ("receipt_confirmed", 10, 100),
        ("putaway_completed", 11, 100),  # moves nothing in or out
        ("shipment_confirmed", 20, -30),
        ("inventory_adjusted", 30, -4),
        (None, 40, 7),  # a manual posting
        ("shipment_confirmed", 51, -1),  # after the count
    ]
    postings = pl.DataFrame(
        {
            "facility": [1] * len(rows),
            "item": [3] * len(rows),
            "event_type": [TYPE[name] if name else NONE for name, _, _ in rows],
            "posted_at": [at for _, at, _ in rows],
            "quantity": [quantity for _, _, quantity in rows],
        }
    )
    counts = pl.DataFrame({"facility": [1, 1, 0], "item": [3, 3, 3], "counted_at": [50, 20, 50]})
    assert book_quantities(counts, postings, {}).tolist() == [73, 70, 0]


def test_files_that_hold_something_are_told_with_their_places():
    sent = Delivery(
        row=np.arange(5), file=np.array([0, 0, 2, 2, 3]), sent_at=np.array([1, 2, 3, 4]), is_variant=np.zeros(5, bool)
    )
    assert sent.bounds() == [(0, 0, 2), (2, 2, 4), (3, 4, 5)]


def test_numbers_of_items_and_places_carry_the_gs1_check_digit():
    # 629104150021: 3*(2+1+4+5+0+1) + (6+9+0+1+0+2) = 39 + 18 = 57, so 3
    assert check_digit("629104150021") == "3"
    # 0 9521234 00001: 3*(0+5+1+3+0+0+1) + (9+2+2+4+0+0) = 30 + 17 = 47, so 3
    assert gtin("9521234", 0) == "09521234000013"
    assert gln("9521234", 1) == "9521234000013"


def test_local_codes_differ_from_one_another():
    assert len({local_code(number) for number in range(3000)}) == 3000
