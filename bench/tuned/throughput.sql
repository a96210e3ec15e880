-- Documents are counted by the distinct pairs of a first grouping; the zone is asked once a quarter of an hour, as in the model.
WITH by_document AS (
    SELECT
        e.facility_id, k.local_date AS day, e.event_type, e.document_id, count(*) AS n, sum(abs(e.quantity)::DOUBLE) AS units,
        count(*) FILTER (e.quantity IS NOT NULL AND c.unit_cost_usd IS NULL) AS unpriced, sum(abs(e.quantity::DOUBLE) * c.unit_cost_usd) AS usd
    FROM canonical.inventory_event e
    JOIN shared.local_clock k ON k.facility_id = e.facility_id AND k.quarter_no = epoch_us(e.event_time) // 900000000
    LEFT JOIN shared.item_cost c ON c.item_id = e.item_id AND e.event_time >= c.valid_from_at AND e.event_time < c.valid_until_at
    GROUP BY ALL
)
SELECT
    facility_id, day, event_type, sum(n)::BIGINT AS lines_count, count(document_id) AS documents_count, sum(units) AS moved_units,
    sum(unpriced)::BIGINT AS unpriced_count, sum(usd) AS moved_usd
FROM by_document
GROUP BY ALL
