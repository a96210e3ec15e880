/*
title: Events that several postings name
question: Which events does the ERP name more than once?
definition: One row per event_id that more than one posting states or takes a part back of, whether or not a reversal has taken one of them back.
source: domain model, matching step 1
owner: data engineer
grain: [event_id]
columns:
  event_id: {unit: id, description: the event}
additivity: additive
*/
SELECT event_id
FROM matching.stated_posting
WHERE event_id IS NOT NULL
GROUP BY event_id
HAVING count(*) > 1
