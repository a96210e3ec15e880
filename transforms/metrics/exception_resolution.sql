/*
title: Exception resolution
question: How long do exceptions take to be resolved, and how many outlast their SLA?
definition: Per facility and rule, the mean and quantiles in seconds from opening to resolution of resolved exceptions, Kaplan-Meier quantiles with the open ones, and the share resolved within the SLA.
formula: km_p50_s = the smallest t with S(t) <= 0.5, open ones censored at as_of; mean_resolution_s = sum(resolved_at - opened_at) / resolved_count; within_sla_ratio = resolved in time / (resolved + open and overdue)
headline: km_p50_s
edge_rules:
  - Mean, p50 and p90 are over resolved exceptions only and leave the stuck ones out; NULL where none is resolved. The Kaplan-Meier quantiles censor open ones at as_of, and are NULL while more than that share is open.
  - breached_count are those older than their SLA, resolved or open; exactly on it is in time.
  - within_sla_ratio is NULL where nothing is resolved or overdue; km_within_sla_ratio is the estimated share that is resolved within its SLA.
  - logged_* are of the exceptions that a source system tracks itself (canonical.exception_log) under the name of the rule, in any case, at the facility; one resolved after as_of is open. They say how long people take, which the feeds say of few rules. What a source calls otherwise, and a facility and rule of which nothing is reported here, is in that table alone.
  - business quantiles count only the working time of the facility's calendar (working_clock), of open exceptions up to as_of; the SLA is elapsed time. All of them are NULL where there is no facility or no calendar, and else where those in elapsed time are or could be (nothing resolved, too much open).
  - Rules whose exceptions are never resolved by data (orphan_posting and others) have no quantiles.
not_to_be_confused_with: exception_aging, which is about open ones only
source: "domain model, headline measures; Kaplan and Meier 1958"
owner: operations manager
grain: [facility_id, rule]
direction: down_is_good
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  rule: {unit: text, description: name of the rule}
  exceptions_count: {unit: count, description: 'exceptions, resolved and open', min: 1}
  resolved_count: {unit: count, description: resolved ones, min: 0}
  open_count: {unit: count, description: open ones, min: 0}
  breached_count: {unit: count, description: older than their SLA, min: 0}
  mean_resolution_s: {unit: s, description: mean over resolved ones, nullable: true}
  p50_s: {unit: s, description: median over resolved ones, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over resolved ones, nullable: true}
  km_p50_s: {unit: s, description: median with open ones censored, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open ones censored, nullable: true}
  business_p50_s: {unit: s, description: median over resolved ones in working seconds, nullable: true}
  business_p90_s: {unit: s, description: 90 % quantile over resolved ones in working seconds, nullable: true}
  business_km_p50_s: {unit: s, description: median in working seconds with open ones censored, nullable: true}
  business_km_p90_s: {unit: s, description: 90 % quantile in working seconds with open ones censored, nullable: true}
  logged_count: {unit: count, description: exceptions of this rule that a source system tracks itself, min: 0}
  logged_resolved_count: {unit: count, description: those of them that it says were resolved, min: 0}
  logged_mean_resolution_s: {unit: s, description: 'mean from opening to resolution of these; NULL: none', nullable: true}
  due_count: {unit: count, description: 'denominator of within_sla_ratio', min: 0}
  within_sla_ratio: {unit: ratio, description: resolved within the SLA / due_count, nullable: true, min: 0, max: 1}
  km_within_sla_ratio: {unit: ratio, description: estimated share that is resolved within its SLA, min: 0, max: 1}
*/
WITH logged AS (
    SELECT
        l.facility_id,
        lower(trim(l.rule)) AS rule,
        count(*) AS logged_count,
        count(CASE WHEN l.resolved_at <= e.as_of THEN 1 END) AS resolved_count,
        CAST(sum(CASE WHEN l.resolved_at <= e.as_of THEN CAST(seconds_between(l.opened_at, l.resolved_at) AS DECIMAL(18, 6)) END) AS DOUBLE)
            AS resolved_s
    FROM canonical.exception_log l
    CROSS JOIN reference.evaluation e
    GROUP BY l.facility_id, lower(trim(l.rule))
), summed AS (
    SELECT
        facility_id,
        rule,
        count(*) AS exceptions_count,
        count(resolved_at) AS resolved_count,
        count(*) FILTER (WHERE is_breached) AS breached_count,
        -- Decimals add up to the same whatever their order.
        CAST(sum(CASE WHEN resolved_at IS NOT NULL THEN CAST(age_s AS DECIMAL(18, 6)) END) AS DOUBLE) AS resolved_s
    FROM marts.exceptions
    GROUP BY facility_id, rule
)
SELECT
    s.facility_id,
    s.rule,
    s.exceptions_count,
    s.resolved_count,
    s.exceptions_count - s.resolved_count AS open_count,
    s.breached_count,
    s.resolved_s / nullif(s.resolved_count, 0) AS mean_resolution_s,
    q.p50_s,
    q.p90_s,
    q.km_p50_s,
    q.km_p90_s,
    w.p50_s AS business_p50_s,
    w.p90_s AS business_p90_s,
    w.km_p50_s AS business_km_p50_s,
    w.km_p90_s AS business_km_p90_s,
    coalesce(g.logged_count, 0) AS logged_count,
    coalesce(g.resolved_count, 0) AS logged_resolved_count,
    g.resolved_s / nullif(g.resolved_count, 0) AS logged_mean_resolution_s,
    a.due_count,
    a.within_sla_ratio,
    a.km_within_sla_ratio
FROM summed s
JOIN shared.duration_quantile q
  ON q.measure = 'exception_resolution' AND NOT q.is_total
 AND q.group_1 IS NOT DISTINCT FROM s.facility_id AND q.group_2 = s.rule
JOIN shared.sla_attainment a
  ON a.measure = 'exception_resolution' AND NOT a.is_total
 AND a.group_1 IS NOT DISTINCT FROM s.facility_id AND a.group_2 = s.rule
LEFT JOIN shared.duration_quantile w
  ON w.measure = 'business_resolution' AND NOT w.is_total
 AND w.group_1 IS NOT DISTINCT FROM s.facility_id AND w.group_2 = s.rule
LEFT JOIN logged g ON g.facility_id IS NOT DISTINCT FROM s.facility_id AND g.rule = s.rule
