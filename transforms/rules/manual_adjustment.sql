/*
title: Manual adjustment
question: Which adjustments of stock does no approved count explain?
definition: Events inventory_adjusted, and postings of that type without an event, whose document is that of no approved count variance.
formula: "exceptions_count = count(adjustments, events or postings without event, whose document_id is that of no approved count)"
edge_rules:
  - A count explains it where a count_variance_approved event bears the same document_id, or an approved count has it as its count_id. One without document is not explained.
  - An approval after as_of is not known yet.
  - Opens at event_time or posted_at and stays open. Such a posting is an orphan_posting, too.
  - Where an event and a posting bear the same id, the event is reported.
source: domain model, exception rules
owner: inventory control
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: inventory control
cause: somebody set the stock right by hand instead of having the cause counted and approved
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'event_id, or posting_id of a posting without event'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH adjusted AS (
    SELECT
        e.event_id AS reference_id, 'event:' AS kind, e.facility_id, e.event_time AS opened_at, e.item_id, e.quantity,
        e.document_id, e.actor_id AS person, e.file, e.row_number
    FROM canonical.inventory_event e
    WHERE e.event_type = 'inventory_adjusted'
    UNION ALL
    SELECT
        p.posting_id AS reference_id, 'posting:' AS kind, p.facility_id, p.posted_at AS opened_at, p.item_id, p.quantity,
        p.document_id, p.posted_by AS person, p.file, p.row_number
    FROM canonical.erp_posting p
    JOIN matching.leftover_posting o ON o.posting_id = p.posting_id
    WHERE o.kind = 'without_event' AND p.posting_type = 'inventory_adjusted'
      AND NOT EXISTS (
          SELECT 1 FROM canonical.inventory_event x WHERE x.event_id = p.posting_id AND x.event_type = 'inventory_adjusted'
      )
), approved AS (
    SELECT document_id FROM canonical.inventory_event WHERE event_type = 'count_variance_approved'
    UNION
    SELECT c.count_id AS document_id
    FROM canonical.count_record c
    CROSS JOIN reference.evaluation e
    WHERE c.approved_at <= e.as_of
)
SELECT
    a.facility_id,
    a.reference_id,
    a.opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    a.item_id,
    abs(a.quantity) AS quantity,
    concat_ws(' ',
        a.kind || replace(a.reference_id, ' ', '%20'),
        'document:' || replace(a.document_id, ' ', '%20'),
        'file:' || replace(a.file, ' ', '%20') || '#' || CAST(CAST(a.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'adjusted by ', coalesce(CAST(a.quantity AS STRING), 'an unknown quantity'), CASE WHEN a.person IS NULL THEN '' ELSE ', done by ' END,
        coalesce(a.person, '')) AS detail
FROM adjusted a
WHERE NOT EXISTS (SELECT 1 FROM approved v WHERE v.document_id = a.document_id)
