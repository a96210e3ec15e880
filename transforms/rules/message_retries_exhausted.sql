/*
title: Message retries exhausted
question: Which messages were given up?
definition: Messages with a failed status that were sent at least as often as the limit of attempts.
formula: "exceptions_count = count(messages of failed status where attempts >= message_attempts)"
edge_rules:
  - "The limit is the workspace's `thresholds: message_attempts` (3 where it states none); exactly as often is exhausted."
  - The closed list of failed statuses is data, message_statuses.csv; case and blanks around do not count. A message without attempts or status is not judged.
  - Opens at sent_at; an acknowledgement resolves it, at sent_at where it states an earlier one. One later than as_of is not known yet.
source: domain model, exception rules
owner: integration lead
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: integration
cause: the receiver refuses the content, or was not reachable for longer than messages are retried
sla: 14400
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
SELECT
    m.facility_id,
    m.message_id AS reference_id,
    m.sent_at AS opened_at,
    CASE
        WHEN m.acknowledged_at > e.as_of THEN NULL
        WHEN m.acknowledged_at < m.sent_at THEN m.sent_at
        ELSE m.acknowledged_at
    END AS resolved_at,
    CAST(NULL AS DOUBLE) AS sla_s,
    CAST(NULL AS STRING) AS item_id,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity,
    concat_ws(' ',
        'message:' || replace(m.message_id, ' ', '%20'),
        'event:' || replace(m.event_id, ' ', '%20'),
        'file:' || replace(m.file, ' ', '%20') || '#' || CAST(CAST(m.row_number AS BIGINT) AS STRING)) AS evidence,
    concat_ws('', m.status, ' after ', CAST(CAST(m.attempts AS BIGINT) AS STRING), ' attempts',
        CASE WHEN m.error_code IS NULL THEN '' ELSE ', error ' END, coalesce(m.error_code, '')) AS detail
FROM canonical.integration_message m
CROSS JOIN reference.evaluation e
CROSS JOIN reference.setting t
JOIN reference.message_status s ON s.status = lower(trim(m.status))
WHERE s.is_failure AND m.attempts >= t.message_attempts
