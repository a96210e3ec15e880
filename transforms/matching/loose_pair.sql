/*
title: Pairs of which one end states less of the business key
question: Which posting could post which event although line or item is named at one end only?
definition: One row per pair of an event and a posting of one document and facility and of one absolute quantity, of which one end states less of line and item than the other, and nothing else than it.
edge_rules:
  - Either end may be the one that states less; where each states what the other does not, they share too little.
  - A posting whose type is an event type fits only events of that type; another one fits events of its direction and those without a direction, both only where their posting is expected.
  - Zero and not stated quantities take no part; they would fit too much. Nor do reversals of a part.
  - Events that are posted already take part, so that a second posting is seen to be one.
source: domain model, matching step 2
owner: data engineer
grain: [event_id, posting_id]
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: the posting}
  tier: {unit: number, description: '0: same type, 1: same direction, 2: the event has none', min: 0, max: 2}
  unstated_count: {unit: count, description: 'how many of line and item one end alone states', min: 1, max: 2}
additivity: additive
*/
WITH posting AS (
    SELECT
        k.posting_id, k.document_id, k.document_line, k.item_id, k.facility_id, abs(k.quantity) AS quantity, k.direction,
        CASE WHEN k.is_typed THEN k.posting_type ELSE '' END AS kind
    FROM matching.key_posting k
    WHERE k.quantity <> 0 AND k.taken_from_posting_id IS NULL
), happened AS (
    SELECT
        e.event_id, e.document_id, coalesce(e.document_line, '') AS document_line, coalesce(e.item_id, '') AS item_id,
        e.facility_id, abs(e.quantity) AS quantity, e.event_type, t.direction, t.is_posting_expected
    FROM canonical.inventory_event e
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE e.quantity <> 0 AND e.document_id IN (SELECT p.document_id FROM posting p)
), full_event AS (
    SELECT h.*
    FROM happened h
    WHERE h.document_id IN (SELECT p.document_id FROM posting p WHERE p.document_line = '' OR p.item_id = '')
), full_posting AS (
    SELECT p.*
    FROM posting p
    WHERE p.document_id IN (SELECT h.document_id FROM happened h WHERE h.document_line = '' OR h.item_id = '')
), shortened_event AS (
    SELECT event_id, document_id, facility_id, quantity, '' AS document_line, item_id, 1 AS unstated_count
    FROM full_event WHERE document_line <> ''
    UNION ALL
    SELECT event_id, document_id, facility_id, quantity, document_line, '' AS item_id, 1 AS unstated_count
    FROM full_event WHERE item_id <> ''
    UNION ALL
    SELECT event_id, document_id, facility_id, quantity, '' AS document_line, '' AS item_id, 2 AS unstated_count
    FROM full_event WHERE document_line <> '' AND item_id <> ''
), shortened_posting AS (
    SELECT posting_id, document_id, facility_id, quantity, '' AS document_line, item_id, 1 AS unstated_count
    FROM full_posting WHERE document_line <> ''
    UNION ALL
    SELECT posting_id, document_id, facility_id, quantity, document_line, '' AS item_id, 1 AS unstated_count
    FROM full_posting WHERE item_id <> ''
    UNION ALL
    SELECT posting_id, document_id, facility_id, quantity, '' AS document_line, '' AS item_id, 2 AS unstated_count
    FROM full_posting WHERE document_line <> '' AND item_id <> ''
), agreeing AS (
    SELECT s.event_id, p.posting_id, s.unstated_count
    FROM shortened_event s
    JOIN posting p
      ON p.document_id = s.document_id AND p.facility_id = s.facility_id AND p.quantity = s.quantity
     AND p.document_line = s.document_line AND p.item_id = s.item_id
    UNION ALL
    SELECT h.event_id, s.posting_id, s.unstated_count
    FROM shortened_posting s
    JOIN happened h
      ON h.document_id = s.document_id AND h.facility_id = s.facility_id AND h.quantity = s.quantity
     AND h.document_line = s.document_line AND h.item_id = s.item_id
), judged AS (
    SELECT
        a.event_id, a.posting_id, a.unstated_count,
        CASE
            WHEN p.kind = h.event_type THEN 0
            WHEN p.kind = '' AND h.is_posting_expected AND p.direction = h.direction THEN 1
            WHEN p.kind = '' AND h.is_posting_expected AND h.direction = 'none' THEN 2
        END AS tier
    FROM agreeing a
    JOIN happened h ON h.event_id = a.event_id
    JOIN posting p ON p.posting_id = a.posting_id
)
SELECT event_id, posting_id, tier, unstated_count
FROM judged
WHERE tier IS NOT NULL
