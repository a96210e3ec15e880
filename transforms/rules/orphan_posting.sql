/*
title: Orphan posting
question: What was posted without anything having happened on the floor?
definition: Postings up to as_of that post no known event; manual and spreadsheet adjustments are among them.
edge_rules:
  - Opens at posted_at.
  - A second posting of an event that was posted already is a double posting, not an orphan.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
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
    'posting without an event' AS detail
FROM matching.leftover_posting p
WHERE p.kind = 'without_event'
