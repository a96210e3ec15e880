/*
title: Events that a batch summary may post
question: Which events share with a posting all that it states?
definition: One row per unposted event and kind of summary; postings left over by the business key that state the same document, line, item, facility and direction are one kind.
edge_rules:
  - What a posting does not state (line, item) fits every event of its document and facility; what it states must be equal.
  - A posting whose type is an event type fits only events of that type; another one fits events of its direction and, only where its kind finds none of those, events without a direction; both only where their posting is expected.
  - Zero and not stated quantities take no part, neither events nor postings.
  - pattern_id is the lowest posting_id of the kind.
source: domain model, matching step 3
owner: data engineer
grain: [pattern_id, event_id]
columns:
  pattern_id: {unit: id, description: kind of summary}
  event_id: {unit: id, description: the event}
  tier: {unit: number, description: '0: same type, 1: same direction, 2: the event has none', min: 0, max: 2}
  unstated_count: {unit: count, description: 'how many of line and item the kind does not state', min: 0, max: 2}
  event_quantity: {unit: units, description: absolute quantity of the event, min: 0}
  event_time: {unit: instant, description: when the event happened}
  recorded_at: {unit: instant, description: when it was recorded, nullable: true}
  sequence_no: {unit: number, description: order within the source, nullable: true}
additivity: additive
*/
WITH pattern AS (
    SELECT DISTINCT b.pattern_id, b.document_id, b.document_line, b.item_id, b.facility_id, b.kind, b.direction
    FROM matching.batch_posting b
), open_event AS (
    SELECT
        e.event_id, e.event_type, e.document_id, e.facility_id, coalesce(e.document_line, '') AS document_line,
        coalesce(e.item_id, '') AS item_id, abs(e.quantity) AS event_quantity, e.event_time, e.recorded_at, e.sequence_no,
        t.direction, t.is_posting_expected
    FROM canonical.inventory_event e
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE e.quantity <> 0
      AND e.document_id IN (SELECT p.document_id FROM pattern p)
      AND NOT EXISTS (SELECT 1 FROM matching.posting_reference r WHERE r.event_id = e.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.event_id = e.event_id)
), spelled AS (
    SELECT o.*, o.document_line AS line_key, o.item_id AS item_key FROM open_event o
    UNION ALL
    SELECT o.*, '' AS line_key, o.item_id AS item_key FROM open_event o WHERE o.document_line <> ''
    UNION ALL
    SELECT o.*, o.document_line AS line_key, '' AS item_key FROM open_event o WHERE o.item_id <> ''
    UNION ALL
    SELECT o.*, '' AS line_key, '' AS item_key FROM open_event o WHERE o.document_line <> '' AND o.item_id <> ''
), pair AS (
    SELECT
        p.pattern_id, s.event_id, s.event_quantity, s.event_time, s.recorded_at, s.sequence_no,
        CASE WHEN p.document_line = '' THEN 1 ELSE 0 END + CASE WHEN p.item_id = '' THEN 1 ELSE 0 END AS unstated_count,
        CASE
            WHEN p.kind = s.event_type THEN 0
            WHEN p.kind = '' AND s.is_posting_expected AND p.direction = s.direction THEN 1
            WHEN p.kind = '' AND s.is_posting_expected AND s.direction = 'none' THEN 2
        END AS tier
    FROM spelled s
    JOIN pattern p
      ON p.document_id = s.document_id AND p.facility_id = s.facility_id
     AND p.document_line = s.line_key AND p.item_id = s.item_key
), best AS (
    SELECT *, min(tier) OVER (PARTITION BY pattern_id) AS best_tier
    FROM pair
    WHERE tier IS NOT NULL
)
SELECT pattern_id, event_id, tier, unstated_count, event_quantity, event_time, recorded_at, sequence_no
FROM best
WHERE tier = best_tier
