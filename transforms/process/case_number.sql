/*
title: Numbers of the cases
question: Which cases are there, and which short number stands for each?
definition: One row per case of a normative process, numbered by process, first event and name, with what its events say of it in any order.
edge_rules:
  - A case is a document_id, or a line of a document at a facility, as reference.process_activity says; a line that is not stated is a line of its own.
  - An event without document_id belongs to no case.
  - A case needs an activity that makes one; a quality hold without a receipt is no receiving case, and has no number.
  - A case has the item, supplier or shift that its events state, whichever of them state one; where they state several, it has none.
  - Numbers hold within one build; another build may number anew.
source: domain model, process models
owner: process owner
grain: [case_no]
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  first_at: {unit: instant, description: its first event}
  last_at: {unit: instant, description: its last event}
  events_count: {unit: count, description: how many events it has, min: 1}
  is_ended: {unit: boolean, description: it has reached an end activity}
  horizon_s: {unit: s, description: how long after its last event it may still go on, min: 0}
  facility_id: {unit: id, description: 'where its events happened; one of several, where is_between_facilities'}
  is_between_facilities: {unit: boolean, description: 'its events happened at several facilities, or name a partner'}
  item_id: {unit: id, description: 'the one item of its events; NULL: none or several', nullable: true}
  supplier_id: {unit: id, description: 'the one supplier of its events; NULL: none or several', nullable: true}
  shift: {unit: text, description: 'the one shift of its events; NULL: none or several', nullable: true}
additivity: additive
*/
WITH whole AS (
    SELECT
        a.process, case_of(a.case_key, e.facility_id, e.document_id, e.document_line) AS case_id,
        min(e.event_time) AS first_at, max(e.event_time) AS last_at, count(*) AS events_count,
        bool_or(a.is_core) AS has_core, bool_or(a.is_end) AS is_ended, max(a.horizon_s) AS horizon_s,
        min(e.facility_id) AS facility_id,
        min(e.facility_id) <> max(e.facility_id) OR count(e.partner_facility_id) > 0 AS is_between_facilities,
        CASE WHEN min(e.item_id) = max(e.item_id) THEN min(e.item_id) END AS item_id,
        CASE WHEN min(e.supplier_id) = max(e.supplier_id) THEN min(e.supplier_id) END AS supplier_id,
        CASE WHEN min(e.shift) = max(e.shift) THEN min(e.shift) END AS shift
    FROM canonical.inventory_event e
    JOIN reference.process_activity a ON a.event_type = e.event_type
    WHERE e.document_id IS NOT NULL
    GROUP BY a.process, case_of(a.case_key, e.facility_id, e.document_id, e.document_line)
)
SELECT
    CAST(row_number() OVER (ORDER BY process, first_at, case_id) AS INT) AS case_no,
    process, case_id, first_at, last_at, events_count, is_ended, horizon_s, facility_id, is_between_facilities,
    item_id, supplier_id, shift
FROM whole
WHERE has_core
