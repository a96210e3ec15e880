-- Whole microseconds instead of decimals; events are joined to the exceptions of the two rules only.
WITH latency AS MATERIALIZED (
    SELECT
        facility_id, count(*) AS n, sum(greatest(epoch_us(recorded_at) - epoch_us(event_time), 0))::DOUBLE AS capture,
        sum(greatest(epoch_us(posted_at) - epoch_us(recorded_at), 0))::DOUBLE AS interface
    FROM marts.event_latency
    WHERE is_posted AND recorded_at IS NOT NULL
    GROUP BY facility_id
), asked AS MATERIALIZED (
    SELECT facility_id, reference_id FROM marts.exceptions WHERE rule IN ('late_posting', 'missing_posting')
), found AS (
    SELECT a.facility_id, epoch_us(l.recorded_at) - epoch_us(l.event_time) > l.sla_s * 1e6 AS is_late_capture
    FROM asked a
    LEFT JOIN marts.event_latency l ON l.event_id = a.reference_id
), exception AS (
    SELECT facility_id, sum(process) AS process, sum(integration) AS integration, sum(unclassed) AS unclassed
    FROM (
        SELECT facility_id, count(*) FILTER (queue IS DISTINCT FROM 'integration') AS process, count(*) FILTER (queue = 'integration') AS integration, 0 AS unclassed
        FROM marts.exceptions WHERE rule NOT IN ('late_posting', 'missing_posting') GROUP BY facility_id
        UNION ALL
        SELECT facility_id, count(*) FILTER (is_late_capture), count(*) FILTER (NOT is_late_capture), count(*) FILTER (is_late_capture IS NULL) FROM found GROUP BY facility_id
    )
    GROUP BY facility_id
), message AS (
    SELECT
        facility_id, sum(messages_count)::BIGINT AS messages, sum(round(retry_ratio * attempts_known_count)) / nullif(sum(attempts_known_count), 0) AS retry,
        sum(round(failure_ratio * known_statuses_count)) / nullif(sum(known_statuses_count), 0) AS failure
    FROM marts.integration_health
    GROUP BY facility_id
), feed AS (
    SELECT h.facility_id, arg_max(h.status, coalesce(s.above_intervals, -1)) AS worst
    FROM marts.feed_health h
    JOIN reference.feed_status s ON s.status = h.status
    GROUP BY h.facility_id
), figure AS (
    SELECT
        f.facility_id, coalesce(l.n, 0) AS timed_count, l.capture / nullif(l.capture + l.interface, 0) AS c, l.interface / nullif(l.capture + l.interface, 0) AS i,
        coalesce(x.process, 0)::BIGINT AS p, coalesce(x.integration, 0)::BIGINT AS n, coalesce(x.unclassed, 0)::BIGINT AS u, coalesce(m.messages, 0) AS messages,
        round(m.retry, 12) AS retry, round(m.failure, 12) AS failure, w.worst
    FROM reference.facility f
    LEFT JOIN latency l USING (facility_id)
    LEFT JOIN exception x USING (facility_id)
    LEFT JOIN message m USING (facility_id)
    LEFT JOIN feed w USING (facility_id)
), voted AS (
    SELECT
        *, CASE WHEN 3 * c >= 2 THEN 'process' WHEN 3 * c <= 1 THEN 'integration' END AS v1,
        CASE WHEN p + n = 0 THEN NULL WHEN p >= 2 * n THEN 'process' WHEN n >= 2 * p THEN 'integration' END AS v2,
        if(failure > 0.01 OR retry > 0.1 OR worst IN ('stale', 'silent'), 'integration', NULL) AS v3
    FROM figure
), counted AS (
    SELECT *, len(list_filter([v1, v2, v3], lambda v: v = 'process')) AS for_process, len(list_filter([v1, v2, v3], lambda v: v = 'integration')) AS for_integration
    FROM voted
)
SELECT
    facility_id, timed_count, c AS capture_share_ratio, i AS interface_share_ratio, p AS process_exceptions_count, n AS integration_exceptions_count,
    u AS unclassed_exceptions_count, messages AS messages_count, retry AS retry_ratio, failure AS failure_ratio, worst AS worst_feed_status,
    v1 AS latency_vote, v2 AS exceptions_vote, v3 AS interface_vote,
    CASE WHEN for_process + for_integration = 0 THEN NULL WHEN for_process > for_integration THEN 'process' WHEN for_integration > for_process THEN 'integration' ELSE 'mixed' END AS verdict,
    CASE
        WHEN for_process + for_integration > 0 THEN NULL
        WHEN timed_count = 0 AND p + n = 0 THEN 'no posted event states recorded_at, and no exception can be classed'
        ELSE 'no sign is clear enough'
    END AS unknown_reason
FROM counted
