/*
title: Quantiles of durations
question: How long do half, nine tenths, ... of the cases take, with and without the open ones?
definition: Quantiles in seconds per measure and group; the naive ones over finished cases, interpolated linearly, and the Kaplan-Meier ones with open cases censored at as_of.
edge_rules:
  - "The Kaplan-Meier p-quantile is the smallest t with S(t) <= 1 - p + 1e-12; finished before censored at equal t; NULL while S stays above."
  - "S(t) is the product of (n - d) / n; written as (n - d) / N times what censoring took out before t, so that it is exact where nothing is censored."
  - Without finished cases the naive quantiles are NULL.
  - is_total rows are over all values of group_2.
source: "Kaplan and Meier 1958; domain model, headline measures"
owner: data engineer
grain: [measure, group_1, group_2, is_total]
columns:
  measure: {unit: text, description: what is timed}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, the receiving facility of a lane, the rule, or the facility of an interface', nullable: true}
  is_total: {unit: boolean, description: whether group_2 is every value}
  finished_count: {unit: count, description: 'finished cases, those of the naive quantiles', min: 0}
  open_count: {unit: count, description: open ones, min: 0}
  p50_s: {unit: s, description: naive median, nullable: true}
  p90_s: {unit: s, description: naive 90 % quantile, nullable: true}
  p95_s: {unit: s, description: naive 95 % quantile, nullable: true}
  p99_s: {unit: s, description: naive 99 % quantile, nullable: true}
  km_p50_s: {unit: s, description: Kaplan-Meier median, nullable: true}
  km_p90_s: {unit: s, description: Kaplan-Meier 90 % quantile, nullable: true}
  km_p95_s: {unit: s, description: Kaplan-Meier 95 % quantile, nullable: true}
  km_p99_s: {unit: s, description: Kaplan-Meier 99 % quantile, nullable: true}
*/
WITH counted AS (
    SELECT measure, group_1, group_2, FALSE AS is_total, duration_s, finished_count, censored_count
    FROM shared.duration_count
    UNION ALL
    SELECT measure, group_1, CAST(NULL AS STRING) AS group_2, TRUE AS is_total, duration_s,
        sum(finished_count) AS finished_count, sum(censored_count) AS censored_count
    FROM shared.duration_count
    GROUP BY measure, group_1, duration_s
), grouped AS (
    -- By number, since every duration is moved by its group, twice.
    SELECT
        CAST(row_number() OVER (ORDER BY measure, group_1 NULLS FIRST, group_2 NULLS FIRST, is_total) AS INT) AS group_no,
        measure, group_1, group_2, is_total,
        CAST(sum(finished_count) AS DOUBLE) AS finished_total,
        CAST(sum(finished_count + censored_count) AS DOUBLE) AS cases_total
    FROM counted
    GROUP BY measure, group_1, group_2, is_total
), placed AS (
    SELECT
        g.group_no, g.finished_total, g.cases_total, c.duration_s,
        CAST(c.censored_count AS DOUBLE) AS censored,
        CAST(sum(c.finished_count) OVER upwards AS DOUBLE) AS finished_until,
        CAST(sum(c.finished_count + c.censored_count) OVER upwards AS DOUBLE) AS cases_until
    FROM counted c
    JOIN grouped g
      ON g.measure = c.measure AND g.is_total = c.is_total
     AND g.group_1 IS NOT DISTINCT FROM c.group_1 AND g.group_2 IS NOT DISTINCT FROM c.group_2
    WINDOW upwards AS (
        PARTITION BY g.group_no ORDER BY c.duration_s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), at_risk AS (
    SELECT *, cases_total - cases_until AS beyond, cases_total - cases_until + censored AS surviving
    FROM placed
), survival AS (
    SELECT
        *,
        surviving / cases_total * exp(coalesce(sum(
            CASE WHEN censored > 0 AND beyond > 0 THEN ln(surviving / beyond) ELSE 0 END
        ) OVER (
            PARTITION BY group_no ORDER BY duration_s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS s
    FROM at_risk
), picked AS (
    SELECT
        group_no, max(finished_total) AS n, max(cases_total) AS cases,
        min(CASE WHEN finished_until > floor((finished_total - 1) * 0.50) THEN duration_s END) AS p50_low,
        min(CASE WHEN finished_until > ceil((finished_total - 1) * 0.50) THEN duration_s END) AS p50_high,
        min(CASE WHEN finished_until > floor((finished_total - 1) * 0.90) THEN duration_s END) AS p90_low,
        min(CASE WHEN finished_until > ceil((finished_total - 1) * 0.90) THEN duration_s END) AS p90_high,
        min(CASE WHEN finished_until > floor((finished_total - 1) * 0.95) THEN duration_s END) AS p95_low,
        min(CASE WHEN finished_until > ceil((finished_total - 1) * 0.95) THEN duration_s END) AS p95_high,
        min(CASE WHEN finished_until > floor((finished_total - 1) * 0.99) THEN duration_s END) AS p99_low,
        min(CASE WHEN finished_until > ceil((finished_total - 1) * 0.99) THEN duration_s END) AS p99_high,
        min(CASE WHEN s <= 0.5 + 1e-12 THEN duration_s END) AS km_p50_s,
        min(CASE WHEN s <= 0.1 + 1e-12 THEN duration_s END) AS km_p90_s,
        min(CASE WHEN s <= 0.05 + 1e-12 THEN duration_s END) AS km_p95_s,
        min(CASE WHEN s <= 0.01 + 1e-12 THEN duration_s END) AS km_p99_s
    FROM survival
    GROUP BY group_no
)
SELECT
    g.measure, g.group_1, g.group_2, g.is_total,
    CAST(n AS BIGINT) AS finished_count,
    CAST(cases - n AS BIGINT) AS open_count,
    CASE WHEN n > 0 THEN p50_low + (p50_high - p50_low) * ((n - 1) * 0.50 - floor((n - 1) * 0.50)) END AS p50_s,
    CASE WHEN n > 0 THEN p90_low + (p90_high - p90_low) * ((n - 1) * 0.90 - floor((n - 1) * 0.90)) END AS p90_s,
    CASE WHEN n > 0 THEN p95_low + (p95_high - p95_low) * ((n - 1) * 0.95 - floor((n - 1) * 0.95)) END AS p95_s,
    CASE WHEN n > 0 THEN p99_low + (p99_high - p99_low) * ((n - 1) * 0.99 - floor((n - 1) * 0.99)) END AS p99_s,
    km_p50_s,
    km_p90_s,
    km_p95_s,
    km_p99_s
FROM picked p
JOIN grouped g ON g.group_no = p.group_no
