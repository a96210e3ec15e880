-- Doubles throughout, and the total over all types from the sums of the types.
WITH typed AS MATERIALIZED (
    SELECT
        l.facility_id, l.event_type, count(*) AS n, count(l.quantity) AS known,
        sum(abs(l.quantity::DOUBLE) * (epoch_us(coalesce(l.posted_at, v.as_of)) - epoch_us(l.event_time))) / 3.6e9 AS dark,
        sum(abs(l.quantity::DOUBLE) * l.latency_s) FILTER (l.latency_s < 0 OR (l.latency_s IS NULL AND v.as_of < l.event_time)) / 3600 AS negative,
        sum(abs(l.quantity::DOUBLE) * (epoch_us(v.as_of) - epoch_us(l.event_time))) FILTER (NOT l.is_posted) / 3.6e9 AS open,
        count(*) FILTER (l.quantity IS NOT NULL AND c.unit_cost_usd IS NULL) AS unpriced,
        sum(abs(l.quantity::DOUBLE) * (epoch_us(coalesce(l.posted_at, v.as_of)) - epoch_us(l.event_time)) * c.unit_cost_usd) / 3.6e9 AS usd
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = l.item_id AND l.event_time >= c.valid_from_at AND l.event_time < c.valid_until_at
    GROUP BY l.facility_id, l.event_type
)
SELECT
    facility_id, event_type, sum(n)::BIGINT AS events_count, sum(n - known)::BIGINT AS quantity_unknown_count,
    coalesce(sum(dark), 0) AS dark_unit_h, coalesce(sum(negative), 0) AS dark_negative_unit_h, coalesce(sum(open), 0) AS open_unit_h,
    sum(unpriced)::BIGINT AS unpriced_count, sum(usd) AS dark_usd_h
FROM typed
GROUP BY GROUPING SETS ((facility_id, event_type), (facility_id))
