/*
title: Rework
question: Which activities are done again in a case, where, and in how many cases?
definition: Cases of a process at a facility in which an activity happens at least twice, as a ratio of the cases that have it.
formula: "rework_ratio = rework_cases_count / cases_count"
headline: rework_ratio
edge_rules:
  - "A self-loop is an activity that directly follows itself; a loop is one that comes back after another activity. A case can have both, and counts once in rework_cases_count: rework is either."
  - activity NULL is the case as a whole, in which any activity is done again; cases_count are all cases then.
  - repeats_count are the times beyond the first, over all cases.
  - Open cases count with the way that they have gone so far.
not_to_be_confused_with: deviations, where a repetition counts only if the normative model has no place for it
source: "process models; rework as in W. van der Aalst, Process Mining (2016)"
owner: process owner
grain: [process, facility_id, activity]
direction: down_is_good
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  activity: {unit: text, description: 'activity; NULL: any', nullable: true}
  cases_count: {unit: count, description: cases that have the activity, min: 1}
  self_loop_cases_count: {unit: count, description: cases in which it directly follows itself, min: 0}
  loop_cases_count: {unit: count, description: cases in which it comes back after another activity, min: 0}
  rework_cases_count: {unit: count, description: cases in which it happens at least twice, min: 0}
  repeats_count: {unit: count, description: times beyond the first, min: 0}
  rework_ratio: {unit: ratio, description: of the cases that have it, min: 0, max: 1}
*/
WITH chosen AS (
    SELECT process, facility_id, variant_no, count(*) AS cases_count
    FROM marts.process_cases
    GROUP BY process, facility_id, variant_no
), repeated AS (
    SELECT
        variant_no, activity, count(*) - 1 AS repeats_count, bool_or(coalesce(from_activity = activity, FALSE)) AS has_self_loop,
        count(*) FILTER (WHERE coalesce(from_activity <> activity, TRUE)) > 1 AS has_loop
    FROM marts.process_variant_steps
    GROUP BY variant_no, activity
), told AS (
    SELECT variant_no, activity, repeats_count, has_self_loop, has_loop
    FROM repeated
    UNION ALL
    SELECT
        variant_no, NULL AS activity, sum(repeats_count) AS repeats_count, bool_or(has_self_loop) AS has_self_loop,
        bool_or(has_loop) AS has_loop
    FROM repeated
    GROUP BY variant_no
)
SELECT
    c.process, c.facility_id, t.activity,
    CAST(sum(c.cases_count) AS BIGINT) AS cases_count,
    CAST(sum(CASE WHEN t.has_self_loop THEN c.cases_count ELSE 0 END) AS BIGINT) AS self_loop_cases_count,
    CAST(sum(CASE WHEN t.has_loop THEN c.cases_count ELSE 0 END) AS BIGINT) AS loop_cases_count,
    CAST(sum(CASE WHEN t.repeats_count > 0 THEN c.cases_count ELSE 0 END) AS BIGINT) AS rework_cases_count,
    CAST(sum(t.repeats_count * c.cases_count) AS BIGINT) AS repeats_count,
    CAST(sum(CASE WHEN t.repeats_count > 0 THEN c.cases_count ELSE 0 END) AS DOUBLE)
        / nullif(CAST(sum(c.cases_count) AS DOUBLE), 0) AS rework_ratio
FROM told t
JOIN chosen c ON c.variant_no = t.variant_no
GROUP BY c.process, c.facility_id, t.activity
