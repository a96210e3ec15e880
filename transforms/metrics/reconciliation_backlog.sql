/*
title: Reconciliation backlog
question: How much is there to reconcile, and how many hours would that take?
definition: Open exceptions per facility and rule at as_of, how many are older than their SLA, the age in seconds of the oldest, and the hours of work that the workspace assumes for them.
formula: open_count = count(exceptions without resolved_at); assumed_effort_h = open_count * assumed_minutes / 60; logged_effort_h = open_count * logged_minutes / 60
headline: open_count
edge_rules:
  - The effort is an assumption, not a measurement; minutes for one exception come from the workspace (effort.by_rule, else effort.minutes, 15 where neither is set).
  - logged_minutes is measured, where a source system tracks exceptions itself (canonical.exception_log) under the name of the rule, in any case, at the facility; the mean over those that it says were resolved up to as_of with a stated effort, NULL where there are none.
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
  logged_minutes: {unit: number, description: 'minutes that one took, as a source system has logged; NULL: none did', nullable: true, min: 0}
  logged_effort_h: {unit: h, description: 'hours of work for all of them, if each takes as long', nullable: true, min: 0}
*/
WITH logged AS (
    SELECT
        l.facility_id,
        lower(trim(l.rule)) AS rule,
        -- Decimals add up to the same whatever their order.
        CAST(sum(l.effort_minutes) AS DOUBLE) / nullif(count(l.effort_minutes), 0) AS minutes
    FROM canonical.exception_log l
    CROSS JOIN reference.evaluation e
    WHERE l.resolved_at <= e.as_of
    GROUP BY l.facility_id, lower(trim(l.rule))
), backlog AS (
    SELECT
        facility_id,
        rule,
        count(*) AS open_count,
        count(*) FILTER (WHERE is_breached) AS breached_count,
        max(age_s) AS oldest_age_s
    FROM marts.exceptions
    WHERE resolved_at IS NULL
    GROUP BY facility_id, rule
)
SELECT
    b.facility_id,
    b.rule,
    b.open_count,
    b.breached_count,
    b.oldest_age_s,
    f.minutes AS assumed_minutes,
    b.open_count * f.minutes / 60 AS assumed_effort_h,
    g.minutes AS logged_minutes,
    b.open_count * g.minutes / 60 AS logged_effort_h
FROM backlog b
JOIN reference.effort f ON f.rule = b.rule
LEFT JOIN logged g ON g.facility_id IS NOT DISTINCT FROM b.facility_id AND g.rule = b.rule
