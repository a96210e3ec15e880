/*
title: Movements of stock on the floor
question: How much of each item came to or left each facility, and when?
definition: One row per event that changes how much of an item a facility holds, with the signed quantity, and one row per opening stock.
edge_rules:
  - "The event type's direction gives the sign (in: +|quantity|, out: -|quantity|), whichever sign the feed states; inventory_adjusted keeps the stated sign."
  - Event types without direction (putaway, pick, hold, count, approval) move nothing between facility and outside and are not here.
  - Opening stock lies before everything; its moved_at is 1970-01-01T00:00:00Z, before which no row is accepted, and its event_id is NULL. A facility without opening stock has only its events, so that sums there are changes and no stock.
  - Events without item or quantity, and those of quantity zero, are not here.
  - Stock on hand at t is the sum up to and with moved_at = t; rows of equal moved_at are in the total order of events (recorded_at, sequence_no, event_id; what is not stated comes first).
not_to_be_confused_with: book_move, what the ERP has posted
source: domain model, ATP distortion
owner: inventory control
grain: [facility_id, item_id, event_id]
direction: neutral
additivity: additive
storage: view
columns:
  facility_id: {unit: id, description: whose stock}
  item_id: {unit: id, description: the item}
  moved_at: {unit: instant, description: 'event_time; of opening stock 1970-01-01T00:00:00Z'}
  recorded_at: {unit: instant, description: when the execution system stored it, nullable: true}
  sequence_no: {unit: number, description: order within the source system, nullable: true}
  event_id: {unit: id, description: 'the event; NULL: opening stock', nullable: true}
  event_type: {unit: text, description: 'what happened; NULL: opening stock', nullable: true}
  signed_quantity: {unit: units, description: change of stock}
  is_opening: {unit: boolean, description: whether it is opening stock}
*/
SELECT
    o.facility_id,
    o.item_id,
    instant('1970-01-01 00:00:00Z') AS moved_at,
    no_instant() AS recorded_at,
    CAST(NULL AS BIGINT) AS sequence_no,
    CAST(NULL AS STRING) AS event_id,
    CAST(NULL AS STRING) AS event_type,
    o.quantity AS signed_quantity,
    TRUE AS is_opening
FROM reference.opening_stock o
UNION ALL
SELECT
    e.facility_id,
    e.item_id,
    e.event_time AS moved_at,
    e.recorded_at,
    e.sequence_no,
    e.event_id,
    e.event_type,
    CASE t.direction WHEN 'in' THEN abs(e.quantity) WHEN 'out' THEN -abs(e.quantity) ELSE e.quantity END AS signed_quantity,
    FALSE AS is_opening
FROM canonical.inventory_event e
JOIN reference.event_type t ON t.event_type = e.event_type
WHERE (t.direction IN ('in', 'out') OR e.event_type = 'inventory_adjusted')
  AND e.item_id IS NOT NULL AND e.quantity <> 0
