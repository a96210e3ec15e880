/*
title: Postings that post no event, or one that was posted already
question: What stands in the books without anything having happened on the floor?
definition: One row per posting that matches no event, told apart into double postings and postings without an event.
edge_rules:
  - "double: it states an event that an earlier posting has posted, or has the business key (document, line, item, facility) of one."
  - Everything else is without_event, also a posting that states an event nobody has reported up to as_of.
source: domain model, matching
owner: inventory accountant
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  facility_id: {unit: id, description: whose stock it changes}
  posted_at: {unit: instant, description: when the ERP stored it}
  kind: {unit: text, description: double or without_event}
additivity: additive
*/
WITH leftover AS (
    SELECT p.posting_id, CASE WHEN r.is_event_known THEN 'double' ELSE 'without_event' END AS kind
    FROM matching.posting_reference r
    JOIN canonical.erp_posting p ON p.posting_id = r.posting_id
    WHERE r.nth > 1 OR NOT r.is_event_known
    UNION ALL
    SELECT k.posting_id, CASE WHEN d.posting_id IS NULL THEN 'without_event' ELSE 'double' END AS kind
    FROM matching.key_posting k
    LEFT JOIN (
        SELECT DISTINCT c.posting_id
        FROM canonical.inventory_event e
        JOIN reference.event_type t ON t.event_type = e.event_type
        JOIN matching.key_posting c
          ON e.document_id = c.document_id AND e.facility_id = c.facility_id
         AND coalesce(e.document_line, '') = c.document_line AND coalesce(e.item_id, '') = c.item_id
        WHERE c.posting_type = e.event_type
           OR (t.is_posting_expected AND (c.direction = t.direction OR c.direction IS NULL OR (t.direction = 'none' AND NOT c.is_typed)))
    ) d ON d.posting_id = k.posting_id
    WHERE NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = k.posting_id)
    UNION ALL
    SELECT p.posting_id, 'without_event' AS kind
    FROM canonical.erp_posting p
    WHERE p.event_id IS NULL AND p.document_id IS NULL
)
SELECT l.posting_id, p.facility_id, p.posted_at, l.kind
FROM leftover l
JOIN canonical.erp_posting p ON p.posting_id = l.posting_id
