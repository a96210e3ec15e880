/*
title: Postings out of play by one of opposite sign
question: Which postings were taken back by a posting that does not say so but undoes them?
definition: One row per posting of a pair of which the later one undoes the earlier; same event_id, or same business key and stated event type; same facility, item and absolute quantity; opposite sign.
edge_rules:
  - Only where the direction is in or out; there a posting against it can only undo. Types without a direction may be posted by two legs of opposite sign.
  - The undoing posting takes back the latest one before it (posted_at, then posting_id) that is not taken back yet; one that finds none stays a posting.
  - Postings that state what they reverse, and those that are taken back in that way, take no part.
  - Zero and not stated quantities undo nothing.
source: domain model, matching step 3
owner: data engineer
grain: [posting_id]
columns:
  posting_id: {unit: id, description: the posting}
  fate: {unit: text, description: taken_back or reversal}
additivity: additive
*/
WITH free AS (
    SELECT
        p.posting_id, p.posted_at, p.event_id, p.document_id, coalesce(p.document_line, '') AS document_line,
        coalesce(p.item_id, '') AS item_id, p.facility_id, p.posting_type, p.quantity
    FROM canonical.erp_posting p
    WHERE p.quantity <> 0 AND p.reverses_posting_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM matching.stated_reversal s WHERE s.posting_id = p.posting_id)
), named AS (
    SELECT f.posting_id, f.posted_at, f.event_id, '' AS document_id, '' AS document_line, f.item_id, f.facility_id,
        e.event_type, f.quantity
    FROM canonical.inventory_event e
    JOIN (
        SELECT x.*
        FROM free x
        WHERE x.event_id IN (SELECT r.event_id FROM matching.repeated_reference r)
    ) AS f ON f.event_id = e.event_id
), keyed AS (
    SELECT f.posting_id, f.posted_at, '' AS event_id, f.document_id, f.document_line, f.item_id, f.facility_id,
        f.posting_type AS event_type, f.quantity
    FROM free f
    WHERE f.event_id IS NULL AND f.document_id IS NOT NULL
), directed AS (
    SELECT n.*, abs(n.quantity) AS size, CASE WHEN (n.quantity > 0) = (t.direction = 'in') THEN 1 ELSE -1 END AS step
    FROM (SELECT * FROM named UNION ALL SELECT * FROM keyed) AS n
    JOIN reference.event_type t ON t.event_type = n.event_type
    WHERE t.direction IN ('in', 'out')
), undone AS (
    SELECT d.*
    FROM directed d
    WHERE EXISTS (
        SELECT 1
        FROM directed c
        WHERE c.step = -1 AND c.event_id = d.event_id AND c.document_id = d.document_id
          AND c.document_line = d.document_line AND c.item_id = d.item_id AND c.facility_id = d.facility_id
          AND c.event_type = d.event_type AND c.size = d.size
    )
), nested AS (
    SELECT
        *,
        sum(step) OVER (
            PARTITION BY event_id, document_id, document_line, item_id, facility_id, event_type, size
            ORDER BY posted_at, posting_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) + CASE WHEN step = -1 THEN 1 ELSE 0 END AS depth
    FROM undone
), paired AS (
    SELECT
        posting_id, step,
        lag(step) OVER nearby AS step_before,
        lead(step) OVER nearby AS step_after
    FROM nested
    WINDOW nearby AS (
        PARTITION BY event_id, document_id, document_line, item_id, facility_id, event_type, size, depth
        ORDER BY posted_at, posting_id
    )
)
SELECT posting_id, CASE WHEN step = 1 THEN 'taken_back' ELSE 'reversal' END AS fate
FROM paired
WHERE (step = 1 AND step_after = -1) OR (step = -1 AND step_before = 1)
