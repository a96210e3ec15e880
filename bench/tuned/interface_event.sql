-- Facility and event type are one number, minutes and quarters are looked up by packed numbers, the three quartiles come from one
-- list, and only scheduled events are put in the order of their MD5.
WITH clock AS MATERIALIZED (
    SELECT c.facility_id, row_number() OVER ()::INTEGER AS f, c.kind = 'at_once' AS is_at_once, c.clock = 'local' AS is_local, w.gap_minutes
    FROM shared.interface_clock c
    JOIN (SELECT facility_id, max(wait_minutes) + 1 AS gap_minutes FROM shared.interface_wait GROUP BY facility_id) w USING (facility_id)
    WHERE c.kind IS NOT NULL
), wait AS MATERIALIZED (
    SELECT c.f * 1440 + w.minute_no AS k, w.wait_minutes * 60000000 AS run_us FROM shared.interface_wait w JOIN clock c USING (facility_id)
), ahead AS MATERIALIZED (
    SELECT c.f * 100000000 + a.quarter_no AS k, a.ahead_minutes FROM shared.recorded_clock a JOIN clock c USING (facility_id)
), placed AS MATERIALIZED (
    SELECT
        c.f, c.is_at_once, c.is_local, l.event_id, l.event_type, l.document_id, l.item_id, l.event_time, l.sla_s, l.latency_s, l.is_posted, l.quantity,
        epoch_us(l.event_time) AS event_us, epoch_us(l.posted_at) AS posted_us, epoch_us(coalesce(l.recorded_at, l.event_time)) AS recorded_us,
        l.recorded_at IS NOT NULL AS is_recorded, (epoch_us(coalesce(l.recorded_at, l.event_time)) + 59999999) // 60000000 AS ready_minute
    FROM marts.event_latency l
    JOIN clock c USING (facility_id)
), timed AS MATERIALIZED (
    SELECT
        p.f, p.event_type, p.event_id, p.document_id, p.item_id, p.event_time, p.sla_s, p.latency_s, p.is_posted, p.is_recorded, p.event_us,
        abs(p.quantity)::DECIMAL(18, 6) AS quantity,
        (p.recorded_us - p.event_us) / 1e6 AS capture_s, (p.ready_minute * 60000000 - p.recorded_us) / 1e6 AS gap_s,
        if(p.is_at_once, 0, p.ready_minute * 60000000 - p.recorded_us + w.run_us) / 1e6 AS wait_s,
        (p.posted_us - p.recorded_us - if(p.is_at_once, 0, p.ready_minute * 60000000 - p.recorded_us + w.run_us)) / 1e6 AS after_run_s,
        (p.ready_minute + a.ahead_minutes) % 1440 AS day_minute
    FROM placed p
    JOIN ahead a ON a.k = p.f * 100000000 + p.recorded_us // 900000000
    JOIN wait w ON w.k = p.f * 1440 + (p.ready_minute + if(p.is_local, a.ahead_minutes, 0)) % 1440
), limited AS MATERIALIZED (
    SELECT
        row_number() OVER ()::INTEGER AS g, c.facility_id, s.f, s.event_type, s.q[2] AS typical_s,
        greatest(60.0 * c.gap_minutes, 900, coalesce(s.q[3] + 3 * (s.q[3] - s.q[1]), 0)) AS limit_s
    FROM (SELECT f, event_type, quantile_cont(after_run_s, [0.25, 0.5, 0.75]) FILTER (after_run_s >= 0) AS q FROM timed GROUP BY ALL) s
    JOIN clock c USING (f)
), judged AS MATERIALIZED (
    SELECT
        t.*, m.g, m.facility_id, m.typical_s, (epoch_us(v.as_of) - t.event_us) / 1e6 AS age_s,
        CASE
            WHEN t.is_posted AND t.after_run_s < 0 THEN 'bypassed'
            WHEN t.is_posted AND t.after_run_s <= m.limit_s THEN 'scheduled'
            WHEN t.is_posted THEN 'held_up'
            WHEN (epoch_us(v.as_of) - t.event_us) / 1e6 < t.capture_s + t.wait_s + m.limit_s THEN 'waiting'
            ELSE 'missing'
        END AS course
    FROM timed t
    JOIN limited m USING (f, event_type)
    CROSS JOIN reference.evaluation v
), other AS (
    SELECT *, coalesce(lag(after_run_s) OVER (PARTITION BY g ORDER BY left(md5(event_id), 12), event_id), after_run_s) AS other_process_s
    FROM judged
    WHERE course = 'scheduled'
    UNION ALL
    SELECT *, NULL FROM judged WHERE course <> 'scheduled'
)
SELECT
    j.event_id, j.facility_id, j.event_type, j.document_id, j.event_time, j.course, j.is_recorded, j.day_minute, j.capture_s, j.gap_s, j.wait_s,
    if(j.course = 'scheduled', j.after_run_s, NULL) AS process_s, j.typical_s, j.other_process_s, j.latency_s, j.age_s, j.sla_s, j.quantity,
    j.quantity::DOUBLE * c.unit_cost_usd AS value_usd
FROM other j
LEFT JOIN shared.item_cost c ON c.item_id = j.item_id AND j.event_time >= c.valid_from_at AND j.event_time < c.valid_until_at
