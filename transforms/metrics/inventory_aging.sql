/*
title: Inventory aging
question: How old is the stock on the floor?
definition: Units on hand at as_of, and their value, per facility and age since they came, taken first in, first out.
formula: "on_hand_units = sum(least(on hand - all that came later, quantity of the layer)) over the layers that came in the bucket of as_of - moved_at"
edge_rules:
  - What came (receipts, transfers received, returns, positive adjustments) makes layers; what is on hand is the newest of them, since the oldest leave first.
  - "Age is as_of less the time of the layer; a bucket's lower bound is inclusive. Bucket opening is opening stock, whose age is not known."
  - on hand is opening stock and all movements up to as_of. Below zero there is no layer; those units are negative_units, and the items negative_items_count, in the row of bucket 0-30d.
  - Where no opening stock is given for a facility, what left is taken from what came within the data, so that units are a lower bound (unknown_reason no_opening_stock).
  - Every facility with a movement has every bucket; value at the cost at as_of, NULL where no layer has a known cost.
not_to_be_confused_with: exception aging
source: "domain model, headline measures; first in, first out"
owner: inventory control
grain: [facility_id, bucket]
direction: neutral
additivity: semi_additive
columns:
  facility_id: {unit: id, description: the facility}
  bucket: {unit: text, description: '0-30d, 30-60d, 60-90d, 90-180d, >180d or opening'}
  on_hand_units: {unit: units, description: units of that age, min: 0}
  items_count: {unit: count, description: items with units of that age, min: 0}
  unpriced_units: {unit: units, description: units of items without a known cost, min: 0}
  on_hand_usd: {unit: usd, description: value of units with a known cost, nullable: true, min: 0}
  negative_units: {unit: units, description: units below zero, max: 0}
  negative_items_count: {unit: count, description: items below zero, min: 0}
  unknown_reason: {unit: text, description: 'why the level is not sure: no_opening_stock', nullable: true}
*/
WITH placed AS (
    SELECT
        facility_id,
        item_id,
        moved_at,
        is_opening,
        signed_quantity,
        sum(signed_quantity) OVER (PARTITION BY facility_id, item_id) AS on_hand,
        coalesce(sum(CASE WHEN signed_quantity > 0 AND NOT is_opening THEN signed_quantity ELSE 0 END) OVER (
            PARTITION BY facility_id, item_id ORDER BY moved_at DESC, event_id DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS newer
    FROM shared.physical_move
), layer AS (
    SELECT facility_id, item_id, moved_at, is_opening, least(on_hand - newer, signed_quantity) AS left_quantity
    FROM placed
    WHERE signed_quantity > 0 AND on_hand > newer
), aged AS (
    SELECT
        l.facility_id,
        l.item_id,
        CASE WHEN l.is_opening THEN 'opening' ELSE b.bucket END AS bucket,
        sum(l.left_quantity) AS left_quantity
    FROM layer l
    CROSS JOIN reference.evaluation v
    LEFT JOIN reference.stock_age_bucket b
      ON seconds_between(l.moved_at, v.as_of) >= b.lower_s
     AND (b.upper_s IS NULL OR seconds_between(l.moved_at, v.as_of) < b.upper_s)
    GROUP BY l.facility_id, l.item_id, CASE WHEN l.is_opening THEN 'opening' ELSE b.bucket END
), summed AS (
    SELECT
        a.facility_id,
        a.bucket,
        sum(a.left_quantity) AS on_hand_units,
        count(*) AS items_count,
        sum(CASE WHEN c.unit_cost_usd IS NULL THEN a.left_quantity END) AS unpriced_units,
        CAST(sum(CAST(CAST(a.left_quantity AS DOUBLE) * c.unit_cost_usd AS DECIMAL(24, 6))) AS DOUBLE) AS on_hand_usd
    FROM aged a
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = a.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
    GROUP BY a.facility_id, a.bucket
), below AS (
    SELECT facility_id, count(*) AS items_count, sum(on_hand) AS units
    FROM (SELECT facility_id, item_id, sum(signed_quantity) AS on_hand FROM shared.physical_move GROUP BY facility_id, item_id) AS held
    WHERE on_hand < 0
    GROUP BY facility_id
), frame AS (
    SELECT f.facility_id, k.bucket, k.lower_s
    FROM (SELECT DISTINCT facility_id FROM shared.physical_move) AS f
    CROSS JOIN (
        SELECT bucket, lower_s FROM reference.stock_age_bucket
        UNION ALL
        SELECT 'opening' AS bucket, CAST(NULL AS BIGINT) AS lower_s
    ) AS k
)
SELECT
    k.facility_id,
    k.bucket,
    CAST(coalesce(s.on_hand_units, 0) AS DOUBLE) AS on_hand_units,
    coalesce(s.items_count, 0) AS items_count,
    CAST(coalesce(s.unpriced_units, 0) AS DOUBLE) AS unpriced_units,
    s.on_hand_usd,
    CAST(coalesce(n.units, 0) AS DOUBLE) AS negative_units,
    coalesce(n.items_count, 0) AS negative_items_count,
    CASE WHEN o.facility_id IS NULL THEN 'no_opening_stock' END AS unknown_reason
FROM frame k
LEFT JOIN summed s ON s.facility_id = k.facility_id AND s.bucket = k.bucket
LEFT JOIN below n ON n.facility_id = k.facility_id AND k.lower_s = 0
LEFT JOIN (SELECT DISTINCT facility_id FROM reference.opening_stock) AS o ON o.facility_id = k.facility_id
