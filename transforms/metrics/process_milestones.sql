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
    SELECT
        e.process, e.case_id, m.from_activity, m.to_activity, min(e.event_order) AS from_order, min(e.event_time) AS from_at
    FROM process.case_event e
    JOIN reference.process_milestone m ON m.process = e.process AND m.from_activity = e.activity
    GROUP BY e.process, e.case_id, m.from_activity, m.to_activity
), reached AS (
    SELECT e.process, e.case_id, b.from_activity, b.to_activity, min(e.event_time) AS to_at
    FROM process.case_event e
    JOIN begun b
      ON b.process = e.process AND b.case_id = e.case_id AND b.to_activity = e.activity AND b.from_order < e.event_order
    GROUP BY e.process, e.case_id, b.from_activity, b.to_activity
), timed AS (
    SELECT
        b.process, c.facility_id, b.from_activity, b.to_activity, c.is_open,
        seconds_between(b.from_at, r.to_at) AS taken_s
    FROM begun b
    JOIN marts.process_cases c ON c.process = b.process AND c.case_id = b.case_id
    LEFT JOIN reached r
      ON r.process = b.process AND r.case_id = b.case_id AND r.from_activity = b.from_activity
     AND r.to_activity = b.to_activity
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
