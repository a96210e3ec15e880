/*
title: Order lines, one by one
question: What was ordered, and what was shipped of it?
definition: One row per order line (and shipment, where they come one by one) as its source last stated it up to as_of, in base units.
formula: "rows = order lines (and their shipments) up to as_of, each as last stated"
edge_rules:
  - A line that states no time of ordering is always inside; one ordered after as_of is not.
  - What was shipped after as_of has not been shipped yet - quantity and time are NULL.
  - Where shipments come one by one, each repeats the ordered quantity of its line; only the shipped quantities may be added.
source: domain model, canonical tables
owner: customer service
grain: [order_id, order_line, shipment_id]
direction: neutral
columns:
  order_id: {unit: id, description: the order}
  order_line: {unit: text, description: its line}
  shipment_id: {unit: id, description: the shipment, nullable: true}
  facility_id: {unit: id, description: where it is shipped from, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  ordered_quantity: {unit: units, description: what was ordered, nullable: true}
  shipped_quantity: {unit: units, description: what was shipped up to as_of, nullable: true}
  ordered_at: {unit: instant, description: when it was ordered, nullable: true}
  promised_at: {unit: instant, description: when it was promised, nullable: true}
  shipped_at: {unit: instant, description: when it was shipped, nullable: true}
  last_changed_at: {unit: instant, description: when its source last changed it, nullable: true}
  feed: {unit: text, description: feed that delivered the line}
  file: {unit: text, description: file that delivered it}
  row_number: {unit: number, description: its row in that file, min: 1}
*/
SELECT
    o.order_id,
    o.order_line,
    o.shipment_id,
    o.facility_id,
    o.item_id,
    o.ordered_quantity,
    CASE WHEN o.shipped_at > v.as_of THEN NULL ELSE o.shipped_quantity END AS shipped_quantity,
    o.ordered_at,
    o.promised_at,
    CASE WHEN o.shipped_at <= v.as_of THEN o.shipped_at END AS shipped_at,
    o.last_changed_at,
    o.feed,
    o.file,
    o.row_number
FROM canonical.order_line o
CROSS JOIN reference.evaluation v
