-- One grouping by slots as long as the interval: of the rows of a slot, which touches two of the intervals counted from the
-- first row at most, the first and the last say which of these are hit.
WITH slot AS MATERIALIZED (
    SELECT
        a.feed, a.facility_id, x.interval_s, max(a.happened_at) AS last_event_at, max(a.ingested_at) AS last_ingested_at,
        min(if(a.recorded_at <= v.as_of, a.recorded_at, a.happened_at)) AS first_at, max(if(a.recorded_at <= v.as_of, a.recorded_at, a.happened_at)) AS last_at
    FROM landing.accepted a
    CROSS JOIN reference.evaluation v
    JOIN (
        SELECT f.feed, p.facility_id, coalesce(f.expected_interval_s, p.interval_s) AS interval_s
        FROM reference.feed f, (SELECT facility_id, interval_s FROM reference.facility UNION ALL SELECT NULL, NULL) p
    ) x ON x.feed = a.feed AND x.facility_id IS NOT DISTINCT FROM a.facility_id
    WHERE (a.happened_at IS NULL OR a.happened_at <= v.as_of) AND (a.ingested_at IS NULL OR a.ingested_at <= v.as_of)
    GROUP BY a.feed, a.facility_id, x.interval_s, epoch_us(if(a.recorded_at <= v.as_of, a.recorded_at, a.happened_at)) // (x.interval_s * 1000000)
), newest AS MATERIALIZED (
    SELECT
        feed, facility_id, any_value(interval_s) AS interval_s, max(last_event_at) AS last_event_at, max(last_ingested_at) AS last_ingested_at,
        min(first_at) AS first_at, max(last_at) AS watermark_at
    FROM slot
    GROUP BY feed, facility_id
), hit AS (
    SELECT s.feed, s.facility_id, count(DISTINCT u.place) AS covered_count
    FROM slot s
    JOIN newest n ON n.feed = s.feed AND n.facility_id IS NOT DISTINCT FROM s.facility_id
    CROSS JOIN LATERAL (
        SELECT unnest([(epoch_us(s.first_at) - epoch_us(n.first_at)) // (n.interval_s * 1000000), (epoch_us(s.last_at) - epoch_us(n.first_at)) // (n.interval_s * 1000000)]) AS place
    ) u
    WHERE n.interval_s IS NOT NULL AND s.first_at IS NOT NULL
    GROUP BY s.feed, s.facility_id
), counted AS (
    SELECT
        f.feed, n.feed IS NOT NULL AS has_rows, n.facility_id, n.last_event_at, n.last_ingested_at, n.watermark_at, (epoch_us(v.as_of) - epoch_us(n.watermark_at)) / 1e6 AS age_s,
        coalesce(n.interval_s, f.expected_interval_s) AS expected_interval_s,
        (epoch_us(n.watermark_at) - epoch_us(n.first_at)) // (n.interval_s * 1000000) + 1 AS intervals_count, h.covered_count
    FROM reference.feed f
    CROSS JOIN reference.evaluation v
    LEFT JOIN newest n ON n.feed = f.feed
    LEFT JOIN hit h ON h.feed = n.feed AND h.facility_id IS NOT DISTINCT FROM n.facility_id
)
SELECT
    c.feed, c.facility_id, c.last_event_at, c.last_ingested_at, c.watermark_at, c.age_s, c.expected_interval_s, c.intervals_count, c.covered_count,
    c.covered_count / c.intervals_count AS completeness_ratio,
    CASE WHEN NOT c.has_rows THEN 'no row up to as_of' WHEN c.watermark_at IS NULL THEN 'no row states an instant' WHEN c.expected_interval_s IS NULL THEN 'no interval is stated' END AS unknown_reason,
    if(NOT c.has_rows AND c.expected_interval_s IS NOT NULL, 'silent', s.status) AS status
FROM counted c
LEFT JOIN reference.feed_status s
  ON c.age_s > coalesce(s.above_intervals, -1) * c.expected_interval_s AND (s.up_to_intervals IS NULL OR c.age_s <= s.up_to_intervals * c.expected_interval_s)
