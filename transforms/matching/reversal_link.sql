/*
title: Postings that reverse or are reversed
question: Which postings take part in a stated reversal?
definition: One row per posting that takes back a whole posting, or that such a posting takes back.
edge_rules:
  - A reversal of a part takes back no whole posting, unless nothing is left with it (part_reversal, completing).
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  posted_at: {unit: instant, description: when the ERP stored it}
  reverses_posting_id: {unit: id, description: the posting that it takes back, nullable: true}
additivity: additive
*/
WITH whole AS (
    SELECT p.posting_id, p.posted_at, p.reverses_posting_id
    FROM canonical.erp_posting p
    WHERE p.reverses_posting_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM matching.part_reversal r WHERE r.posting_id = p.posting_id AND r.role <> 'completing')
)
SELECT posting_id, posted_at, reverses_posting_id
FROM whole
UNION ALL
SELECT p.posting_id, p.posted_at, CAST(NULL AS STRING) AS reverses_posting_id
FROM canonical.erp_posting p
WHERE p.posting_id IN (SELECT w.reverses_posting_id FROM whole w)
  AND NOT EXISTS (SELECT 1 FROM whole w WHERE w.posting_id = p.posting_id)
