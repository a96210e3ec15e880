/*
title: What if a step were left out
question: How much sooner would cases be over if one of their steps were not needed, or took half as long?
definition: Quantiles of the seconds from first to last event of the closed cases that have a step in between, as measured, without the wait before the step, and with half of it.
formula: "without_p50_s = median(duration_s - sum(waited_s before the step))"
headline: without_p50_s
edge_rules:
  - Over cases that are over and have the activity between two others; where it is a case's last, that occurrence stays, and where it is its first, there is nothing before it. steps_count says how often it is left out.
  - Assumed is that what follows waits as long as before, counted from what then precedes it; that nobody else is waited for meanwhile; and that the step is not done in parallel. Real savings are at most as large where a later step waits for something else.
  - p50 and p90 are interpolated linearly. Fewer than 20 cases give no figure, and unknown_reason says so.
  - saved_h is the sum over these cases of the hours that would be gone.
  - "Lanes of transfers: a transfer is told at the receiving facility; its approval left out is the row of transfer_approved."
not_to_be_confused_with: deviations with kind skipped, where the step was left out in fact
source: domain model, process models
owner: process owner
grain: [process, facility_id, activity]
direction: down_is_good
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  activity: {unit: text, description: the step}
  cases_count: {unit: count, description: closed cases that have it in between, min: 1}
  steps_count: {unit: count, description: how often it is left out, min: 1}
  closed_cases_count: {unit: count, description: closed cases of the process at the facility, min: 1}
  measured_p50_s: {unit: s, description: measured median, nullable: true, min: 0}
  without_p50_s: {unit: s, description: 'the same, without the waits before the step', nullable: true, min: 0}
  halved_p50_s: {unit: s, description: 'the same, with half of these waits', nullable: true, min: 0}
  measured_p90_s: {unit: s, description: measured 90 % quantile, nullable: true, min: 0}
  without_p90_s: {unit: s, description: 'the same, without the waits before the step', nullable: true, min: 0}
  halved_p90_s: {unit: s, description: 'the same, with half of these waits', nullable: true, min: 0}
  saved_h: {unit: h, description: hours of all these cases that would be gone, min: 0}
  assumptions: {unit: text, description: what is taken for granted}
  unknown_reason: {unit: text, description: why a figure is not given, nullable: true}
*/
WITH edge AS (
    SELECT edge_no, process, to_activity
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
    GROUP BY edge_no, process, to_activity
), inner_step AS (
    -- The edge into a step that is not the last event; edge_order 1 leads to the second event of a case.
    SELECT
        c.case_no, c.facility_id, g.process, g.to_activity AS activity, c.duration_s,
        count(*) AS steps_count,
        sum(CAST(e.waited_s AS DECIMAL(18, 6))) AS waited_s
    FROM marts.process_case_edges e
    JOIN marts.process_cases c ON c.case_no = e.case_no
    JOIN edge g ON g.edge_no = e.edge_no
    WHERE NOT c.is_open AND e.edge_order + 1 < c.events_count
    GROUP BY c.case_no, c.facility_id, g.process, g.to_activity, c.duration_s
), timed AS (
    SELECT
        process, facility_id, activity,
        count(*) AS cases_count,
        sum(steps_count) AS steps_count,
        sum(waited_s) AS saved_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_s) AS measured_p50_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_s - CAST(waited_s AS DOUBLE)) AS without_p50_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_s - 0.5 * CAST(waited_s AS DOUBLE)) AS halved_p50_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_s) AS measured_p90_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_s - CAST(waited_s AS DOUBLE)) AS without_p90_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY duration_s - 0.5 * CAST(waited_s AS DOUBLE)) AS halved_p90_s
    FROM inner_step
    GROUP BY process, facility_id, activity
), closed AS (
    SELECT process, facility_id, count(*) AS closed_cases_count
    FROM marts.process_cases
    WHERE NOT is_open
    GROUP BY process, facility_id
)
SELECT
    t.process,
    t.facility_id,
    t.activity,
    t.cases_count,
    CAST(t.steps_count AS BIGINT) AS steps_count,
    c.closed_cases_count,
    CASE WHEN t.cases_count >= 20 THEN t.measured_p50_s END AS measured_p50_s,
    CASE WHEN t.cases_count >= 20 THEN t.without_p50_s END AS without_p50_s,
    CASE WHEN t.cases_count >= 20 THEN t.halved_p50_s END AS halved_p50_s,
    CASE WHEN t.cases_count >= 20 THEN t.measured_p90_s END AS measured_p90_s,
    CASE WHEN t.cases_count >= 20 THEN t.without_p90_s END AS without_p90_s,
    CASE WHEN t.cases_count >= 20 THEN t.halved_p90_s END AS halved_p90_s,
    CAST(t.saved_s AS DOUBLE) / 3600 AS saved_h,
    'What follows waits as long as before, counted from what then precedes it, and for nothing else. The step and the one before it are not done at the same time.' AS assumptions,
    CASE WHEN t.cases_count < 20 THEN 'fewer than 20 cases' END AS unknown_reason
FROM timed t
JOIN closed c ON c.process = t.process AND c.facility_id = t.facility_id
