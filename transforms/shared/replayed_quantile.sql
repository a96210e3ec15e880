/*
title: Quantiles under other schedules
question: How long would half, and nine tenths, take if interfaces ran at other times, open ones included?
definition: Kaplan-Meier quantiles in seconds of event-to-posting latency and of the book cycle of transfers, per changed scope and schedule, open ones censored at as_of.
edge_rules:
  - "As shared.duration_quantile: the p-quantile is the smallest t with S(t) <= 1 - p + 1e-12, finished before censored at equal t, NULL while S stays above."
  - The latency of a scope is that of all events of its facilities.
source: "Kaplan and Meier 1958; domain model, headline measures"
owner: data engineer
grain: [measure, scope_kind, scope, from_facility_id, to_facility_id, schedule]
columns:
  measure: {unit: text, description: 'latency or book_cycle'}
  scope_kind: {unit: text, description: 'facility or timing_model'}
  scope: {unit: text, description: what changes}
  from_facility_id: {unit: id, description: 'of a book cycle, the shipping facility', nullable: true}
  to_facility_id: {unit: id, description: 'of a book cycle, the receiving facility', nullable: true}
  schedule: {unit: text, description: the schedule}
  finished_count: {unit: count, description: finished, min: 0}
  open_count: {unit: count, description: open, min: 0}
  km_p50_s: {unit: s, description: median, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile, nullable: true}
*/
WITH counted AS (
    SELECT
        'latency' AS measure, s.scope_kind, s.scope, CAST(NULL AS STRING) AS from_facility_id, CAST(NULL AS STRING) AS to_facility_id,
        r.schedule, r.duration_s, sum(r.finished_count) AS finished_count, sum(r.censored_count) AS censored_count
    FROM shared.replayed_latency r
    JOIN shared.what_if_scope s ON s.facility_id = r.facility_id
    GROUP BY s.scope_kind, s.scope, r.schedule, r.duration_s
    UNION ALL
    SELECT
        'book_cycle' AS measure, scope_kind, scope, from_facility_id, to_facility_id, schedule, duration_s, finished_count,
        censored_count
    FROM shared.replayed_transfer
), placed AS (
    SELECT
        measure, scope_kind, scope, from_facility_id, to_facility_id, schedule, duration_s,
        CAST(finished_count AS DOUBLE) AS finished,
        CAST(censored_count AS DOUBLE) AS censored,
        CAST(sum(finished_count + censored_count) OVER (
            PARTITION BY measure, scope_kind, scope, from_facility_id, to_facility_id, schedule ORDER BY duration_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS DOUBLE) AS cases_until,
        CAST(sum(finished_count + censored_count) OVER (
            PARTITION BY measure, scope_kind, scope, from_facility_id, to_facility_id, schedule
        ) AS DOUBLE) AS cases_total
    FROM counted
), at_risk AS (
    SELECT *, cases_total - cases_until AS beyond, cases_total - cases_until + censored AS surviving
    FROM placed
), survival AS (
    SELECT
        *,
        surviving / cases_total * exp(coalesce(sum(
            CASE WHEN censored > 0 AND beyond > 0 THEN ln(surviving / beyond) ELSE 0 END
        ) OVER (
            PARTITION BY measure, scope_kind, scope, from_facility_id, to_facility_id, schedule ORDER BY duration_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS s
    FROM at_risk
)
SELECT
    measure, scope_kind, scope, from_facility_id, to_facility_id, schedule,
    CAST(sum(CAST(finished AS BIGINT)) AS BIGINT) AS finished_count,
    CAST(sum(CAST(censored AS BIGINT)) AS BIGINT) AS open_count,
    min(CASE WHEN s <= 0.5 + 1e-12 THEN duration_s END) AS km_p50_s,
    min(CASE WHEN s <= 0.1 + 1e-12 THEN duration_s END) AS km_p90_s
FROM survival
GROUP BY measure, scope_kind, scope, from_facility_id, to_facility_id, schedule
