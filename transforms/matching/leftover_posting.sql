/*
title: Postings that post no event, or one that was posted already
question: What stands in the books without anything having happened on the floor?
definition: One row per standing posting that matches no event, told apart into double postings, parts of an event that is not posted completely, and postings without an event.
edge_rules:
  - "double: it states an event that has another posting, has the business key (document, line, item, facility) of an event, has its quantity and less or more of its line and item (loose_pair), or states the same things and quantity as a batch summary that posts events."
  - "partial: it is one of several postings of an event that together fall short of its quantity."
  - Everything else is without_event, also a posting that states an event nobody has reported up to as_of, and a reversal that found nothing to take back.
  - A posting that was reversed and its reversal are not left over.
source: domain model, matching
owner: inventory accountant
grain: [posting_id]
version: 3
columns:
  posting_id: {unit: id, description: the posting}
  facility_id: {unit: id, description: whose stock it changes}
  posted_at: {unit: instant, description: when the ERP stored it}
  kind: {unit: text, description: 'double, partial or without_event'}
additivity: additive
*/
WITH open_posting AS (
    SELECT k.*
    FROM matching.key_posting k
    WHERE NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = k.posting_id)
      AND NOT EXISTS (SELECT 1 FROM matching.batch_match b WHERE b.posting_id = k.posting_id)
      AND NOT EXISTS (SELECT 1 FROM matching.split_match s WHERE s.posting_id = k.posting_id)
      AND NOT EXISTS (SELECT 1 FROM matching.unequal_match u WHERE u.posting_id = k.posting_id)
), sharing AS (
    SELECT c.posting_id
    FROM canonical.inventory_event e
    JOIN reference.event_type t ON t.event_type = e.event_type
    JOIN open_posting c
      ON e.document_id = c.document_id AND e.facility_id = c.facility_id
     AND coalesce(e.document_line, '') = c.document_line AND coalesce(e.item_id, '') = c.item_id
    WHERE c.posting_type = e.event_type
       OR (t.is_posting_expected AND (c.direction = t.direction OR c.direction IS NULL OR (t.direction = 'none' AND NOT c.is_typed)))
    UNION
    SELECT l.posting_id FROM matching.loose_pair l
), repeating AS (
    SELECT p.posting_id
    FROM matching.batch_posting p
    JOIN (
        SELECT DISTINCT q.pattern_id, q.quantity
        FROM matching.batch_posting q
        JOIN matching.batch_match b ON b.posting_id = q.posting_id
    ) AS summed ON summed.pattern_id = p.pattern_id AND summed.quantity = p.quantity
), leftover AS (
    SELECT
        r.posting_id,
        CASE r.role WHEN 'unknown' THEN 'without_event' ELSE r.role END AS kind
    FROM matching.posting_reference r
    WHERE r.role IN ('double', 'partial', 'unknown')
    UNION ALL
    SELECT
        o.posting_id,
        CASE
            WHEN k.posting_id IS NOT NULL THEN 'partial'
            WHEN s.posting_id IS NOT NULL OR d.posting_id IS NOT NULL THEN 'double'
            ELSE 'without_event'
        END AS kind
    FROM open_posting o
    LEFT JOIN matching.key_part k ON k.posting_id = o.posting_id
    LEFT JOIN sharing s ON s.posting_id = o.posting_id
    LEFT JOIN repeating d ON d.posting_id = o.posting_id
    UNION ALL
    SELECT p.posting_id, 'without_event' AS kind
    FROM matching.stated_posting p
    WHERE p.event_id IS NULL AND p.document_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id)
    UNION ALL
    SELECT c.posting_id, 'without_event' AS kind
    FROM matching.cancelled_posting c
    WHERE c.fate = 'in_vain'
)
SELECT p.posting_id, p.facility_id, p.posted_at, l.kind
FROM canonical.erp_posting p
JOIN leftover l ON l.posting_id = p.posting_id
