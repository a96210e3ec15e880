-- In substance the model: one filtered scan and one grouping.
SELECT
    document_id AS transfer_id,
    if(count(*) FILTER (event_type = 'transfer_shipped' AND NOT is_posted) = 0, max(posted_at) FILTER (event_type = 'transfer_shipped'), NULL) AS shipment_posted_at,
    if(count(*) FILTER (event_type = 'transfer_received' AND NOT is_posted) = 0, max(posted_at) FILTER (event_type = 'transfer_received'), NULL) AS receipt_posted_at
FROM marts.event_latency
WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
GROUP BY document_id
