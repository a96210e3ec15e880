-- In substance the model: the distinct items of each table, then of all; a distinct of each first, so that the union is small.
WITH counted AS MATERIALIZED (
    SELECT facility_id, item_id, count(*) AS n, count(*) FILTER (epoch_us(counted_at) - epoch_us(before) <= 86400000000) AS again
    FROM (
        SELECT facility_id, item_id, counted_at, lag(counted_at) OVER (PARTITION BY facility_id, item_id, location_id ORDER BY counted_at, count_id) AS before
        FROM marts.count_records
    )
    GROUP BY ALL
), stocked AS (
    SELECT DISTINCT facility_id, item_id FROM canonical.inventory_event WHERE item_id IS NOT NULL
    UNION SELECT DISTINCT facility_id, item_id FROM canonical.erp_posting WHERE item_id IS NOT NULL
    UNION SELECT facility_id, item_id FROM reference.opening_stock
    UNION SELECT facility_id, item_id FROM counted
)
SELECT
    s.facility_id, coalesce(i.abc_class, 'C') AS abc_class, count(*) AS stocked_items_count, count(c.item_id) AS counted_items_count,
    count(c.item_id) / count(*) AS coverage_ratio, coalesce(sum(c.n), 0)::BIGINT AS counts_count, coalesce(sum(c.again), 0)::BIGINT AS recounts_count,
    sum(c.again)::DOUBLE / nullif(sum(c.n), 0) AS recount_ratio
FROM stocked s
LEFT JOIN counted c USING (facility_id, item_id)
LEFT JOIN reference.item i USING (item_id)
GROUP BY GROUPING SETS ((s.facility_id, coalesce(i.abc_class, 'C')), (s.facility_id))
