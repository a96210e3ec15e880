/*
title: What became of every order line
question: Was the line shipped in full, and when?
definition: One row per order line with what was ordered and, over all of its shipments up to as_of, what was shipped of it and when it was complete.
edge_rules:
  - Where shipments come one by one, the line's shipped quantity is their sum and the ordered quantity, which each repeats, counts once (the largest); a row without a shipment then adds no shipped quantity.
  - "Complete: shipped >= ordered; completed_at is the time of the shipment with which it came to that, NULL where that shipment states no time."
  - is_complete is NULL where no ordered quantity above zero is stated.
  - The earliest promise and the earliest time of ordering count; a line shipped from several facilities belongs to the first of them by name.
not_to_be_confused_with: order_lines, the rows as their source states them
source: domain model, canonical tables
owner: customer service
grain: [order_id, order_line]
columns:
  order_id: {unit: id, description: the order}
  order_line: {unit: text, description: its line}
  facility_id: {unit: id, description: where it is shipped from, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  ordered_quantity: {unit: units, description: what was ordered, nullable: true}
  shipped_quantity: {unit: units, description: what was shipped of it up to as_of}
  ordered_at: {unit: instant, description: when it was ordered, nullable: true}
  promised_at: {unit: instant, description: when it was promised, nullable: true}
  completed_at: {unit: instant, description: when it was shipped in full, nullable: true}
  is_complete: {unit: boolean, description: whether it was shipped in full up to as_of, nullable: true}
  shipments_count: {unit: count, description: shipments that took something of it, min: 0}
*/
WITH stated AS (
    SELECT
        order_id, order_line, facility_id, item_id, ordered_at, promised_at, shipped_at, shipment_id,
        max(ordered_quantity) OVER line AS ordered_quantity,
        CASE WHEN shipment_id IS NOT NULL OR count(shipment_id) OVER line = 0 THEN coalesce(shipped_quantity, 0) ELSE 0 END
            AS shipped_quantity
    FROM marts.order_lines
    WINDOW line AS (PARTITION BY order_id, order_line)
), summed AS (
    SELECT
        *,
        sum(shipped_quantity) OVER (
            PARTITION BY order_id, order_line ORDER BY shipped_at NULLS LAST, shipment_id NULLS FIRST
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS shipped_until
    FROM stated
), placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY order_id, order_line, shipped_until >= ordered_quantity AND shipped_quantity > 0
            ORDER BY shipped_at NULLS LAST, shipment_id NULLS FIRST
        ) AS nth
    FROM summed
)
SELECT
    order_id,
    order_line,
    min(facility_id) AS facility_id,
    min(item_id) AS item_id,
    max(ordered_quantity) AS ordered_quantity,
    CAST(sum(shipped_quantity) AS DECIMAL(18, 6)) AS shipped_quantity,
    min(ordered_at) AS ordered_at,
    min(promised_at) AS promised_at,
    min(CASE WHEN shipped_until >= ordered_quantity AND shipped_quantity > 0 AND nth = 1 AND ordered_quantity > 0 THEN shipped_at END)
        AS completed_at,
    CASE WHEN max(ordered_quantity) > 0 THEN sum(shipped_quantity) >= max(ordered_quantity) END AS is_complete,
    count(*) FILTER (WHERE shipped_quantity > 0) AS shipments_count
FROM placed
GROUP BY order_id, order_line
