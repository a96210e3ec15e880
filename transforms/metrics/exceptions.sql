/*
title: Exceptions
question: What is wrong, where, since when, what is at stake, and is it overdue?
definition: One row per thing that breaks a rule, open or resolved, with its age in seconds from opening to resolution or as_of.
formula: "age_s = coalesce(resolved_at, as_of) - opened_at; is_breached = age_s > sla_s; value_at_risk_usd = abs(quantity) * unit cost at opened_at"
edge_rules:
  - exception_id is rule, version and key, so that it is the same in every build.
  - Breached means older than the rule's SLA; exactly on the SLA is not.
  - business_age_s counts only the working time of its facility's calendar (working_clock); it is NULL where there is no facility or no calendar. The SLA is elapsed time.
  - value_at_risk_usd is |quantity| x unit cost x the exchange rate of the day (UTC) on which it opened; an item without currency is in US dollars.
  - value_at_risk_usd is NULL where no item or quantity is at risk, or its cost or the rate of that day is not known.
  - "evidence holds `event:`, `posting:`, `document:`, `message:`, `count:` and `file:name#row`, in which a blank is written %20."
source: domain model, exception rules
owner: operations manager
grain: [exception_id]
direction: down_is_good
additivity: additive
columns:
  exception_id: {unit: id, description: 'rule:version:reference'}
  rule: {unit: text, description: name of the rule}
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'event, posting, transfer document, count or whatever else the rule is about'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  age_s: {unit: s, description: '(resolved_at or as_of) - opened_at'}
  business_age_s: {unit: s, description: 'the working seconds of it; NULL: no calendar', nullable: true}
  sla_s: {unit: s, description: allowed age, min: 0}
  is_breached: {unit: boolean, description: whether it is older than its SLA}
  severity: {unit: text, description: 'low, medium, high or critical'}
  queue: {unit: text, description: whose work it is}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  value_at_risk_usd: {unit: usd, description: what those units are worth, nullable: true, min: 0}
  probable_cause: {unit: text, description: 'what usually lies behind it, in words'}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    concat_ws('', r.rule, ':', r.version, ':', r.reference_id) AS exception_id,
    r.rule,
    r.facility_id,
    r.reference_id,
    r.opened_at,
    r.resolved_at,
    seconds_between(r.opened_at, coalesce(r.resolved_at, e.as_of)) AS age_s,
    worked_until(b.worked_s, b.is_open, b.starts_at, coalesce(r.resolved_at, e.as_of))
        - worked_until(a.worked_s, a.is_open, a.starts_at, r.opened_at) AS business_age_s,
    r.sla_s,
    seconds_between(r.opened_at, coalesce(r.resolved_at, e.as_of)) > r.sla_s AS is_breached,
    r.severity,
    r.queue,
    r.item_id,
    r.quantity,
    CAST(abs(r.quantity) AS DOUBLE) * c.unit_cost_usd AS value_at_risk_usd,
    r.probable_cause,
    r.evidence,
    r.detail
FROM rules.reported r
CROSS JOIN reference.evaluation e
LEFT JOIN shared.item_cost c
  ON c.item_id = r.item_id AND r.opened_at >= c.valid_from_at AND r.opened_at < c.valid_until_at
LEFT JOIN shared.working_clock a ON a.facility_id = r.facility_id AND a.quarter_no = quarter_of(r.opened_at)
LEFT JOIN shared.working_clock b
  ON b.facility_id = r.facility_id AND b.quarter_no = quarter_of(coalesce(r.resolved_at, e.as_of))
