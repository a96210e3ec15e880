/*
title: Two clocks on one map
question: What follows what on the floor, what follows what in the books, and which steps are there in the books alone?
definition: Directly-follows pairs of the posted events of a process at a facility, counted in the order in which they happened and in the order in which they were posted, with the cases that have a pair in the books alone and the stock it made negative.
formula: "difference_count = books_count - floor_count"
headline: difference_count
edge_rules:
  - Both graphs are of the posted events of the cases alone, each at the posting that posts it, so that they differ in the order and in nothing else. process_edges and process_book_edges are the graphs of all events and of all postings.
  - What the ERP stored at one instant, as an upload does, is in the order of the floor.
  - is_only_in_books says that no case of the facility has the pair on the floor; only_books_cases_count are the cases that have it in the books and not on their own floor, listed in process_book_only_edges.
  - inverted_count are the times that a pair which a case has in the books alone goes against the floor, as where a goods issue is posted before the receipt.
  - negative_units leaves out the cases without opening stock, which are in level_unknown_cases_count; it is NULL where all are.
not_to_be_confused_with: process_edges, which counts what happened, posted or not
source: domain model, five clocks
owner: inventory accountant
grain: [process, facility_id, from_activity, to_activity]
direction: neutral
additivity: additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: activity before}
  to_activity: {unit: text, description: activity after}
  floor_count: {unit: count, description: times in the order of events, min: 0}
  books_count: {unit: count, description: times in the order of postings, min: 0}
  difference_count: {unit: count, description: times in the books less times on the floor}
  is_only_in_books: {unit: boolean, description: no case of the facility has it on the floor}
  only_books_cases_count: {unit: count, description: cases that have it in the books alone, min: 0}
  inverted_count: {unit: count, description: 'times in them that it goes against the floor', min: 0}
  level_unknown_cases_count: {unit: count, description: of those cases the ones without opening stock, min: 0}
  negative_units: {unit: units, description: 'units of book stock drawn below zero; NULL: opening stock is not known', nullable: true, min: 0}
*/
WITH turned AS (
    SELECT DISTINCT case_no
    FROM process.book_step
), step AS (
    SELECT
        p.case_no, p.from_activity, p.activity AS to_activity, 1 AS on_floor, CASE WHEN t.case_no IS NULL THEN 1 ELSE 0 END AS in_books
    FROM process.posted_step p
    LEFT JOIN turned t ON t.case_no = p.case_no
    WHERE p.from_activity IS NOT NULL
    UNION ALL
    SELECT case_no, from_activity, activity AS to_activity, 0 AS on_floor, 1 AS in_books
    FROM process.book_step
    WHERE from_activity IS NOT NULL
), counted AS (
    SELECT
        c.process, c.facility_id, s.from_activity, s.to_activity,
        CAST(sum(s.on_floor) AS BIGINT) AS floor_count, CAST(sum(s.in_books) AS BIGINT) AS books_count
    FROM step s
    JOIN marts.process_cases c ON c.case_no = s.case_no
    GROUP BY c.process, c.facility_id, s.from_activity, s.to_activity
), told AS (
    SELECT
        process, facility_id, from_activity, to_activity, count(*) AS only_books_cases_count,
        CAST(sum(inverted_count) AS BIGINT) AS inverted_count,
        count(*) FILTER (WHERE negative_units IS NULL) AS level_unknown_cases_count,
        CAST(sum(negative_units) AS DECIMAL(18, 6)) AS negative_units
    FROM marts.process_book_only_edges
    GROUP BY process, facility_id, from_activity, to_activity
)
SELECT
    n.process, n.facility_id, n.from_activity, n.to_activity, n.floor_count, n.books_count,
    n.books_count - n.floor_count AS difference_count, n.floor_count = 0 AS is_only_in_books,
    coalesce(t.only_books_cases_count, 0) AS only_books_cases_count, coalesce(t.inverted_count, 0) AS inverted_count,
    coalesce(t.level_unknown_cases_count, 0) AS level_unknown_cases_count,
    CASE WHEN t.process IS NULL THEN 0 ELSE t.negative_units END AS negative_units
FROM counted n
LEFT JOIN told t
  ON t.process = n.process AND t.facility_id = n.facility_id AND t.from_activity = n.from_activity
 AND t.to_activity = n.to_activity
