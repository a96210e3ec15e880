/*
title: Postings out of play by a stated reversal
question: Which postings does the ERP itself say to be taken back, and by which?
definition: One row per posting that a stated reversal takes back, and one per reversal, with what has become of it.
edge_rules:
  - Of several standing reversals of one posting the earliest (posted_at, then posting_id) takes it back; the others are in vain.
  - A reversal of a posting that is not known up to as_of, or in a circle of reversals, is in vain.
  - A reversal takes back the whole posting that it names, unless it states the opposite sign and less quantity (part_reversal). Parts that come to the whole take it back together.
  - A reversal of a part of what was taken back, is out of play or is a part itself, or of more than was left, is in vain; another one of a part stands, as a part of what it takes it from, and has no row.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
version: 2
columns:
  posting_id: {unit: id, description: the posting}
  fate: {unit: text, description: 'taken_back, reversal (it took another one back) or in_vain (a reversal that found nothing to take back)'}
additivity: additive
*/
WITH placed AS (
    SELECT
        l.posting_id, s.state, t.state AS state_of_target,
        row_number() OVER (PARTITION BY l.reverses_posting_id, s.state ORDER BY l.posted_at, l.posting_id) AS nth
    FROM matching.reversal_link l
    LEFT JOIN matching.reversal_state s ON s.posting_id = l.posting_id
    LEFT JOIN matching.reversal_state t ON t.posting_id = l.reverses_posting_id
    WHERE l.reverses_posting_id IS NOT NULL
), decided AS (
    SELECT
        posting_id,
        CASE
            WHEN state = 'taken_back' THEN 'taken_back'
            WHEN state = 'stands' AND state_of_target = 'taken_back' AND nth = 1 THEN 'reversal'
            ELSE 'in_vain'
        END AS fate
    FROM placed
    UNION ALL
    SELECT s.posting_id, 'taken_back' AS fate
    FROM matching.reversal_state s
    JOIN matching.reversal_link l ON l.posting_id = s.posting_id
    WHERE s.state = 'taken_back' AND l.reverses_posting_id IS NULL
), completing AS (
    SELECT r.reverses_posting_id, d.fate
    FROM matching.part_reversal r
    JOIN decided d ON d.posting_id = r.posting_id
    WHERE r.role = 'completing'
)
SELECT posting_id, fate
FROM decided
UNION ALL
SELECT r.posting_id, CASE WHEN r.role = 'sharing' AND c.fate = 'reversal' THEN 'reversal' ELSE 'in_vain' END AS fate
FROM matching.part_reversal r
LEFT JOIN completing c ON c.reverses_posting_id = r.reverses_posting_id
WHERE r.role <> 'completing'
  AND NOT EXISTS (SELECT 1 FROM decided d WHERE d.posting_id = r.posting_id)
  AND (
      r.role <> 'part'
      OR EXISTS (SELECT 1 FROM decided d WHERE d.posting_id = r.reverses_posting_id)
      OR EXISTS (SELECT 1 FROM matching.part_reversal t WHERE t.posting_id = r.reverses_posting_id)
  )
