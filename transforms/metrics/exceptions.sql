/*
title: Exceptions
question: What is wrong, where, since when, and is it overdue?
definition: One row per thing that breaks a rule, open or resolved, with its age in seconds from opening to resolution or as_of.
edge_rules:
  - exception_id is rule, version and key, so that it is the same in every build.
  - Breached means older than the rule's SLA; exactly on the SLA is not.
source: domain model, exception rules
owner: operations manager
grain: [exception_id]
direction: down_is_good
additivity: additive
columns:
  exception_id: {unit: id, description: 'rule:version:reference'}
  rule: {unit: text, description: name of the rule}
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'event, posting, transfer document or count'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  age_s: {unit: s, description: '(resolved_at or as_of) - opened_at'}
  sla_s: {unit: s, description: allowed age, min: 0}
  is_breached: {unit: boolean, description: whether it is older than its SLA}
  severity: {unit: text, description: 'low, medium, high or critical'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    concat(r.rule, ':', r.version, ':', r.reference_id) AS exception_id,
    r.rule,
    r.facility_id,
    r.reference_id,
    r.opened_at,
    r.resolved_at,
    seconds_between(r.opened_at, coalesce(r.resolved_at, e.as_of)) AS age_s,
    r.sla_s,
    seconds_between(r.opened_at, coalesce(r.resolved_at, e.as_of)) > r.sla_s AS is_breached,
    r.severity,
    r.detail
FROM rules.reported r
CROSS JOIN reference.evaluation e
