/*
title: Late posting
question: What did the ERP learn too late?
definition: Events posted strictly later than their posting SLA after they happened.
formula: "exceptions_count = count(events where posted_at - event_time > sla_s)"
edge_rules:
  - Opens at event_time + SLA and is resolved at posted_at.
  - Exactly on the SLA is in time.
source: domain model, exception rules
owner: operations manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: operations
cause: a batch or an interface held the posting back
sla: posting
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    l.facility_id,
    l.event_id AS reference_id,
    add_seconds(l.event_time, l.sla_s) AS opened_at,
    l.posted_at AS resolved_at,
    l.sla_s,
    l.item_id,
    abs(l.quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(l.event_id, ' ', '%20'),
        'posting:' || replace(l.posting_id, ' ', '%20'),
        'document:' || replace(l.document_id, ' ', '%20'),
        'file:' || replace(l.file, ' ', '%20') || '#' || CAST(CAST(l.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', l.event_type, ' was posted after ', number_text(l.latency_s), ' s by ', l.posting_id) AS detail
FROM marts.event_latency l
WHERE l.is_posted AND l.is_late
