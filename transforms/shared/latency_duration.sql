/*
title: Latencies of postings and of their parts, counted
question: How often does each latency between floor, execution system and ERP occur?
definition: Durations in seconds of event-to-posting latency (by event type, also in working seconds, by shift, supplier and interface), of capture (event to record) and of the interface (record to posting), counted finished and open.
edge_rules:
  - Over the events of event latency, those whose posting is expected or exists.
  - Capture runs from event_time to recorded_at; an event recorded after as_of is open, one that states no recorded_at is in no row of capture and interface.
  - The interface runs from recorded_at to posted_at; an event recorded after as_of has not come to it.
  - An open case has the duration from its start to as_of; negative durations stay. Capture + interface = event latency for every posted event that was recorded up to as_of.
  - A supplier that an event does not state makes no row of latency_by_supplier; a shift that is not stated is a NULL group.
  - The interface of latency_by_interface is the feed that delivered the event; of an event that several feeds delivered, the feed whose delivery is used.
  - business_latency is the latency in working seconds (business_latency_s of event_latency); an open event goes on to as_of by the same working_clock. A facility without a calendar makes no row of it, and neither does an instant before that clock begins.
source: domain model, five clocks
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: 'event_latency, business_latency, capture_latency, interface_latency, latency_by_shift, latency_by_supplier or latency_by_interface'}
  group_1: {unit: id, description: facility}
  group_2: {unit: text, description: 'event type, shift, supplier or feed', nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
WITH latency AS (
    SELECT
        l.facility_id, l.event_type, l.shift, l.supplier_id, l.feed, l.recorded_at, l.is_posted,
        coalesce(l.latency_s, seconds_between(l.event_time, v.as_of)) AS duration_s,
        seconds_between(l.event_time, least(l.recorded_at, v.as_of)) AS capture_s,
        l.recorded_at <= v.as_of AS is_recorded,
        seconds_between(l.recorded_at, coalesce(l.posted_at, v.as_of)) AS interface_s
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation v
), worked AS (
    SELECT facility_id, event_type, business_latency_s AS duration_s, TRUE AS is_posted
    FROM marts.event_latency
    WHERE business_latency_s IS NOT NULL
    UNION ALL
    SELECT
        l.facility_id, l.event_type,
        worked_until(b.worked_s, b.is_open, b.starts_at, v.as_of)
            - worked_until(a.worked_s, a.is_open, a.starts_at, l.event_time) AS duration_s,
        FALSE AS is_posted
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation v
    JOIN shared.working_clock a ON a.facility_id = l.facility_id AND a.quarter_no = quarter_of(l.event_time)
    JOIN shared.working_clock b ON b.facility_id = l.facility_id AND b.quarter_no = quarter_of(v.as_of)
    WHERE NOT l.is_posted
)
SELECT
    'event_latency' AS measure, facility_id AS group_1, event_type AS group_2, duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM latency
GROUP BY facility_id, event_type, duration_s
UNION ALL
SELECT
    'capture_latency' AS measure, facility_id AS group_1, event_type AS group_2, capture_s AS duration_s,
    count(*) FILTER (WHERE is_recorded) AS finished_count,
    count(*) FILTER (WHERE NOT is_recorded) AS censored_count
FROM latency
WHERE recorded_at IS NOT NULL
GROUP BY facility_id, event_type, capture_s
UNION ALL
SELECT
    'interface_latency' AS measure, facility_id AS group_1, event_type AS group_2, interface_s AS duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM latency
WHERE is_recorded
GROUP BY facility_id, event_type, interface_s
UNION ALL
SELECT
    'latency_by_shift' AS measure, facility_id AS group_1, shift AS group_2, duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM latency
GROUP BY facility_id, shift, duration_s
UNION ALL
SELECT
    'latency_by_supplier' AS measure, facility_id AS group_1, supplier_id AS group_2, duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM latency
WHERE supplier_id IS NOT NULL
GROUP BY facility_id, supplier_id, duration_s
UNION ALL
SELECT
    'latency_by_interface' AS measure, facility_id AS group_1, feed AS group_2, duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM latency
GROUP BY facility_id, feed, duration_s
UNION ALL
SELECT
    'business_latency' AS measure, facility_id AS group_1, event_type AS group_2, duration_s,
    count(*) FILTER (WHERE is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT is_posted) AS censored_count
FROM worked
GROUP BY facility_id, event_type, duration_s
