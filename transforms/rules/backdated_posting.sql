/*
title: Backdated posting
question: What was posted into a day that was over?
definition: Postings up to as_of whose posting_date lies before the local day, at the facility, on which the ERP stored them.
formula: "exceptions_count = count(postings where posting_date < local day of posted_at)"
edge_rules:
  - Posted on the same local day, or ahead into a later one, is none. A posting without posting_date is not judged.
  - Opens at posted_at and stays open.
  - A quarter of an hour lies in one local day, so that the zone is asked once a quarter.
source: domain model, exception rules
owner: inventory accountant
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: inventory accounting
cause: work of a day posted on the next, a correction, or a period kept open at its end
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: posting_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH dated AS (
    -- A local day is at most one day ahead of that of UTC: what is dated later is not behind anywhere.
    SELECT posting_id, facility_id, item_id, quantity, posted_at, posting_date, event_id, document_id, posted_by, file, row_number
    FROM canonical.erp_posting
    WHERE posting_date <= local_day(posted_at, 'UTC')
), clock AS (
    SELECT q.facility_id, q.quarter_no, local_day(q.moment, f.timezone) AS local_date
    FROM (
        SELECT facility_id, quarter_of(posted_at) AS quarter_no, min(posted_at) AS moment
        FROM dated
        GROUP BY facility_id, quarter_of(posted_at)
    ) AS q
    JOIN reference.facility f ON f.facility_id = q.facility_id
)
SELECT
    p.facility_id,
    p.posting_id AS reference_id,
    p.posted_at AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    p.item_id,
    abs(p.quantity) AS quantity,
    concat_ws(' ',
        'posting:' || replace(p.posting_id, ' ', '%20'),
        'event:' || replace(p.event_id, ' ', '%20'),
        'document:' || replace(p.document_id, ' ', '%20'),
        'file:' || replace(p.file, ' ', '%20') || '#' || CAST(CAST(p.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'posted on ', CAST(c.local_date AS STRING), ' for ', CAST(p.posting_date AS STRING), CASE WHEN p.posted_by IS NULL THEN '' ELSE ' by ' END,
        coalesce(p.posted_by, '')) AS detail
FROM dated p
JOIN clock c ON c.facility_id = p.facility_id AND c.quarter_no = quarter_of(p.posted_at)
WHERE p.posting_date < c.local_date
