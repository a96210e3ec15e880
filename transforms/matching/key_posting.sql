/*
title: Postings to be matched by business key
question: Which postings name no event but a document?
definition: One row per standing posting that states no event_id but a document_id, with its direction.
edge_rules:
  - The direction is that of the posting_type where it is an event type, else the sign of the quantity; zero or no quantity leaves it open. A reversal of a part has that of what it takes it from.
  - Postings that were reversed, and the reversals, are not here.
source: domain model, matching step 2
owner: data engineer
grain: [posting_id]
version: 2
columns:
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  facility_id: {unit: id, description: whose stock it changes}
  document_id: {unit: id, description: business document}
  document_line: {unit: id, description: 'its line; the empty text where none is stated'}
  item_id: {unit: id, description: 'the item; the empty text where none is stated'}
  posting_type: {unit: text, description: what is posted, nullable: true}
  is_typed: {unit: boolean, description: whether the posting_type is an event type}
  direction: {unit: text, description: 'in, out or none; NULL: not known', nullable: true}
  quantity: {unit: units, description: signed quantity, nullable: true}
  taken_from_posting_id: {unit: id, description: 'the posting of which it takes back a part; NULL: none', nullable: true}
additivity: additive
*/
SELECT
    p.posting_id,
    p.posted_at,
    p.facility_id,
    p.document_id,
    coalesce(p.document_line, '') AS document_line,
    coalesce(p.item_id, '') AS item_id,
    p.posting_type,
    t.event_type IS NOT NULL AS is_typed,
    CASE
        WHEN t.direction IS NOT NULL THEN t.direction
        WHEN p.signing_quantity > 0 THEN 'in'
        WHEN p.signing_quantity < 0 THEN 'out'
    END AS direction,
    p.quantity,
    p.taken_from_posting_id
FROM matching.stated_posting p
LEFT JOIN reference.event_type t ON t.event_type = p.posting_type
WHERE p.event_id IS NULL AND p.document_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id)
