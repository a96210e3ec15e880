/*
title: Reversals of a part
question: Which postings take back less than the posting that they name has?
definition: One row per posting that states what it reverses, with the opposite sign and less quantity than that has; with what it comes to together with the others of the same posting.
edge_rules:
  - "part: it leaves something of the posting; it is a part of what that posting posts, of the opposite sign."
  - "completing and sharing: the parts up to the one at which, in the order of posted_at, then posting_id, exactly the whole quantity has been taken back; together they are one reversal, made when the completing one is."
  - "excess: with it more would be taken back than there was."
  - A part that a posting reverses in turn adds nothing to what was taken back, and is a part.
  - Reversals of the same sign, or of quantities that one of both does not state, take back the whole posting and are not here.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  reverses_posting_id: {unit: id, description: the posting of which it takes back a part}
  role: {unit: text, description: 'part, completing, sharing or excess'}
additivity: additive
*/
WITH reversing AS (
    SELECT posting_id, posted_at, reverses_posting_id, quantity
    FROM canonical.erp_posting
    WHERE reverses_posting_id IS NOT NULL
), reversed AS (
    SELECT c.posting_id, c.quantity
    FROM canonical.erp_posting c
    WHERE c.posting_id IN (SELECT r.reverses_posting_id FROM reversing r)
), smaller AS (
    SELECT
        p.posting_id, p.posted_at, p.reverses_posting_id, abs(t.quantity) AS whole_quantity,
        CASE WHEN p.posting_id IN (SELECT r.posting_id FROM reversed r) THEN 0 ELSE abs(p.quantity) END AS quantity
    FROM reversing p
    JOIN reversed t ON t.posting_id = p.reverses_posting_id
    WHERE p.quantity <> 0 AND abs(p.quantity) < abs(t.quantity) AND (p.quantity > 0) <> (t.quantity > 0)
), summed AS (
    SELECT
        *,
        sum(quantity) OVER (
            PARTITION BY reverses_posting_id ORDER BY posted_at, posting_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS reached
    FROM smaller
), completed AS (
    SELECT
        *,
        max(CASE WHEN reached = whole_quantity THEN 1 ELSE 0 END) OVER (PARTITION BY reverses_posting_id) AS is_completed
    FROM summed
)
SELECT
    posting_id,
    reverses_posting_id,
    CASE
        WHEN quantity = 0 THEN 'part'
        WHEN reached > whole_quantity THEN 'excess'
        WHEN reached = whole_quantity THEN 'completing'
        WHEN is_completed = 1 THEN 'sharing'
        ELSE 'part'
    END AS role
FROM completed
