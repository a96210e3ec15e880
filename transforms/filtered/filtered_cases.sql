/*
title: Chosen cases, one by one
question: Which cases are behind the figures of the choice?
definition: The chosen cases with their names, times and the seconds from their first event to their last.
formula: "duration_s = last_at - first_at"
headline: duration_s
edge_rules:
  - An open case has the duration that it has reached so far.
not_to_be_confused_with: process_cases, which are all cases
source: ADR 26
owner: process owner
grain: [side, case_no]
direction: down_is_good
additivity: non_additive
columns:
  side: {unit: text, description: which of the choices}
  case_no: {unit: number, description: number of the case in this build, min: 1}
  facility_id: {unit: id, description: facility that the case is told at}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  first_at: {unit: instant, description: its first event}
  last_at: {unit: instant, description: its last event}
  duration_s: {unit: s, description: from the first event to the last, min: 0}
  is_open: {unit: boolean, description: it may still go on}
*/
SELECT s.side, c.case_no, c.facility_id, c.case_id, c.first_at, c.last_at, c.duration_s, c.is_open
FROM marts.process_cases c
JOIN chosen_case s ON s.case_no = c.case_no
