/*
title: Exceptions by day
question: Does the backlog grow or shrink?
definition: Exceptions opened and resolved on each UTC day per facility and rule, and how many were open at its end.
formula: "open_count = sum over the days so far of (opened_count - resolved_count)"
headline: open_count
edge_rules:
  - Days without any change have no row; the backlog stays what it was.
  - The last day ends at as_of.
source: domain model, headline measures
owner: operations manager
grain: [facility_id, rule, day]
direction: down_is_good
additivity: semi_additive
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  rule: {unit: text, description: name of the rule}
  day: {unit: date, description: UTC day}
  opened_count: {unit: count, description: opened on that day, min: 0}
  resolved_count: {unit: count, description: resolved on that day, min: 0}
  open_count: {unit: count, description: open at its end, min: 0}
*/
WITH changed AS (
    SELECT facility_id, rule, local_day(opened_at, 'UTC') AS day, 1 AS opened, 0 AS resolved FROM marts.exceptions
    UNION ALL
    SELECT facility_id, rule, local_day(resolved_at, 'UTC') AS day, 0 AS opened, 1 AS resolved
    FROM marts.exceptions
    WHERE resolved_at IS NOT NULL
), daily AS (
    SELECT facility_id, rule, day, CAST(sum(opened) AS BIGINT) AS opened_count, CAST(sum(resolved) AS BIGINT) AS resolved_count
    FROM changed
    GROUP BY facility_id, rule, day
)
SELECT
    facility_id, rule, day, opened_count, resolved_count,
    CAST(sum(opened_count - resolved_count) OVER (
        PARTITION BY facility_id, rule ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS BIGINT) AS open_count
FROM daily
