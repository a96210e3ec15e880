/*
title: Duplicate posting
question: What has the ERP posted more than once?
definition: Standing postings up to as_of of an event that has its posting already; the first one is not among them.
formula: "exceptions_count = count(standing postings whose event is posted by others already)"
edge_rules:
  - Opens at posted_at and stays open; a reversal takes the posting, and so the exception, away.
  - Parts that together amount to the event's quantity are no duplicates.
  - A posting of a business key counts as one where its document, line, item, facility and direction are those of an event but all such events have other postings; line or item may be named at one end only where the quantities are equal.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: inventory accounting
cause: an interface repeated a posting, or a person posted what the interface had posted
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
    'second posting of what is posted already' AS detail
FROM canonical.erp_posting p
JOIN matching.leftover_posting o ON o.posting_id = p.posting_id
WHERE o.kind = 'double'
