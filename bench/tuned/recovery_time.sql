-- The backlog at a silence's last row is looked up by ASOF; the model adds those instants to the changes instead.
WITH known AS MATERIALIZED (
    SELECT a.feed, a.facility_id, x.interval_s, if(a.recorded_at <= v.as_of, a.recorded_at, a.happened_at) AS known_at
    FROM landing.accepted a
    JOIN (
        SELECT f.feed, p.facility_id, coalesce(f.expected_interval_s, p.interval_s) AS interval_s
        FROM reference.feed f, reference.facility p
        WHERE coalesce(f.expected_interval_s, p.interval_s) IS NOT NULL
    ) x ON x.feed = a.feed AND x.facility_id = a.facility_id
    CROSS JOIN reference.evaluation v
    WHERE a.happened_at <= v.as_of AND (a.ingested_at IS NULL OR a.ingested_at <= v.as_of)
), slot AS (
    SELECT feed, facility_id, interval_s, min(known_at) AS first_at, max(known_at) AS last_at
    FROM known
    GROUP BY feed, facility_id, interval_s, epoch_us(known_at) // (interval_s * 1000000)
), silence AS MATERIALIZED (
    SELECT
        g.feed, g.facility_id, g.last_at AS last_row_at, g.resumed_at, v.as_of, make_timestamptz(epoch_us(g.last_at) + g.interval_s * 1000000) AS silent_from_at
    FROM (SELECT *, lead(first_at) OVER (PARTITION BY feed, facility_id ORDER BY first_at) AS resumed_at FROM slot) g
    CROSS JOIN reference.evaluation v
    JOIN reference.feed_status s ON s.status = 'stale'
    WHERE (epoch_us(coalesce(g.resumed_at, v.as_of)) - epoch_us(g.last_at)) / 1e6 > s.above_intervals * g.interval_s
), change AS (
    SELECT facility_id, event_time AS moment, 1 AS delta, 0 AS is_end FROM marts.event_latency
    WHERE (latency_s > 0 OR latency_s IS NULL) AND facility_id IN (SELECT facility_id FROM silence)
    UNION ALL
    SELECT facility_id, posted_at, -1, 1 FROM marts.event_latency
    WHERE latency_s > 0 AND facility_id IN (SELECT facility_id FROM silence)
    UNION ALL
    SELECT facility_id, resumed_at, 0, 1 FROM silence WHERE resumed_at IS NOT NULL
), level AS MATERIALIZED (
    SELECT facility_id, moment, is_end, sum(delta) OVER (PARTITION BY facility_id ORDER BY moment ROWS UNBOUNDED PRECEDING) AS waiting
    FROM (SELECT facility_id, moment, sum(delta) AS delta, max(is_end) AS is_end FROM change GROUP BY facility_id, moment)
), judged AS MATERIALIZED (
    SELECT s.*, coalesce(l.waiting, 0) AS waiting
    FROM silence s
    ASOF LEFT JOIN level l ON l.facility_id = s.facility_id AND s.last_row_at >= l.moment
), recovered AS (
    SELECT j.feed, j.facility_id, j.silent_from_at, min(l.moment) AS recovered_at
    FROM level l
    JOIN judged j ON j.facility_id = l.facility_id AND l.moment >= j.resumed_at AND l.waiting <= j.waiting
    WHERE l.is_end = 1
    GROUP BY ALL
)
SELECT
    j.feed, j.facility_id, j.last_row_at, j.silent_from_at, j.resumed_at, j.waiting::BIGINT AS backlog_before_count, r.recovered_at,
    (epoch_us(r.recovered_at) - epoch_us(j.silent_from_at)) / 1e6 AS recovery_s,
    (epoch_us(coalesce(r.recovered_at, j.as_of)) - epoch_us(j.silent_from_at)) / 1e6 AS age_s
FROM judged j
LEFT JOIN recovered r ON r.feed = j.feed AND r.facility_id = j.facility_id AND r.silent_from_at = j.silent_from_at
