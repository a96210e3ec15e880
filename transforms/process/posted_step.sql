/*
title: Posted events of cases, in the order of the floor
question: Which events of a case are in the books, and was each posted after the one before it?
definition: One row per posted event of a case, in total order, with the posted event before it on the floor and when both were posted.
edge_rules:
  - Only events with a posting are here, each once, at the posting that posts it; so both clocks tell of the same events.
  - Events that are never or not yet posted are passed over, so that from_activity is the posted event before, not the one that directly precedes on the floor.
source: domain model, five clocks
owner: process owner
grain: [case_no, event_order]
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  event_order: {unit: number, description: 'place in the case on the floor, from 1', min: 1}
  facility_id: {unit: id, description: where it happened}
  activity: {unit: text, description: event type}
  from_activity: {unit: text, description: 'posted event before it on the floor; NULL: it is the first', nullable: true}
  posted_at: {unit: instant, description: when the ERP stored it}
  from_posted_at: {unit: instant, description: when the ERP stored the one before, nullable: true}
  posting_id: {unit: id, description: the posting that posts it}
additivity: additive
*/
SELECT
    e.case_no, e.event_order, e.facility_id, e.activity,
    lag(e.activity) OVER in_case AS from_activity,
    m.posted_at, lag(m.posted_at) OVER in_case AS from_posted_at, m.posting_id
FROM process.case_event e
JOIN matching.event_posting m ON m.event_id = e.event_id
WINDOW in_case AS (PARTITION BY e.case_no ORDER BY e.event_order)
