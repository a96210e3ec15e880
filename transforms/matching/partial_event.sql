/*
title: Events that are posted in part
question: What does the ERP know of only in part?
definition: One row per event that several postings post without amounting to its quantity up to as_of, with what is missing.
edge_rules:
  - Such an event is unposted.
  - One posting alone that falls short is no part; it posts the event, with a quantity that differs.
source: domain model, matching step 3
owner: inventory accountant
grain: [event_id]
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: its latest posting so far}
  posted_at: {unit: instant, description: when the ERP stored that one}
  postings_count: {unit: count, description: postings so far, min: 2}
  posted_quantity: {unit: units, description: absolute quantity posted so far, min: 0}
  missing_quantity: {unit: units, description: what the event has more, min: 0}
additivity: additive
*/
WITH part AS (
    SELECT event_id, posting_id, posted_at, quantity, event_quantity
    FROM matching.posting_reference
    WHERE role = 'partial'
    UNION ALL
    SELECT event_id, posting_id, posted_at, quantity, event_quantity
    FROM matching.key_part
), gathered AS (
    SELECT
        event_id, posting_id, posted_at, event_quantity,
        count(*) OVER every AS postings_count,
        CAST(abs(sum(quantity) OVER every) AS DECIMAL(18, 6)) AS posted_quantity,
        row_number() OVER (PARTITION BY event_id ORDER BY posted_at DESC, posting_id DESC) AS nth_from_last
    FROM part
    WINDOW every AS (PARTITION BY event_id)
)
SELECT
    event_id,
    posting_id,
    posted_at,
    postings_count,
    posted_quantity,
    event_quantity - posted_quantity AS missing_quantity
FROM gathered
WHERE nth_from_last = 1
