/*
title: Quantity mismatch
question: What does the ERP know of, but with another quantity?
definition: Events up to as_of whose posting states another absolute quantity than the event.
edge_rules:
  - Opens at the later of event_time and posted_at, when both have been stated.
  - Equal without their sign is equal; where one of them states no quantity nothing differs.
  - An event of which several postings post only a part is unposted (missing_posting), not a mismatch.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
sla: 86400
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
    CASE WHEN l.posted_at > l.event_time THEN l.posted_at ELSE l.event_time END AS opened_at,
    CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    concat(l.event_type, ' of ', CAST(abs(l.quantity) AS VARCHAR), ' was posted as ', CAST(l.posted_quantity AS VARCHAR), ' by ',
        l.posting_id) AS detail
FROM marts.event_latency l
WHERE l.is_quantity_mismatch
