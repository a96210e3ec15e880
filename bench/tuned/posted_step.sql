-- Numbers instead of texts for what is moved by the sort, and one window.
WITH kind AS MATERIALIZED (
    SELECT row_number() OVER ()::UTINYINT AS kind_no, activity FROM (SELECT DISTINCT event_type AS activity FROM reference.process_activity)
), step AS (
    SELECT
        e.case_no, e.event_order, e.facility_id, k.kind_no, e.activity,
        lag(k.kind_no) OVER in_case AS from_no, m.posted_at, lag(m.posted_at) OVER in_case AS from_posted_at, m.posting_id
    FROM process.case_event e
    JOIN kind k USING (activity)
    JOIN matching.event_posting m ON m.event_id = e.event_id
    WINDOW in_case AS (PARTITION BY e.case_no ORDER BY e.event_order)
)
SELECT s.case_no, s.event_order, s.facility_id, s.activity, k.activity AS from_activity, s.posted_at, s.from_posted_at, s.posting_id
FROM step s
LEFT JOIN kind k ON k.kind_no = s.from_no
