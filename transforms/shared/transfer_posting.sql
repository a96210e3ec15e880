/*
title: When both ends of a transfer were in the books
question: When did the ERP know that a transfer was shipped, and that it was received?
definition: One row per document_id of transfer shipments and receipts with the instants at which the last posting of each end was stored.
edge_rules:
  - An end is posted when all of its events are; its instant is then that of the last posting, else NULL.
  - An end without events is not posted.
source: domain model, headline measures
owner: logistics manager
grain: [transfer_id]
columns:
  transfer_id: {unit: id, description: document_id of the transfer}
  shipment_posted_at: {unit: instant, description: last posting of its shipments, nullable: true}
  receipt_posted_at: {unit: instant, description: last posting of its receipts, nullable: true}
*/
SELECT
    document_id AS transfer_id,
    CASE WHEN count(*) FILTER (WHERE event_type = 'transfer_shipped' AND NOT is_posted) = 0
         THEN max(CASE WHEN event_type = 'transfer_shipped' THEN posted_at END) END AS shipment_posted_at,
    CASE WHEN count(*) FILTER (WHERE event_type = 'transfer_received' AND NOT is_posted) = 0
         THEN max(CASE WHEN event_type = 'transfer_received' THEN posted_at END) END AS receipt_posted_at
FROM marts.event_latency
WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
GROUP BY document_id
