/*
title: Postings that reverse or are reversed
question: Which postings take part in a stated reversal?
definition: One row per posting that states reverses_posting_id, or that such a posting states.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  reverses_posting_id: {unit: id, description: the posting that it takes back, nullable: true}
additivity: additive
*/
SELECT posting_id, posted_at, reverses_posting_id
FROM canonical.erp_posting
WHERE reverses_posting_id IS NOT NULL
UNION ALL
SELECT p.posting_id, p.posted_at, p.reverses_posting_id
FROM canonical.erp_posting p
WHERE p.reverses_posting_id IS NULL
  AND p.posting_id IN (SELECT r.reverses_posting_id FROM canonical.erp_posting r WHERE r.reverses_posting_id IS NOT NULL)
