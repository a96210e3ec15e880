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
WITH begun AS (
    SELECT process, book_case_id, facility_id
    FROM process.case_posting
    WHERE case_no IS NULL AND posting_order = 1
), told AS (
    SELECT
        p.process, coalesce(c.facility_id, b.facility_id) AS facility_id, p.case_no, p.book_case_id,
        p.from_activity, p.activity, p.waited_s, p.is_last
    FROM process.case_posting p
    LEFT JOIN marts.process_cases c ON c.case_no = p.case_no
    LEFT JOIN begun b ON b.process = p.process AND b.book_case_id = p.book_case_id
), edge AS (
    SELECT process, facility_id, case_no, book_case_id, from_activity, activity AS to_activity, waited_s
    FROM told
    UNION ALL
    SELECT process, facility_id, case_no, book_case_id, activity AS from_activity, NULL AS to_activity, NULL AS waited_s
    FROM told
    WHERE is_last
)
SELECT
    process, facility_id, from_activity, to_activity, count(*) AS edges_count,
    count(DISTINCT case_no) + count(DISTINCT book_case_id) AS cases_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY waited_s) AS p95_s
FROM edge
GROUP BY process, facility_id, from_activity, to_activity
