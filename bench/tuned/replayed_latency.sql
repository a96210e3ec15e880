-- What does not depend on the schedule is computed once an event, only schedules with runs are looked up by the minute, and a group
-- is one whole number of facility, schedule and duration.
WITH facility AS MATERIALIZED (
    SELECT facility_id, row_number() OVER ()::BIGINT AS f FROM (SELECT DISTINCT facility_id FROM shared.interface_event)
), plan AS MATERIALIZED (
    SELECT schedule, kind, row_number() OVER ()::BIGINT AS s
    FROM (SELECT DISTINCT schedule, kind FROM shared.schedule_wait UNION ALL VALUES ('measured', 'measured'), ('unchanged', 'unchanged'))
), event AS MATERIALIZED (
    SELECT
        f.f << 44 AS f, e.day_minute, e.age_s, e.sla_s, e.quantity, e.value_usd::DECIMAL(18, 4) AS value_usd, e.gap_s, e.latency_s,
        if(e.course = 'scheduled', e.capture_s + e.wait_s + e.other_process_s, e.latency_s) AS unchanged_s,
        if(e.course IN ('held_up', 'waiting', 'missing'), e.capture_s + e.wait_s + e.typical_s, e.latency_s) AS undisturbed_s,
        CASE e.course WHEN 'scheduled' THEN e.process_s + e.capture_s WHEN 'waiting' THEN e.typical_s + e.capture_s WHEN 'held_up' THEN e.capture_s END AS base_s,
        if(e.course IN ('held_up', 'bypassed'), e.latency_s, NULL) AS least_s
    FROM shared.interface_event e
    JOIN facility f USING (facility_id)
), replayed AS (
    SELECT e.f + (p.s << 34) AS k, e.age_s, e.sla_s, e.quantity, e.value_usd, greatest(e.least_s, e.base_s + (e.gap_s + w.wait_s)) AS latency_s
    FROM event e
    JOIN shared.schedule_wait w USING (day_minute)
    JOIN plan p ON p.schedule = w.schedule AND p.kind NOT IN ('at_once', 'undisturbed')
    UNION ALL
    SELECT
        e.f + (p.s << 34), e.age_s, e.sla_s, e.quantity, e.value_usd,
        CASE p.kind
            WHEN 'at_once' THEN greatest(e.least_s, e.base_s)
            WHEN 'undisturbed' THEN e.undisturbed_s
            WHEN 'unchanged' THEN e.unchanged_s
            ELSE e.latency_s
        END
    FROM event e
    JOIN plan p ON p.kind IN ('at_once', 'undisturbed', 'measured', 'unchanged')
), ended AS (
    SELECT k, sla_s, quantity, value_usd, least(latency_s, age_s) AS taken_s, coalesce(latency_s <= age_s, FALSE) AS is_finished FROM replayed
), counted AS (
    SELECT
        k + 8589934592 + if(abs(taken_s) < 3600, round(taken_s), 60 * round(taken_s / 60))::BIGINT AS k,
        count(*) AS n, count(*) FILTER (is_finished) AS finished_count, count(*) FILTER (is_finished OR taken_s > sla_s) AS due_count,
        count(*) FILTER (is_finished AND taken_s <= sla_s) AS in_time_count, sum(quantity) AS dark_units, sum(value_usd) AS dark_usd
    FROM ended
    GROUP BY ALL
)
SELECT
    f.facility_id, p.schedule, ((c.k & 17179869183) - 8589934592)::DOUBLE AS duration_s, c.finished_count, c.n - c.finished_count AS censored_count,
    c.due_count, c.in_time_count, c.dark_units, c.dark_usd
FROM counted c
JOIN facility f ON f.f = c.k >> 44
JOIN plan p ON p.s = (c.k >> 34) & 1023
