/*
title: What postings say that they post
question: Of what does each posting speak?
definition: One row per posting with the event, document, line, item, facility and type that it states; of a standing reversal of a part, those that the posting states of which it takes back a part.
edge_rules:
  - A reversal of a part that is in vain speaks for itself alone, as every other posting does.
source: domain model, matching
owner: data engineer
grain: [posting_id]
storage: view
columns:
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  facility_id: {unit: id, description: whose stock it changes}
  event_id: {unit: id, description: the event, nullable: true}
  document_id: {unit: id, description: business document, nullable: true}
  document_line: {unit: id, description: its line, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  posting_type: {unit: text, description: what is posted, nullable: true}
  quantity: {unit: units, description: signed quantity, nullable: true}
  taken_from_posting_id: {unit: id, description: 'the posting of which it takes back a part; NULL: none', nullable: true}
  signing_quantity: {unit: units, description: 'quantity whose sign is that of the event: its own, or that of the posting of which it takes back a part', nullable: true}
additivity: additive
*/
WITH part AS (
    SELECT
        r.posting_id, t.posting_id AS taken_from_posting_id, t.facility_id, t.event_id, t.document_id, t.document_line, t.item_id,
        t.posting_type, t.quantity
    FROM matching.part_reversal r
    JOIN canonical.erp_posting t ON t.posting_id = r.reverses_posting_id
    WHERE NOT EXISTS (SELECT 1 FROM matching.stated_reversal s WHERE s.posting_id = r.posting_id)
)
SELECT
    p.posting_id,
    p.posted_at,
    CASE WHEN t.posting_id IS NULL THEN p.facility_id ELSE t.facility_id END AS facility_id,
    CASE WHEN t.posting_id IS NULL THEN p.event_id ELSE t.event_id END AS event_id,
    CASE WHEN t.posting_id IS NULL THEN p.document_id ELSE t.document_id END AS document_id,
    CASE WHEN t.posting_id IS NULL THEN p.document_line ELSE t.document_line END AS document_line,
    CASE WHEN t.posting_id IS NULL THEN p.item_id ELSE t.item_id END AS item_id,
    CASE WHEN t.posting_id IS NULL THEN p.posting_type ELSE t.posting_type END AS posting_type,
    p.quantity,
    t.taken_from_posting_id,
    CASE WHEN t.posting_id IS NULL THEN p.quantity ELSE t.quantity END AS signing_quantity
FROM canonical.erp_posting p
LEFT JOIN part t ON t.posting_id = p.posting_id
