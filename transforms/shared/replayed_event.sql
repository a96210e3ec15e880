/*
title: Events under other schedules
question: How long would each event have taken to the books if the interface ran at other times?
definition: One row per event and schedule with its event-to-posting latency in seconds as it would have been, at facilities whose runs are known.
formula: "latency_s = capture_s + wait for the other run + process_s, of a scheduled event"
edge_rules:
  - "schedule measured is what happened; unchanged is the measured schedule replayed with the processing time of another event (other_process_s) for every scheduled one, which shows how far a replay can be trusted."
  - A waiting event takes the typical processing time.
  - A held-up event is posted when it was, or at its new run where that is later; bypassed and missing ones stay as they are.
  - "undisturbed: the runs are the measured ones; waiting, held-up and missing events take the typical processing time, bypassed ones stay."
  - A latency longer than the age of the event is open at as_of.
source: domain model, headline measures
owner: integration lead
grain: [event_id, schedule]
storage: view
columns:
  event_id: {unit: id, description: the event}
  facility_id: {unit: id, description: where it happened}
  event_type: {unit: text, description: what happened}
  document_id: {unit: id, description: business document, nullable: true}
  event_time: {unit: instant, description: when it happened}
  schedule: {unit: text, description: 'measured, unchanged, or a schedule that can be asked for'}
  age_s: {unit: s, description: as_of - event_time}
  sla_s: {unit: s, description: the posting SLA in force, min: 0}
  quantity: {unit: units, description: absolute quantity, nullable: true, min: 0}
  value_usd: {unit: usd, description: its value at the cost when it happened, nullable: true, min: 0}
  latency_s: {unit: s, description: 'from event_time to its posting; NULL: never', nullable: true}
*/
SELECT
    e.event_id, e.facility_id, e.event_type, e.document_id, e.event_time, w.schedule, e.age_s, e.sla_s, e.quantity, e.value_usd,
    CASE
        WHEN w.kind = 'undisturbed' AND e.course IN ('held_up', 'waiting', 'missing') THEN e.capture_s + e.wait_s + e.typical_s
        WHEN w.kind = 'undisturbed' OR e.course = 'bypassed' THEN e.latency_s
        WHEN e.course = 'scheduled' THEN e.process_s + e.capture_s + CASE WHEN w.kind = 'at_once' THEN 0 ELSE e.gap_s + w.wait_s END
        WHEN e.course = 'waiting' THEN e.typical_s + e.capture_s + CASE WHEN w.kind = 'at_once' THEN 0 ELSE e.gap_s + w.wait_s END
        WHEN e.course = 'held_up'
            THEN greatest(e.latency_s, e.capture_s + CASE WHEN w.kind = 'at_once' THEN 0 ELSE e.gap_s + w.wait_s END)
    END AS latency_s
FROM shared.interface_event e
JOIN shared.schedule_wait w ON w.day_minute = e.day_minute
UNION ALL
SELECT
    event_id, facility_id, event_type, document_id, event_time, 'measured' AS schedule, age_s, sla_s, quantity, value_usd, latency_s
FROM shared.interface_event
UNION ALL
SELECT
    event_id, facility_id, event_type, document_id, event_time, 'unchanged' AS schedule, age_s, sla_s, quantity, value_usd,
    CASE WHEN course = 'scheduled' THEN capture_s + wait_s + other_process_s ELSE latency_s END AS latency_s
FROM shared.interface_event
