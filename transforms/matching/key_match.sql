/*
title: Events and postings matched by business key
question: Which posting without a stated event posts which event?
definition: "One-to-one, nearest in time first, among the pairs whose quantities do not differ: of the pairs left, those that are the best of both their event and their posting; repeated until none is left."
edge_rules:
  - Pairs are ordered by how many of line and item one end alone states, tier, distance in time, then the event's and the posting's total order; so every round takes at least the best pair left, and the result is that of taking pairs one by one.
  - A pair of which one states no quantity takes part; a pair whose quantities differ waits until sums have been tried (unequal_match).
  - With a double posting the nearest counts, which for postings after the event is the earliest; as far before as after, the earlier.
source: domain model, matching step 2
owner: data engineer
grain: [event_id]
version: 3
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
        c.event_id, c.posting_id, c.posted_at, c.tier,
        row_number() OVER (
            PARTITION BY c.event_id
            ORDER BY c.unstated_count, c.tier, c.distance_s, c.event_time, c.recorded_at NULLS FIRST,
                c.sequence_no NULLS FIRST, c.event_id, c.posted_at, c.posting_id
        ) AS place_for_event,
        row_number() OVER (
            PARTITION BY c.posting_id
            ORDER BY c.unstated_count, c.tier, c.distance_s, c.event_time, c.recorded_at NULLS FIRST,
                c.sequence_no NULLS FIRST, c.event_id, c.posted_at, c.posting_id
        ) AS place_for_posting
    FROM matching.key_candidate c
    WHERE coalesce(c.is_quantity_equal, TRUE)
      AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.event_id = c.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = c.posting_id)
)
SELECT event_id, posting_id, posted_at, tier
FROM ranked
WHERE place_for_event = 1 AND place_for_posting = 1
