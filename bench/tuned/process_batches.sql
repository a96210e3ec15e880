-- Who does what where as one number, microseconds instead of instants, and neighbours that are marked once. Events get their
-- process first, out of sight of the optimizer, which would rather look up who acted by what a dozen processes share.
WITH told AS MATERIALIZED (
    SELECT n.process, e.facility_id, e.activity, coalesce(e.actor_id, '') AS actor, e.actor_id IS NOT NULL AS is_known, e.case_no, epoch_us(e.event_time) AS t
    FROM process.case_event e JOIN process.case_number n USING (case_no)
), resource AS MATERIALIZED (
    SELECT row_number() OVER ()::INTEGER AS r, * FROM (
        SELECT process, facility_id, activity, actor, is_known, count(*) AS events_count FROM told GROUP BY ALL
    )
), acted AS MATERIALIZED (
    SELECT r, is_known, case_no, t
    FROM told JOIN resource USING (process, facility_id, activity, actor, is_known)
), spaced AS (
    SELECT r, case_no, t, t - lag(t) OVER in_row <= 60000000 AS after_one, lead(t) OVER in_row - t <= 60000000 AS before_one
    FROM acted WHERE is_known
    WINDOW in_row AS (PARTITION BY r ORDER BY t)
), numbered AS (
    SELECT r, case_no, t, sum(if(after_one, 0, 1)) OVER (PARTITION BY r ORDER BY t) AS batch_no
    FROM spaced WHERE after_one OR before_one
), batch AS (
    SELECT r, count(*) AS events_count, count(DISTINCT case_no) AS cases_count, min(t) = max(t) AS is_simultaneous
    FROM numbered GROUP BY r, batch_no HAVING min(case_no) <> max(case_no)
    UNION ALL
    SELECT r, count(*), count(DISTINCT case_no), TRUE FROM acted WHERE NOT is_known GROUP BY r, t HAVING min(case_no) <> max(case_no)
), counted AS (
    SELECT r, count(*) AS batches, count(*) FILTER (is_simultaneous) AS together, sum(events_count) AS events, max(cases_count) AS largest
    FROM batch GROUP BY r
)
SELECT
    process, facility_id, activity, sum(events_count)::BIGINT AS events_count,
    coalesce(sum(events_count) FILTER (NOT is_known), 0)::BIGINT AS resource_unknown_count,
    coalesce(sum(batches), 0)::BIGINT AS batches_count, coalesce(sum(together), 0)::BIGINT AS simultaneous_batches_count,
    coalesce(sum(batches - together), 0)::BIGINT AS sequential_batches_count, coalesce(sum(events), 0)::BIGINT AS batched_events_count,
    max(largest) AS largest_cases_count, coalesce(sum(events), 0) / sum(events_count) AS batched_ratio
FROM resource LEFT JOIN counted USING (r)
GROUP BY process, facility_id, activity
