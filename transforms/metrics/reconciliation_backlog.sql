/*
title: Reconciliation backlog
question: How much is there to reconcile, and how many hours would that take?
definition: Open exceptions per facility and rule at as_of, how many are older than their SLA, the age in seconds of the oldest, and the hours of work that the workspace assumes for them.
formula: open_count = count(exceptions without resolved_at); assumed_effort_h = open_count * assumed_minutes / 60
headline: open_count
edge_rules:
  - The effort is an assumption, not a measurement; minutes for one exception come from the workspace (effort.by_rule, else effort.minutes, 15 where neither is set).
  - A facility and rule without an open exception has no row.
  - Exactly on the SLA is not overdue.
not_to_be_confused_with: exception_aging, the same exceptions by age
source: domain model, also; workspace setting effort
owner: inventory accountant
grain: [facility_id, rule]
direction: down_is_good
additivity: semi_additive
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  rule: {unit: text, description: name of the rule}
  open_count: {unit: count, description: open exceptions, min: 1}
  breached_count: {unit: count, description: those older than their SLA, min: 0}
  oldest_age_s: {unit: s, description: age of the oldest}
  assumed_minutes: {unit: number, description: 'minutes of work for one exception, an assumption of the workspace', min: 0}
  assumed_effort_h: {unit: h, description: 'hours of work for all of them, under that assumption', min: 0}
*/
SELECT
    x.facility_id,
    x.rule,
    count(*) AS open_count,
    count(*) FILTER (WHERE x.is_breached) AS breached_count,
    max(x.age_s) AS oldest_age_s,
    f.minutes AS assumed_minutes,
    count(*) * f.minutes / 60 AS assumed_effort_h
FROM marts.exceptions x
JOIN reference.effort f ON f.rule = x.rule
WHERE x.resolved_at IS NULL
GROUP BY x.facility_id, x.rule, f.minutes
