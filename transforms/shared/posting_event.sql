/*
title: Which events a posting posts or names
question: Of what that happened does a posting speak?
definition: One row per standing posting and known event that it posts, posts a part of, posts again, or names.
edge_rules:
  - A batch summary has a row for each of its events; every other posting has one row at most.
  - Double postings and parts of an event that is not posted completely are here too, unlike in matching.event_posting.
  - A posting that states an event that nobody reported up to as_of has no row.
not_to_be_confused_with: matching.event_posting, which says for an event when it was posted
source: domain model, matching steps 1 to 3
owner: data engineer
grain: [posting_id, event_id]
storage: view
columns:
  posting_id: {unit: id, description: the posting}
  event_id: {unit: id, description: the event}
  is_summary: {unit: boolean, description: whether the posting posts several events at once}
  is_part: {unit: boolean, description: 'whether it is one of several postings that together post the event, completely or so far'}
additivity: additive
*/
SELECT posting_id, event_id, FALSE AS is_summary, role IN ('part', 'partial') AS is_part
FROM matching.posting_reference
WHERE is_event_known
UNION ALL
SELECT posting_id, event_id, FALSE, FALSE FROM matching.key_match
UNION ALL
SELECT posting_id, event_id, TRUE, FALSE FROM matching.batch_match
UNION ALL
SELECT posting_id, event_id, FALSE, TRUE FROM matching.split_match
UNION ALL
SELECT posting_id, event_id, FALSE, FALSE FROM matching.unequal_match
UNION ALL
SELECT posting_id, event_id, FALSE, TRUE FROM matching.key_part
