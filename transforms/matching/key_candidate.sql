/*
title: Pairs that share a business key
question: Which posting without a stated event could post which event?
definition: One row per pair of an event and a posting with equal document, line, item and facility and with directions that agree; line or item may be named at one end only where the quantities are equal.
edge_rules:
  - A line or item that is not stated equals one that is not stated either; one that is stated, only where both state the same quantity (loose_pair).
  - "tier 0: the posting_type is the event's type; tier 1: the directions are equal; tier 2: the posting's is not known, or known by its sign alone and the event has none."
  - An event whose posting is not expected takes part only in tier 0, so that it takes no posting from another event.
  - Events that a posting names by event_id take no part.
source: domain model, matching step 2
owner: data engineer
grain: [event_id, posting_id]
version: 2
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored the posting}
  tier: {unit: number, description: 'how well the kinds agree, 0 is best', min: 0, max: 2}
  unstated_count: {unit: count, description: 'how many of line and item one end alone states', min: 0, max: 2}
  distance_s: {unit: s, description: seconds between event and posting, min: 0}
  event_time: {unit: instant, description: when the event happened}
  recorded_at: {unit: instant, description: when it was recorded, nullable: true}
  sequence_no: {unit: number, description: order within the source, nullable: true}
  event_quantity: {unit: units, description: absolute quantity of the event, nullable: true, min: 0}
  quantity: {unit: units, description: signed quantity of the posting, nullable: true}
  is_quantity_equal: {unit: boolean, description: 'whether both state the same absolute quantity; of a reversal of a part FALSE; NULL: one states none', nullable: true}
  taken_from_posting_id: {unit: id, description: 'the posting of which the posting takes back a part; NULL: none', nullable: true}
additivity: additive
*/
WITH open_event AS (
    SELECT
        e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no, e.facility_id, e.document_id,
        abs(e.quantity) AS event_quantity,
        coalesce(e.document_line, '') AS document_line, coalesce(e.item_id, '') AS item_id,
        t.direction, t.is_posting_expected
    FROM canonical.inventory_event e
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE e.document_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM matching.posting_reference r WHERE r.event_id = e.event_id)
), pair AS (
    SELECT
        e.event_id, p.posting_id, p.posted_at, e.event_time, e.recorded_at, e.sequence_no, e.is_posting_expected,
        e.event_quantity, p.quantity, p.taken_from_posting_id,
        CASE
            WHEN p.posting_type = e.event_type THEN 0
            WHEN p.direction = e.direction THEN 1
            WHEN p.direction IS NULL OR (e.direction = 'none' AND NOT p.is_typed) THEN 2
        END AS tier,
        0 AS unstated_count
    FROM open_event e
    JOIN matching.key_posting p
      ON p.document_id = e.document_id AND p.document_line = e.document_line AND p.item_id = e.item_id
     AND p.facility_id = e.facility_id
    UNION ALL
    SELECT
        e.event_id, p.posting_id, p.posted_at, e.event_time, e.recorded_at, e.sequence_no, e.is_posting_expected,
        e.event_quantity, p.quantity, p.taken_from_posting_id, l.tier, l.unstated_count
    FROM open_event e
    JOIN matching.loose_pair l ON l.event_id = e.event_id
    JOIN matching.key_posting p ON p.posting_id = l.posting_id
)
SELECT
    event_id, posting_id, posted_at, tier, unstated_count,
    abs(seconds_between(event_time, posted_at)) AS distance_s,
    event_time, recorded_at, sequence_no, event_quantity, quantity,
    event_quantity = abs(quantity) AND taken_from_posting_id IS NULL AS is_quantity_equal, taken_from_posting_id
FROM pair
WHERE tier IS NOT NULL AND (is_posting_expected OR tier = 0)
