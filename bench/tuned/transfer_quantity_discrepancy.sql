-- One scan for both sides, and only the few transfers that differ are looked at event by event.
WITH told AS MATERIALIZED (
    SELECT document_id, item_id, event_type = 'transfer_shipped' AS is_shipped, event_time, recorded_at, sequence_no, event_id, facility_id, abs(quantity) AS q
    FROM canonical.inventory_event
    WHERE event_type IN ('transfer_shipped', 'transfer_received') AND document_id IS NOT NULL
), compared AS MATERIALIZED (
    SELECT
        document_id, item_id, count(*) FILTER (is_shipped) AS shipments, count(*) FILTER (NOT is_shipped) AS receipts,
        count(q) = count(*) AS is_compared,
        if(count(q) = count(*), abs(sum(if(is_shipped, q, -q))), 0)::DECIMAL(18, 6) AS difference
    FROM told
    GROUP BY document_id, item_id
), differing AS MATERIALIZED (
    SELECT
        document_id, sum(difference) AS difference, count(*) FILTER (difference > 0) AS items_count, max(item_id) FILTER (difference > 0) AS item_id
    FROM compared
    GROUP BY document_id
    HAVING sum(shipments) > 0 AND sum(receipts) > 0 AND sum(difference) > 0
), moved AS (
    SELECT
        t.document_id, t.is_shipped, t.event_id, t.event_time, t.facility_id, row_number() OVER told AS nth,
        if(c.is_compared, abs(sum(if(t.is_shipped, t.q, -t.q)) OVER item) - abs(sum(if(t.is_shipped, t.q, -t.q)) OVER item - if(t.is_shipped, t.q, -t.q)), 0) AS change
    FROM told t
    JOIN differing d USING (document_id)
    JOIN compared c ON c.document_id = t.document_id AND c.item_id IS NOT DISTINCT FROM t.item_id
    WINDOW
        told AS (PARTITION BY t.document_id ORDER BY t.event_time, t.recorded_at NULLS FIRST, t.sequence_no NULLS FIRST, t.event_id),
        item AS (PARTITION BY t.document_id, t.item_id ORDER BY t.event_time, t.recorded_at NULLS FIRST, t.sequence_no NULLS FIRST, t.event_id ROWS UNBOUNDED PRECEDING)
), stood AS (
    SELECT
        *, sum(change) OVER so_far AS difference, bool_or(is_shipped) OVER so_far AND bool_or(NOT is_shipped) OVER so_far AS is_judged
    FROM moved
    WINDOW so_far AS (PARTITION BY document_id ORDER BY nth ROWS UNBOUNDED PRECEDING)
), opened AS (
    SELECT
        document_id, arg_max(event_id, nth) FILTER (NOT is_shipped) AS event_id, arg_max(facility_id, nth) FILTER (NOT is_shipped) AS facility_id,
        min(event_time) FILTER (is_judged AND nth > agreed) AS opened_at
    FROM (SELECT *, max(if(is_judged AND difference = 0, nth, 0)) OVER (PARTITION BY document_id) AS agreed FROM stood)
    GROUP BY document_id
)
SELECT
    o.facility_id, d.document_id AS reference_id, o.opened_at, NULL::TIMESTAMPTZ AS resolved_at, NULL::DOUBLE AS sla_s,
    if(d.items_count = 1, d.item_id, NULL) AS item_id, d.difference::DECIMAL(18, 6) AS quantity,
    'document:' || replace(d.document_id, ' ', '%20') || ' event:' || replace(o.event_id, ' ', '%20') AS evidence,
    concat('shipped and received differ by ', d.difference::DECIMAL(18, 6), ' in ', d.items_count, if(d.items_count = 1, ' item', ' items')) AS detail
FROM differing d
JOIN opened o USING (document_id)
