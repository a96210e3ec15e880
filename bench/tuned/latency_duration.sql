-- One scan: whole microseconds as keys, and the four groupings of the same duration in one GROUPING SETS.
WITH latency AS MATERIALIZED (
    SELECT
        facility_id, event_type, shift, supplier_id, feed, is_posted, event_time, business_latency_s, v.as_of,
        epoch_us(coalesce(posted_at, v.as_of)) - epoch_us(event_time) AS total_us,
        epoch_us(least(recorded_at, v.as_of)) - epoch_us(event_time) AS capture_us,
        recorded_at, recorded_at <= v.as_of AS is_recorded,
        epoch_us(coalesce(posted_at, v.as_of)) - epoch_us(recorded_at) AS interface_us
    FROM marts.event_latency, reference.evaluation v
), total AS (
    SELECT
        grouping(event_type, shift, supplier_id, feed) AS kind, facility_id, event_type, shift, supplier_id, feed, total_us,
        count(*) FILTER (WHERE is_posted) AS finished, count(*) AS cases
    FROM latency
    GROUP BY GROUPING SETS (
        (facility_id, event_type, total_us), (facility_id, shift, total_us), (facility_id, supplier_id, total_us), (facility_id, feed, total_us)
    )
), worked AS (
    SELECT facility_id, event_type, business_latency_s AS worked_s, TRUE AS is_posted FROM latency WHERE business_latency_s IS NOT NULL
    UNION ALL
    SELECT
        l.facility_id, l.event_type,
        b.worked_s + if(b.is_open, seconds_between(b.starts_at, l.as_of), 0) - a.worked_s - if(a.is_open, seconds_between(a.starts_at, l.event_time), 0), FALSE
    FROM latency l
    JOIN shared.working_clock a ON a.facility_id = l.facility_id AND a.quarter_no = quarter_of(l.event_time)
    JOIN shared.working_clock b ON b.facility_id = l.facility_id AND b.quarter_no = quarter_of(l.as_of)
    WHERE NOT l.is_posted
)
SELECT
    CASE kind WHEN 7 THEN 'event_latency' WHEN 11 THEN 'latency_by_shift' WHEN 13 THEN 'latency_by_supplier' ELSE 'latency_by_interface' END AS measure,
    facility_id AS group_1,
    CASE kind WHEN 7 THEN event_type WHEN 11 THEN shift WHEN 13 THEN supplier_id ELSE feed END AS group_2,
    total_us / 1e6 AS duration_s, finished AS finished_count, cases - finished AS censored_count
FROM total
WHERE kind <> 13 OR supplier_id IS NOT NULL
UNION ALL
SELECT 'capture_latency', facility_id, event_type, capture_us / 1e6, count(*) FILTER (WHERE is_recorded), count(*) FILTER (WHERE NOT is_recorded)
FROM latency
WHERE recorded_at IS NOT NULL
GROUP BY facility_id, event_type, capture_us
UNION ALL
SELECT 'interface_latency', facility_id, event_type, interface_us / 1e6, count(*) FILTER (WHERE is_posted), count(*) FILTER (WHERE NOT is_posted)
FROM latency
WHERE is_recorded
GROUP BY facility_id, event_type, interface_us
UNION ALL
SELECT 'business_latency', facility_id, event_type, worked_s, count(*) FILTER (WHERE is_posted), count(*) FILTER (WHERE NOT is_posted)
FROM worked
GROUP BY facility_id, event_type, worked_s
