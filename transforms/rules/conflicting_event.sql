/*
title: Conflicting event
question: Which events were told in different ways?
definition: Events delivered with more than one content up to as_of; one exception per event_id.
formula: "exceptions_count = count(event_id where count(distinct content) > 1)"
edge_rules:
  - Content is the canonical values apart from lineage and ingested_at; the same content again is a duplicate.
  - Facility, item and quantity are those of the version that is used, the newest recorded_at, then the content hash.
  - Opens at the event_time of that version and stays open; an event that its source withdrew is none.
source: domain model, exception rules
owner: data engineer
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: integration
cause: the source changed an event without withdrawing it, or two sources use the same id
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
        'file:' || replace(e.file, ' ', '%20') || '#' || CAST(CAST(e.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', e.event_type, ' was told in ', CAST(d.contents_count AS STRING), ' ways') AS detail
FROM canonical.inventory_event e
JOIN (
    SELECT event_id, count(DISTINCT content_hash) AS contents_count
    FROM canonical.inventory_event_delivery
    WHERE is_visible
    GROUP BY event_id
    HAVING count(DISTINCT content_hash) > 1
) AS d ON d.event_id = e.event_id
