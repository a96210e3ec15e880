-- What is few is always the hash table: turned cases, edges against the floor, their postings. The running sum has integer keys, and
-- millionths of units in doubles: whole numbers, so that it is exact; postings are marked before it, so that none is looked up after.
WITH floor_edge AS MATERIALIZED (
    SELECT p.case_no, p.from_activity, p.activity
    FROM process.posted_step p
    SEMI JOIN process.book_step t ON t.case_no = p.case_no
    WHERE p.from_activity IS NOT NULL
), book_edge AS MATERIALIZED (
    SELECT
        b.case_no, b.from_activity, b.activity, b.from_posted_at, b.from_posting_id, b.from_facility_id,
        b.event_order < b.from_event_order AS is_inverted
    FROM process.book_step b
    ANTI JOIN floor_edge f ON f.case_no = b.case_no AND f.from_activity = b.from_activity AND f.activity = b.activity
    WHERE b.from_activity IS NOT NULL
), early AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS early_no, posting_id
    FROM (SELECT DISTINCT from_posting_id AS posting_id FROM book_edge WHERE is_inverted)
), moved AS MATERIALIZED (
    SELECT
        m.facility_id, m.item_id, epoch_us(m.moved_at) AS t, round(m.signed_quantity::DOUBLE * 1e6) AS q,
        if(m.signed_quantity < 0, e.early_no, NULL) AS early_no
    FROM shared.book_move m
    LEFT JOIN early e ON e.posting_id = m.posting_id
), stock AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS k, facility_id, item_id
    FROM (SELECT DISTINCT facility_id, item_id FROM moved WHERE early_no IS NOT NULL)
), level AS (
    SELECT m.early_no, m.q, sum(m.q) OVER (PARTITION BY s.k ORDER BY m.t) AS held
    FROM moved m
    JOIN stock s ON s.facility_id = m.facility_id AND s.item_id = m.item_id
), drawn AS (
    SELECT e.posting_id, sum(least(-l.q, -l.held)) / 1e6 AS drawn
    FROM level l
    JOIN early e ON e.early_no = l.early_no
    WHERE l.held < 0
    GROUP BY e.posting_id
), judged AS MATERIALIZED (
    SELECT
        e.case_no, e.from_activity, e.activity, count(*) AS books_count, count(*) FILTER (e.is_inverted) AS inverted_count,
        min(e.from_posted_at) AS first_posted_at, sum(if(e.is_inverted, d.drawn, NULL)) AS drawn,
        bool_or(e.is_inverted AND e.from_facility_id NOT IN (SELECT facility_id FROM reference.opening_stock)) AS is_unknown
    FROM book_edge e
    LEFT JOIN drawn d ON d.posting_id = e.from_posting_id
    GROUP BY ALL
)
SELECT
    c.process, c.case_id, c.facility_id, j.from_activity, j.activity AS to_activity, j.books_count, j.inverted_count, j.first_posted_at,
    if(j.is_unknown, NULL, coalesce(j.drawn, 0))::DECIMAL(18, 6) AS negative_units
FROM marts.process_cases c
JOIN judged j ON j.case_no = c.case_no
