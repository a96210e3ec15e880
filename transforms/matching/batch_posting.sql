/*
title: Postings that may sum up several events
question: Which postings were left over by the business key and state the same things?
definition: One row per posting without event_id that the business key left over, with the kind of summary it belongs to.
edge_rules:
  - Of one kind are postings with equal document, line, item, facility, direction and, where it is an event type, posting_type.
  - A zero or not stated quantity sums up nothing, nor does a reversal of a part.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  pattern_id: {unit: id, description: lowest posting_id of its kind}
  posted_at: {unit: instant, description: when the ERP stored it}
  quantity: {unit: units, description: absolute quantity, min: 0}
  document_id: {unit: id, description: business document}
  document_line: {unit: id, description: 'its line; the empty text where none is stated'}
  item_id: {unit: id, description: 'the item; the empty text where none is stated'}
  facility_id: {unit: id, description: whose stock it changes}
  kind: {unit: text, description: 'the event type that it states, else the empty text'}
  direction: {unit: text, description: 'in, out or none'}
additivity: additive
*/
WITH leftover AS (
    SELECT k.*, CASE WHEN k.is_typed THEN k.posting_type ELSE '' END AS kind
    FROM matching.key_posting k
    WHERE k.quantity <> 0 AND k.taken_from_posting_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = k.posting_id)
)
SELECT
    posting_id,
    min(posting_id) OVER (PARTITION BY document_id, document_line, item_id, facility_id, kind, direction) AS pattern_id,
    posted_at,
    abs(quantity) AS quantity,
    document_id,
    document_line,
    item_id,
    facility_id,
    kind,
    direction
FROM leftover
