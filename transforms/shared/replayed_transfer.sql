/*
title: Book cycles of transfers under other schedules, counted
question: How often would each time between the postings of both ends of a transfer occur if interfaces ran at other times?
definition: Transfers per changed scope, lane, schedule and book cycle in seconds, finished and open; an end in the scope is posted as the schedule says, the other one as it was.
edge_rules:
  - The ends are those of transfer_posting, the first shipment and all receipts of a received transfer. An end is posted when all of its events are; without a posted shipment a transfer is in no row.
  - A transfer that is not received, or of which a receipt is not posted, is open, with the age of its shipment posting at as_of.
  - A change at the shipping end alone moves the beginning, so that a faster interface there makes the book cycle longer.
  - schedule measured is what happened; unchanged is the check of shared.replayed_event.
source: domain model, headline measures
owner: logistics manager
grain: [scope_kind, scope, from_facility_id, to_facility_id, schedule, duration_s]
columns:
  scope_kind: {unit: text, description: 'facility or timing_model'}
  scope: {unit: text, description: what changes}
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  schedule: {unit: text, description: the schedule}
  duration_s: {unit: s, description: from posting to posting}
  finished_count: {unit: count, description: transfers posted at both ends after this duration, min: 0}
  censored_count: {unit: count, description: open ones after this duration, min: 0}
additivity: additive
*/
WITH ended AS (
    SELECT
        schedule, transfer_id,
        bool_or(is_shipment) AS has_shipment,
        bool_or(NOT is_shipment) AS has_receipt,
        CASE WHEN count(*) FILTER (WHERE is_shipment AND NOT is_posted) = 0
             THEN max(CASE WHEN is_shipment THEN posted_at END) END AS shipment_posted_at,
        CASE WHEN count(*) FILTER (WHERE NOT is_shipment AND NOT is_posted) = 0
             THEN max(CASE WHEN NOT is_shipment THEN posted_at END) END AS receipt_posted_at
    FROM (
        SELECT
            r.schedule, t.transfer_id, r.event_type = 'transfer_shipped' AS is_shipment,
            add_seconds(r.event_time, r.latency_s) AS posted_at, coalesce(r.latency_s <= r.age_s, FALSE) AS is_posted
        FROM shared.replayed_event r
        JOIN marts.transfers t ON t.transfer_id = r.document_id
        WHERE r.event_type IN ('transfer_shipped', 'transfer_received')
          AND (r.event_type <> 'transfer_shipped' OR r.event_time = t.shipped_at)
          AND (r.event_type <> 'transfer_received' OR t.received_at IS NOT NULL)
    ) AS replayed
    GROUP BY schedule, transfer_id
), schedule AS (
    SELECT schedule FROM ended GROUP BY schedule
), touched AS (
    -- A scope changes a lane at its shipping end, at its receiving end, or at both.
    SELECT
        s.scope_kind, s.scope, l.from_facility_id, l.to_facility_id,
        coalesce(bool_or(s.facility_id = l.from_facility_id), FALSE) AS is_shipper,
        coalesce(bool_or(s.facility_id = l.to_facility_id), FALSE) AS is_receiver
    FROM (SELECT from_facility_id, to_facility_id FROM marts.transfers GROUP BY from_facility_id, to_facility_id) AS l
    JOIN shared.what_if_scope s ON s.facility_id = l.from_facility_id OR s.facility_id = l.to_facility_id
    GROUP BY s.scope_kind, s.scope, l.from_facility_id, l.to_facility_id
), way AS (
    SELECT from_facility_id, to_facility_id, is_shipper, is_receiver
    FROM touched
    GROUP BY from_facility_id, to_facility_id, is_shipper, is_receiver
), posted AS (
    SELECT
        t.from_facility_id, t.to_facility_id, w.is_shipper, w.is_receiver, k.schedule,
        CASE WHEN w.is_shipper AND e.has_shipment THEN e.shipment_posted_at ELSE p.shipment_posted_at END AS begin_at,
        CASE WHEN w.is_receiver AND e.has_receipt THEN e.receipt_posted_at ELSE p.receipt_posted_at END AS end_at
    FROM marts.transfers t
    JOIN shared.transfer_posting p ON p.transfer_id = t.transfer_id
    JOIN way w
      ON w.from_facility_id IS NOT DISTINCT FROM t.from_facility_id AND w.to_facility_id IS NOT DISTINCT FROM t.to_facility_id
    CROSS JOIN schedule k
    LEFT JOIN ended e ON e.schedule = k.schedule AND e.transfer_id = t.transfer_id
), timed AS (
    SELECT p.*, seconds_between(p.begin_at, coalesce(p.end_at, v.as_of)) AS taken_s
    FROM posted p
    CROSS JOIN reference.evaluation v
    WHERE p.begin_at IS NOT NULL
), counted AS (
    SELECT
        from_facility_id, to_facility_id, is_shipper, is_receiver, schedule,
        CASE WHEN abs(taken_s) < 3600 THEN round(taken_s) ELSE 60 * round(taken_s / 60) END AS duration_s,
        count(end_at) AS finished_count,
        count(*) - count(end_at) AS censored_count
    FROM timed
    GROUP BY from_facility_id, to_facility_id, is_shipper, is_receiver, schedule,
        CASE WHEN abs(taken_s) < 3600 THEN round(taken_s) ELSE 60 * round(taken_s / 60) END
)
SELECT
    h.scope_kind, h.scope, c.from_facility_id, c.to_facility_id, c.schedule, c.duration_s, c.finished_count, c.censored_count
FROM counted c
JOIN touched h
  ON h.from_facility_id IS NOT DISTINCT FROM c.from_facility_id AND h.to_facility_id IS NOT DISTINCT FROM c.to_facility_id
 AND h.is_shipper = c.is_shipper AND h.is_receiver = c.is_receiver
