-- Waits are summed by case only where the variant has the activity several times, as the variants tell; texts are numbers until
-- the end, seconds are doubles, and each list of durations is put in order once for two quantiles.
WITH edge AS MATERIALIZED (
    SELECT
        variant_no * 1000000::BIGINT + edge_no AS in_variant, to_activity AS activity, dense_rank() OVER (ORDER BY process, to_activity)::SMALLINT AS step,
        sum(edges_count) OVER (PARTITION BY variant_no, to_activity) > 1 AS is_repeated
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
), place AS MATERIALIZED (
    SELECT row_number() OVER ()::SMALLINT AS place, process, facility_id, count(*) AS closed
    FROM marts.process_cases
    WHERE NOT is_open
    GROUP BY process, facility_id
), closed_case AS (
    SELECT c.case_no, c.variant_no, c.events_count, c.duration_s, p.place
    FROM marts.process_cases c
    JOIN place p ON p.process = c.process AND p.facility_id = c.facility_id
    WHERE NOT c.is_open AND c.events_count > 2
), inner_edge AS MATERIALIZED (
    SELECT c.case_no, c.place, g.step, g.is_repeated, c.duration_s, e.waited_s
    FROM marts.process_case_edges e
    JOIN closed_case c ON c.case_no = e.case_no
    -- One number of both, so that cases are not multiplied by the edges of their variants first.
    JOIN edge g ON g.in_variant = c.variant_no * 1000000::BIGINT + e.edge_no
    WHERE e.edge_order + 1 < c.events_count
), left_out AS (
    SELECT place, step, 1 AS n, duration_s, waited_s FROM inner_edge WHERE NOT is_repeated
    UNION ALL
    SELECT any_value(place), step, count(*), any_value(duration_s), sum(waited_s) FROM inner_edge WHERE is_repeated GROUP BY case_no, step
), timed AS (
    SELECT
        place, step, count(*) AS cases, sum(n)::BIGINT AS steps, sum(waited_s) AS saved_s,
        quantile_cont(duration_s, [0.5, 0.9]) AS measured, quantile_cont(duration_s - waited_s, [0.5, 0.9]) AS without,
        quantile_cont(duration_s - 0.5 * waited_s, [0.5, 0.9]) AS halved
    FROM left_out
    GROUP BY place, step
)
SELECT
    p.process, p.facility_id, g.activity, t.cases AS cases_count, t.steps AS steps_count, p.closed AS closed_cases_count,
    if(t.cases >= 20, t.measured[1], NULL) AS measured_p50_s, if(t.cases >= 20, t.without[1], NULL) AS without_p50_s,
    if(t.cases >= 20, t.halved[1], NULL) AS halved_p50_s, if(t.cases >= 20, t.measured[2], NULL) AS measured_p90_s,
    if(t.cases >= 20, t.without[2], NULL) AS without_p90_s, if(t.cases >= 20, t.halved[2], NULL) AS halved_p90_s,
    t.saved_s / 3600 AS saved_h,
    'What follows waits as long as before, counted from what then precedes it, and for nothing else. The step and the one before it are not done at the same time.' AS assumptions,
    if(t.cases < 20, 'fewer than 20 cases', NULL) AS unknown_reason
FROM timed t
JOIN place p USING (place)
JOIN (SELECT DISTINCT step, activity FROM edge) g USING (step)
