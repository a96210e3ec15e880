/*
title: Postings out of play
question: Which postings cancel each other and so post nothing?
definition: One row per posting that was taken back, that took another one back, or that tried to in vain.
edge_rules:
  - taken_back and reversal are neither the posting of an event nor left over; in_vain is a posting without an event.
  - A reversal later than as_of does not exist yet; what it takes back stands.
source: domain model, matching step 3
owner: inventory accountant
grain: [posting_id]
storage: view
columns:
  posting_id: {unit: id, description: the posting}
  fate: {unit: text, description: 'taken_back, reversal or in_vain'}
additivity: additive
*/
SELECT posting_id, fate FROM matching.stated_reversal
UNION ALL
SELECT posting_id, fate FROM matching.opposite_posting
