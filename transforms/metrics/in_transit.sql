/*
title: Stock in transit
question: How much is under way on each lane, since when, and what is it worth?
definition: Units shipped and not received up to as_of, and their value, per lane and age since the first shipment of their transfer.
formula: "under_way_units = sum(greatest(shipped - received, 0)) by transfer and item, less what came without an item = in_transit_units + remainder_units; under_way_usd = sum(open units * unit cost at as_of)"
headline: under_way_units
edge_rules:
  - Per transfer and item, shipped less received units, not below zero; what was received without a shipment is in transit nowhere.
  - What was received without an item is taken off what the transfer's items lack, from each in proportion to what it lacks; it does not say which of them came. What was shipped without an item has come as far as more of named items was received than shipped.
  - in_transit_units are of open transfers, so of those of which nothing came, or of which a shipment after the last receipt is under way; remainder_units of received ones (transfers) that came short, so that the rest may be late or lost.
  - Age is as_of less the transfer's first shipment, in the buckets of exception aging (lower bound inclusive).
  - A lane end that no event names is NULL. The value is at the cost at as_of; unpriced_units are of items without a known cost and in no dollar figure.
  - A lane and age with nothing under way has no row.
not_to_be_confused_with: transfer cycle time, which is about how long it takes
source: domain model, headline measures
owner: logistics manager
grain: [from_facility_id, to_facility_id, bucket]
direction: neutral
additivity: semi_additive
columns:
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  bucket: {unit: text, description: age since the first shipment}
  transfers_count: {unit: count, description: transfers with units under way, min: 1}
  under_way_units: {unit: units, description: units shipped and not received, min: 0}
  in_transit_units: {unit: units, description: those of open transfers, min: 0}
  remainder_units: {unit: units, description: those of transfers that were received short, min: 0}
  unpriced_units: {unit: units, description: units of items without a known cost, min: 0}
  under_way_usd: {unit: usd, description: value of units with a known cost, nullable: true, min: 0}
*/
WITH item AS (
    SELECT
        document_id,
        item_id,
        sum(CASE WHEN event_type = 'transfer_shipped' THEN abs(quantity) ELSE 0 END)
            - sum(CASE WHEN event_type = 'transfer_received' THEN abs(quantity) ELSE 0 END) AS lacking
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL AND event_type IN ('transfer_shipped', 'transfer_received') AND quantity IS NOT NULL
    GROUP BY document_id, item_id
), compared AS (
    SELECT
        *,
        sum(CASE WHEN item_id IS NOT NULL AND lacking > 0 THEN lacking ELSE 0 END) OVER (PARTITION BY document_id) AS all_lacking,
        sum(CASE WHEN item_id IS NOT NULL AND lacking < 0 THEN -lacking ELSE 0 END) OVER (PARTITION BY document_id) AS all_surplus,
        sum(CASE WHEN item_id IS NULL AND lacking < 0 THEN -lacking ELSE 0 END) OVER (PARTITION BY document_id) AS come_without_item
    FROM item
), under_way AS (
    SELECT
        document_id, item_id,
        CAST(CASE
            WHEN item_id IS NULL THEN CAST(lacking - all_surplus AS DOUBLE)
            ELSE CAST(lacking AS DOUBLE) * (1 - CAST(come_without_item AS DOUBLE) / nullif(CAST(all_lacking AS DOUBLE), 0))
        END AS DECIMAL(24, 9)) AS open_quantity
    FROM compared
    WHERE lacking > 0
), open_item AS (
    SELECT
        t.transfer_id, t.from_facility_id, t.to_facility_id, t.received_at, i.open_quantity, c.unit_cost_usd,
        seconds_between(t.shipped_at, v.as_of) AS age_s
    FROM under_way i
    JOIN marts.transfers t ON t.transfer_id = i.document_id
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c ON c.item_id = i.item_id AND v.as_of >= c.valid_from_at AND v.as_of < c.valid_until_at
    WHERE i.open_quantity > 0
)
SELECT
    o.from_facility_id,
    o.to_facility_id,
    b.bucket,
    count(DISTINCT o.transfer_id) AS transfers_count,
    CAST(sum(o.open_quantity) AS DOUBLE) AS under_way_units,
    CAST(sum(CASE WHEN o.received_at IS NULL THEN o.open_quantity ELSE 0 END) AS DOUBLE) AS in_transit_units,
    CAST(sum(CASE WHEN o.received_at IS NOT NULL THEN o.open_quantity ELSE 0 END) AS DOUBLE) AS remainder_units,
    CAST(sum(CASE WHEN o.unit_cost_usd IS NULL THEN o.open_quantity ELSE 0 END) AS DOUBLE) AS unpriced_units,
    CAST(sum(CAST(CAST(o.open_quantity AS DOUBLE) * o.unit_cost_usd AS DECIMAL(24, 6))) AS DOUBLE) AS under_way_usd
FROM open_item o
JOIN reference.aging_bucket b ON o.age_s >= b.lower_s AND (b.upper_s IS NULL OR o.age_s < b.upper_s)
GROUP BY o.from_facility_id, o.to_facility_id, b.bucket
