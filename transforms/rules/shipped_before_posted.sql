/*
title: Shipped before posted
question: What left the floor before the books knew that it was there?
definition: Events shipment_confirmed and transfer_shipped at whose event_time the book stock of the item at the facility was less than the absolute quantity that left.
formula: "exceptions_count = count(shipments where book stock at event_time < abs(quantity))"
edge_rules:
  - Book stock at t is opening stock and signed postings with posted_at <= t, whatever they post. Exactly as much is held.
  - Judged only where reference.opening_stock covers the facility; an item without a row there starts at 0. Events without item or quantity are not judged.
  - Opens at event_time; the event's own posting resolves it, at event_time where it was posted before.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: inventory accounting
cause: the receipt of the goods is not posted yet, or the books were never right
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH shipment AS (
    SELECT event_id, event_type, event_time, facility_id, item_id, abs(quantity) AS quantity, document_id, file, row_number
    FROM canonical.inventory_event
    WHERE event_type IN ('shipment_confirmed', 'transfer_shipped') AND item_id IS NOT NULL AND quantity IS NOT NULL
      AND facility_id IN (SELECT o.facility_id FROM reference.opening_stock o)
), change AS (
    SELECT m.facility_id, m.item_id, m.moved_at AS changed_at, 1 AS step, CAST(NULL AS STRING) AS event_id, m.signed_quantity AS booked
    FROM shared.book_move m
    JOIN (SELECT DISTINCT facility_id, item_id FROM shipment) AS i ON i.facility_id = m.facility_id AND i.item_id = m.item_id
    UNION ALL
    SELECT facility_id, item_id, event_time AS changed_at, 2 AS step, event_id, 0 AS booked
    FROM shipment
), level AS (
    SELECT
        event_id,
        sum(booked) OVER (
            PARTITION BY facility_id, item_id ORDER BY changed_at, step ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS held
    FROM change
)
SELECT
    s.facility_id,
    s.event_id AS reference_id,
    s.event_time AS opened_at,
    CASE WHEN l.posted_at < s.event_time THEN s.event_time ELSE l.posted_at END AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    s.item_id,
    s.quantity,
    concat_ws(' ',
        'event:' || replace(s.event_id, ' ', '%20'),
        'posting:' || replace(l.posting_id, ' ', '%20'),
        'document:' || replace(s.document_id, ' ', '%20'),
        'file:' || replace(s.file, ' ', '%20') || '#' || CAST(CAST(s.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', s.event_type, ' of ', CAST(s.quantity AS STRING), ', of which the books held ', CAST(CAST(v.held AS DECIMAL(18, 6)) AS STRING)) AS detail
FROM shipment s
JOIN level v ON v.event_id = s.event_id
LEFT JOIN marts.event_latency l ON l.event_id = s.event_id
WHERE v.held < s.quantity
