/*
title: Process map
question: What directly follows what in a process, how often, and after how long?
definition: Directly-follows pairs of activities over all cases of a process at a facility, counted, with the median and the 90th percentile of the seconds between them, interpolated linearly.
formula: "edges_count = count(to_activity directly after from_activity)"
headline: edges_count
edge_rules:
  - A case's first activity follows from_activity NULL, its last is followed by to_activity NULL; these pairs have no duration.
  - Every pair of a case is counted, so a pair can count more often than there are cases.
  - Open cases are included; their last activity so far is their last.
  - A transfer counts at the receiving facility, with what happened at the other end.
not_to_be_confused_with: event-to-posting latency, which is the time from an event to its posting
source: domain model, process models
owner: process owner
grain: [process, facility_id, from_activity, to_activity]
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: 'activity before; NULL: the case starts', nullable: true}
  to_activity: {unit: text, description: 'activity after; NULL: the case ends', nullable: true}
  edges_count: {unit: count, description: how often, min: 1}
  p50_s: {unit: s, description: median of the seconds between, nullable: true, min: 0}
  p90_s: {unit: s, description: 90th percentile of the seconds between, nullable: true, min: 0}
direction: neutral
additivity: non_additive
*/
WITH edge AS (
    SELECT c.process, c.facility_id, e.from_activity, e.activity AS to_activity, e.waited_s
    FROM process.case_event e
    JOIN process.case_variant c ON c.process = e.process AND c.case_id = e.case_id
    UNION ALL
    SELECT c.process, c.facility_id, e.activity AS from_activity, NULL AS to_activity, NULL AS waited_s
    FROM process.case_event e
    JOIN process.case_variant c ON c.process = e.process AND c.case_id = e.case_id AND c.events_count = e.event_order
)
SELECT
    process, facility_id, from_activity, to_activity, count(*) AS edges_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s
FROM edge
GROUP BY process, facility_id, from_activity, to_activity
