/*
title: Movements of stock on the floor
question: How much of each item came to or left each facility, and when?
definition: One row per event that changes how much of an item a facility holds, or tells that it holds another quantity, with the signed quantity; one per approved count that only a posting tells; and one per opening stock.
edge_rules:
  - "The event type's direction gives the sign (in: +|quantity|, out: -|quantity|), whichever sign the feed states; inventory_adjusted keeps the stated sign."
  - The approval of a count (count_variance_approved) changes what is held by its stated sign where nothing else does; where an inventory_adjusted event of the facility bears the same document and item, that one is the change and the approval is not here.
  - A standing posting of an approval that posts no event (as of SAP's movements 701 to 718) is here at posted_at, by its stated sign, where no approval and no adjustment of the facility, as event, bears the same document and item.
  - What an approval changes, changes when it is approved and not when it was counted, as that of an adjustment when it is made. Until then the count may be wrong; and a count whose own difference had moved the floor before would be explained by itself.
  - Other event types without direction (putaway, pick, hold, count) move nothing between facility and outside and are not here.
  - Opening stock lies before everything; its moved_at is 1970-01-01T00:00:00Z, before which no row is accepted, and its event_id is NULL. A facility without opening stock has only its events, so that sums there are changes and no stock.
  - Events without item or quantity, and those of quantity zero, are not here.
  - Stock on hand at t is the sum up to and with moved_at = t; rows of equal moved_at are in the total order of events (recorded_at, sequence_no, event_id; what is not stated comes first).
not_to_be_confused_with: book_move, what the ERP has posted
source: domain model, ATP distortion
owner: inventory control
grain: [facility_id, item_id, event_id, posting_id]
direction: neutral
additivity: additive
storage: view
columns:
  facility_id: {unit: id, description: whose stock}
  item_id: {unit: id, description: the item}
  moved_at: {unit: instant, description: 'event_time, of an approval without event posted_at; of opening stock 1970-01-01T00:00:00Z'}
  recorded_at: {unit: instant, description: when the execution system stored it, nullable: true}
  sequence_no: {unit: number, description: order within the source system, nullable: true}
  event_id: {unit: id, description: 'the event; NULL: opening stock, or an approval without event', nullable: true}
  event_type: {unit: text, description: 'what happened; NULL: opening stock', nullable: true}
  posting_id: {unit: id, description: 'the posting that tells of an approval without event; else NULL', nullable: true}
  signed_quantity: {unit: units, description: change of stock}
  is_opening: {unit: boolean, description: whether it is opening stock}
*/
WITH told AS (
    SELECT event_id, event_type, facility_id, item_id, document_id, event_time, recorded_at, sequence_no, quantity
    FROM canonical.inventory_event
    WHERE event_type IN ('inventory_adjusted', 'count_variance_approved')
), approved AS (
    SELECT t.*
    FROM told t
    WHERE t.event_type = 'count_variance_approved'
      AND NOT EXISTS (
          SELECT 1
          FROM told a
          WHERE a.event_type = 'inventory_adjusted' AND a.facility_id = t.facility_id AND a.document_id = t.document_id
            AND a.item_id = t.item_id
      )
), posted AS (
    SELECT p.posting_id, p.posting_type, p.facility_id, p.item_id, p.posted_at, p.quantity
    FROM canonical.erp_posting p
    WHERE p.posting_type = 'count_variance_approved'
      AND NOT EXISTS (SELECT 1 FROM shared.posting_event l WHERE l.posting_id = p.posting_id)
      AND NOT EXISTS (
          SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id AND c.fate <> 'in_vain'
      )
      AND NOT EXISTS (
          SELECT 1
          FROM told t
          WHERE t.facility_id = p.facility_id AND t.document_id = p.document_id AND t.item_id = p.item_id
      )
)
SELECT
    o.facility_id,
    o.item_id,
    instant('1970-01-01 00:00:00Z') AS moved_at,
    no_instant() AS recorded_at,
    CAST(NULL AS BIGINT) AS sequence_no,
    CAST(NULL AS STRING) AS event_id,
    CAST(NULL AS STRING) AS event_type,
    CAST(NULL AS STRING) AS posting_id,
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
    CAST(NULL AS STRING) AS posting_id,
    CASE t.direction WHEN 'in' THEN abs(e.quantity) WHEN 'out' THEN -abs(e.quantity) ELSE e.quantity END AS signed_quantity,
    FALSE AS is_opening
FROM canonical.inventory_event e
JOIN reference.event_type t ON t.event_type = e.event_type
WHERE (t.direction IN ('in', 'out') OR e.event_type = 'inventory_adjusted')
  AND e.item_id IS NOT NULL AND e.quantity <> 0
UNION ALL
SELECT
    facility_id, item_id, event_time AS moved_at, recorded_at, sequence_no, event_id, event_type,
    CAST(NULL AS STRING) AS posting_id, quantity AS signed_quantity, FALSE AS is_opening
FROM approved
WHERE item_id IS NOT NULL AND quantity <> 0
UNION ALL
SELECT
    facility_id, item_id, posted_at AS moved_at, no_instant() AS recorded_at, CAST(NULL AS BIGINT) AS sequence_no,
    CAST(NULL AS STRING) AS event_id, posting_type AS event_type, posting_id, quantity AS signed_quantity, FALSE AS is_opening
FROM posted
WHERE item_id IS NOT NULL AND quantity <> 0
