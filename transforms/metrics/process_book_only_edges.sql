/*
title: Edges of a case that only the books have
question: In which cases does the ERP tell of a step after another that never followed it on the floor, and what stock did that make negative?
definition: Pairs of activities that directly follow each other in the books of a case and never on its floor, with the units by which the first of them drew book stock below zero.
formula: "negative_units = sum(min(quantity of the first posting, shortfall of book stock after it)) where the second happened before the first"
headline: negative_units
edge_rules:
  - Both orders are of the posted events of the case alone, each at the posting that posts it; double postings, postings without event and events without posting are left out of both.
  - What the ERP stored at one instant is in the order of the floor.
  - "inverted_count are the times that the pair goes against the floor: the second happened before the first, as where a goods issue is posted before the receipt. The others are made by what was moved away from between them."
  - Of a pair that goes against the floor, the first posting came too early. It drew book stock below zero by what it took, at most by what was missing after all postings of its instant.
  - Book stock is known only where opening stock is given for the facility; else negative_units is NULL. A posting that takes no stock adds 0.
not_to_be_confused_with: shipped_before_posted, which compares the books with the floor when goods left
source: domain model, five clocks
owner: inventory accountant
grain: [process, case_id, from_activity, to_activity]
direction: down_is_good
additivity: additive
columns:
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: facility that the case is told at}
  from_activity: {unit: text, description: posted first}
  to_activity: {unit: text, description: posted after it}
  books_count: {unit: count, description: times in the books, min: 1}
  inverted_count: {unit: count, description: those in which the second happened before the first, min: 0}
  first_posted_at: {unit: instant, description: when the first of them was posted}
  negative_units: {unit: units, description: 'units drawn below zero; NULL: no opening stock is given', nullable: true, min: 0}
*/
WITH floor_edge AS (
    SELECT DISTINCT p.case_no, p.from_activity, p.activity AS to_activity
    FROM process.posted_step p
    JOIN (SELECT DISTINCT case_no FROM process.book_step) AS t ON t.case_no = p.case_no
    WHERE p.from_activity IS NOT NULL
), book_edge AS (
    SELECT
        b.case_no, b.from_activity, b.activity AS to_activity, b.from_posted_at, b.from_posting_id, b.from_facility_id,
        b.event_order < b.from_event_order AS is_inverted
    FROM process.book_step b
    LEFT JOIN floor_edge f ON f.case_no = b.case_no AND f.from_activity = b.from_activity AND f.to_activity = b.activity
    WHERE b.from_activity IS NOT NULL AND f.case_no IS NULL
), covered AS (
    SELECT DISTINCT facility_id FROM reference.opening_stock
), taken AS (
    SELECT DISTINCT m.facility_id, m.item_id, m.posting_id
    FROM shared.book_move m
    JOIN book_edge e ON e.from_posting_id = m.posting_id
    WHERE e.is_inverted AND m.signed_quantity < 0
), level AS (
    -- The sum takes all postings of an instant, whichever of them comes first.
    SELECT
        m.facility_id, m.item_id, m.posting_id, m.signed_quantity,
        sum(m.signed_quantity) OVER (PARTITION BY m.facility_id, m.item_id ORDER BY m.moved_at) AS held
    FROM shared.book_move m
    JOIN (SELECT DISTINCT facility_id, item_id FROM taken) AS i ON i.facility_id = m.facility_id AND i.item_id = m.item_id
), drawn AS (
    SELECT l.posting_id, sum(CASE WHEN l.held < 0 THEN least(-l.signed_quantity, -l.held) ELSE 0 END) AS drawn
    FROM level l
    JOIN taken t ON t.facility_id = l.facility_id AND t.item_id = l.item_id AND t.posting_id = l.posting_id
    GROUP BY l.posting_id
), judged AS (
    SELECT
        e.case_no, e.from_activity, e.to_activity, e.from_posted_at, e.is_inverted,
        CASE WHEN NOT e.is_inverted THEN 0 WHEN o.facility_id IS NOT NULL THEN coalesce(d.drawn, 0) END AS drawn
    FROM book_edge e
    LEFT JOIN covered o ON o.facility_id = e.from_facility_id
    LEFT JOIN drawn d ON d.posting_id = e.from_posting_id
)
SELECT
    c.process, c.case_id, c.facility_id, j.from_activity, j.to_activity, count(*) AS books_count,
    count(*) FILTER (WHERE j.is_inverted) AS inverted_count, min(j.from_posted_at) AS first_posted_at,
    CAST(CASE WHEN count(*) = count(j.drawn) THEN sum(j.drawn) END AS DECIMAL(18, 6)) AS negative_units
FROM judged j
JOIN marts.process_cases c ON c.case_no = j.case_no
GROUP BY c.process, c.case_id, c.facility_id, j.from_activity, j.to_activity
