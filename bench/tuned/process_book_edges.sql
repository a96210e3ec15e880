-- One pass for the edges and one for the ends; the three percentiles of an edge come from one list.
WITH told AS MATERIALIZED (
    SELECT
        p.process, coalesce(c.facility_id, b.facility_id) AS facility_id, p.case_no, p.book_case_id,
        p.from_activity, p.activity, p.waited_s, p.is_last
    FROM process.case_posting p
    LEFT JOIN marts.process_cases c USING (case_no)
    LEFT JOIN (
        SELECT process, book_case_id, facility_id FROM process.case_posting WHERE case_no IS NULL AND posting_order = 1
    ) b ON b.process = p.process AND b.book_case_id = p.book_case_id
), edge AS (
    SELECT
        process, facility_id, from_activity, activity AS to_activity, count(*) AS edges_count,
        count(DISTINCT case_no) + count(DISTINCT book_case_id) AS cases_count, quantile_cont(waited_s, [0.5, 0.9, 0.95]) AS q
    FROM told GROUP BY ALL
    UNION ALL
    SELECT process, facility_id, activity, NULL, count(*), count(*), NULL FROM told WHERE is_last GROUP BY ALL
)
SELECT process, facility_id, from_activity, to_activity, edges_count, cases_count, q[1] AS p50_s, q[2] AS p90_s, q[3] AS p95_s
FROM edge
