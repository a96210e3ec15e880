/*
title: Posted events of cases, in the order of the books
question: In which order does the ERP tell of the cases that it does not tell in the order of the floor?
definition: One row per posted event of a case in which something was posted before what happened before it, numbered in the order of the books.
edge_rules:
  - The order of the books is posted_at; what the ERP stored at one instant, as an upload does, is in the order of the floor, since the numbers of its postings do not say more.
  - A case whose events were posted in the order of the floor is not here; its order in the books is that of process.posted_step.
not_to_be_confused_with: process.case_posting, where double postings and postings without event are told, too
source: domain model, five clocks
owner: process owner
grain: [case_no, book_order]
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  book_order: {unit: number, description: 'place in the case in the books, from 1', min: 1}
  event_order: {unit: number, description: 'place in the case on the floor, from 1', min: 1}
  facility_id: {unit: id, description: where it happened}
  activity: {unit: text, description: event type}
  posted_at: {unit: instant, description: when the ERP stored it}
  posting_id: {unit: id, description: the posting that posts it}
  from_event_order: {unit: number, description: 'place on the floor of the one posted before; NULL: it is the first', nullable: true}
  from_facility_id: {unit: id, description: where the one posted before happened, nullable: true}
  from_activity: {unit: text, description: the one posted before, nullable: true}
  from_posted_at: {unit: instant, description: when the ERP stored the one before, nullable: true}
  from_posting_id: {unit: id, description: the posting of the one before, nullable: true}
additivity: additive
*/
WITH turned AS (
    SELECT DISTINCT case_no
    FROM process.posted_step
    WHERE posted_at < from_posted_at
)
SELECT
    p.case_no, CAST(row_number() OVER in_books AS INT) AS book_order, p.event_order, p.facility_id, p.activity, p.posted_at,
    p.posting_id,
    lag(p.event_order) OVER in_books AS from_event_order, lag(p.facility_id) OVER in_books AS from_facility_id,
    lag(p.activity) OVER in_books AS from_activity, lag(p.posted_at) OVER in_books AS from_posted_at,
    lag(p.posting_id) OVER in_books AS from_posting_id
FROM process.posted_step p
JOIN turned t ON t.case_no = p.case_no
WINDOW in_books AS (PARTITION BY p.case_no ORDER BY p.posted_at, p.event_order)
