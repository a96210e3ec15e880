-- Microseconds in whole numbers; only the part within the SLA, and there only what is censored, is ever put in order.
WITH timed AS (
    SELECT 'event_latency' AS measure, facility_id AS group_1, event_type AS group_2,
        epoch_us(coalesce(posted_at, v.as_of)) - epoch_us(event_time) - sla_s * 1e6 AS excess, is_posted AS is_finished
    FROM marts.event_latency, reference.evaluation v
    UNION ALL
    SELECT 'transfer_cycle_time', t.from_facility_id, t.to_facility_id,
        (coalesce(t.cycle_time_s, epoch_us(v.as_of) / 1e6 - epoch_us(t.shipped_at) / 1e6) - coalesce(own.sla_s, sender.sla_s)) * 1e6, t.cycle_time_s IS NOT NULL
    FROM marts.transfers t
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.transfer_sla own ON own.to_facility_id = t.to_facility_id AND own.from_facility_id IS NOT DISTINCT FROM t.from_facility_id
    LEFT JOIN shared.transfer_sla sender ON sender.to_facility_id = t.from_facility_id AND sender.from_facility_id IS NULL
    WHERE t.shipped_at IS NOT NULL
    UNION ALL
    SELECT 'exception_resolution', facility_id, rule, (age_s - sla_s) * 1e6, resolved_at IS NOT NULL FROM marts.exceptions
    UNION ALL
    SELECT 'message_acknowledgement', m.interface, m.facility_id,
        epoch_us(least(coalesce(m.acknowledged_at, v.as_of), v.as_of)) - epoch_us(m.sent_at) - coalesce(s.sla_s, base.seconds) * 1e6,
        coalesce(m.acknowledged_at <= v.as_of, FALSE)
    FROM canonical.integration_message m
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.acknowledgement_sla s ON s.facility_id = m.facility_id
    LEFT JOIN reference.sla base ON base.sla_kind = 'acknowledgement' AND base.facility_id IS NULL AND base.facility_kind IS NULL
    SEMI JOIN (SELECT interface FROM canonical.integration_message, reference.evaluation WHERE acknowledged_at <= as_of) k ON k.interface IS NOT DISTINCT FROM m.interface
), counted AS MATERIALIZED (
    SELECT measure, group_1, group_2, if(excess <= 0, round(excess)::BIGINT, NULL) AS excess, count(*) FILTER (is_finished) AS d, count(*) FILTER (NOT is_finished) AS c
    FROM timed
    WHERE excess IS NOT NULL
    GROUP BY ALL
), totalled AS MATERIALIZED (
    SELECT measure, group_1, group_2, FALSE AS is_total, excess, d, c FROM counted
    UNION ALL
    SELECT measure, group_1, NULL, TRUE, excess, sum(d)::BIGINT, sum(c)::BIGINT FROM counted GROUP BY ALL
), keyed AS MATERIALIZED (
    SELECT
        row_number() OVER ()::INTEGER AS k, measure, group_1, group_2, is_total, sum(d + c)::BIGINT AS cases, sum(c)::BIGINT AS open,
        coalesce(sum(d + c) FILTER (excess IS NULL), 0)::BIGINT AS over, coalesce(sum(d) FILTER (excess IS NOT NULL), 0)::BIGINT AS in_time,
        coalesce(sum(c) FILTER (excess IS NOT NULL), 0)::BIGINT AS censored, max(excess) AS last
    FROM totalled
    GROUP BY measure, group_1, group_2, is_total
), placed AS (
    -- Only groups in which a case is still open within its SLA.
    SELECT k.k, k.cases, t.excess, t.c, k.last, k.cases - sum(t.d + t.c) OVER (PARTITION BY k.k ORDER BY t.excess ROWS UNBOUNDED PRECEDING) AS beyond
    FROM totalled t
    JOIN keyed k ON k.measure = t.measure AND k.is_total = t.is_total AND k.group_1 IS NOT DISTINCT FROM t.group_1 AND k.group_2 IS NOT DISTINCT FROM t.group_2
    WHERE k.censored > 0 AND t.excess IS NOT NULL
), survived AS MATERIALIZED (
    SELECT
        k,
        (max(beyond + c) FILTER (excess = last) / any_value(cases))
            * exp(coalesce(sum(ln((beyond + c) / beyond)) FILTER (c > 0 AND beyond > 0 AND excess < last), 0)) AS s,
        bool_or(beyond = 0 AND excess < 0 AND c > 0) AS is_unfinished
    FROM placed
    GROUP BY k
)
SELECT
    k.measure, k.group_1, k.group_2, k.is_total, k.cases AS cases_count, k.open AS open_count, k.over + k.in_time AS due_count,
    k.in_time AS in_time_count, k.in_time / nullif(k.over + k.in_time, 0) AS within_sla_ratio,
    1 - least(if(k.censored > 0, s.s, if(k.last IS NULL, 1, k.over / k.cases)), 1) AS km_within_sla_ratio,
    coalesce(s.is_unfinished, FALSE) AS is_km_lower_bound
FROM keyed k
LEFT JOIN survived s USING (k)
