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
        r.schedule, r.document_id, r.event_type,
        CASE WHEN count(*) FILTER (WHERE r.latency_s IS NULL OR r.latency_s > r.age_s) = 0
             THEN max(add_seconds(r.event_time, r.latency_s)) END AS posted_at
    FROM shared.replayed_event r
    JOIN marts.transfers t ON t.transfer_id = r.document_id
    WHERE (r.event_type = 'transfer_shipped' AND r.event_time = t.shipped_at)
       OR (r.event_type = 'transfer_received' AND t.received_at IS NOT NULL)
    GROUP BY r.schedule, r.document_id, r.event_type
), schedule AS (
    SELECT schedule FROM ended GROUP BY schedule
), touched AS (
    SELECT
        s.scope_kind, s.scope, t.transfer_id, t.from_facility_id, t.to_facility_id,
        bool_or(s.facility_id = t.from_facility_id) AS is_shipper,
        bool_or(s.facility_id = t.to_facility_id) AS is_receiver
    FROM marts.transfers t
    JOIN shared.what_if_scope s ON s.facility_id = t.from_facility_id OR s.facility_id = t.to_facility_id
    GROUP BY s.scope_kind, s.scope, t.transfer_id, t.from_facility_id, t.to_facility_id
), posted AS (
    SELECT
        c.scope_kind, c.scope, c.from_facility_id, c.to_facility_id, k.schedule,
        CASE WHEN c.is_shipper AND b.document_id IS NOT NULL THEN b.posted_at ELSE p.shipment_posted_at END AS begin_at,
        CASE WHEN c.is_receiver AND e.document_id IS NOT NULL THEN e.posted_at ELSE p.receipt_posted_at END AS end_at
    FROM touched c
    CROSS JOIN schedule k
    JOIN shared.transfer_posting p ON p.transfer_id = c.transfer_id
    LEFT JOIN ended b ON b.schedule = k.schedule AND b.document_id = c.transfer_id AND b.event_type = 'transfer_shipped'
    LEFT JOIN ended e ON e.schedule = k.schedule AND e.document_id = c.transfer_id AND e.event_type = 'transfer_received'
), timed AS (
    SELECT p.*, seconds_between(p.begin_at, coalesce(p.end_at, v.as_of)) AS taken_s
    FROM posted p
    CROSS JOIN reference.evaluation v
    WHERE p.begin_at IS NOT NULL
), rounded AS (
    SELECT *, CASE WHEN abs(taken_s) < 3600 THEN round(taken_s) ELSE 60 * round(taken_s / 60) END AS duration_s
    FROM timed
)
SELECT
    scope_kind, scope, from_facility_id, to_facility_id, schedule, duration_s,
    count(end_at) AS finished_count,
    count(*) - count(end_at) AS censored_count
FROM rounded
GROUP BY scope_kind, scope, from_facility_id, to_facility_id, schedule, duration_s
