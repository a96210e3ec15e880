-- Bounds of each pair first, so that only pairs beyond them are given their words.
WITH kind AS MATERIALIZED (
    SELECT row_number() OVER ()::UTINYINT AS k, activity FROM (SELECT DISTINCT event_type AS activity FROM reference.process_activity)
), bound AS MATERIALIZED (
    SELECT t.process, f.k AS from_k, u.k AS to_k, t.mean_s, t.stddev_s
    FROM marts.temporal_profile t
    JOIN kind f ON f.activity = t.from_activity
    JOIN kind u ON u.activity = t.to_activity
    WHERE t.stddev_s > 0
), told AS MATERIALIZED (
    SELECT e.case_no, n.process, k.k, epoch_us(e.event_time) AS t, e.event_order
    FROM process.case_event e
    JOIN process.case_number n USING (case_no)
    JOIN kind k USING (activity)
    WHERE e.event_order <= 5000
), beyond AS (
    SELECT a.case_no, a.k AS from_k, a.event_order AS from_order, b.k AS to_k, b.event_order AS to_order, (b.t - a.t) / 1e6 AS elapsed_s,
        x.mean_s, x.stddev_s
    FROM told a
    JOIN told b ON b.case_no = a.case_no AND b.event_order > a.event_order
    JOIN bound x ON x.process = a.process AND x.from_k = a.k AND x.to_k = b.k
    WHERE abs((b.t - a.t) / 1e6 - x.mean_s) > 6 * x.stddev_s
)
SELECT
    c.process, c.facility_id, c.case_id, f.activity AS from_activity, b.from_order, t.activity AS to_activity, b.to_order, b.elapsed_s,
    b.mean_s, b.stddev_s, abs(b.elapsed_s - b.mean_s) / b.stddev_s AS zeta_ratio
FROM beyond b
JOIN process.case_variant c USING (case_no)
JOIN kind f ON f.k = b.from_k
JOIN kind t ON t.k = b.to_k
