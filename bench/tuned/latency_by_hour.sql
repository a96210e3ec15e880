-- Quantiles of both groupings in one scan; DuckDB's list of quantiles sorts each group once for both.
SELECT
    facility_id, event_type, weekday, hour, events_count, posted_count, q[1] AS p50_s, q[2] AS p90_s, due_count,
    in_time / nullif(due_count, 0) AS within_sla_ratio
FROM (
    SELECT
        facility_id, event_type, local_weekday AS weekday, local_hour AS hour, count(*) AS events_count, count(latency_s) AS posted_count,
        quantile_cont(latency_s, [0.5, 0.9]) AS q, count(*) FILTER (is_posted OR is_late) AS due_count,
        count(*) FILTER (is_posted AND NOT is_late) AS in_time
    FROM marts.event_latency
    GROUP BY GROUPING SETS ((facility_id, event_type, local_weekday, local_hour), (facility_id, local_weekday, local_hour))
)
