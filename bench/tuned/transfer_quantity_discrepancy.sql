-- One scan for both sides; the last receipt by arg_max instead of a numbering of all.
WITH told AS MATERIALIZED (
    SELECT document_id, item_id, event_type = 'transfer_shipped' AS is_shipped, event_time, recorded_at, sequence_no, event_id, facility_id, abs(quantity) AS q
    FROM canonical.inventory_event
    WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
), compared AS (
    SELECT
        document_id, item_id, count(*) FILTER (is_shipped) AS shipments, count(*) FILTER (NOT is_shipped) AS receipts,
        if(count(q) = count(*), abs(sum(if(is_shipped, q, -q))), 0)::DECIMAL(18, 6) AS difference
    FROM told
    GROUP BY document_id, item_id
), differing AS MATERIALIZED (
    SELECT document_id, sum(difference) AS difference, count(*) FILTER (difference > 0) AS items_count, max(item_id) FILTER (difference > 0) AS item_id
    FROM compared
    GROUP BY document_id
    HAVING sum(shipments) > 0 AND sum(receipts) > 0 AND sum(difference) > 0
), arrived AS (
    SELECT
        t.document_id,
        arg_max(row(t.event_id, t.event_time, t.facility_id), row(t.event_time, coalesce(t.recorded_at, 'infinity'::TIMESTAMPTZ), coalesce(t.sequence_no, 9223372036854775807), t.event_id)) AS last
    FROM told t
    JOIN differing d USING (document_id)
    WHERE NOT t.is_shipped
    GROUP BY t.document_id
)
SELECT
    a.last[3] AS facility_id, d.document_id AS reference_id, a.last[2] AS opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s,
    if(d.items_count = 1, d.item_id, NULL) AS item_id, d.difference::DECIMAL(18, 6) AS quantity,
    'document:' || replace(d.document_id, ' ', '%20') || ' event:' || replace(a.last[1], ' ', '%20') AS evidence,
    concat('shipped and received differ by ', d.difference::DECIMAL(18, 6), ' in ', d.items_count, if(d.items_count = 1, ' item', ' items')) AS detail
FROM differing d
JOIN arrived a USING (document_id)
