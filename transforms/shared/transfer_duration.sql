/*
title: Durations of transfers, counted
question: How often does each duration occur between two steps of a transfer?
definition: Durations in seconds of the legs of a transfer per lane, counted finished and open; transfer_cycle_time is the transit from first shipment to last receipt.
edge_rules:
  - A leg has a duration where its start is known; until its end it is open since then and censored at as_of.
  - A leg whose end is missing although a later step of the goods has happened was skipped; it has no duration.
  - Negative durations stay.
  - transfer_business_cycle_time is the transit in working seconds of the receiver's calendar (business_cycle_time_s of transfers); an open one goes on to as_of by the same working_clock. A receiver without a calendar makes no row of it.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: 'transfer_cycle_time, transfer_business_cycle_time, transfer_approval, transfer_release, transfer_lead_time, transfer_shipment_posting, transfer_receipt_posting, transfer_book_cycle or transfer_ledger_lead_time'}
  group_1: {unit: id, description: the shipping facility of a lane, nullable: true}
  group_2: {unit: text, description: the receiving facility of a lane, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
WITH transfer AS (
    SELECT
        t.from_facility_id, t.to_facility_id, t.requested_at, t.approved_at, t.shipped_at, t.received_at,
        p.shipment_posted_at, p.receipt_posted_at
    FROM marts.transfers t
    LEFT JOIN shared.transfer_posting p ON p.transfer_id = t.transfer_id
), leg AS (
    SELECT 'transfer_cycle_time' AS measure, from_facility_id, to_facility_id, shipped_at AS start_at, received_at AS end_at
    FROM transfer
    UNION ALL
    SELECT 'transfer_approval', from_facility_id, to_facility_id, requested_at, approved_at
    FROM transfer
    WHERE approved_at IS NOT NULL OR (shipped_at IS NULL AND received_at IS NULL)
    UNION ALL
    SELECT 'transfer_release', from_facility_id, to_facility_id, approved_at, shipped_at
    FROM transfer
    WHERE shipped_at IS NOT NULL OR received_at IS NULL
    UNION ALL
    SELECT 'transfer_lead_time', from_facility_id, to_facility_id, requested_at, received_at
    FROM transfer
    UNION ALL
    SELECT 'transfer_shipment_posting', from_facility_id, to_facility_id, shipped_at, shipment_posted_at
    FROM transfer
    UNION ALL
    SELECT 'transfer_receipt_posting', from_facility_id, to_facility_id, received_at, receipt_posted_at
    FROM transfer
    UNION ALL
    SELECT 'transfer_book_cycle', from_facility_id, to_facility_id, shipment_posted_at, receipt_posted_at
    FROM transfer
    UNION ALL
    SELECT 'transfer_ledger_lead_time', from_facility_id, to_facility_id, requested_at, receipt_posted_at
    FROM transfer
), timed AS (
    SELECT
        l.measure, l.from_facility_id, l.to_facility_id, l.end_at,
        seconds_between(l.start_at, coalesce(l.end_at, v.as_of)) AS duration_s
    FROM leg l
    CROSS JOIN reference.evaluation v
    WHERE l.start_at IS NOT NULL
    UNION ALL
    SELECT 'transfer_business_cycle_time', from_facility_id, to_facility_id, received_at, business_cycle_time_s
    FROM marts.transfers
    WHERE business_cycle_time_s IS NOT NULL
    UNION ALL
    SELECT
        'transfer_business_cycle_time', t.from_facility_id, t.to_facility_id, t.received_at,
        worked_until(b.worked_s, b.is_open, b.starts_at, v.as_of)
            - worked_until(a.worked_s, a.is_open, a.starts_at, t.shipped_at)
    FROM marts.transfers t
    CROSS JOIN reference.evaluation v
    JOIN shared.working_clock a ON a.facility_id = t.to_facility_id AND a.quarter_no = quarter_of(t.shipped_at)
    JOIN shared.working_clock b ON b.facility_id = t.to_facility_id AND b.quarter_no = quarter_of(v.as_of)
    WHERE t.received_at IS NULL
)
SELECT
    measure,
    from_facility_id AS group_1,
    to_facility_id AS group_2,
    duration_s,
    count(end_at) AS finished_count,
    count(*) - count(end_at) AS censored_count
FROM timed
GROUP BY measure, from_facility_id, to_facility_id, duration_s
