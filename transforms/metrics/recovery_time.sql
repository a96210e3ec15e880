/*
title: Recovery from silence
question: After a feed fell silent, how long did it take until its facility's backlog was cleared?
definition: One row per silence of a feed at a facility, with the seconds from its first missed interval to the instant at which no more events were waiting for their posting than before it.
formula: recovery_s = recovered_at - silent_from_at; backlog(t) = count(event_time <= t and posted_at > t or unposted)
headline: recovery_s
edge_rules:
  - A silence is a gap between two rows, or between the newest row and as_of, longer than two expected intervals (the bound of the status stale, feed_statuses.csv), so that at least one interval passed without a row. It starts one interval after the row before it.
  - Rows and the instants at which they were known are those of feed_health; a feed or facility without an expected interval, and rows without a facility, have no silence.
  - The backlog before is that at the last row before the silence. Recovered is the first instant from the first row after it on at which the backlog is no greater; the row itself where it is so at once.
  - Backlogs are over events whose posting is expected or exists; one posted no later than it happened never waits.
  - A silence from which nothing has recovered at as_of is open, recovery_s NULL, and is censored at age_s; one that still lasts has no resumed_at either.
  - Nights and weekends without work are silences too where they last longer than two expected intervals; state the interval accordingly.
not_to_be_confused_with: feed_health, which says whether a feed is silent now
source: "domain model, also; mean time to restore"
owner: integration engineer
grain: [feed, facility_id, silent_from_at]
direction: down_is_good
columns:
  feed: {unit: text, description: the feed}
  facility_id: {unit: id, description: the facility}
  last_row_at: {unit: instant, description: when the last row before the silence was known}
  silent_from_at: {unit: instant, description: 'start of the first missed interval'}
  resumed_at: {unit: instant, description: 'first row after it; NULL: still silent', nullable: true}
  backlog_before_count: {unit: count, description: events that waited at last_row_at, min: 0}
  recovered_at: {unit: instant, description: 'when no more events waited than before; NULL: not yet', nullable: true}
  recovery_s: {unit: s, description: recovered_at - silent_from_at, nullable: true, min: 0}
  age_s: {unit: s, description: '(recovered_at or as_of) - silent_from_at', min: 0}
*/
WITH expected AS (
    SELECT f.feed, p.facility_id, coalesce(f.expected_interval_s, p.interval_s) AS interval_s
    FROM reference.feed f
    CROSS JOIN reference.facility p
    WHERE coalesce(f.expected_interval_s, p.interval_s) IS NOT NULL
), known AS (
    SELECT
        a.feed, a.facility_id, x.interval_s,
        CASE WHEN a.recorded_at <= e.as_of THEN a.recorded_at ELSE a.happened_at END AS known_at
    FROM landing.accepted a
    JOIN expected x ON x.feed = a.feed AND x.facility_id = a.facility_id
    CROSS JOIN reference.evaluation e
    WHERE a.happened_at <= e.as_of AND (a.ingested_at IS NULL OR a.ingested_at <= e.as_of)
), slot AS (
    -- A gap of more than one interval lies between two slots of that length, so that only their ends are put in order.
    SELECT feed, facility_id, interval_s, min(known_at) AS first_at, max(known_at) AS last_at
    FROM known
    GROUP BY feed, facility_id, interval_s,
        floor(seconds_between(instant('1970-01-01 00:00:00Z'), known_at) / interval_s)
), gap AS (
    SELECT
        feed, facility_id, interval_s, last_at AS last_row_at,
        lead(first_at) OVER (PARTITION BY feed, facility_id ORDER BY first_at) AS resumed_at
    FROM slot
), silence AS (
    SELECT
        g.feed, g.facility_id, g.last_row_at, g.resumed_at, e.as_of,
        add_seconds(g.last_row_at, g.interval_s) AS silent_from_at
    FROM gap g
    CROSS JOIN reference.evaluation e
    JOIN reference.feed_status s ON s.status = 'stale'
    WHERE seconds_between(g.last_row_at, coalesce(g.resumed_at, e.as_of)) > s.above_intervals * g.interval_s
), change AS (
    SELECT facility_id, moment, sum(delta) AS delta, max(is_end) AS is_end
    FROM (
        SELECT facility_id, event_time AS moment, 1 AS delta, 0 AS is_end
        FROM marts.event_latency
        WHERE (latency_s > 0 OR latency_s IS NULL) AND facility_id IN (SELECT facility_id FROM silence)
        UNION ALL
        SELECT facility_id, posted_at AS moment, -1 AS delta, 1 AS is_end
        FROM marts.event_latency
        WHERE latency_s > 0 AND facility_id IN (SELECT facility_id FROM silence)
        UNION ALL
        -- The two instants of a silence at which the backlog is asked, beside those at which it changes.
        SELECT facility_id, last_row_at AS moment, 0 AS delta, 0 AS is_end FROM silence
        UNION ALL
        SELECT facility_id, resumed_at AS moment, 0 AS delta, 1 AS is_end FROM silence WHERE resumed_at IS NOT NULL
    ) AS moved
    GROUP BY facility_id, moment
), level AS (
    SELECT
        facility_id, moment, is_end,
        sum(delta) OVER (PARTITION BY facility_id ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS waiting
    FROM change
), judged AS (
    SELECT s.feed, s.facility_id, s.last_row_at, s.silent_from_at, s.resumed_at, s.as_of, l.waiting
    FROM silence s
    JOIN level l ON l.facility_id = s.facility_id AND l.moment = s.last_row_at
), recovered AS (
    SELECT j.feed, j.facility_id, j.silent_from_at, min(l.moment) AS recovered_at
    FROM level l
    JOIN judged j ON j.facility_id = l.facility_id AND l.moment >= j.resumed_at AND l.waiting <= j.waiting
    WHERE l.is_end = 1
    GROUP BY j.feed, j.facility_id, j.silent_from_at
)
SELECT
    j.feed,
    j.facility_id,
    j.last_row_at,
    j.silent_from_at,
    j.resumed_at,
    CAST(j.waiting AS BIGINT) AS backlog_before_count,
    r.recovered_at,
    seconds_between(j.silent_from_at, r.recovered_at) AS recovery_s,
    seconds_between(j.silent_from_at, coalesce(r.recovered_at, j.as_of)) AS age_s
FROM judged j
LEFT JOIN recovered r
  ON r.feed = j.feed AND r.facility_id = j.facility_id AND r.silent_from_at = j.silent_from_at
