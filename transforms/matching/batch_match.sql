/*
title: Events posted by a batch summary
question: Which single posting posts several events?
definition: "Events matched to the posting whose absolute quantity is exactly the sum of theirs: the earliest unposted events that fit what it states, two or more; one summary of each kind a round, until a round finds none."
edge_rules:
  - Events are taken in their total order from the first one that is left; no other subset is tried, so one event that no posting covers keeps its kind from being matched by sum.
  - Of several postings of a kind the earliest that fits comes first (posted_at, then posting_id).
  - Where kinds compete for an event, the one that states more of line and item comes first, then the earlier posting.
source: domain model, matching step 3
owner: data engineer
grain: [event_id]
rounds: true
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: the summary}
  posted_at: {unit: instant, description: when the ERP stored it}
  tier: {unit: number, description: 'how well the kinds agree, 0 is best', min: 0, max: 2}
  unstated_count: {unit: count, description: 'how many of line and item the summary does not state', min: 0, max: 2}
additivity: additive
*/
WITH placed AS (
    SELECT
        c.pattern_id, c.event_id, c.tier, c.unstated_count,
        row_number() OVER upwards AS place,
        sum(c.event_quantity) OVER upwards AS reached
    FROM matching.batch_candidate c
    WHERE NOT EXISTS (SELECT 1 FROM matching.batch_match m WHERE m.event_id = c.event_id)
    WINDOW upwards AS (
        PARTITION BY c.pattern_id
        ORDER BY c.event_time, c.recorded_at NULLS FIRST, c.sequence_no NULLS FIRST, c.event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), fitting AS (
    SELECT
        p.pattern_id, p.posting_id, p.posted_at, s.place,
        row_number() OVER (PARTITION BY p.pattern_id ORDER BY p.posted_at, p.posting_id) AS nth
    FROM matching.batch_posting p
    JOIN placed s ON s.pattern_id = p.pattern_id AND s.reached = p.quantity
    WHERE s.place > 1
      AND NOT EXISTS (SELECT 1 FROM matching.batch_match m WHERE m.posting_id = p.posting_id)
), claim AS (
    SELECT
        s.event_id, f.posting_id, f.posted_at, s.tier, s.unstated_count,
        row_number() OVER (PARTITION BY s.event_id ORDER BY s.unstated_count, f.posted_at, f.posting_id) AS place_for_event
    FROM placed s
    JOIN fitting f ON f.pattern_id = s.pattern_id
    WHERE f.nth = 1 AND s.place <= f.place
), judged AS (
    SELECT *, max(place_for_event) OVER (PARTITION BY posting_id) AS worst_place
    FROM claim
)
SELECT event_id, posting_id, posted_at, tier, unstated_count
FROM judged
WHERE worst_place = 1
