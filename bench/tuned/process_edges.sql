-- Counts come from the variants, as in the model; each list of durations is put in order once for its three quantiles.
WITH counted AS (
    SELECT
        v.process, c.facility_id, v.edge_no, v.from_activity, v.to_activity,
        sum(c.n * v.edges_count)::BIGINT AS edges_count, sum(c.n)::BIGINT AS cases_count
    FROM marts.process_variant_edges v
    JOIN (SELECT facility_id, variant_no, count(*) AS n FROM marts.process_cases GROUP BY ALL) c USING (variant_no)
    GROUP BY ALL
), timed AS (
    SELECT
        c.facility_id, e.edge_no, quantile_cont(e.waited_s, [0.5, 0.9, 0.95]) AS elapsed,
        quantile_cont(e.business_waited_s, [0.5, 0.9, 0.95]) AS worked
    FROM marts.process_case_edges e
    JOIN marts.process_cases c USING (case_no)
    GROUP BY c.facility_id, e.edge_no
)
SELECT
    n.process, n.facility_id, n.from_activity, n.to_activity, n.edges_count, t.elapsed[1] AS p50_s, t.elapsed[2] AS p90_s,
    t.elapsed[3] AS p95_s, n.cases_count, t.worked[1] / 3600 AS business_p50_h, t.worked[2] / 3600 AS business_p90_h,
    t.worked[3] / 3600 AS business_p95_h
FROM counted n
LEFT JOIN timed t USING (facility_id, edge_no)
