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
), series AS (
    -- Windows over one number are several times faster than over six texts.
    SELECT
        measure, scope_kind, scope, from_facility_id, to_facility_id, schedule,
        row_number() OVER (
            ORDER BY measure, scope_kind, scope, from_facility_id NULLS FIRST, to_facility_id NULLS FIRST, schedule
        ) AS series_no
    FROM counted
    GROUP BY measure, scope_kind, scope, from_facility_id, to_facility_id, schedule
), placed AS (
    SELECT
        s.series_no, c.duration_s,
        CAST(c.finished_count AS DOUBLE) AS finished,
        CAST(c.censored_count AS DOUBLE) AS censored,
        CAST(sum(c.finished_count + c.censored_count) OVER (
            PARTITION BY s.series_no ORDER BY c.duration_s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS DOUBLE) AS cases_until,
        CAST(sum(c.finished_count + c.censored_count) OVER (PARTITION BY s.series_no) AS DOUBLE) AS cases_total
    FROM counted c
    JOIN series s
      ON s.measure = c.measure AND s.scope_kind = c.scope_kind AND s.scope = c.scope AND s.schedule = c.schedule
     AND s.from_facility_id IS NOT DISTINCT FROM c.from_facility_id AND s.to_facility_id IS NOT DISTINCT FROM c.to_facility_id
), at_risk AS (
    SELECT *, cases_total - cases_until AS beyond, cases_total - cases_until + censored AS surviving
    FROM placed
), survival AS (
    SELECT
        *,
        surviving / cases_total * exp(coalesce(sum(
            CASE WHEN censored > 0 AND beyond > 0 THEN ln(surviving / beyond) ELSE 0 END
        ) OVER (
            PARTITION BY series_no ORDER BY duration_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS s
    FROM at_risk
), picked AS (
    SELECT
        series_no,
        CAST(sum(CAST(finished AS BIGINT)) AS BIGINT) AS finished_count,
        CAST(sum(CAST(censored AS BIGINT)) AS BIGINT) AS open_count,
        min(CASE WHEN s <= 0.5 + 1e-12 THEN duration_s END) AS km_p50_s,
        min(CASE WHEN s <= 0.1 + 1e-12 THEN duration_s END) AS km_p90_s
    FROM survival
    GROUP BY series_no
)
SELECT
    g.measure, g.scope_kind, g.scope, g.from_facility_id, g.to_facility_id, g.schedule,
    p.finished_count, p.open_count, p.km_p50_s, p.km_p90_s
FROM picked p
JOIN series g ON g.series_no = p.series_no
