/*
title: What matching left over
question: Where do the floor and the books not agree, beside what is simply unposted?
definition: One row per posting without an event, double posting, event posted in part, and event posted with another quantity, up to as_of.
formula: "difference_quantity = abs(posted_quantity) - abs(event_quantity)"
headline: difference_quantity
edge_rules:
  - Of without_event and double the subject is the posting; of partial and quantity_mismatch it is the event.
  - difference_quantity is posted less happened, both without their sign; NULL where one of them states none. A double posting and one without an event differ by their whole quantity.
  - The postings of a partial event are not listed one by one; posting_id is the latest of them.
  - Reversed postings and their reversals are not left over; a reversal that found nothing to take back is a posting without an event.
not_to_be_confused_with: events without any posting, which event_latency holds
source: domain model, matching
owner: inventory accountant
grain: [kind, reference_id]
direction: down_is_good
additivity: additive
columns:
  kind: {unit: text, description: 'without_event, double, partial or quantity_mismatch'}
  reference_id: {unit: id, description: posting_id or event_id}
  facility_id: {unit: id, description: facility that has to act}
  since_at: {unit: instant, description: when the ERP stored the posting}
  event_id: {unit: id, description: 'the event; of a double posting only where it names one', nullable: true}
  posting_id: {unit: id, description: the posting}
  document_id: {unit: id, description: business document, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  event_quantity: {unit: units, description: absolute quantity of the event, nullable: true, min: 0}
  posted_quantity: {unit: units, description: absolute quantity of the posting or of all parts so far, nullable: true, min: 0}
  difference_quantity: {unit: units, description: posted less happened, nullable: true}
*/
SELECT
    o.kind,
    o.posting_id AS reference_id,
    p.facility_id,
    p.posted_at AS since_at,
    p.event_id,
    p.posting_id,
    p.document_id,
    p.item_id,
    CAST(NULL AS DECIMAL(18, 6)) AS event_quantity,
    abs(p.quantity) AS posted_quantity,
    abs(p.quantity) AS difference_quantity
FROM canonical.erp_posting p
JOIN matching.leftover_posting o ON o.posting_id = p.posting_id
WHERE o.kind IN ('without_event', 'double')
UNION ALL
SELECT
    'partial' AS kind,
    e.event_id AS reference_id,
    e.facility_id,
    s.posted_at AS since_at,
    e.event_id,
    s.posting_id,
    e.document_id,
    e.item_id,
    abs(e.quantity) AS event_quantity,
    s.posted_quantity,
    -s.missing_quantity AS difference_quantity
FROM canonical.inventory_event e
JOIN matching.partial_event s ON s.event_id = e.event_id
UNION ALL
SELECT
    'quantity_mismatch' AS kind,
    l.event_id AS reference_id,
    l.facility_id,
    l.posted_at AS since_at,
    l.event_id,
    l.posting_id,
    l.document_id,
    l.item_id,
    abs(l.quantity) AS event_quantity,
    l.posted_quantity,
    l.posted_quantity - abs(l.quantity) AS difference_quantity
FROM marts.event_latency l
WHERE l.is_quantity_mismatch
