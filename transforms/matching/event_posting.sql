/*
title: Which posting posts which event
question: When did the ERP know what had happened on the floor?
definition: One row per event that has a posting up to as_of, with how the two were matched.
edge_rules:
  - Nothing matches without a shared event_id or document_id.
  - Postings later than as_of do not exist yet; their events are unposted.
source: domain model, matching steps 1 and 2
owner: data engineer
grain: [event_id]
storage: view
columns:
  event_id: {unit: id, description: the event}
  posting_id: {unit: id, description: its posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  match_method: {unit: text, description: event_id or business_key}
additivity: additive
*/
SELECT event_id, posting_id, posted_at, 'event_id' AS match_method
FROM matching.posting_reference
WHERE nth = 1 AND is_event_known
UNION ALL
SELECT event_id, posting_id, posted_at, 'business_key' AS match_method
FROM matching.key_match
