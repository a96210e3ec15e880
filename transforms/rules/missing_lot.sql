/*
title: Missing lot
question: Which movements of lot-tracked items name no lot?
definition: Rows refused up to as_of because their item is lot-tracked and they name no lot; one exception per event_id.
formula: "exceptions_count = count(distinct event_id of rows refused for a missing lot)"
edge_rules:
  - Opens at event_time and stays open.
  - The reference is the event_id that the row states; where it states none, its file and row number. A row delivered again is the same exception, opened at the earliest time stated.
  - Rows that happened after as_of, or state a later ingested_at, do not enter.
source: domain model, exception rules
owner: quality manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: operations
cause: the lot was not scanned, or the interface has no field for it
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: 'event_id, else file#row'}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH lotless AS (
    SELECT
        r.facility_id, r.item_id, r.record_id, r.happened_at, r.quantity, r.file, r.row_number,
        coalesce(r.record_id, r.file || '#' || CAST(CAST(r.row_number AS BIGINT) AS STRING)) AS reference_id
    FROM landing.refused r
    CROSS JOIN reference.evaluation e
    WHERE r.reason = 'missing lot' AND r.happened_at <= e.as_of AND (r.ingested_at IS NULL OR r.ingested_at <= e.as_of)
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY reference_id ORDER BY happened_at, file, row_number) AS nth
    FROM lotless
)
SELECT
    p.facility_id,
    p.reference_id,
    p.happened_at AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    p.item_id,
    abs(p.quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(p.record_id, ' ', '%20'),
        'file:' || replace(p.file, ' ', '%20') || '#' || CAST(CAST(p.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'item ', coalesce(p.item_id, '?'), ' is lot-tracked and no lot is named') AS detail
FROM placed p
WHERE p.nth = 1
