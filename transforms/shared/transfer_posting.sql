/*
title: When both ends of a transfer were in the books
question: When did the ERP know that a transfer was shipped, and that it was received?
definition: One row per document_id of transfer shipments and receipts with the instants at which the postings of its first shipment and of its last receipt were stored.
edge_rules:
  - The shipping end is its first shipment, as for the physical cycle; later shipments do not move it. Several of one instant are posted when all of them are.
  - The receiving end is posted when the transfer is received and all of its receipts are posted; an earlier receipt that hangs is not hidden by the last one.
  - The instant of an end is that of its last posting; an end that is not posted is NULL.
  - An end without events is not posted.
source: domain model, headline measures
owner: logistics manager
grain: [transfer_id]
columns:
  transfer_id: {unit: id, description: document_id of the transfer}
  shipment_posted_at: {unit: instant, description: posting of its first shipment, nullable: true}
  receipt_posted_at: {unit: instant, description: last posting of its receipts, nullable: true}
*/
SELECT
    l.document_id AS transfer_id,
    CASE WHEN count(*) FILTER (WHERE l.event_type = 'transfer_shipped' AND NOT l.is_posted) = 0
         THEN max(CASE WHEN l.event_type = 'transfer_shipped' THEN l.posted_at END) END AS shipment_posted_at,
    CASE WHEN count(*) FILTER (WHERE l.event_type = 'transfer_received' AND NOT l.is_posted) = 0
         THEN max(CASE WHEN l.event_type = 'transfer_received' THEN l.posted_at END) END AS receipt_posted_at
FROM marts.event_latency l
JOIN marts.transfers t ON t.transfer_id = l.document_id
WHERE (l.event_type = 'transfer_shipped' AND l.event_time = t.shipped_at)
   OR (l.event_type = 'transfer_received' AND t.received_at IS NOT NULL)
GROUP BY l.document_id
