-- Doubles instead of decimals, one signed sum instead of two, and only transfers that name no item somewhere are set off; ages find their bucket by ASOF.
WITH net AS MATERIALIZED (
    SELECT document_id, item_id, sum(if(event_type = 'transfer_shipped', abs(quantity::DOUBLE), -abs(quantity::DOUBLE))) AS q
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL AND event_type IN ('transfer_shipped', 'transfer_received') AND quantity IS NOT NULL
    GROUP BY document_id, item_id
    HAVING abs(q) > 1e-9
), without_item AS (
    SELECT
        document_id, sum(q) FILTER (item_id IS NOT NULL AND q > 0) AS lacking, coalesce(-sum(q) FILTER (item_id IS NOT NULL AND q < 0), 0) AS surplus,
        coalesce(-sum(q) FILTER (item_id IS NULL AND q < 0), 0) AS came
    FROM net
    WHERE document_id IN (SELECT document_id FROM net WHERE item_id IS NULL)
    GROUP BY document_id
), item AS (
    SELECT n.document_id, n.item_id, CASE WHEN w.document_id IS NULL THEN n.q WHEN n.item_id IS NULL THEN n.q - w.surplus ELSE n.q * (1 - w.came / w.lacking) END AS q
    FROM net n
    LEFT JOIN without_item w USING (document_id)
    WHERE n.q > 0
), open_item AS (
    SELECT t.*, i.q, c.unit_cost_usd, (epoch_us(v.as_of) - epoch_us(t.shipped_at)) / 1e6 AS age_s
    FROM item i
    JOIN marts.transfers t ON t.transfer_id = i.document_id
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = i.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
    WHERE i.q > 1e-9
)
SELECT
    o.from_facility_id, o.to_facility_id, b.bucket, count(DISTINCT o.transfer_id) AS transfers_count, sum(o.q) AS under_way_units,
    coalesce(sum(o.q) FILTER (o.received_at IS NULL), 0) AS in_transit_units, coalesce(sum(o.q) FILTER (o.received_at IS NOT NULL), 0) AS remainder_units,
    coalesce(sum(o.q) FILTER (o.unit_cost_usd IS NULL), 0) AS unpriced_units, sum(o.q * o.unit_cost_usd) AS under_way_usd
FROM open_item o
ASOF JOIN reference.aging_bucket b ON o.age_s >= b.lower_s
GROUP BY o.from_facility_id, o.to_facility_id, b.bucket
