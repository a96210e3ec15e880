/*
title: Transfer unconfirmed
question: Which transfers were not received in time?
definition: Transfers not received within the transfer SLA of their first shipment.
formula: "exceptions_count = count(transfers where coalesce(received_at, as_of) - shipped_at > sla_s)"
edge_rules:
  - Opens at shipped_at + SLA of the receiving facility; a late receipt resolves it. A shipment that is under way after the last receipt keeps it open (transfers).
  - Exactly on the SLA is in time; a transfer that was never shipped is none.
  - The receiving facility has to act; the shipping one where the receiver is not known.
  - The quantity is what was shipped, of an open one less what has come; the item is named where all of it is of one item.
source: domain model, exception rules
owner: logistics manager
grain: [reference_id]
direction: down_is_good
additivity: additive
severity: high
queue: transport
cause: goods still under way or lost, or the receipt was not recorded
sla: transfer
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  reference_id: {unit: id, description: document_id of the transfer}
  opened_at: {unit: instant, description: when the condition became true}
  resolved_at: {unit: instant, description: 'when it stopped being true; NULL: open', nullable: true}
  sla_s: {unit: s, description: 'allowed age where it depends on the row; NULL: the rule''s own', nullable: true, min: 0}
  item_id: {unit: id, description: 'the item at risk; NULL: none or several', nullable: true}
  quantity: {unit: units, description: 'units at risk, absolute', nullable: true, min: 0}
  evidence: {unit: text, description: 'typed references to what shows it, separated by blanks'}
  detail: {unit: text, description: 'what happened, in words'}
*/
WITH judged AS (
    SELECT
        t.transfer_id, t.from_facility_id, t.to_facility_id, t.shipped_at, t.received_at, t.shipped_units,
        CASE WHEN t.received_at IS NULL THEN t.received_units END AS come_units,
        coalesce(own.sla_s, sender.sla_s) AS sla_s,
        seconds_between(t.shipped_at, coalesce(t.received_at, e.as_of)) AS duration_s
    FROM marts.transfers t
    CROSS JOIN reference.evaluation e
    LEFT JOIN shared.transfer_sla own
      ON own.to_facility_id = t.to_facility_id AND own.from_facility_id IS NOT DISTINCT FROM t.from_facility_id
    LEFT JOIN shared.transfer_sla sender
      ON sender.to_facility_id = t.from_facility_id AND sender.from_facility_id IS NULL
    WHERE t.shipped_at IS NOT NULL
), shipped AS (
    SELECT
        e.document_id,
        CASE WHEN min(e.item_id) = max(e.item_id) AND count(e.item_id) = count(*) THEN min(e.item_id) END AS item_id,
        min(e.event_id) AS event_id
    FROM canonical.inventory_event e
    JOIN judged j ON j.transfer_id = e.document_id
    WHERE e.event_type = 'transfer_shipped' AND j.duration_s > j.sla_s
    GROUP BY e.document_id
)
SELECT
    coalesce(j.to_facility_id, j.from_facility_id) AS facility_id,
    j.transfer_id AS reference_id,
    add_seconds(j.shipped_at, j.sla_s) AS opened_at,
    j.received_at AS resolved_at,
    j.sla_s,
    s.item_id,
    j.shipped_units - least(coalesce(j.come_units, 0), j.shipped_units) AS quantity,
    concat_ws(' ', 'document:' || replace(j.transfer_id, ' ', '%20'), 'event:' || replace(s.event_id, ' ', '%20')) AS evidence,
    concat_ws('', 'from ', coalesce(j.from_facility_id, '?'), ' to ', coalesce(j.to_facility_id, '?'),
        CASE WHEN j.received_at IS NULL THEN ' not received' ELSE ' received late' END,
        CASE WHEN j.come_units IS NOT NULL THEN ' in full' END) AS detail
FROM judged j
LEFT JOIN shipped s ON s.document_id = j.transfer_id
WHERE j.duration_s > j.sla_s
