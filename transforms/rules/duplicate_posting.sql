/*
title: Duplicate posting
question: What has the ERP posted more than once?
definition: Standing postings up to as_of of an event that has its posting already; the first one is not among them.
edge_rules:
  - Opens at posted_at and stays open; a reversal takes the posting, and so the exception, away.
  - Parts that together amount to the event's quantity are no duplicates.
  - A posting of a business key counts as one where its document, line, item, facility and direction are those of an event but all such events have other postings.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: posting_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    p.facility_id,
    p.posting_id AS reference_id,
    p.posted_at AS opened_at,
    CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    'second posting of what is posted already' AS detail
FROM matching.leftover_posting p
WHERE p.kind = 'double'
