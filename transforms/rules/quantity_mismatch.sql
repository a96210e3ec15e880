/*
title: Quantity mismatch
question: What does the ERP know of, but with another quantity?
definition: Events up to as_of whose posting states another absolute quantity than the event.
formula: "exceptions_count = count(posted events where abs(quantity of the event) <> abs(quantity posted))"
edge_rules:
  - Opens at the later of event_time and posted_at, when both have been stated.
  - The quantity at risk is the difference of the two absolute quantities.
  - Equal without their sign is equal; where one of them states no quantity nothing differs.
  - An event of which several postings post only a part is unposted (missing_posting), not a mismatch.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: inventory accounting
cause: a unit conversion, a typing error, or a correction on one side only
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
    CASE WHEN l.posted_at > l.event_time THEN l.posted_at ELSE l.event_time END AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    l.item_id,
    abs(abs(l.quantity) - l.posted_quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(l.event_id, ' ', '%20'),
        'posting:' || replace(l.posting_id, ' ', '%20'),
        'document:' || replace(l.document_id, ' ', '%20'),
        'file:' || replace(l.file, ' ', '%20') || '#' || CAST(CAST(l.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', l.event_type, ' of ', CAST(abs(l.quantity) AS STRING), ' was posted as ', CAST(l.posted_quantity AS STRING), ' by ',
        l.posting_id) AS detail
FROM marts.event_latency l
WHERE l.is_quantity_mismatch
