-- Counts of the types and of all of them in one GROUPING SETS.
WITH counted AS (
    SELECT
        facility_id, event_type, grouping(event_type) = 1 AS is_total, count(*) AS n, count(*) FILTER (is_posted) AS posted,
        count(*) FILTER (is_posted AND NOT is_late) AS in_time, count(*) FILTER (is_posted OR is_late) AS due
    FROM marts.event_latency
    GROUP BY GROUPING SETS ((facility_id, event_type), (facility_id))
)
SELECT
    c.facility_id, c.event_type, c.n AS events_count, c.posted AS posted_count, c.n - c.posted AS unposted_count,
    q.p50_s, q.p90_s, q.p95_s, q.p99_s, q.km_p50_s, q.km_p90_s, q.km_p95_s, q.km_p99_s,
    c.in_time / nullif(c.due, 0) AS within_sla_ratio, a.km_within_sla_ratio, c.due AS due_count,
    w.p50_s AS business_p50_s, w.p90_s AS business_p90_s, w.km_p50_s AS business_km_p50_s, w.km_p90_s AS business_km_p90_s
FROM counted c
JOIN shared.duration_quantile q
  ON q.measure = 'event_latency' AND q.group_1 = c.facility_id AND q.is_total = c.is_total AND q.group_2 IS NOT DISTINCT FROM c.event_type
JOIN shared.sla_attainment a
  ON a.measure = 'event_latency' AND a.group_1 = c.facility_id AND a.is_total = c.is_total AND a.group_2 IS NOT DISTINCT FROM c.event_type
LEFT JOIN shared.duration_quantile w
  ON w.measure = 'business_latency' AND w.group_1 = c.facility_id AND w.is_total = c.is_total AND w.group_2 IS NOT DISTINCT FROM c.event_type
