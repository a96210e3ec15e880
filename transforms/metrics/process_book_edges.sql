/*
title: Process map of the books
question: What directly follows what in a process as the ERP tells it, how often, and after how long?
definition: Directly-follows pairs of what was posted of the cases of a process at a facility, in the order of the books, counted, with quantiles of the seconds between the postings, interpolated linearly.
formula: "edges_count = count(posting of to_activity directly after posting of from_activity)"
headline: edges_count
edge_rules:
  - All standing postings of a case are told, double ones, parts and those without event included, in the order of posted_at and posting_id, as process.case_posting has them.
  - A case's first posting follows from_activity NULL, its last is followed by to_activity NULL; these pairs have no duration.
  - A case is told at its facility; one that only the books know at that of its first posting.
  - An activity that the ERP is not expected to post is in no row, though it happened.
not_to_be_confused_with: process_clocks, which compares both orders of the same events; process_edges, the order of the floor
source: domain model, five clocks
owner: inventory accountant
grain: [process, facility_id, from_activity, to_activity]
direction: neutral
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: 'activity posted before; NULL: the case starts', nullable: true}
  to_activity: {unit: text, description: 'activity posted after; NULL: the case ends', nullable: true}
  edges_count: {unit: count, description: how often, min: 1}
  cases_count: {unit: count, description: in how many cases, min: 1}
  p50_s: {unit: s, description: median of the seconds between, nullable: true, min: 0}
  p90_s: {unit: s, description: 90th percentile of the seconds between, nullable: true, min: 0}
  p95_s: {unit: s, description: 95th percentile of the seconds between, nullable: true, min: 0}
*/
WITH told AS (
    SELECT
        p.process, p.case_id, coalesce(max(c.facility_id), min_by(p.facility_id, p.posting_order)) AS facility_id,
        max(p.posting_order) AS last_order
    FROM process.case_posting p
    LEFT JOIN marts.process_cases c ON c.process = p.process AND c.case_id = p.case_id
    GROUP BY p.process, p.case_id
), edge AS (
    SELECT t.process, t.facility_id, t.case_id, p.from_activity, p.activity AS to_activity, p.waited_s
    FROM process.case_posting p
    JOIN told t ON t.process = p.process AND t.case_id = p.case_id
    UNION ALL
    SELECT t.process, t.facility_id, t.case_id, p.activity AS from_activity, NULL AS to_activity, NULL AS waited_s
    FROM process.case_posting p
    JOIN told t ON t.process = p.process AND t.case_id = p.case_id AND t.last_order = p.posting_order
)
SELECT
    process, facility_id, from_activity, to_activity, count(*) AS edges_count, count(DISTINCT case_id) AS cases_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY waited_s) AS p95_s
FROM edge
GROUP BY process, facility_id, from_activity, to_activity
