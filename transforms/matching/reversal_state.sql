/*
title: What reversals leave of each posting
question: Which postings still stand after all stated reversals?
definition: "taken_back: at least one reversal of the posting stands itself; stands: none does. A posting is decided once all its reversals are, round by round from the newest link of each chain."
edge_rules:
  - A reversal of a reversal restores the original; chains may be of any length.
  - Postings that reverse each other in a circle are never decided and have no row.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
rounds: true
columns:
  posting_id: {unit: id, description: the posting}
  state: {unit: text, description: stands or taken_back}
additivity: additive
*/
WITH reversal AS (
    SELECT l.reverses_posting_id AS posting_id, count(*) AS reversals_count, count(s.state) AS decided_count,
        count(*) FILTER (WHERE s.state = 'stands') AS standing_count
    FROM matching.reversal_link l
    LEFT JOIN matching.reversal_state s ON s.posting_id = l.posting_id
    WHERE l.reverses_posting_id IS NOT NULL
    GROUP BY l.reverses_posting_id
)
SELECT l.posting_id, CASE WHEN r.standing_count > 0 THEN 'taken_back' ELSE 'stands' END AS state
FROM matching.reversal_link l
LEFT JOIN reversal r ON r.posting_id = l.posting_id
WHERE coalesce(r.reversals_count = r.decided_count, TRUE)
  AND NOT EXISTS (SELECT 1 FROM matching.reversal_state s WHERE s.posting_id = l.posting_id)
