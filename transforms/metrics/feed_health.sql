/*
title: Feed health
question: Which feed is late or has gone silent, up to when can it be relied on, and does it have holes?
definition: Per feed and facility, the newest instants that its accepted rows state up to as_of, the status by age in expected intervals, and the share of those intervals that any row falls into.
formula: "completeness_ratio = covered_count / intervals_count; age_s = as_of - watermark_at"
headline: completeness_ratio
edge_rules:
  - Rows are accepted ones, delivered up to as_of and happened up to as_of, of all tables of the feed, whether or not another delivery replaces them. Rows that state no instant (an invoice by its day alone) are no clock; where a feed has no others at a facility, status and ratio are NULL.
  - last_event_at is the newest event clock (event_time, posted_at, counted_at, sent_at). A file's own time never enters.
  - A row was known to its source when recorded_at says, where that is stated and not after as_of, else when its event clock says.
  - watermark_at is the newest instant at which a row was known; what happened before it can be taken as delivered. age_s is as_of less watermark_at.
  - The expected interval is the feed's, else the facility's; where neither states one, status and ratio are NULL.
  - "ok: age up to one interval, inclusive; late: above one, up to two; stale: above two, up to ten; silent: above ten, or no row at all. The bounds are data, feed_statuses.csv."
  - completeness_ratio is covered_count / intervals_count. Intervals are counted from the instant at which the first row was known, which opens the first one; a row on a bound opens the next. The last one is that of the watermark, so that a silence after it is told by the status alone.
  - A feed without an accepted row has one line without facility; its ratio is NULL, not zero.
  - sequence_no does not enter, since it gives an order and need not be free of gaps; integration_health counts its gaps.
not_to_be_confused_with: latency, which is about postings
source: domain model, also; replaces feed_freshness
owner: data engineer
grain: [feed, facility_id]
direction: up_is_good
columns:
  feed: {unit: text, description: the feed}
  facility_id: {unit: id, description: the facility, nullable: true}
  last_event_at: {unit: instant, description: newest event clock, nullable: true}
  last_ingested_at: {unit: instant, description: newest ingested_at; NULL where no row states one, nullable: true}
  watermark_at: {unit: instant, description: up to when the feed can be taken as complete, nullable: true}
  age_s: {unit: s, description: as_of - watermark_at, nullable: true, min: 0}
  expected_interval_s: {unit: s, description: how often something should come, nullable: true, min: 1}
  intervals_count: {unit: count, description: 'intervals from the first row to the watermark, the denominator', nullable: true, min: 1}
  covered_count: {unit: count, description: those into which a row falls, nullable: true, min: 1}
  completeness_ratio: {unit: ratio, description: covered_count / intervals_count, nullable: true, min: 0, max: 1}
  unknown_reason: {unit: text, description: why the ratio is NULL, nullable: true}
  status: {unit: text, description: 'ok, late, stale or silent; NULL where no interval or no instant is stated', nullable: true}
*/
WITH known AS (
    SELECT
        a.feed, a.facility_id, a.happened_at, a.ingested_at,
        coalesce(f.expected_interval_s, p.interval_s) AS expected_interval_s,
        CASE WHEN a.recorded_at <= e.as_of THEN a.recorded_at ELSE a.happened_at END AS known_at
    FROM landing.accepted a
    CROSS JOIN reference.evaluation e
    JOIN reference.feed f ON f.feed = a.feed
    LEFT JOIN reference.facility p ON p.facility_id = a.facility_id
    WHERE (a.happened_at IS NULL OR a.happened_at <= e.as_of) AND (a.ingested_at IS NULL OR a.ingested_at <= e.as_of)
), slot AS (
    -- A span as long as the interval touches at most two of the intervals that count from the first row, so that its own
    -- first and last row say which: rows are read once.
    SELECT
        feed, facility_id, expected_interval_s,
        max(happened_at) AS last_event_at,
        max(ingested_at) AS last_ingested_at,
        min(known_at) AS first_at,
        max(known_at) AS last_at
    FROM known
    GROUP BY feed, facility_id, expected_interval_s,
        floor(seconds_between(instant('1970-01-01 00:00:00Z'), known_at) / expected_interval_s)
), newest AS (
    SELECT
        feed, facility_id, expected_interval_s,
        max(last_event_at) AS last_event_at,
        max(last_ingested_at) AS last_ingested_at,
        min(first_at) AS first_at,
        max(last_at) AS watermark_at
    FROM slot
    GROUP BY feed, facility_id, expected_interval_s
), expected AS (
    SELECT
        f.feed, n.facility_id, n.last_event_at, n.last_ingested_at, n.first_at, n.watermark_at,
        n.feed IS NOT NULL AS has_rows,
        seconds_between(n.watermark_at, e.as_of) AS age_s,
        coalesce(n.expected_interval_s, f.expected_interval_s) AS expected_interval_s
    FROM reference.feed f
    CROSS JOIN reference.evaluation e
    LEFT JOIN newest n ON n.feed = f.feed
), hit AS (
    SELECT s.feed, s.facility_id, floor(seconds_between(x.first_at, s.first_at) / x.expected_interval_s) AS place
    FROM slot s
    JOIN expected x ON x.feed = s.feed AND x.facility_id IS NOT DISTINCT FROM s.facility_id
    WHERE x.expected_interval_s IS NOT NULL AND s.first_at IS NOT NULL
    UNION
    SELECT s.feed, s.facility_id, floor(seconds_between(x.first_at, s.last_at) / x.expected_interval_s) AS place
    FROM slot s
    JOIN expected x ON x.feed = s.feed AND x.facility_id IS NOT DISTINCT FROM s.facility_id
    WHERE x.expected_interval_s IS NOT NULL AND s.first_at IS NOT NULL
), covered AS (
    SELECT feed, facility_id, count(*) AS covered_count FROM hit GROUP BY feed, facility_id
), counted AS (
    SELECT
        x.feed, x.facility_id, x.last_event_at, x.last_ingested_at, x.watermark_at, x.age_s, x.expected_interval_s, x.has_rows,
        CAST(floor(seconds_between(x.first_at, x.watermark_at) / x.expected_interval_s) + 1 AS BIGINT) AS intervals_count,
        c.covered_count
    FROM expected x
    LEFT JOIN covered c ON c.feed = x.feed AND c.facility_id IS NOT DISTINCT FROM x.facility_id
)
SELECT
    c.feed,
    c.facility_id,
    c.last_event_at,
    c.last_ingested_at,
    c.watermark_at,
    c.age_s,
    c.expected_interval_s,
    c.intervals_count,
    c.covered_count,
    CAST(c.covered_count AS DOUBLE) / nullif(c.intervals_count, 0) AS completeness_ratio,
    CASE
        WHEN NOT c.has_rows THEN 'no row up to as_of'
        WHEN c.watermark_at IS NULL THEN 'no row states an instant'
        WHEN c.expected_interval_s IS NULL THEN 'no interval is stated'
    END AS unknown_reason,
    CASE WHEN NOT c.has_rows AND c.expected_interval_s IS NOT NULL THEN 'silent' ELSE s.status END AS status
FROM counted c
LEFT JOIN reference.feed_status s
  ON c.age_s > coalesce(s.above_intervals, -1) * c.expected_interval_s
 AND (s.up_to_intervals IS NULL OR c.age_s <= s.up_to_intervals * c.expected_interval_s)
