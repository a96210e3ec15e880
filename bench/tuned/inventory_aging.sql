-- Whole millionths in doubles; what is on hand comes from a plain sum, and only layers newer than it covers are kept.
WITH held AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS k, facility_id, item_id, sum((signed_quantity * 1000000)::DOUBLE) AS on_hand
    FROM shared.physical_move
    GROUP BY facility_id, item_id
), placed AS (
    SELECT
        h.k, h.on_hand, m.moved_at, m.is_opening, (m.signed_quantity * 1000000)::DOUBLE AS q,
        coalesce(sum(if(m.is_opening, 0, (m.signed_quantity * 1000000)::DOUBLE)) OVER (PARTITION BY h.k ORDER BY m.moved_at DESC, m.event_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS newer
    FROM shared.physical_move m
    JOIN held h ON h.facility_id = m.facility_id AND h.item_id = m.item_id
    WHERE m.signed_quantity > 0 AND h.on_hand > 0
), aged AS (
    SELECT p.k, if(p.is_opening, 'opening', b.bucket) AS bucket, sum(least(p.on_hand - p.newer, p.q)) / 1e6 AS units
    FROM placed p
    CROSS JOIN reference.evaluation v
    ASOF LEFT JOIN reference.stock_age_bucket b ON (epoch_us(v.as_of) - epoch_us(p.moved_at)) / 1e6 >= b.lower_s
    WHERE p.on_hand > p.newer
    GROUP BY ALL
), summed AS (
    SELECT
        h.facility_id, a.bucket, sum(a.units) AS units, count(*) AS items_count, sum(a.units) FILTER (c.unit_cost_usd IS NULL) AS unpriced, sum(a.units * c.unit_cost_usd) AS usd
    FROM aged a
    JOIN held h USING (k)
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = h.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
    GROUP BY ALL
), below AS (
    SELECT facility_id, count(*) AS items_count, sum(on_hand) / 1e6 AS units FROM held WHERE on_hand < 0 GROUP BY facility_id
), frame AS (
    SELECT f.facility_id, k.bucket, k.lower_s
    FROM (SELECT DISTINCT facility_id FROM held) f, (SELECT bucket, lower_s FROM reference.stock_age_bucket UNION ALL SELECT 'opening', NULL) k
)
SELECT
    k.facility_id, k.bucket, coalesce(s.units, 0) AS on_hand_units, coalesce(s.items_count, 0) AS items_count, coalesce(s.unpriced, 0) AS unpriced_units,
    s.usd AS on_hand_usd, coalesce(n.units, 0) AS negative_units, coalesce(n.items_count, 0) AS negative_items_count,
    if(k.facility_id IN (SELECT facility_id FROM reference.opening_stock), NULL, 'no_opening_stock') AS unknown_reason
FROM frame k
LEFT JOIN summed s ON s.facility_id = k.facility_id AND s.bucket = k.bucket
LEFT JOIN below n ON n.facility_id = k.facility_id AND k.lower_s = 0
