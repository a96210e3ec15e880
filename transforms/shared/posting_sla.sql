/*
title: Posting SLA in force
question: How long may the posting of this event type take at this facility?
definition: Seconds from event to posting that are still in time, for every facility and event type.
edge_rules:
  - The most specific row wins, in this order; facility and event type, facility, its kind and event type, its kind, event type, default.
  - The kind of a facility is free text; 3PL is 3pl.
source: workspace setting sla
owner: operations manager
grain: [facility_id, event_type]
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: the event type}
  sla_s: {unit: s, description: allowed seconds from event to posting, min: 0}
*/
SELECT
    f.facility_id,
    t.event_type,
    CAST(coalesce(
        both_given.seconds, facility_given.seconds, kind_both_given.seconds, kind_given.seconds, type_given.seconds,
        base.seconds
    ) AS DOUBLE) AS sla_s
FROM reference.facility f
CROSS JOIN reference.event_type t
LEFT JOIN reference.sla both_given
  ON both_given.sla_kind = 'posting' AND both_given.facility_id = f.facility_id AND both_given.event_type = t.event_type
LEFT JOIN reference.sla facility_given
  ON facility_given.sla_kind = 'posting' AND facility_given.facility_id = f.facility_id AND facility_given.event_type IS NULL
LEFT JOIN reference.sla kind_both_given
  ON kind_both_given.sla_kind = 'posting' AND lower(kind_both_given.facility_kind) = lower(f.kind) AND kind_both_given.event_type = t.event_type
LEFT JOIN reference.sla kind_given
  ON kind_given.sla_kind = 'posting' AND lower(kind_given.facility_kind) = lower(f.kind) AND kind_given.event_type IS NULL
LEFT JOIN reference.sla type_given
  ON type_given.sla_kind = 'posting' AND type_given.facility_id IS NULL AND type_given.facility_kind IS NULL
 AND type_given.event_type = t.event_type
LEFT JOIN reference.sla base
  ON base.sla_kind = 'posting' AND base.facility_id IS NULL AND base.facility_kind IS NULL AND base.event_type IS NULL
