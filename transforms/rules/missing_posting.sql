/*
title: Missing posting
question: What has happened on the floor that the ERP still does not know?
definition: Events whose posting is expected, unposted at as_of and strictly older than their posting SLA.
formula: "exceptions_count = count(events unposted at as_of where as_of - event_time > sla_s)"
edge_rules:
  - Opens at event_time + SLA and stays open; once a posting is known it is a late posting instead, never both.
  - An event of which the ERP has posted only a part is unposted, too; at risk is what is missing, and the detail says how much.
  - Exactly on the SLA is in time.
  - Its own SLA is the posting SLA again, unless the workspace sets one for the rule.
source: domain model, exception rules
owner: operations manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: operations
cause: the posting is stuck in an interface, was refused by the ERP, or waits for a person
sla: posting
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
    l.facility_id,
    l.event_id AS reference_id,
    add_seconds(l.event_time, l.sla_s) AS opened_at,
    no_instant() AS resolved_at,
    l.sla_s,
    l.item_id,
    coalesce(l.missing_quantity, abs(l.quantity)) AS quantity,
    concat_ws(' ',
        'event:' || replace(l.event_id, ' ', '%20'),
        'document:' || replace(l.document_id, ' ', '%20'),
        'file:' || replace(l.file, ' ', '%20') || '#' || CAST(CAST(l.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', l.event_type, CASE WHEN l.missing_quantity IS NULL THEN ' has no posting'
        ELSE concat_ws('', ' is posted in part, ', CAST(l.missing_quantity AS STRING), ' missing') END, '; its SLA is ', CAST(CAST(round(l.sla_s) AS BIGINT) AS STRING), ' s') AS detail
FROM marts.event_latency l
WHERE NOT l.is_posted AND l.is_late
