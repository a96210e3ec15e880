/*
title: Purchase lines, one by one
question: What was ordered of which supplier, and what of it was received, rejected and put into stock?
definition: One row per line of a purchase order as its source last stated it up to as_of, quantities and price in base units.
formula: "rows = purchase order lines up to as_of, each as last stated"
edge_rules:
  - A line that states neither time nor day of ordering is always inside; one ordered after as_of is not, nor, where only ordered_date is stated, one of a later day than that of as_of in UTC.
  - A state that the source stored after as_of is not seen; the latest one before it is.
  - Quantities are those that the source states; none is computed from another. A price for one case of 12 is divided by 12, as the quantity is multiplied by it.
source: domain model, canonical tables
owner: purchasing
grain: [purchase_order_id, purchase_order_line]
direction: neutral
columns:
  purchase_order_id: {unit: id, description: the purchase order}
  purchase_order_line: {unit: text, description: its line}
  facility_id: {unit: id, description: where it is received, nullable: true}
  supplier_id: {unit: id, description: who delivers, nullable: true}
  item_id: {unit: id, description: the item, nullable: true}
  ordered_quantity: {unit: units, description: what was ordered, nullable: true}
  received_quantity: {unit: units, description: 'what has come, good or not', nullable: true}
  rejected_quantity: {unit: units, description: what was rejected of it, nullable: true}
  stocked_quantity: {unit: units, description: what was put into stock of it, nullable: true}
  unit_price: {unit: number, description: price of one base unit, nullable: true}
  currency: {unit: text, description: currency of the price, nullable: true}
  ordered_at: {unit: instant, description: when it was ordered, nullable: true}
  ordered_date: {unit: date, description: the day of the order, nullable: true}
  due_date: {unit: date, description: the day on which it is due, nullable: true}
  last_changed_at: {unit: instant, description: when its source last changed it, nullable: true}
  feed: {unit: text, description: feed that delivered the line}
  file: {unit: text, description: file that delivered it}
  row_number: {unit: number, description: its row in that file, min: 1}
*/
SELECT
    p.purchase_order_id,
    p.purchase_order_line,
    p.facility_id,
    p.supplier_id,
    p.item_id,
    p.ordered_quantity,
    p.received_quantity,
    p.rejected_quantity,
    p.stocked_quantity,
    p.unit_price,
    p.currency,
    p.ordered_at,
    p.ordered_date,
    p.due_date,
    p.last_changed_at,
    p.feed,
    p.file,
    p.row_number
FROM canonical.purchase_line p
