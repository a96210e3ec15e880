/*
title: Cases
question: Which cases are there, how long did each take, and by what can they be chosen?
definition: One row per case of a normative process, with its variant, its times, the seconds from its first event to its last, and what it can be filtered by.
formula: "duration_s = last_at - first_at"
headline: duration_s
edge_rules:
  - An open case has the duration that it has reached so far; is_open says so.
  - A case has the item, supplier or shift that its events state; where they state several, or none, it has none.
  - A transfer is told at the facility that receives it.
  - Numbers hold within one build; another build may number anew.
not_to_be_confused_with: transfer cycle time and other durations between named steps, where open cases are censored
source: domain model, process models
owner: process owner
grain: [case_no]
direction: neutral
additivity: non_additive
columns:
  case_no: {unit: number, description: 'number of the case in this build, by process and first event', min: 1}
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the case is told at}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  variant_no: {unit: number, description: number of its variant in this build, min: 1}
  first_at: {unit: instant, description: its first event}
  last_at: {unit: instant, description: its last event}
  duration_s: {unit: s, description: from the first event to the last, min: 0}
  events_count: {unit: count, description: how many events it has, min: 1}
  is_open: {unit: boolean, description: it may still go on}
  item_id: {unit: id, description: 'the one item of its events; NULL: none or several', nullable: true}
  abc_class: {unit: text, description: 'class of that item; NULL: not given', nullable: true}
  supplier_id: {unit: id, description: 'the one supplier of its events; NULL: none or several', nullable: true}
  shift: {unit: text, description: 'the one shift of its events; NULL: none or several', nullable: true}
*/
SELECT
    c.case_no, c.process, c.facility_id, c.case_id, n.variant_no, c.first_at, c.last_at,
    seconds_between(c.first_at, c.last_at) AS duration_s,
    c.events_count, c.is_open, c.item_id, i.abc_class, c.supplier_id, c.shift
FROM process.case_variant c
JOIN process.variant_number n ON n.process = c.process AND n.variant_id = c.variant_id
LEFT JOIN reference.item i ON i.item_id = c.item_id
-- Whoever reads the cases of a process or of a time reads few places.
ORDER BY c.case_no
