/*
title: Transfer SLA in force
question: How long may a transfer to this facility take from shipping to receiving?
definition: Seconds from first shipment to last receipt that are still in time, for every receiving facility.
edge_rules:
  - The receiving facility's own value wins over the default.
source: workspace setting sla
owner: logistics manager
grain: [facility_id]
columns:
  facility_id: {unit: id, description: the receiving facility}
  sla_s: {unit: s, description: allowed seconds from shipping to receiving, min: 0}
*/
SELECT f.facility_id, CAST(coalesce(own.seconds, base.seconds) AS DOUBLE) AS sla_s
FROM reference.facility f
LEFT JOIN reference.sla own
  ON own.sla_kind = 'transfer' AND own.facility_id = f.facility_id AND own.event_type IS NULL
LEFT JOIN reference.sla base
  ON base.sla_kind = 'transfer' AND base.facility_id IS NULL AND base.event_type IS NULL
