/*
title: Transfer SLA in force
question: How long may a transfer on this lane take from shipping to receiving?
definition: Seconds from first shipment to last receipt that are still in time, for every pair of facilities.
edge_rules:
  - The most specific row wins, in this order; the lane's, the receiver's, that of the receiver's kind, the default.
  - Where the shipper is not known, from_facility_id is NULL and no lane's value holds.
  - The kind of a facility is free text; 3PL is 3pl.
source: workspace setting sla
owner: logistics manager
grain: [from_facility_id, to_facility_id]
columns:
  from_facility_id: {unit: id, description: 'the shipping facility; NULL: not known', nullable: true}
  to_facility_id: {unit: id, description: the receiving facility}
  sla_s: {unit: s, description: allowed seconds from shipping to receiving, min: 0}
*/
WITH shipper AS (
    SELECT facility_id FROM reference.facility
    UNION ALL
    SELECT CAST(NULL AS STRING) AS facility_id
)
SELECT
    s.facility_id AS from_facility_id,
    f.facility_id AS to_facility_id,
    CAST(coalesce(lane.seconds, own.seconds, kind_given.seconds, base.seconds) AS DOUBLE) AS sla_s
FROM reference.facility f
CROSS JOIN shipper s
LEFT JOIN reference.sla lane
  ON lane.sla_kind = 'transfer' AND lane.facility_id = f.facility_id AND lane.from_facility_id = s.facility_id
LEFT JOIN reference.sla own
  ON own.sla_kind = 'transfer' AND own.facility_id = f.facility_id AND own.from_facility_id IS NULL
LEFT JOIN reference.sla kind_given ON kind_given.sla_kind = 'transfer' AND lower(kind_given.facility_kind) = lower(f.kind)
LEFT JOIN reference.sla base
  ON base.sla_kind = 'transfer' AND base.facility_id IS NULL AND base.facility_kind IS NULL
