/*
title: Acknowledgement SLA in force
question: How long may the receiver of a message take to acknowledge it?
definition: Seconds from sending to acknowledgement that are still in time, for every facility.
edge_rules:
  - The facility's own value wins over that of its kind, which wins over the default.
  - The kind of a facility is free text; 3PL is 3pl.
source: workspace setting sla
owner: integration lead
grain: [facility_id]
columns:
  facility_id: {unit: id, description: the facility that the message speaks of}
  sla_s: {unit: s, description: allowed seconds from sending to acknowledgement, min: 0}
*/
SELECT f.facility_id, CAST(coalesce(own.seconds, kind_given.seconds, base.seconds) AS DOUBLE) AS sla_s
FROM reference.facility f
LEFT JOIN reference.sla own ON own.sla_kind = 'acknowledgement' AND own.facility_id = f.facility_id
LEFT JOIN reference.sla kind_given ON kind_given.sla_kind = 'acknowledgement' AND lower(kind_given.facility_kind) = lower(f.kind)
LEFT JOIN reference.sla base
  ON base.sla_kind = 'acknowledgement' AND base.facility_id IS NULL AND base.facility_kind IS NULL
