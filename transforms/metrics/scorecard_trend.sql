/*
title: Scorecard by day
question: Where is each headline measure heading?
definition: The headline measures that can be told by day, per facility and day.
formula: "value = the figure of the measure over the cases of the day"
headline: value
edge_rules:
  - Days without data have no row.
  - Latency figures are by local day of the event, counts by local day of the count, exceptions by UTC day (open at its end).
source: domain model, headline measures
owner: executive
grain: [metric, facility_id, day]
columns:
  metric: {unit: text, description: name of the measure}
  facility_id: {unit: id, description: the facility}
  day: {unit: date, description: the day}
  value: {unit: number, description: the figure, nullable: true}
  n: {unit: count, description: cases the figure rests on, min: 0}
*/
WITH latency AS (
    SELECT * FROM marts.latency_trend WHERE event_type IS NULL
), counted AS (
    SELECT
        c.facility_id,
        local_day(c.counted_at, f.timezone) AS day,
        count(c.book_quantity) AS n,
        CAST(count(*) FILTER (WHERE c.is_exact) AS DOUBLE) / nullif(count(c.book_quantity), 0) AS strict_ratio,
        CAST(count(*) FILTER (WHERE c.is_within_tolerance) AS DOUBLE) / nullif(count(c.book_quantity), 0) AS tolerance_ratio
    FROM marts.count_records c
    JOIN reference.facility f ON f.facility_id = c.facility_id
    GROUP BY c.facility_id, local_day(c.counted_at, f.timezone)
), changed AS (
    SELECT facility_id, day, sum(opened_count - resolved_count) AS change_count
    FROM marts.exceptions_trend
    WHERE facility_id IS NOT NULL
    GROUP BY facility_id, day
), backlog AS (
    SELECT facility_id, day, sum(change_count) OVER (
        PARTITION BY facility_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS open_count
    FROM changed
)
SELECT 'latency_p50_s' AS metric, facility_id, day, p50_s AS value, posted_count AS n FROM latency
UNION ALL SELECT 'latency_p90_s', facility_id, day, p90_s, posted_count FROM latency
UNION ALL SELECT 'within_sla_ratio', facility_id, day, within_sla_ratio, due_count FROM latency
UNION ALL SELECT 'ira_strict_ratio', facility_id, day, strict_ratio, n FROM counted
UNION ALL SELECT 'ira_tolerance_ratio', facility_id, day, tolerance_ratio, n FROM counted
UNION ALL SELECT 'open_exceptions_count', facility_id, day, CAST(open_count AS DOUBLE), CAST(open_count AS BIGINT) FROM backlog
