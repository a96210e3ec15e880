-- One scan for both sides, and only the few transfers that differ are looked at receipt by receipt.
WITH told AS MATERIALIZED (
    SELECT document_id, item_id, event_type = 'transfer_shipped' AS is_shipped, event_time, recorded_at, sequence_no, event_id, facility_id, abs(quantity) AS q
    FROM canonical.inventory_event
    WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
), compared AS MATERIALIZED (
    SELECT
        document_id, item_id, count(*) FILTER (is_shipped) AS shipments, count(*) FILTER (NOT is_shipped) AS receipts,
        count(q) = count(*) AS is_compared, coalesce(sum(q) FILTER (is_shipped), 0) AS shipped,
        if(count(q) = count(*), abs(sum(if(is_shipped, q, -q))), 0)::DECIMAL(18, 6) AS difference
    FROM told
    GROUP BY document_id, item_id
), differing AS MATERIALIZED (
    SELECT
        document_id, sum(difference) AS difference, count(*) FILTER (difference > 0) AS items_count, max(item_id) FILTER (difference > 0) AS item_id,
        coalesce(sum(shipped) FILTER (is_compared), 0) AS shipped
    FROM compared
    GROUP BY document_id
    HAVING sum(shipments) > 0 AND sum(receipts) > 0 AND sum(difference) > 0
), came AS (
    SELECT
        t.document_id, t.event_id, t.event_time, t.facility_id, row_number() OVER told AS nth,
        if(c.is_compared, abs(c.shipped - sum(t.q) OVER item) - abs(c.shipped - sum(t.q) OVER item + t.q), 0) AS change
    FROM told t
    JOIN differing d USING (document_id)
    JOIN compared c ON c.document_id = t.document_id AND c.item_id IS NOT DISTINCT FROM t.item_id
    WHERE NOT t.is_shipped
    WINDOW
        told AS (PARTITION BY t.document_id ORDER BY t.event_time, t.recorded_at NULLS FIRST, t.sequence_no NULLS FIRST, t.event_id),
        item AS (PARTITION BY t.document_id, t.item_id ORDER BY t.event_time, t.recorded_at NULLS FIRST, t.sequence_no NULLS FIRST, t.event_id ROWS UNBOUNDED PRECEDING)
), stood AS (
    SELECT c.*, d.shipped + sum(c.change) OVER (PARTITION BY c.document_id ORDER BY c.nth ROWS UNBOUNDED PRECEDING) AS lacks
    FROM came c
    JOIN differing d USING (document_id)
), opened AS (
    SELECT
        document_id, arg_max(event_id, nth) AS event_id, arg_max(facility_id, nth) AS facility_id,
        arg_min(event_time, nth) FILTER (nth > agreed) AS opened_at
    FROM (SELECT *, max(if(lacks = 0, nth, 0)) OVER (PARTITION BY document_id) AS agreed FROM stood)
    GROUP BY document_id
)
SELECT
    o.facility_id, d.document_id AS reference_id, o.opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s,
    if(d.items_count = 1, d.item_id, NULL) AS item_id, d.difference::DECIMAL(18, 6) AS quantity,
    'document:' || replace(d.document_id, ' ', '%20') || ' event:' || replace(o.event_id, ' ', '%20') AS evidence,
    concat('shipped and received differ by ', d.difference::DECIMAL(18, 6), ' in ', d.items_count, if(d.items_count = 1, ' item', ' items')) AS detail
FROM differing d
JOIN opened o USING (document_id)
