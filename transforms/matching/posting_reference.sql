/*
title: Postings that name their event
question: Which postings state the event they post, and which of them counts?
definition: One row per posting that states an event_id, numbered from the earliest posting of that event.
edge_rules:
  - An event posted twice counts with its earliest posting (posted_at, then posting_id); the others are double postings.
  - A stated event that is not known up to as_of leaves the posting without an event; it is not matched in another way.
source: domain model, matching step 1
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  event_id: {unit: id, description: the event that it states}
  posted_at: {unit: instant, description: when the ERP stored it}
  nth: {unit: number, description: 1 for the earliest posting of the event, min: 1}
  is_event_known: {unit: boolean, description: whether that event is known up to as_of}
additivity: additive
*/
WITH repeated AS (
    SELECT event_id FROM canonical.erp_posting WHERE event_id IS NOT NULL GROUP BY event_id HAVING count(*) > 1
), numbered AS (
    SELECT p.posting_id, row_number() OVER (PARTITION BY p.event_id ORDER BY p.posted_at, p.posting_id) AS nth
    FROM canonical.erp_posting p
    JOIN repeated r ON r.event_id = p.event_id
)
SELECT
    p.posting_id,
    p.event_id,
    p.posted_at,
    coalesce(n.nth, 1) AS nth,
    e.event_id IS NOT NULL AS is_event_known
FROM canonical.erp_posting p
LEFT JOIN numbered n ON n.posting_id = p.posting_id
LEFT JOIN canonical.inventory_event e ON e.event_id = p.event_id
WHERE p.event_id IS NOT NULL
