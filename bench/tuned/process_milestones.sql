-- Both ends of a milestone are found in one pass over the edges of the cases that have it.
WITH meant AS MATERIALIZED (
    SELECT b.variant_no, b.from_activity, b.to_activity, b.from_no, min(v.step_no) AS to_no
    FROM (
        SELECT v.variant_no, m.from_activity, m.to_activity, min(v.step_no) AS from_no
        FROM marts.process_variant_steps v
        JOIN reference.process_milestone m ON m.process = v.process AND m.from_activity = v.activity
        GROUP BY ALL
    ) b
    LEFT JOIN marts.process_variant_steps v ON v.variant_no = b.variant_no AND v.activity = b.to_activity AND v.step_no > b.from_no
    GROUP BY ALL
), timed AS MATERIALIZED (
    SELECT
        c.case_no, m.from_activity, m.to_activity, any_value(c.process) AS process, any_value(c.facility_id) AS facility_id,
        any_value(c.is_open) AS is_open,
        (max(epoch_us(e.reached_at)) FILTER (e.edge_order = m.to_no - 1)
            - if(any_value(m.from_no) = 1, any_value(epoch_us(c.first_at)), max(epoch_us(e.reached_at)) FILTER (e.edge_order = m.from_no - 1))) / 1e6 AS taken_s
    FROM marts.process_cases c
    JOIN meant m USING (variant_no)
    LEFT JOIN marts.process_case_edges e ON e.case_no = c.case_no AND (e.edge_order = m.to_no - 1 OR e.edge_order = m.from_no - 1)
    GROUP BY ALL
)
SELECT process, facility_id, from_activity, to_activity, cases_count, reached_count, waiting_count, reached_ratio, q[1] AS p50_s, q[2] AS p90_s, q[3] AS p95_s
FROM (
    SELECT
        process, facility_id, from_activity, to_activity, count(*) AS cases_count, count(taken_s) AS reached_count,
        count(*) FILTER (taken_s IS NULL AND is_open) AS waiting_count,
        count(taken_s) / nullif(count(*) FILTER (taken_s IS NOT NULL OR NOT is_open), 0) AS reached_ratio,
        quantile_cont(taken_s, [0.5, 0.9, 0.95]) AS q
    FROM timed
    GROUP BY ALL
)
