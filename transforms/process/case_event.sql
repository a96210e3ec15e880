/*
title: Events of process cases
question: What happened in a case, in which order?
definition: One row per accepted event that belongs to a case of a normative process, numbered in total order, with the activity before it and the seconds since.
edge_rules:
  - Total order is event_time, recorded_at, sequence_no, event_id; what is not stated comes first.
  - A case is a document_id, or a line of a document at a facility, as reference.process_activity says; a line that is not stated is a line of its own.
  - An event without document_id belongs to no case.
  - facility_id is where the event happened; the facility that a case is told at is in process.case_variant.
  - Cases of attached activities alone (a quality hold without a receipt) are still here; process.case_variant leaves them out.
not_to_be_confused_with: canonical.inventory_event, which holds every event once; here an event is in each process that knows its type (a quality hold in receiving and in returns).
source: domain model, process models
owner: process owner
grain: [process, case_id, event_order]
columns:
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: where it happened}
  partner_facility_id: {unit: id, description: the other end of a transfer, nullable: true}
  activity: {unit: text, description: event type}
  event_time: {unit: instant, description: when it happened}
  event_order: {unit: number, description: 'place in the case, from 1', min: 1}
  from_activity: {unit: text, description: 'activity before it; NULL: it is the first', nullable: true}
  waited_s: {unit: s, description: seconds since the activity before it, nullable: true, min: 0}
  event_id: {unit: id, description: the event}
  from_facility_id: {unit: id, description: 'where the activity before it happened; NULL: it is the first', nullable: true}
  item_id: {unit: id, description: what was handled, nullable: true}
  supplier_id: {unit: id, description: whose goods, nullable: true}
  shift: {unit: text, description: in which shift, nullable: true}
  actor_id: {unit: id, description: who did it, nullable: true}
additivity: additive
*/
WITH member AS (
    SELECT
        a.process,
        case_of(a.case_key, e.facility_id, e.document_id, e.document_line) AS case_id,
        e.facility_id, e.partner_facility_id, e.event_type AS activity,
        e.event_time, e.recorded_at, e.sequence_no, e.event_id, e.item_id, e.supplier_id, e.shift, e.actor_id
    FROM canonical.inventory_event e
    JOIN reference.process_activity a ON a.event_type = e.event_type
    WHERE e.document_id IS NOT NULL
)
SELECT
    process, case_id, facility_id, partner_facility_id, activity, event_time,
    row_number() OVER in_case AS event_order,
    lag(activity) OVER in_case AS from_activity,
    seconds_between(lag(event_time) OVER in_case, event_time) AS waited_s,
    event_id,
    lag(facility_id) OVER in_case AS from_facility_id,
    item_id, supplier_id, shift, actor_id
FROM member
-- This is the one sort of the process models. The hash in front spares most comparisons of texts.
WINDOW in_case AS (
    PARTITION BY hash_of(process, case_id), process, case_id
    ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
)
