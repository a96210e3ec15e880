/*
title: Events of process cases
question: What happened in a case, in which order?
definition: One row per accepted event that belongs to a case of a normative process, numbered in total order, with the activity before it and the seconds since.
edge_rules:
  - Total order is event_time, recorded_at, sequence_no, event_id; what is not stated comes first.
  - Which case an event belongs to, and which events belong to none, process.case_number says.
  - facility_id is where the event happened; the facility that a case is told at is in process.case_variant.
not_to_be_confused_with: canonical.inventory_event, which holds every event once; here an event is in each process that knows its type (a quality hold in receiving and in returns).
source: domain model, process models
owner: process owner
grain: [case_no, event_order]
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  event_order: {unit: number, description: 'place in the case, from 1', min: 1}
  facility_id: {unit: id, description: where it happened}
  partner_facility_id: {unit: id, description: the other end of a transfer, nullable: true}
  activity: {unit: text, description: event type}
  event_time: {unit: instant, description: when it happened}
  from_activity: {unit: text, description: 'activity before it; NULL: it is the first', nullable: true}
  waited_s: {unit: s, description: seconds since the activity before it, nullable: true, min: 0}
  event_id: {unit: id, description: the event}
  actor_id: {unit: id, description: who did it, nullable: true}
additivity: additive
*/
SELECT
    n.case_no, CAST(row_number() OVER in_case AS INT) AS event_order,
    e.facility_id, e.partner_facility_id, e.event_type AS activity, e.event_time,
    lag(e.event_type) OVER in_case AS from_activity,
    seconds_between(lag(e.event_time) OVER in_case, e.event_time) AS waited_s,
    e.event_id, e.actor_id
FROM canonical.inventory_event e
JOIN reference.process_activity a ON a.event_type = e.event_type
JOIN process.case_number n
  ON n.process = a.process AND n.case_id = case_of(a.case_key, e.facility_id, e.document_id, e.document_line)
WHERE e.document_id IS NOT NULL
-- This is the one sort of the process models: by number, and narrow, since every value is moved by it.
WINDOW in_case AS (
    PARTITION BY n.case_no ORDER BY e.event_time, e.recorded_at NULLS FIRST, e.sequence_no NULLS FIRST, e.event_id
)
