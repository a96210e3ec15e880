-- Starts and steps are rows as they are; the end of a case is its last row, so that the cases are joined once.
WITH placed AS MATERIALIZED (
    SELECT e.process, c.facility_id, e.from_activity, e.activity, e.waited_s, c.events_count = e.event_order AS is_last
    FROM process.case_event e
    JOIN process.case_variant c ON c.process = e.process AND c.case_id = e.case_id
)
SELECT
    process, facility_id, from_activity, activity AS to_activity, count(*) AS edges_count,
    quantile_cont(waited_s, 0.5) AS p50_s, quantile_cont(waited_s, 0.9) AS p90_s
FROM placed
GROUP BY process, facility_id, from_activity, activity
UNION ALL
SELECT process, facility_id, activity, NULL, count(*), NULL, NULL
FROM placed
WHERE is_last
GROUP BY process, facility_id, activity
