/*
title: Transfer unconfirmed
question: Which transfers were not received in time?
definition: Transfers not received within the transfer SLA of their first shipment.
edge_rules:
  - Opens at shipped_at + SLA of the receiving facility; a late receipt resolves it.
  - Exactly on the SLA is in time; a transfer that was never shipped is none.
  - The receiving facility has to act; the shipping one where the receiver is not known.
source: domain model, exception rules
owner: logistics manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
sla: transfer
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: document_id of the transfer}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH judged AS (
    SELECT
        t.transfer_id, t.from_facility_id, t.to_facility_id, t.shipped_at, t.received_at,
        coalesce(own.sla_s, sender.sla_s) AS sla_s,
        seconds_between(t.shipped_at, coalesce(t.received_at, e.as_of)) AS duration_s
    FROM marts.transfers t
    CROSS JOIN reference.evaluation e
    LEFT JOIN shared.transfer_sla own
      ON own.to_facility_id = t.to_facility_id AND own.from_facility_id IS NOT DISTINCT FROM t.from_facility_id
    LEFT JOIN shared.transfer_sla sender
      ON sender.to_facility_id = t.from_facility_id AND sender.from_facility_id IS NULL
    WHERE t.shipped_at IS NOT NULL
)
SELECT
    coalesce(to_facility_id, from_facility_id) AS facility_id,
    transfer_id AS reference_id,
    add_seconds(shipped_at, sla_s) AS opened_at,
    received_at AS resolved_at,
    sla_s,
    concat('from ', coalesce(from_facility_id, '?'), ' to ', coalesce(to_facility_id, '?'),
        CASE WHEN received_at IS NULL THEN ' not received' ELSE ' received late' END) AS detail
FROM judged
WHERE duration_s > sla_s
