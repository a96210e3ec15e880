-- The scan and its grouping by minutes are those of the model, which is what costs; sines and distinct spans are computed
-- over minutes of the day and 5-minute slots in doubles and lists.
WITH happened AS MATERIALIZED (
    SELECT facility_id, TRUE AS is_posting, epoch_us(posted_at) // 60000000 AS m, count(*) AS n FROM canonical.erp_posting GROUP BY ALL
    UNION ALL
    SELECT facility_id, FALSE, epoch_us(event_time) // 60000000, count(*) FROM canonical.inventory_event GROUP BY ALL
), ahead AS MATERIALIZED (
    SELECT q.facility_id, q.quarter_no, epoch_us(timezone(f.timezone, make_timestamptz(q.quarter_no * 900000000))) // 60000000 - q.quarter_no * 15 AS minutes
    FROM (SELECT DISTINCT facility_id, m // 15 AS quarter_no FROM happened) q
    JOIN reference.facility f USING (facility_id)
), localised AS MATERIALIZED (
    SELECT h.facility_id, h.is_posting, h.m, h.m + a.minutes AS l, h.n
    FROM happened h
    JOIN ahead a ON a.facility_id = h.facility_id AND a.quarter_no = h.m // 15
), daily AS MATERIALIZED (
    SELECT facility_id, is_posting, 'utc' AS clock, m % 1440 AS minute, sum(n) AS n FROM happened GROUP BY ALL
    UNION ALL
    SELECT facility_id, is_posting, 'local', l % 1440, sum(n) FROM localised GROUP BY ALL
), candidate AS (
    SELECT unnest([5, 10, 15, 20, 30, 60, 120, 240, 360, 480, 720, 1440]) AS period
), concentration AS MATERIALIZED (
    SELECT
        facility_id, is_posting, clock, period,
        least(round(sqrt(sum(n * cos(2 * pi() * minute / period)) ** 2 + sum(n * sin(2 * pi() * minute / period)) ** 2) / sum(n), 6), 1) AS r
    FROM daily, candidate
    GROUP BY ALL
), span AS (
    SELECT facility_id, period, count(DISTINCT slot * 5 // period) FILTER (is_posting) AS p, count(DISTINCT slot * 5 // period) FILTER (NOT is_posting) AS e
    FROM (SELECT DISTINCT facility_id, is_posting, l // 5 AS slot FROM localised), candidate
    GROUP BY ALL
), compared AS MATERIALIZED (
    SELECT p.facility_id, p.clock, p.period, p.r, b.r AS baseline, coalesce((p.r - b.r) / nullif(1 - b.r, 0), 0) AS gain, s.p / nullif(s.e, 0) AS occupancy
    FROM concentration p
    JOIN concentration b ON NOT b.is_posting AND b.facility_id = p.facility_id AND b.clock = p.clock AND b.period = p.period
    JOIN span s ON s.facility_id = p.facility_id AND s.period = p.period
    WHERE p.is_posting
), periodic AS (
    SELECT *
    FROM (SELECT *, max(r) OVER (PARTITION BY facility_id) AS highest FROM compared WHERE r >= 0.8 AND gain >= 0.5 AND occupancy >= 0.7)
    WHERE r >= 0.95 * highest
    QUALIFY row_number() OVER (PARTITION BY facility_id ORDER BY period DESC, r DESC, clock) = 1
), ranked AS MATERIALIZED (
    SELECT
        facility_id, is_posting, minute // 60 AS hour, sum(n) AS n, sum(sum(n)) OVER (PARTITION BY facility_id, is_posting) AS total,
        coalesce(sum(sum(n)) OVER (PARTITION BY facility_id, is_posting ORDER BY sum(n) DESC, minute // 60 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM daily
    WHERE clock = 'local'
    GROUP BY facility_id, is_posting, minute // 60
), spread AS (
    SELECT
        facility_id, coalesce(max(total) FILTER (is_posting), 0) AS postings, coalesce(max(total) FILTER (NOT is_posting), 0) AS events,
        count(*) FILTER (is_posting AND 10 * before < 9 * total) AS posting_hours, count(*) FILTER (NOT is_posting AND 10 * before < 9 * total) AS event_hours,
        string_agg(hour::VARCHAR, ', ' ORDER BY hour) FILTER (is_posting AND 50 * n >= total) AS hours
    FROM ranked
    GROUP BY facility_id
), judged AS (
    SELECT
        f.facility_id, f.timing_model, f.interval_s, coalesce(s.postings, 0) AS postings, coalesce(s.events, 0) AS events, s.posting_hours, s.event_hours,
        p.period, p.clock, p.r, p.baseline, p.gain, (SELECT max(c.gain) FROM compared c WHERE c.facility_id = f.facility_id) AS highest_gain, s.hours,
        CASE
            WHEN coalesce(s.postings, 0) < 50 OR coalesce(s.events, 0) < 50 THEN NULL
            WHEN p.period <= 120 THEN 'micro_batch'
            WHEN p.period > 120 OR (s.posting_hours <= 6 AND 2 * s.posting_hours <= s.event_hours) THEN 'batch'
            ELSE 'realtime'
        END AS detected
    FROM reference.facility f
    LEFT JOIN spread s USING (facility_id)
    LEFT JOIN periodic p USING (facility_id)
)
SELECT
    facility_id, postings::BIGINT AS postings_count, events::BIGINT AS events_count, timing_model AS declared_model, interval_s::DOUBLE AS declared_interval_s,
    detected AS detected_model, if(detected IS NULL, NULL, 60 * period)::DOUBLE AS detected_period_s, if(detected IS NULL, NULL, clock) AS clock,
    if(detected = 'batch', hours, NULL) AS batch_hours, if(detected IS NULL, NULL, r) AS concentration_ratio, if(detected IS NULL, NULL, baseline) AS baseline_ratio,
    CASE
        WHEN detected IS NULL THEN NULL
        WHEN period IS NOT NULL THEN gain
        WHEN detected = 'batch' THEN 1 - posting_hours / nullif(event_hours, 0)
        ELSE greatest(1 - greatest(highest_gain, 0), 0)
    END AS confidence_ratio,
    CASE WHEN detected <> timing_model OR (detected <> 'realtime' AND 60 * period <> interval_s) THEN FALSE WHEN detected = timing_model THEN TRUE END AS is_as_declared,
    CASE WHEN postings < 50 THEN 'fewer than 50 postings' WHEN events < 50 THEN 'fewer than 50 events' END AS unknown_reason
FROM judged
