-- An adjustment without a document finds the receipt before it by ASOF.
WITH receipt AS MATERIALIZED (
    SELECT
        facility_id, document_id, document_line, item_id, supplier_id, min(event_time) AS received_at, sum(abs(quantity)) AS received_quantity, min(event_id) AS receipt_id
    FROM canonical.inventory_event
    WHERE event_type = 'receipt_confirmed'
    GROUP BY facility_id, document_id, document_line, item_id, supplier_id, if(document_id IS NULL, event_id, NULL)
), adjustment AS MATERIALIZED (
    SELECT event_id, facility_id, document_id, document_line, item_id, event_time, coalesce(quantity, 0) AS quantity
    FROM canonical.inventory_event
    WHERE event_type = 'inventory_adjusted' AND item_id IS NOT NULL
), by_document AS (
    SELECT a.event_id, any_value(a.quantity) AS quantity, arg_min(r.receipt_id, row(-epoch_us(r.received_at), r.receipt_id)) AS receipt_id
    FROM receipt r
    JOIN adjustment a ON r.facility_id = a.facility_id AND r.document_id = a.document_id AND r.item_id = a.item_id
    WHERE a.event_time >= r.received_at AND (a.document_line IS NULL OR r.document_line IS NULL OR a.document_line = r.document_line)
    GROUP BY a.event_id
), latest AS (
    SELECT facility_id, item_id, received_at, max(receipt_id) AS receipt_id
    FROM receipt
    WHERE item_id IN (SELECT item_id FROM adjustment WHERE document_id IS NULL)
    GROUP BY ALL
), by_time AS (
    SELECT a.event_id, a.quantity, r.facility_id, r.item_id, r.received_at
    FROM (SELECT * FROM adjustment WHERE document_id IS NULL) a
    ASOF JOIN latest r ON r.facility_id = a.facility_id AND r.item_id = a.item_id AND a.event_time >= r.received_at
    WHERE epoch_us(a.event_time) - epoch_us(r.received_at) <= 259200000000
), following AS (
    SELECT receipt_id, sum(quantity) AS net, sum(abs(quantity)) AS absolute
    FROM (
        SELECT receipt_id, quantity FROM by_document
        UNION ALL
        SELECT l.receipt_id, t.quantity FROM by_time t JOIN latest l USING (facility_id, item_id, received_at)
    )
    GROUP BY receipt_id
)
SELECT
    r.facility_id, r.supplier_id, any_value(n.name) AS supplier_name, count(*) AS receipts_count, count(f.receipt_id) AS adjusted_count,
    count(f.receipt_id) / count(*) AS adjusted_ratio, sum(r.received_quantity)::DOUBLE AS received_units,
    coalesce(sum(f.net), 0)::DOUBLE AS adjusted_net_units, coalesce(sum(f.absolute), 0)::DOUBLE AS adjusted_absolute_units
FROM receipt r
LEFT JOIN following f ON f.receipt_id = r.receipt_id
LEFT JOIN reference.supplier n ON n.supplier_id = r.supplier_id
GROUP BY r.facility_id, r.supplier_id
