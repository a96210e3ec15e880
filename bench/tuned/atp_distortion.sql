-- Integer keys, and millionths of units and of seconds in doubles: whole numbers, so that their running sums are exact.
WITH key AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS k, facility_id, item_id
    FROM (SELECT facility_id, item_id FROM shared.physical_move UNION SELECT facility_id, item_id FROM shared.book_move)
), point AS (
    SELECT facility_id, item_id, epoch_us(moved_at) AS t, (signed_quantity * 1000000)::DOUBLE AS physical, 0::DOUBLE AS in_book, is_opening FROM shared.physical_move
    UNION ALL
    SELECT facility_id, item_id, epoch_us(moved_at), 0, (signed_quantity * 1000000)::DOUBLE, is_opening FROM shared.book_move
), level AS (
    SELECT
        k.k,
        if(p.is_opening, 0, coalesce(lead(p.t) OVER until, epoch_us((SELECT as_of FROM reference.evaluation))) - p.t)::DOUBLE AS span,
        sum(p.physical) OVER until AS physical,
        sum(p.in_book) OVER until AS in_book
    FROM point p
    JOIN key k ON k.facility_id = p.facility_id AND k.item_id = p.item_id
    WINDOW until AS (PARTITION BY k.k ORDER BY p.t ROWS UNBOUNDED PRECEDING)
), by_item AS MATERIALIZED (
    SELECT
        k,
        sum(span) / 1e6 AS observed_s,
        sum(span) FILTER (physical <> in_book) / 1e6 AS distorted_s,
        sum(abs(physical - in_book) * span) / 1e12 AS distorted_unit_s,
        sum((in_book - physical) * span) FILTER (physical < in_book) / 1e12 AS shortfall_unit_s,
        coalesce(sum(span) FILTER (in_book > 0 AND physical <= 0), 0) / 1e6 AS over_promise_s
    FROM level
    GROUP BY k
), priced AS (
    SELECT b.*, k.facility_id, k.item_id, c.unit_cost_usd, k.facility_id IN (SELECT facility_id FROM reference.opening_stock) AS is_level_known
    FROM by_item b
    JOIN key k USING (k)
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = k.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
)
SELECT
    facility_id, item_id, count(*) AS items_count, sum(observed_s) AS observed_s, coalesce(sum(distorted_s), 0) AS distorted_s,
    coalesce(sum(distorted_s), 0) / nullif(sum(observed_s), 0) AS distorted_time_ratio,
    sum(distorted_unit_s) / 3600 AS distorted_unit_h, coalesce(sum(shortfall_unit_s), 0) / 3600 AS shortfall_unit_h,
    sum(distorted_unit_s) / nullif(sum(observed_s), 0) AS mean_distortion_units,
    sum(over_promise_s) FILTER (is_level_known) AS over_promise_s,
    if(bool_or(is_level_known), NULL, 'no_opening_stock') AS level_unknown_reason,
    count(*) - count(unit_cost_usd) AS unpriced_items_count,
    sum(distorted_unit_s * unit_cost_usd) / 3600 AS distorted_usd_h
FROM priced
GROUP BY GROUPING SETS ((facility_id, item_id), (facility_id))
