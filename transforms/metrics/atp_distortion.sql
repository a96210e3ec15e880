/*
title: Available-to-promise distortion
question: How wrong was the stock that the ERP promised from, for how long?
definition: The integral over time of |physical - ERP quantity| in unit-hours, the share of time in which both differ, and the time in which the ERP showed stock while there was none, per facility and item.
formula: "distorted_unit_h = integral of abs(physical - ERP quantity) over time; distorted_time_ratio = distorted_s / observed_s; over_promise_s = time in which ERP quantity > 0 and physical <= 0"
headline: distorted_time_ratio
edge_rules:
  - From the first movement of the item at the facility, on the floor or in the books, to as_of; opening stock counts from there on. At as_of itself nothing is added.
  - item_id NULL is all items of the facility, each for itself; differences of two items never cancel. Its ratios are shares of item-time.
  - Over-promise is ERP quantity > 0 while physical <= 0. It needs the level of stock, so it is NULL (level_unknown_reason no_opening_stock) where no opening stock is given for the facility; the difference needs none and takes both as equal at the beginning.
  - "distorted_usd_h uses the cost at as_of; items without a known cost are in unpriced_items_count and in no dollar figure."
  - Ratios are NULL where no time has passed.
not_to_be_confused_with: dark stock, which adds up every late posting and never nets
source: domain model, headline measures
owner: supply planner
grain: [facility_id, item_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  item_id: {unit: id, description: 'the item; NULL: all items', nullable: true}
  items_count: {unit: count, description: items with a movement, min: 1}
  observed_s: {unit: s, description: time from the first movement to as_of, min: 0}
  distorted_s: {unit: s, description: time in which physical and ERP quantity differ, min: 0}
  distorted_time_ratio: {unit: ratio, description: share of time in which they differ, nullable: true, min: 0, max: 1}
  distorted_unit_h: {unit: unit_h, description: 'integral of |physical - ERP|', min: 0}
  shortfall_unit_h: {unit: unit_h, description: 'part of it in which the ERP shows more than there is', min: 0}
  mean_distortion_units: {unit: units, description: 'time-weighted mean of |physical - ERP|', nullable: true, min: 0}
  over_promise_s: {unit: s, description: time in which the ERP shows stock and there is none, nullable: true, min: 0}
  level_unknown_reason: {unit: text, description: 'why over_promise_s is NULL: no_opening_stock', nullable: true}
  unpriced_items_count: {unit: count, description: items without a known cost, min: 0}
  distorted_usd_h: {unit: usd_h, description: 'the integral by value; NULL where no item has a known cost', nullable: true, min: 0}
*/
WITH place AS (
    -- By number, since every movement is moved by its item.
    SELECT CAST(row_number() OVER (ORDER BY facility_id, item_id NULLS FIRST) AS INT) AS place_no, facility_id, item_id
    FROM (
        SELECT facility_id, item_id FROM shared.physical_move
        UNION
        SELECT facility_id, item_id FROM shared.book_move
    ) AS moved
), point AS (
    SELECT facility_id, item_id, moved_at, signed_quantity AS physical, 0 AS in_book, is_opening FROM shared.physical_move
    UNION ALL
    SELECT facility_id, item_id, moved_at, 0 AS physical, signed_quantity AS in_book, is_opening FROM shared.book_move
), level AS (
    SELECT
        n.place_no,
        p.is_opening,
        p.moved_at,
        lead(p.moved_at) OVER upwards AS next_at,
        CAST(sum(p.physical) OVER until AS DECIMAL(18, 6)) AS physical,
        CAST(sum(p.in_book) OVER until AS DECIMAL(18, 6)) AS in_book
    FROM point p
    JOIN place n ON n.facility_id = p.facility_id AND n.item_id = p.item_id
    WINDOW
        upwards AS (PARTITION BY n.place_no ORDER BY p.moved_at),
        until AS (PARTITION BY n.place_no ORDER BY p.moved_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), span AS (
    SELECT
        l.place_no, l.physical, l.in_book,
        CAST(l.physical - l.in_book AS DECIMAL(20, 6)) AS difference,
        -- Decimals, whose sum is the same in whatever order rows come; so wide that their product fits the widest.
        CAST(CASE WHEN l.is_opening THEN 0 ELSE seconds_between(l.moved_at, coalesce(l.next_at, v.as_of)) END AS DECIMAL(17, 6)) AS span_s
    FROM level l
    CROSS JOIN reference.evaluation v
), by_item AS (
    SELECT
        place_no,
        sum(span_s) AS observed_s,
        sum(CASE WHEN difference <> 0 THEN span_s ELSE 0 END) AS distorted_s,
        sum(abs(difference) * span_s) AS distorted_unit_s,
        sum(CASE WHEN difference < 0 THEN -difference * span_s ELSE 0 END) AS shortfall_unit_s,
        sum(CASE WHEN in_book > 0 AND physical <= 0 THEN span_s ELSE 0 END) AS over_promise_s
    FROM span
    GROUP BY place_no
), priced AS (
    SELECT b.*, n.facility_id, n.item_id, c.unit_cost_usd, o.facility_id IS NOT NULL AS is_level_known
    FROM by_item b
    JOIN place n ON n.place_no = b.place_no
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = n.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
    LEFT JOIN (SELECT DISTINCT facility_id FROM reference.opening_stock) AS o ON o.facility_id = n.facility_id
)
SELECT
    facility_id,
    item_id,
    count(*) AS items_count,
    CAST(sum(observed_s) AS DOUBLE) AS observed_s,
    CAST(sum(distorted_s) AS DOUBLE) AS distorted_s,
    CAST(sum(distorted_s) AS DOUBLE) / nullif(CAST(sum(observed_s) AS DOUBLE), 0) AS distorted_time_ratio,
    CAST(sum(distorted_unit_s) AS DOUBLE) / 3600 AS distorted_unit_h,
    CAST(sum(shortfall_unit_s) AS DOUBLE) / 3600 AS shortfall_unit_h,
    CAST(sum(distorted_unit_s) AS DOUBLE) / nullif(CAST(sum(observed_s) AS DOUBLE), 0) AS mean_distortion_units,
    CAST(sum(CASE WHEN is_level_known THEN over_promise_s END) AS DOUBLE) AS over_promise_s,
    CASE WHEN count(*) FILTER (WHERE is_level_known) = 0 THEN 'no_opening_stock' END AS level_unknown_reason,
    count(*) - count(unit_cost_usd) AS unpriced_items_count,
    CAST(sum(CAST(CAST(distorted_unit_s AS DOUBLE) * unit_cost_usd AS DECIMAL(32, 6))) AS DOUBLE) / 3600 AS distorted_usd_h
FROM priced
GROUP BY GROUPING SETS ((facility_id, item_id), (facility_id))
