/*
title: Late posting
question: What did the ERP learn too late?
definition: Events posted strictly later than their posting SLA after they happened.
edge_rules:
  - Opens at event_time + SLA and is resolved at posted_at.
  - Exactly on the SLA is in time.
source: domain model, exception rules
owner: operations manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
sla: posting
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    l.facility_id,
    l.event_id AS reference_id,
    add_seconds(l.event_time, l.sla_s) AS opened_at,
    l.posted_at AS resolved_at,
    l.sla_s,
    concat(l.event_type, ' was posted after ', CAST(l.latency_s AS VARCHAR), ' s by ', l.posting_id) AS detail
FROM marts.event_latency l
WHERE l.is_posted AND l.is_late
