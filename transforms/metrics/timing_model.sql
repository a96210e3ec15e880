/*
title: Timing model
question: Does each facility post at once, in small batches or a few times a day, and is that what was declared?
definition: Per facility, the timing model that its postings show (realtime, micro_batch with its period in seconds, batch with its local hours), beside the one declared.
formula: concentration = |sum(exp(2 pi i * minute of the day / period))| / n; gain = (concentration - baseline) / (1 - baseline), the baseline being that of its events; confidence_ratio = gain of the period found, 1 - posting hours / event hours of a batch without one, else 1 - highest gain
headline: confidence_ratio
edge_rules:
  - "Minutes of posted_at are folded on periods of 5, 10, 15, 20, 30, 60, 120, 240, 360, 480, 720 and 1440 minutes, on the local clock and on UTC. The concentration (the mean resultant length) is 1 where all fall on one minute of the period, and near 0 where they are spread over it. The baseline is that of event_time: what the work itself explains."
  - "A period holds where concentration >= 0.8, gain >= 0.5, and the spans of that length with postings are at least 0.7 of those with events (so that neither a half of the true period holds, nor a whole hour because postings come on the hour a few times a day). Of those within 5 % of the highest concentration the longest is taken; of the two clocks the one of higher concentration, the local one where they are equal."
  - "micro_batch: the period is at most 120 minutes. batch: it is longer; or none holds, and 90 % of the postings lie in at most 6 local hours and in at most half as many as 90 % of the events. realtime: neither."
  - batch_hours are the local hours that hold at least 2 % of the postings each.
  - "confidence_ratio: of a period its gain; of hours 1 - hours of the postings / hours of the events; of realtime 1 - the highest gain of any period, 0 where that is negative. It ranks, and is no probability."
  - Fewer than 50 postings or events show nothing; detected_model is NULL and unknown_reason says so.
  - is_as_declared compares the models, and the period with the interval where both are stated and the model has one; NULL where either model is not known.
not_to_be_confused_with: latency_by_facility; a batch may be fast, and realtime may be slow
source: "domain model, canonical tables; Mardia and Jupp 2000, Directional Statistics"
owner: integration lead
grain: [facility_id]
direction: neutral
columns:
  facility_id: {unit: id, description: the facility}
  postings_count: {unit: count, description: postings up to as_of, min: 0}
  events_count: {unit: count, description: events up to as_of, min: 0}
  declared_model: {unit: text, description: 'realtime, micro_batch or batch, as the workspace says', nullable: true}
  declared_interval_s: {unit: s, description: declared period of its uploads, nullable: true, min: 0}
  detected_model: {unit: text, description: 'realtime, micro_batch or batch', nullable: true}
  detected_period_s: {unit: s, description: 'period that the postings show; NULL: none', nullable: true, min: 0}
  clock: {unit: text, description: 'local or utc: the clock that the period follows', nullable: true}
  batch_hours: {unit: text, description: 'of a batch, the local hours in which it comes', nullable: true}
  concentration_ratio: {unit: ratio, description: that of the postings at the period, nullable: true, min: 0, max: 1}
  baseline_ratio: {unit: ratio, description: that of the events at the period, nullable: true, min: 0, max: 1}
  confidence_ratio: {unit: ratio, description: how clearly it shows, nullable: true, min: 0, max: 1}
  is_as_declared: {unit: boolean, description: whether detected and declared agree, nullable: true}
  unknown_reason: {unit: text, description: why no model is detected, nullable: true}
*/
WITH candidate AS (
    SELECT 5 AS period UNION ALL SELECT 10 UNION ALL SELECT 15 UNION ALL SELECT 20 UNION ALL SELECT 30 UNION ALL SELECT 60
    UNION ALL SELECT 120 UNION ALL SELECT 240 UNION ALL SELECT 360 UNION ALL SELECT 480 UNION ALL SELECT 720
    UNION ALL SELECT 1440
), happened AS (
    SELECT facility_id, 'posting' AS kind, minute_of(posted_at) AS minute_no, min(posted_at) AS moment, count(*) AS n
    FROM canonical.erp_posting
    GROUP BY facility_id, minute_of(posted_at)
    UNION ALL
    SELECT facility_id, 'event' AS kind, minute_of(event_time) AS minute_no, min(event_time) AS moment, count(*) AS n
    FROM canonical.inventory_event
    GROUP BY facility_id, minute_of(event_time)
), ahead AS (
    -- A quarter of an hour has one offset from UTC, so that the zone is asked once a quarter.
    SELECT q.facility_id, q.quarter_no, local_minute_of(q.moment, f.timezone) - minute_of(q.moment) AS minutes
    FROM (
        SELECT facility_id, quarter_of(moment) AS quarter_no, min(moment) AS moment
        FROM happened
        GROUP BY facility_id, quarter_of(moment)
    ) AS q
    JOIN reference.facility f ON f.facility_id = q.facility_id
), clocked AS (
    SELECT facility_id, kind, 'utc' AS clock, minute_no, n FROM happened
    UNION ALL
    SELECT h.facility_id, h.kind, 'local' AS clock, h.minute_no + a.minutes AS minute_no, h.n
    FROM happened h
    JOIN ahead a ON a.facility_id = h.facility_id AND a.quarter_no = quarter_of(h.moment)
), daily AS (
    -- Every period divides a day, so that the minute of the day has the place in all of them.
    SELECT facility_id, kind, clock, minute_no - 1440 * floor(minute_no / 1440) AS minute, sum(n) AS n
    FROM clocked
    GROUP BY facility_id, kind, clock, minute_no - 1440 * floor(minute_no / 1440)
), summed AS (
    -- Decimals add up to the same whatever their order.
    SELECT
        d.facility_id, d.kind, d.clock, c.period,
        CAST(sum(d.n) AS DOUBLE) AS n,
        CAST(sum(CAST(d.n AS DECIMAL(12, 0)) * CAST(cos(6.283185307179586 * d.minute / c.period) AS DECIMAL(10, 9))) AS DOUBLE) AS x,
        CAST(sum(CAST(d.n AS DECIMAL(12, 0)) * CAST(sin(6.283185307179586 * d.minute / c.period) AS DECIMAL(10, 9))) AS DOUBLE) AS y
    FROM daily d
    CROSS JOIN candidate c
    GROUP BY d.facility_id, d.kind, d.clock, c.period
), concentration AS (
    SELECT facility_id, kind, clock, period, least(round(sqrt(x * x + y * y) / nullif(n, 0), 6), 1) AS r FROM summed
), span AS (
    SELECT
        s.facility_id, c.period,
        CAST(count(DISTINCT CASE WHEN s.kind = 'posting' THEN floor(5 * s.slot / c.period) END) AS DOUBLE) AS posting_spans,
        CAST(count(DISTINCT CASE WHEN s.kind = 'event' THEN floor(5 * s.slot / c.period) END) AS DOUBLE) AS event_spans
    FROM (
        SELECT DISTINCT facility_id, kind, floor(minute_no / 5) AS slot FROM clocked WHERE clock = 'local'
    ) AS s
    CROSS JOIN candidate c
    GROUP BY s.facility_id, c.period
), compared AS (
    SELECT
        p.facility_id, p.clock, p.period, p.r, b.r AS baseline,
        coalesce((p.r - b.r) / nullif(1 - b.r, 0), 0) AS gain,
        s.posting_spans / nullif(s.event_spans, 0) AS occupancy
    FROM concentration p
    JOIN concentration b
      ON b.facility_id = p.facility_id AND b.clock = p.clock AND b.period = p.period AND b.kind = 'event'
    JOIN span s ON s.facility_id = p.facility_id AND s.period = p.period
    WHERE p.kind = 'posting'
), holding AS (
    SELECT *, max(r) OVER (PARTITION BY facility_id) AS highest
    FROM compared
    WHERE r >= 0.8 AND gain >= 0.5 AND occupancy >= 0.7
), periodic AS (
    SELECT *, row_number() OVER (PARTITION BY facility_id ORDER BY period DESC, r DESC, clock NULLS LAST) AS nth
    FROM holding
    WHERE r >= 0.95 * highest
), hourly AS (
    SELECT facility_id, kind, floor(minute / 60) AS hour, sum(n) AS n
    FROM daily
    WHERE clock = 'local'
    GROUP BY facility_id, kind, floor(minute / 60)
), ranked AS (
    SELECT
        facility_id, kind, hour, n,
        sum(n) OVER (PARTITION BY facility_id, kind) AS total,
        coalesce(sum(n) OVER (
            PARTITION BY facility_id, kind ORDER BY n DESC, hour ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS before
    FROM hourly
), spread AS (
    SELECT
        facility_id,
        max(CASE WHEN kind = 'posting' THEN total ELSE 0 END) AS postings,
        max(CASE WHEN kind = 'event' THEN total ELSE 0 END) AS events,
        CAST(count(CASE WHEN kind = 'posting' AND 10 * before < 9 * total THEN 1 END) AS DOUBLE) AS posting_hours,
        CAST(count(CASE WHEN kind = 'event' AND 10 * before < 9 * total THEN 1 END) AS DOUBLE) AS event_hours
    FROM ranked
    GROUP BY facility_id
), busy AS (
    SELECT facility_id, trace_text(array_agg(trace_step(CAST(CAST(hour AS BIGINT) AS STRING), CAST(hour AS BIGINT)))) AS hours
    FROM ranked
    WHERE kind = 'posting' AND 50 * n >= total
    GROUP BY facility_id
), steady AS (
    SELECT facility_id, max(gain) AS gain FROM compared GROUP BY facility_id
), judged AS (
    SELECT
        f.facility_id, f.timing_model, f.interval_s,
        coalesce(s.postings, 0) AS postings,
        coalesce(s.events, 0) AS events,
        s.posting_hours, s.event_hours, p.period, p.clock, p.r, p.baseline, p.gain, t.gain AS highest_gain, b.hours,
        CASE
            WHEN coalesce(s.postings, 0) < 50 OR coalesce(s.events, 0) < 50 THEN NULL
            WHEN p.period <= 120 THEN 'micro_batch'
            WHEN p.period > 120 THEN 'batch'
            WHEN s.posting_hours <= 6 AND 2 * s.posting_hours <= s.event_hours THEN 'batch'
            ELSE 'realtime'
        END AS detected
    FROM reference.facility f
    LEFT JOIN spread s ON s.facility_id = f.facility_id
    LEFT JOIN periodic p ON p.facility_id = f.facility_id AND p.nth = 1
    LEFT JOIN steady t ON t.facility_id = f.facility_id
    LEFT JOIN busy b ON b.facility_id = f.facility_id
)
SELECT
    facility_id,
    CAST(postings AS BIGINT) AS postings_count,
    CAST(events AS BIGINT) AS events_count,
    timing_model AS declared_model,
    CAST(interval_s AS DOUBLE) AS declared_interval_s,
    detected AS detected_model,
    CASE WHEN detected IS NOT NULL THEN CAST(60 * period AS DOUBLE) END AS detected_period_s,
    CASE WHEN detected IS NOT NULL THEN clock END AS clock,
    CASE WHEN detected = 'batch' THEN replace(hours, ' > ', ', ') END AS batch_hours,
    CASE WHEN detected IS NOT NULL THEN r END AS concentration_ratio,
    CASE WHEN detected IS NOT NULL THEN baseline END AS baseline_ratio,
    CASE
        WHEN detected IS NULL THEN NULL
        WHEN period IS NOT NULL THEN gain
        WHEN detected = 'batch' THEN 1 - posting_hours / nullif(event_hours, 0)
        ELSE greatest(1 - greatest(highest_gain, 0), 0)
    END AS confidence_ratio,
    CASE
        WHEN detected <> timing_model THEN FALSE
        WHEN detected <> 'realtime' AND 60 * period <> interval_s THEN FALSE
        WHEN detected = timing_model THEN TRUE
    END AS is_as_declared,
    CASE
        WHEN postings < 50 THEN 'fewer than 50 postings'
        WHEN events < 50 THEN 'fewer than 50 events'
    END AS unknown_reason
FROM judged
