/*
title: Durations, counted
question: How often does each duration occur, finished and still open?
definition: One row per measure, group and distinct duration in seconds, with how many cases finished after it and how many are still open (censored) after it.
edge_rules:
  - An open case has the duration from its start to as_of and is censored there.
  - Negative durations stay.
  - A message that states no response time or no wait is in no row of that measure; none is open.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: what is timed}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, the receiving facility of a lane, the rule, or the facility of an interface', nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT
    'event_latency' AS measure,
    l.facility_id AS group_1,
    l.event_type AS group_2,
    CASE WHEN l.is_posted THEN l.latency_s ELSE seconds_between(l.event_time, e.as_of) END AS duration_s,
    count(*) FILTER (WHERE l.is_posted) AS finished_count,
    count(*) FILTER (WHERE NOT l.is_posted) AS censored_count
FROM marts.event_latency l
CROSS JOIN reference.evaluation e
GROUP BY l.facility_id, l.event_type, CASE WHEN l.is_posted THEN l.latency_s ELSE seconds_between(l.event_time, e.as_of) END
UNION ALL
SELECT
    'transfer_cycle_time' AS measure,
    t.from_facility_id AS group_1,
    t.to_facility_id AS group_2,
    coalesce(t.cycle_time_s, seconds_between(t.shipped_at, e.as_of)) AS duration_s,
    count(t.cycle_time_s) AS finished_count,
    count(*) - count(t.cycle_time_s) AS censored_count
FROM marts.transfers t
CROSS JOIN reference.evaluation e
WHERE t.shipped_at IS NOT NULL
GROUP BY t.from_facility_id, t.to_facility_id, coalesce(t.cycle_time_s, seconds_between(t.shipped_at, e.as_of))
UNION ALL
SELECT
    'message_response' AS measure,
    m.interface AS group_1,
    m.facility_id AS group_2,
    CAST(m.response_ms AS DOUBLE) / 1000 AS duration_s,
    count(*) AS finished_count,
    0 AS censored_count
FROM canonical.integration_message m
WHERE m.response_ms IS NOT NULL
GROUP BY m.interface, m.facility_id, m.response_ms
UNION ALL
SELECT
    'message_queue_wait' AS measure,
    m.interface AS group_1,
    m.facility_id AS group_2,
    CAST(m.queue_wait_ms AS DOUBLE) / 1000 AS duration_s,
    count(*) AS finished_count,
    0 AS censored_count
FROM canonical.integration_message m
WHERE m.queue_wait_ms IS NOT NULL
GROUP BY m.interface, m.facility_id, m.queue_wait_ms
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.exception_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.acknowledgement_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.dispute_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.outage_duration
