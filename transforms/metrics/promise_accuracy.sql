/*
title: Promise accuracy
question: By how much are promises missed, early and late?
definition: Seconds from the promise of a line to the shipment that completes it (early is below zero), and the share completed within a day of the promise, per facility.
formula: "accuracy_ratio = kept_count / completed_count; kept = abs(completed_at - promised_at) <= 86400; mean_absolute_error_s = sum(abs(completed_at - promised_at)) / completed_count"
headline: accuracy_ratio
edge_rules:
  - "kept: not more than 86400 s before or after the promise, bounds inclusive; early and late are beyond that."
  - The mean absolute error, the counts and p50 and p90 are over completed lines; km quantiles censor incomplete ones at as_of - promise, NULL while more than that share is open.
  - accuracy_ratio is kept / completed lines, NULL where none is completed.
  - Lines without a promise, an ordered quantity above zero or a stated time of completion are in no figure. A line that names no facility is in the NULL row.
not_to_be_confused_with: on-time shipment, for which early is as good as exact
source: "domain model, headline measures; SCOR RL.2.2"
owner: customer service
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: 'the facility; NULL: not stated', nullable: true}
  completed_count: {unit: count, description: lines completed, min: 0}
  open_count: {unit: count, description: lines with a promise that are incomplete at as_of, min: 0}
  early_count: {unit: count, description: completed more than a day before the promise, min: 0}
  kept_count: {unit: count, description: completed within a day of it, min: 0}
  late_count: {unit: count, description: completed more than a day after it, min: 0}
  accuracy_ratio: {unit: ratio, description: share completed within a day, nullable: true, min: 0, max: 1}
  mean_absolute_error_s: {unit: s, description: mean distance from the promise, nullable: true, min: 0}
  p50_s: {unit: s, description: median of completion - promise, nullable: true}
  p90_s: {unit: s, description: 90 % quantile of completion - promise, nullable: true}
  km_p50_s: {unit: s, description: median with incomplete lines censored, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with incomplete lines censored, nullable: true}
*/
WITH missed AS (
    SELECT
        group_1 AS facility_id,
        coalesce(sum(CASE WHEN duration_s < -86400 THEN finished_count END), 0) AS early,
        coalesce(sum(CASE WHEN abs(duration_s) <= 86400 THEN finished_count END), 0) AS kept,
        coalesce(sum(CASE WHEN duration_s > 86400 THEN finished_count END), 0) AS late,
        sum(finished_count) AS completed,
        -- Decimals add up to the same whatever their order.
        sum(CAST(abs(duration_s) AS DECIMAL(18, 6)) * CAST(finished_count AS DECIMAL(12, 0))) AS distance
    FROM shared.duration_count
    WHERE measure = 'promise_error'
    GROUP BY group_1
)
SELECT
    m.facility_id,
    s.finished_count AS completed_count,
    s.open_count,
    CAST(m.early AS BIGINT) AS early_count,
    CAST(m.kept AS BIGINT) AS kept_count,
    CAST(m.late AS BIGINT) AS late_count,
    CAST(m.kept AS DOUBLE) / nullif(m.completed, 0) AS accuracy_ratio,
    CAST(m.distance AS DOUBLE) / nullif(m.completed, 0) AS mean_absolute_error_s,
    s.p50_s,
    s.p90_s,
    s.km_p50_s,
    s.km_p90_s
FROM missed m
JOIN shared.duration_quantile s
  ON s.measure = 'promise_error' AND NOT s.is_total AND s.group_1 IS NOT DISTINCT FROM m.facility_id
