/*
title: Which posting posts which event
question: When did the ERP know what had happened on the floor?
definition: One row per event that has a posting up to as_of, with how the two were matched and how far that can be trusted.
edge_rules:
  - Nothing matches without a shared event_id or document_id.
  - Postings later than as_of do not exist yet; their events are unposted.
  - Sums that fit come before quantities that differ; event_id, business_key with equal or unstated quantities, batch_summary, split, then business_key with other quantities.
  - A split event is posted when its completing posting is; that posting is named, the quantity is that of all parts.
  - "match_confidence is a rank, not a probability: 1 where the ERP names the event; else 0.9, less 0.1 for each step of the tier (same direction instead of same type; direction open), less 0.1 where the two quantities are not both stated, less 0.3 where they differ, less 0.1 for each of line and item that one end alone states."
  - A quantity that is not stated differs from nothing; quantities are compared without their sign.
source: domain model, matching steps 1 to 3
owner: data engineer
grain: [event_id]
version: 3
storage: view
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: 'its posting; of several parts the completing one'}
  posted_at: {unit: instant, description: when the ERP stored it}
  match_method: {unit: text, description: 'event_id, business_key, batch_summary or split'}
  match_confidence_ratio: {unit: ratio, description: 'how well founded the match is, 1 is best', min: 0, max: 1}
  posted_quantity: {unit: units, description: 'absolute quantity posted for the event; of a batch summary the event''s share', nullable: true, min: 0}
  is_quantity_mismatch: {unit: boolean, description: whether event and posting state different absolute quantities}
additivity: additive
*/
WITH part AS (
    SELECT event_id, posting_id, posted_at, quantity, CAST(0 AS DOUBLE) AS deduction
    FROM matching.posting_reference
    WHERE role = 'part' AND is_event_known
    UNION ALL
    SELECT s.event_id, s.posting_id, s.posted_at, k.quantity, 0.1 + 0.1 * s.tier AS deduction
    FROM matching.split_match s
    JOIN matching.key_posting k ON k.posting_id = s.posting_id
), split AS (
    SELECT
        event_id, posting_id, posted_at,
        CAST(abs(sum(quantity) OVER every) AS DECIMAL(18, 6)) AS quantity,
        max(deduction) OVER every AS deduction,
        row_number() OVER (PARTITION BY event_id ORDER BY posted_at DESC, posting_id DESC) AS nth_from_last
    FROM part
    WINDOW every AS (PARTITION BY event_id)
)
SELECT
    event_id,
    posting_id,
    posted_at,
    'event_id' AS match_method,
    CAST(1 AS DOUBLE) AS match_confidence_ratio,
    abs(quantity) AS posted_quantity,
    coalesce(abs(quantity) <> event_quantity, FALSE) AS is_quantity_mismatch
FROM matching.posting_reference
WHERE role = 'whole' AND is_event_known
UNION ALL
SELECT
    m.event_id, m.posting_id, m.posted_at, 'business_key' AS match_method,
    round(
        0.9 - 0.1 * m.tier - 0.1 * c.unstated_count - CASE WHEN c.is_quantity_equal IS NULL THEN 0.1 ELSE 0 END, 2
    ) AS match_confidence_ratio,
    abs(c.quantity) AS posted_quantity,
    FALSE AS is_quantity_mismatch
FROM matching.key_candidate c
JOIN matching.key_match m ON m.event_id = c.event_id AND m.posting_id = c.posting_id
UNION ALL
SELECT
    b.event_id, b.posting_id, b.posted_at, 'batch_summary' AS match_method,
    round(0.9 - 0.1 * b.tier - 0.1 * b.unstated_count, 2) AS match_confidence_ratio,
    c.event_quantity AS posted_quantity,
    FALSE AS is_quantity_mismatch
FROM matching.batch_match b
JOIN matching.batch_posting p ON p.posting_id = b.posting_id
JOIN matching.batch_candidate c ON c.pattern_id = p.pattern_id AND c.event_id = b.event_id
UNION ALL
SELECT
    event_id, posting_id, posted_at, 'split' AS match_method,
    round(1 - deduction, 2) AS match_confidence_ratio,
    quantity AS posted_quantity,
    FALSE AS is_quantity_mismatch
FROM split
WHERE nth_from_last = 1
UNION ALL
SELECT
    u.event_id, u.posting_id, u.posted_at, 'business_key' AS match_method,
    round(0.6 - 0.1 * u.tier, 2) AS match_confidence_ratio,
    abs(o.quantity) AS posted_quantity,
    TRUE AS is_quantity_mismatch
FROM matching.unequal_match u
JOIN matching.open_pair o ON o.event_id = u.event_id AND o.posting_id = u.posting_id
