/*
title: Pairs of a business key whose quantities differ
question: Which events and postings share a business key and are still unmatched?
definition: One row per candidate pair of an event and a posting that neither the business key nor a batch summary has matched.
edge_rules:
  - What is left differs in quantity, and both state one; pairs of equal or not stated quantities have been matched.
  - A reversal of a part is here while the posting that it takes it from is unmatched, too; it can only add up with it (split_match).
source: domain model, matching step 3
owner: data engineer
grain: [event_id, posting_id]
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored the posting}
  tier: {unit: number, description: 'how well the kinds agree, 0 is best', min: 0, max: 2}
  distance_s: {unit: s, description: seconds between event and posting, min: 0}
  event_time: {unit: instant, description: when the event happened}
  recorded_at: {unit: instant, description: when it was recorded, nullable: true}
  sequence_no: {unit: number, description: order within the source, nullable: true}
  event_quantity: {unit: units, description: absolute quantity of the event, min: 0}
  quantity: {unit: units, description: signed quantity of the posting}
  taken_from_posting_id: {unit: id, description: 'the posting of which the posting takes back a part; NULL: none', nullable: true}
additivity: additive
*/
SELECT
    c.event_id, c.posting_id, c.posted_at, c.tier, c.distance_s, c.event_time, c.recorded_at, c.sequence_no,
    c.event_quantity, c.quantity, c.taken_from_posting_id
FROM matching.key_candidate c
WHERE c.is_quantity_equal = FALSE AND c.event_quantity IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.event_id = c.event_id)
  AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = c.posting_id)
  AND NOT EXISTS (SELECT 1 FROM matching.batch_match b WHERE b.event_id = c.event_id)
  AND NOT EXISTS (SELECT 1 FROM matching.batch_match b WHERE b.posting_id = c.posting_id)
  AND NOT EXISTS (SELECT 1 FROM matching.key_match m WHERE m.posting_id = c.taken_from_posting_id)
  AND NOT EXISTS (SELECT 1 FROM matching.batch_match b WHERE b.posting_id = c.taken_from_posting_id)
