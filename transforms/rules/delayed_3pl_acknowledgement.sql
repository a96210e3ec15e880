/*
title: Delayed 3PL acknowledgement
question: Which messages has a logistics provider not acknowledged in time?
definition: Messages about a facility of kind 3pl that were acknowledged later than the acknowledgement SLA after they were sent, or that are unacknowledged and older than it at as_of.
formula: "exceptions_count = count(messages about a 3pl where coalesce(acknowledged_at, as_of) - sent_at > sla_s)"
edge_rules:
  - Opens at sent_at + SLA; the acknowledgement resolves it. One later than as_of is not known yet.
  - The kind of a facility is free text; 3PL is 3pl. Exactly on the SLA is in time. A message that names no facility is not judged.
  - Its own SLA is the acknowledgement SLA again, unless the workspace sets one for the rule.
source: domain model, exception rules
owner: integration lead
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: medium
queue: integration
cause: the provider works through messages in batches, or its interface is down
sla: acknowledgement
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: message_id}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH waited AS (
    SELECT
        m.message_id, m.facility_id, m.event_id, m.interface, m.sent_at, m.file, m.row_number, s.sla_s, e.as_of,
        CASE WHEN m.acknowledged_at <= e.as_of THEN m.acknowledged_at END AS acknowledged_at
    FROM canonical.integration_message m
    CROSS JOIN reference.evaluation e
    JOIN reference.facility f ON f.facility_id = m.facility_id
    JOIN shared.acknowledgement_sla s ON s.facility_id = m.facility_id
    WHERE lower(f.kind) = '3pl'
)
SELECT
    w.facility_id,
    w.message_id AS reference_id,
    add_seconds(w.sent_at, w.sla_s) AS opened_at,
    w.acknowledged_at AS resolved_at,
    w.sla_s,
    CAST(NULL AS STRING) AS item_id,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity,
    concat_ws(' ',
        'message:' || replace(w.message_id, ' ', '%20'),
        'event:' || replace(w.event_id, ' ', '%20'),
        'file:' || replace(w.file, ' ', '%20') || '#' || CAST(CAST(w.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', 'sent over ', coalesce(w.interface, 'an interface'),
        CASE WHEN w.acknowledged_at IS NULL THEN ' and not acknowledged' ELSE ' and acknowledged late' END) AS detail
FROM waited w
WHERE seconds_between(w.sent_at, coalesce(w.acknowledged_at, w.as_of)) > w.sla_s
