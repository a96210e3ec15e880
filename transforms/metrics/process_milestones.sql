/*
title: Milestones
question: How many cases come from one milestone to the next, and how long does it take?
definition: Cases of a process at a facility that have a milestone and, eventually after it, the next one, with quantiles of the seconds from the first of the one to the first of the other after it, interpolated linearly.
formula: "reached_ratio = reached_count / cases_count"
headline: reached_ratio
edge_rules:
  - Milestones are pairs of activities that reference.process_milestone names for a process; whatever happens in between does not matter.
  - It runs from the first time of the first milestone to the first time of the second that comes later in the total order; a second milestone that came before the first only is not reached.
  - A case that may still go on and has not reached the second milestone is in waiting_count, not a failure; its time is in no quantile.
  - reached_ratio leaves the waiting cases out of its denominator; it is NULL where all are waiting.
not_to_be_confused_with: process_edges, where the second activity directly follows the first
source: domain model, process models
owner: process owner
grain: [process, facility_id, from_activity, to_activity]
direction: up_is_good
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: first milestone}
  to_activity: {unit: text, description: second milestone}
  cases_count: {unit: count, description: cases that have the first milestone, min: 1}
  reached_count: {unit: count, description: those that reach the second after it, min: 0}
  waiting_count: {unit: count, description: those that have not and may still, min: 0}
  reached_ratio: {unit: ratio, description: of the cases that are not waiting, nullable: true, min: 0, max: 1}
  p50_s: {unit: s, description: 'median of the seconds; NULL: none reached', nullable: true, min: 0}
  p90_s: {unit: s, description: '90th percentile of the seconds; NULL: none reached', nullable: true, min: 0}
  p95_s: {unit: s, description: '95th percentile of the seconds; NULL: none reached', nullable: true, min: 0}
*/
WITH begun AS (
    -- In all cases of a variant the same steps are meant, so that no event is read to find them.
    SELECT v.variant_no, m.from_activity, m.to_activity, min(v.step_no) AS from_no
    FROM marts.process_variant_steps v
    JOIN reference.process_milestone m ON m.process = v.process AND m.from_activity = v.activity
    GROUP BY v.variant_no, m.from_activity, m.to_activity
), meant AS (
    SELECT b.variant_no, b.from_activity, b.to_activity, b.from_no, min(v.step_no) AS to_no
    FROM begun b
    LEFT JOIN marts.process_variant_steps v
      ON v.variant_no = b.variant_no AND v.activity = b.to_activity AND v.step_no > b.from_no
    GROUP BY b.variant_no, b.from_activity, b.to_activity, b.from_no
), told AS (
    SELECT c.case_no, c.process, c.facility_id, c.is_open, c.first_at, m.from_activity, m.to_activity, m.from_no, m.to_no
    FROM marts.process_cases c
    JOIN meant m ON m.variant_no = c.variant_no
), timed AS (
    SELECT
        t.process, t.facility_id, t.from_activity, t.to_activity, t.is_open,
        seconds_between(CASE WHEN t.from_no = 1 THEN t.first_at ELSE b.reached_at END, r.reached_at) AS taken_s
    FROM told t
    LEFT JOIN marts.process_case_edges b ON b.case_no = t.case_no AND b.edge_order = t.from_no - 1
    LEFT JOIN marts.process_case_edges r ON r.case_no = t.case_no AND r.edge_order = t.to_no - 1
)
SELECT
    process, facility_id, from_activity, to_activity, count(*) AS cases_count, count(taken_s) AS reached_count,
    count(*) FILTER (WHERE taken_s IS NULL AND is_open) AS waiting_count,
    CAST(count(taken_s) AS DOUBLE) / nullif(count(*) FILTER (WHERE taken_s IS NOT NULL OR NOT is_open), 0) AS reached_ratio,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY taken_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY taken_s) AS p90_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY taken_s) AS p95_s
FROM timed
GROUP BY process, facility_id, from_activity, to_activity
