/*
title: Negative latency
question: Which postings claim to be older than what they post?
definition: Events whose posting was stored before they happened (posted_at < event_time).
formula: "exceptions_count = count(events where posted_at < event_time)"
edge_rules:
  - Opens at event_time, when both have been stated; clocks that differ are the usual cause.
  - Posted in the same instant is not negative.
source: domain model, exception rules
owner: data engineer
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: integration
cause: the clocks of the two systems differ, or the event was recorded after the fact
sla: 86400
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
    l.event_time AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    l.item_id,
    abs(l.quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(l.event_id, ' ', '%20'),
        'posting:' || replace(l.posting_id, ' ', '%20'),
        'document:' || replace(l.document_id, ' ', '%20'),
        'file:' || replace(l.file, ' ', '%20') || '#' || CAST(CAST(l.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', l.posting_id, ' was posted ', number_text(-l.latency_s), ' s before ', l.event_type) AS detail
FROM marts.event_latency l
WHERE l.latency_s < 0
