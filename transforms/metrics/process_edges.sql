/*
title: Process map
question: What directly follows what in a process, how often, in how many cases, and after how long?
definition: Directly-follows pairs of activities over all cases of a process at a facility, counted, with quantiles of the time between them in elapsed seconds and in hours worked, interpolated linearly.
formula: "edges_count = count(to_activity directly after from_activity)"
headline: edges_count
edge_rules:
  - A case's first activity follows from_activity NULL, its last is followed by to_activity NULL; these pairs have no duration.
  - Every pair of a case is counted in edges_count, so a pair can count more often than there are cases; cases_count counts a case once.
  - Open cases are included; their last activity so far is their last.
  - A transfer counts at the receiving facility, with what happened at the other end.
  - business_p50_h and its like are hours that the facility of the second activity worked in between; a day of work has the hours of its shifts, so they are never divided by 24. They are NULL where no such facility has a calendar, and leave out the pairs at those that have none.
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
  p95_s: {unit: s, description: 95th percentile of the seconds between, nullable: true, min: 0}
  cases_count: {unit: count, description: in how many cases, min: 1}
  business_p50_h: {unit: h, description: median of the hours worked between, nullable: true, min: 0}
  business_p90_h: {unit: h, description: 90th percentile of the hours worked between, nullable: true, min: 0}
  business_p95_h: {unit: h, description: 95th percentile of the hours worked between, nullable: true, min: 0}
direction: neutral
additivity: non_additive
*/
WITH chosen AS (
    SELECT facility_id, variant_no, count(*) AS cases_count
    FROM marts.process_cases
    GROUP BY facility_id, variant_no
), counted AS (
    -- What directly follows what is the same in all cases of a variant, so that no event is read.
    SELECT
        v.process, c.facility_id, v.edge_no, v.from_activity, v.to_activity,
        CAST(sum(c.cases_count * v.edges_count) AS BIGINT) AS edges_count,
        CAST(sum(c.cases_count) AS BIGINT) AS cases_count
    FROM marts.process_variant_edges v
    JOIN chosen c ON c.variant_no = v.variant_no
    GROUP BY v.process, c.facility_id, v.edge_no, v.from_activity, v.to_activity
), timed AS (
    SELECT
        c.facility_id, e.edge_no,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.waited_s) AS p50_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY e.waited_s) AS p90_s,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY e.waited_s) AS p95_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p50_h,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p90_h,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p95_h
    FROM marts.process_case_edges e
    JOIN marts.process_cases c ON c.case_no = e.case_no
    GROUP BY c.facility_id, e.edge_no
)
SELECT
    n.process, n.facility_id, n.from_activity, n.to_activity, n.edges_count, t.p50_s, t.p90_s, t.p95_s, n.cases_count,
    t.business_p50_h, t.business_p90_h, t.business_p95_h
FROM counted n
LEFT JOIN timed t ON t.facility_id = n.facility_id AND t.edge_no = n.edge_no
