-- In substance the model: one join and one grouping, with the scan filtered before.
SELECT
    document_id AS transfer_id,
    if(count(*) FILTER (event_type = 'transfer_shipped' AND NOT is_posted) = 0, max(posted_at) FILTER (event_type = 'transfer_shipped'), NULL) AS shipment_posted_at,
    if(count(*) FILTER (event_type = 'transfer_received' AND NOT is_posted) = 0, max(posted_at) FILTER (event_type = 'transfer_received'), NULL) AS receipt_posted_at
FROM (SELECT * FROM marts.event_latency WHERE event_type IN ('transfer_shipped', 'transfer_received'))
JOIN marts.transfers t ON t.transfer_id = document_id
WHERE if(event_type = 'transfer_shipped', event_time = t.shipped_at, t.received_at IS NOT NULL)
GROUP BY document_id
