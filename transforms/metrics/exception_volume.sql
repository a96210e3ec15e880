/*
title: Exception volume
question: How many exceptions come up, are resolved and become overdue, day by day?
definition: Exceptions opened, resolved and gone past their SLA on each UTC day, per facility and rule.
formula: opened_count = count(day of opened_at); resolved_count = count(day of resolved_at); breached_count = count(day of opened_at + sla_s, where older than the SLA)
headline: opened_count
edge_rules:
  - An exception is breached on the day on which it became older than its SLA, opened_at + SLA, whether or not it was resolved later; one resolved within it, or exactly on it, never is.
  - Days on which nothing happened have no row.
  - The last day ends at as_of.
not_to_be_confused_with: exceptions_trend, which says how many are open at the end of each day
source: domain model, headline measures
owner: operations manager
grain: [facility_id, rule, day]
direction: down_is_good
additivity: additive
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  rule: {unit: text, description: name of the rule}
  day: {unit: date, description: UTC day}
  opened_count: {unit: count, description: opened on that day, min: 0}
  resolved_count: {unit: count, description: resolved on that day, min: 0}
  breached_count: {unit: count, description: became older than their SLA on that day, min: 0}
*/
SELECT
    facility_id,
    rule,
    day,
    CAST(sum(opened) AS BIGINT) AS opened_count,
    CAST(sum(resolved) AS BIGINT) AS resolved_count,
    CAST(sum(breached) AS BIGINT) AS breached_count
FROM (
    SELECT facility_id, rule, local_day(opened_at, 'UTC') AS day, 1 AS opened, 0 AS resolved, 0 AS breached
    FROM marts.exceptions
    UNION ALL
    SELECT facility_id, rule, local_day(resolved_at, 'UTC') AS day, 0 AS opened, 1 AS resolved, 0 AS breached
    FROM marts.exceptions
    WHERE resolved_at IS NOT NULL
    UNION ALL
    SELECT facility_id, rule, local_day(add_seconds(opened_at, sla_s), 'UTC') AS day, 0 AS opened, 0 AS resolved, 1 AS breached
    FROM marts.exceptions
    WHERE is_breached
) AS changed
GROUP BY facility_id, rule, day
