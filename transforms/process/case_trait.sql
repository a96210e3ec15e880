/*
title: What may have to do with how a case went
question: Where, through which feed, whose goods, of which class, when and in whose shift did each case that is over begin?
definition: One row per case that is over and was aligned, with the attributes that causes are sought among.
edge_rules:
  - Cases that may still go on are left out, since what they lack may yet come; so are those whose alignment would have been too much work, since their deviations are not known.
  - facility_id is where the case is told, a transfer at its receiver. supplier_id and abc_class are those of the whole case, NULL where its events state several or none.
  - feed, shift, operator_pool, weekday and hour are those of the event that the case begins with, by the clock on the wall of the facility where it happened.
source: domain model, process models
owner: process owner
grain: [case_no]
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: facility that the case is told at}
  feed: {unit: text, description: feed that delivered its first event}
  supplier_id: {unit: id, description: whose goods, nullable: true}
  abc_class: {unit: text, description: class of its item, nullable: true}
  shift: {unit: text, description: shift in which it began, nullable: true}
  operator_pool: {unit: text, description: 'those who began it; NULL: not known, or fewer than five people', nullable: true}
  weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
  hour: {unit: number, description: local hour, min: 0, max: 23}
additivity: additive
*/
SELECT
    c.case_no, c.process, c.case_id, c.facility_id, i.feed, c.supplier_id, c.abc_class, i.shift, p.operator_pool,
    k.local_weekday AS weekday, k.local_hour AS hour
FROM marts.process_cases c
JOIN marts.case_conformance f ON f.process = c.process AND f.case_id = c.case_id
JOIN process.case_event e ON e.case_no = c.case_no
JOIN canonical.inventory_event i ON i.event_id = e.event_id
JOIN shared.local_clock k ON k.facility_id = e.facility_id AND k.quarter_no = quarter_of(e.event_time)
LEFT JOIN process.operator_pool p ON p.facility_id = e.facility_id AND p.shift = i.shift
WHERE e.event_order = 1 AND f.is_exact AND NOT f.is_open
