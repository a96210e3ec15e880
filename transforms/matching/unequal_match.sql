/*
title: Events and postings matched although their quantities differ
question: Which event was posted with another quantity?
definition: "One-to-one, nearest in time first, among the pairs of a business key that no sum explains: of the pairs left, those that are the best of both their event and their posting; repeated until none is left."
edge_rules:
  - The order of pairs is that of key_match; both ends state the same of line and item.
  - Parts of an event that is not posted completely (key_part) take no part, nor do reversals of a part.
source: domain model, matching steps 2 and 3
owner: data engineer
grain: [event_id]
rounds: true
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  tier: {unit: number, description: 'how well the kinds agree, 0 is best', min: 0, max: 2}
additivity: additive
*/
WITH ranked AS (
    SELECT
        o.event_id, o.posting_id, o.posted_at, o.tier,
        row_number() OVER (
            PARTITION BY o.event_id
            ORDER BY o.tier, o.distance_s, o.event_time, o.recorded_at NULLS FIRST, o.sequence_no NULLS FIRST, o.event_id,
                o.posted_at, o.posting_id
        ) AS place_for_event,
        row_number() OVER (
            PARTITION BY o.posting_id
            ORDER BY o.tier, o.distance_s, o.event_time, o.recorded_at NULLS FIRST, o.sequence_no NULLS FIRST, o.event_id,
                o.posted_at, o.posting_id
        ) AS place_for_posting
    FROM matching.open_pair o
    WHERE o.taken_from_posting_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.posting_id = o.posting_id)
      AND NOT EXISTS (SELECT 1 FROM matching.key_part k WHERE k.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.unequal_match u WHERE u.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.unequal_match u WHERE u.posting_id = o.posting_id)
)
SELECT event_id, posting_id, posted_at, tier
FROM ranked
WHERE place_for_event = 1 AND place_for_posting = 1
