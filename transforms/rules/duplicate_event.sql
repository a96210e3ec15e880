/*
title: Duplicate event
question: Which events were delivered more than once?
definition: Events delivered more than once with the same content up to as_of; one exception per event_id.
formula: "exceptions_count = count(event_id where one content was delivered more than once)"
edge_rules:
  - Same content means equal canonical values apart from lineage and ingested_at.
  - The same id with other content is a conflict, not a duplicate.
  - Opens at event_time.
source: domain model, exception rules
owner: data engineer
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: low
queue: integration
cause: an interface or a scanner sent the same event again
sla: 86400
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: event_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
SELECT
    e.facility_id,
    e.event_id AS reference_id,
    e.event_time AS opened_at,
    no_instant() AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    e.item_id,
    abs(e.quantity) AS quantity,
    concat_ws(' ',
        'event:' || replace(e.event_id, ' ', '%20'),
        'document:' || replace(e.document_id, ' ', '%20'),
        'file:' || replace(e.file, ' ', '%20') || '#' || CAST(e.row_number AS STRING)) AS evidence,
    concat_ws('', 'delivered ', CAST(d.copies_count AS STRING), ' times with the same content') AS detail
FROM canonical.inventory_event e
JOIN (
    SELECT event_id, max(visible_copies_count) AS copies_count
    FROM canonical.inventory_event_delivery
    GROUP BY event_id
    HAVING max(visible_copies_count) > 1
) AS d ON d.event_id = e.event_id
