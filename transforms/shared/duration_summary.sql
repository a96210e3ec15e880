/*
title: Durations, summed up
question: How many cases of a measure finished, how many are open, and how long did they take?
definition: Per measure and group the numbers of finished and open cases beside the quantiles in seconds, naive over finished cases and Kaplan-Meier with open ones censored.
edge_rules:
  - is_total rows are over all values of group_2; group_2 is then NULL, as it is where a group is not stated.
  - A quantile is NULL where no case finished; a Kaplan-Meier quantile where more than that share is open.
source: "domain model, headline measures; Kaplan and Meier 1958"
owner: data engineer
grain: [measure, group_1, group_2, is_total]
columns:
  measure: {unit: text, description: what is timed}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, shift, supplier, step, the receiving facility of a lane, or the facility of an interface', nullable: true}
  is_total: {unit: boolean, description: whether group_2 is every value}
  cases_count: {unit: count, description: cases, min: 1}
  finished_count: {unit: count, description: finished ones, min: 0}
  open_count: {unit: count, description: those open at as_of, min: 0}
  p50_s: {unit: s, description: median over finished cases, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over finished cases, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over finished cases, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over finished cases, nullable: true}
  km_p50_s: {unit: s, description: median with open cases censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open cases censored at as_of, nullable: true}
*/
WITH counted AS (
    SELECT measure, group_1, group_2, FALSE AS is_total, sum(finished_count) AS finished, sum(censored_count) AS censored
    FROM shared.duration_count
    GROUP BY measure, group_1, group_2
    UNION ALL
    SELECT measure, group_1, CAST(NULL AS STRING) AS group_2, TRUE AS is_total, sum(finished_count) AS finished,
        sum(censored_count) AS censored
    FROM shared.duration_count
    GROUP BY measure, group_1
)
SELECT
    c.measure,
    c.group_1,
    c.group_2,
    c.is_total,
    CAST(c.finished + c.censored AS BIGINT) AS cases_count,
    CAST(c.finished AS BIGINT) AS finished_count,
    CAST(c.censored AS BIGINT) AS open_count,
    q.p50_s,
    q.p90_s,
    q.p95_s,
    q.p99_s,
    q.km_p50_s,
    q.km_p90_s
FROM counted c
JOIN shared.duration_quantile q
  ON q.measure = c.measure AND q.is_total = c.is_total
 AND q.group_1 IS NOT DISTINCT FROM c.group_1 AND q.group_2 IS NOT DISTINCT FROM c.group_2
