/*
title: Orphan posting
question: What was posted without anything having happened on the floor?
definition: Postings up to as_of that post no known event; manual and spreadsheet adjustments are among them.
formula: "exceptions_count = count(standing postings that post no known event)"
edge_rules:
  - Opens at posted_at.
  - A second posting of an event that was posted already is a double posting, not an orphan.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: inventory accounting
cause: a manual or spreadsheet posting, or an event that its feed never delivered
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: posting_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    p.facility_id,
    p.posting_id AS reference_id,
    p.posted_at AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    p.item_id,
    abs(p.quantity) AS quantity,
    concat_ws(' ',
        'posting:' || replace(p.posting_id, ' ', '%20'),
        'event:' || replace(p.event_id, ' ', '%20'),
        'document:' || replace(p.document_id, ' ', '%20'),
        'file:' || replace(p.file, ' ', '%20') || '#' || CAST(p.row_number AS STRING)) AS evidence,
    'posting without an event' AS detail
FROM canonical.erp_posting p
JOIN matching.leftover_posting o ON o.posting_id = p.posting_id
WHERE o.kind = 'without_event'
