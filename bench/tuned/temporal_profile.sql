-- Whole microseconds in 128 bits, and activities as numbers; a case meets itself once.
WITH kind AS MATERIALIZED (
    SELECT row_number() OVER ()::UTINYINT AS k, activity FROM (SELECT DISTINCT event_type AS activity FROM reference.process_activity)
), way AS MATERIALIZED (
    SELECT row_number() OVER ()::UTINYINT AS p, process FROM (SELECT DISTINCT process FROM reference.process_activity)
), told AS MATERIALIZED (
    SELECT e.case_no, p.p, k.k, epoch_us(e.event_time) AS t, e.event_order
    FROM process.case_event e
    JOIN process.case_number n USING (case_no)
    JOIN way p USING (process)
    JOIN kind k USING (activity)
    WHERE e.event_order <= 5000
), pair AS (
    SELECT a.p, a.k AS from_k, b.k AS to_k, b.t - a.t AS us
    FROM told a
    JOIN told b ON b.case_no = a.case_no AND b.event_order > a.event_order
), summed AS (
    SELECT
        p, from_k, to_k, count(*) AS pairs_count, sum(us)::DOUBLE / 1e6 AS total_s, sum(us::HUGEINT * us)::DOUBLE / 1e12 AS total_square,
        min(us) = max(us) AS is_constant
    FROM pair
    GROUP BY ALL
)
SELECT
    p.process, f.activity AS from_activity, t.activity AS to_activity, s.pairs_count, s.total_s / s.pairs_count AS mean_s,
    if(s.is_constant, 0.0, sqrt(greatest(s.total_square - s.total_s * s.total_s / s.pairs_count, 0.0) / nullif(s.pairs_count - 1, 0))) AS stddev_s
FROM summed s
JOIN way p USING (p)
JOIN kind f ON f.k = s.from_k
JOIN kind t ON t.k = s.to_k
