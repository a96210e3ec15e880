/*
title: Durations of exceptions, counted
question: How often does each time from opening to resolution of an exception occur?
definition: Seconds from opening to resolution of exceptions per facility and rule, elapsed and working ones, counted resolved and open.
edge_rules:
  - An exception is open until it is resolved; its duration is then that up to as_of.
  - business_resolution is in working seconds (business_age_s of exceptions); an exception without it, since its facility has no calendar, makes no row of it.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: exception_resolution or business_resolution}
  group_1: {unit: id, description: facility that has to act, nullable: true}
  group_2: {unit: text, description: the rule, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT
    'exception_resolution' AS measure,
    x.facility_id AS group_1,
    x.rule AS group_2,
    x.age_s AS duration_s,
    count(x.resolved_at) AS finished_count,
    count(*) - count(x.resolved_at) AS censored_count
FROM marts.exceptions x
GROUP BY x.facility_id, x.rule, x.age_s
UNION ALL
SELECT
    'business_resolution' AS measure,
    x.facility_id AS group_1,
    x.rule AS group_2,
    x.business_age_s AS duration_s,
    count(x.resolved_at) AS finished_count,
    count(*) - count(x.resolved_at) AS censored_count
FROM marts.exceptions x
WHERE x.business_age_s IS NOT NULL
GROUP BY x.facility_id, x.rule, x.business_age_s
