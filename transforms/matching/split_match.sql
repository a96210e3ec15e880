/*
title: Postings that post one event together
question: Which event was posted in several parts?
definition: "Postings matched to the event whose quantity is exactly the absolute sum of theirs: the earliest unmatched postings of its business key, two or more; one event of each posting a round, until a round finds none."
edge_rules:
  - Postings are taken in the order of posted_at, then posting_id; no other subset is tried.
  - Where events compete for a posting, the first in the total order of events comes first.
  - Zero quantities take no part.
  - Parts that state the event_id are in posting_reference, not here.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
rounds: true
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: one of its postings}
  posted_at: {unit: instant, description: when the ERP stored it}
  tier: {unit: number, description: 'how well the kinds agree, 0 is best', min: 0, max: 2}
additivity: additive
*/
WITH placed AS (
    SELECT
        o.*,
        row_number() OVER upwards AS place,
        abs(sum(o.quantity) OVER upwards) AS reached
    FROM matching.open_pair o
    WHERE o.event_quantity > 0 AND o.quantity <> 0
      AND NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.posting_id = o.posting_id)
    WINDOW upwards AS (
        PARTITION BY o.event_id ORDER BY o.posted_at, o.posting_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), fitting AS (
    SELECT *, min(CASE WHEN place > 1 AND reached = event_quantity THEN place END) OVER (PARTITION BY event_id) AS last_place
    FROM placed
), claim AS (
    SELECT
        event_id, posting_id, posted_at, tier,
        row_number() OVER (
            PARTITION BY posting_id ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
        ) AS place_for_posting
    FROM fitting
    WHERE place <= last_place
), judged AS (
    SELECT *, max(place_for_posting) OVER (PARTITION BY event_id) AS worst_place
    FROM claim
)
SELECT event_id, posting_id, posted_at, tier
FROM judged
WHERE worst_place = 1
