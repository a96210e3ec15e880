/*
title: Postings of a business key that fall short of their event
question: Which postings are parts of an event that is not posted completely?
definition: One row per posting of an unposted event that has two or more unmatched postings of one sign in its business key, no other unposted event beside it, and more quantity than they have together.
edge_rules:
  - One posting alone that falls short is taken at its word; it posts the event with a quantity that differs (unequal_match).
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: one of its postings}
  posted_at: {unit: instant, description: when the ERP stored it}
  quantity: {unit: units, description: signed quantity of the posting}
  event_quantity: {unit: units, description: absolute quantity of the event, min: 0}
additivity: additive
*/
WITH left_pair AS (
    SELECT o.event_id, o.posting_id, o.posted_at, o.quantity, o.event_quantity
    FROM matching.open_pair o
    WHERE NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM matching.split_match m WHERE m.posting_id = o.posting_id)
), counted AS (
    SELECT *, count(*) OVER (PARTITION BY posting_id) AS events_count
    FROM left_pair
), gathered AS (
    SELECT
        event_id, posting_id, posted_at, quantity, event_quantity,
        max(events_count) OVER every AS rivals_count,
        count(*) OVER every AS postings_count,
        min(quantity) OVER every AS lowest,
        max(quantity) OVER every AS highest,
        abs(sum(quantity) OVER every) AS total
    FROM counted
    WINDOW every AS (PARTITION BY event_id)
)
SELECT event_id, posting_id, posted_at, quantity, event_quantity
FROM gathered
WHERE rivals_count = 1 AND postings_count > 1 AND (lowest > 0 OR highest < 0) AND total < event_quantity
