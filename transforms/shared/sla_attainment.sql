/*
title: Attainment of SLAs
question: Which share of the cases ends within its SLA, with and without the open ones?
definition: Per measure and group, the cases that ended within their SLA over those that ended or are overdue, beside the Kaplan-Meier estimate of the share that ends within its SLA.
formula: within_sla_ratio = in time / (finished + open and overdue); km_within_sla_ratio = 1 - S(0), S the Kaplan-Meier curve of duration - SLA
edge_rules:
  - Exactly on the SLA is in time; an open case is overdue when it is strictly older than its SLA. An open case that is not yet overdue is in neither part of the ratio; NULL where nothing is due.
  - Every case is held against its own SLA, so the curve is one of duration less SLA, read at 0; where all cases share an SLA that is S(SLA). Finished before censored where they are equal.
  - A measure without an SLA has no row here, and neither has a case without one. An interface of which no message states an acknowledgement up to as_of may state none ever, and has no row either.
  - Past the last case, where that is open, the curve is kept as it was; km_within_sla_ratio is then a lower bound, and is_km_lower_bound says so.
  - is_total rows are over all values of group_2.
source: "Kaplan and Meier 1958; domain model, headline measures"
owner: data engineer
grain: [measure, group_1, group_2, is_total]
direction: up_is_good
columns:
  measure: {unit: text, description: 'event_latency, transfer_cycle_time, exception_resolution or message_acknowledgement'}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, the receiving facility of a lane, the rule, or the facility of an interface', nullable: true}
  is_total: {unit: boolean, description: whether group_2 is every value}
  cases_count: {unit: count, description: cases with an SLA, min: 1}
  open_count: {unit: count, description: those still open at as_of, min: 0}
  due_count: {unit: count, description: 'denominator of within_sla_ratio: finished, or open and older than the SLA', min: 0}
  in_time_count: {unit: count, description: finished within the SLA, min: 0}
  within_sla_ratio: {unit: ratio, description: in_time_count / due_count, nullable: true, min: 0, max: 1}
  km_within_sla_ratio: {unit: ratio, description: Kaplan-Meier estimate of the share that ends within its SLA, min: 0, max: 1}
  is_km_lower_bound: {unit: boolean, description: whether the last case is open and has not reached its SLA}
*/
WITH timed AS (
    SELECT
        'event_latency' AS measure, l.facility_id AS group_1, l.event_type AS group_2,
        CASE WHEN l.is_posted THEN l.latency_s ELSE seconds_between(l.event_time, e.as_of) END - l.sla_s AS excess_s,
        l.is_posted AS is_finished
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation e
    UNION ALL
    SELECT
        'transfer_cycle_time' AS measure, t.from_facility_id AS group_1, t.to_facility_id AS group_2,
        coalesce(t.cycle_time_s, seconds_between(t.shipped_at, e.as_of)) - coalesce(own.sla_s, sender.sla_s) AS excess_s,
        t.cycle_time_s IS NOT NULL AS is_finished
    FROM marts.transfers t
    CROSS JOIN reference.evaluation e
    LEFT JOIN shared.transfer_sla own
      ON own.to_facility_id = t.to_facility_id AND own.from_facility_id IS NOT DISTINCT FROM t.from_facility_id
    LEFT JOIN shared.transfer_sla sender
      ON sender.to_facility_id = t.from_facility_id AND sender.from_facility_id IS NULL
    WHERE t.shipped_at IS NOT NULL
    UNION ALL
    SELECT
        'exception_resolution' AS measure, x.facility_id AS group_1, x.rule AS group_2,
        x.age_s - x.sla_s AS excess_s, x.resolved_at IS NOT NULL AS is_finished
    FROM marts.exceptions x
    UNION ALL
    SELECT
        'message_acknowledgement' AS measure, m.interface AS group_1, m.facility_id AS group_2,
        seconds_between(m.sent_at, coalesce(m.acknowledged_at, e.as_of)) - coalesce(s.sla_s, base.seconds) AS excess_s,
        m.acknowledged_at IS NOT NULL AS is_finished
    FROM shared.message_wait m
    CROSS JOIN reference.evaluation e
    LEFT JOIN shared.acknowledgement_sla s ON s.facility_id = m.facility_id
    LEFT JOIN reference.sla base
      ON base.sla_kind = 'acknowledgement' AND base.facility_id IS NULL AND base.facility_kind IS NULL
    WHERE m.is_acknowledging
), counted AS (
    -- What lies beyond the SLA is one row without an excess, the last.
    SELECT
        measure, group_1, group_2,
        CASE WHEN excess_s <= 0 THEN excess_s END AS excess_s,
        count(*) FILTER (WHERE is_finished) AS finished,
        count(*) FILTER (WHERE NOT is_finished) AS censored
    FROM timed
    WHERE excess_s IS NOT NULL
    GROUP BY measure, group_1, group_2, CASE WHEN excess_s <= 0 THEN excess_s END
), totalled AS (
    SELECT measure, group_1, group_2, FALSE AS is_total, excess_s, finished, censored FROM counted
    UNION ALL
    SELECT measure, group_1, CAST(NULL AS STRING) AS group_2, TRUE AS is_total, excess_s,
        sum(finished) AS finished, sum(censored) AS censored
    FROM counted
    GROUP BY measure, group_1, excess_s
), summed AS (
    SELECT
        measure, group_1, group_2, is_total,
        CAST(sum(finished + censored) AS DOUBLE) AS cases,
        sum(censored) AS open_cases,
        sum(CASE WHEN excess_s IS NULL THEN finished + censored ELSE finished END) AS due,
        sum(CASE WHEN excess_s IS NULL THEN 0 ELSE finished END) AS in_time,
        sum(CASE WHEN excess_s IS NULL THEN finished + censored ELSE 0 END) AS beyond_sla,
        sum(CASE WHEN excess_s IS NULL THEN 0 ELSE censored END) AS young
    FROM totalled
    GROUP BY measure, group_1, group_2, is_total
), placed AS (
    -- Only where a case is open within its SLA is the survival there not simply the share of those beyond it.
    SELECT
        t.measure, t.group_1, t.group_2, t.is_total, t.excess_s, t.censored, s.cases,
        s.cases - CAST(sum(t.finished + t.censored) OVER (
            PARTITION BY t.measure, t.group_1, t.group_2, t.is_total ORDER BY t.excess_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS DOUBLE) AS beyond
    FROM totalled t
    JOIN summed s
      ON s.measure = t.measure AND s.is_total = t.is_total
     AND s.group_1 IS NOT DISTINCT FROM t.group_1 AND s.group_2 IS NOT DISTINCT FROM t.group_2
    WHERE s.young > 0 AND t.excess_s IS NOT NULL
), survival AS (
    SELECT
        *,
        (beyond + censored) / cases * exp(coalesce(sum(
            CASE WHEN censored > 0 AND beyond > 0 THEN ln((beyond + censored) / beyond) ELSE 0 END
        ) OVER (
            PARTITION BY measure, group_1, group_2, is_total ORDER BY excess_s
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)) AS s
    FROM placed
), survived AS (
    SELECT
        measure, group_1, group_2, is_total,
        min(s) AS s,
        max(CASE WHEN beyond = 0 AND excess_s < 0 AND censored > 0 THEN 1 ELSE 0 END) AS is_unfinished
    FROM survival
    GROUP BY measure, group_1, group_2, is_total
)
SELECT
    g.measure, g.group_1, g.group_2, g.is_total,
    CAST(g.cases AS BIGINT) AS cases_count,
    CAST(g.open_cases AS BIGINT) AS open_count,
    CAST(g.due AS BIGINT) AS due_count,
    CAST(g.in_time AS BIGINT) AS in_time_count,
    CAST(g.in_time AS DOUBLE) / nullif(g.due, 0) AS within_sla_ratio,
    1 - least(coalesce(v.s, CAST(g.beyond_sla AS DOUBLE) / nullif(g.cases, 0)), 1) AS km_within_sla_ratio,
    coalesce(v.is_unfinished = 1, FALSE) AS is_km_lower_bound
FROM summed g
LEFT JOIN survived v
  ON v.measure = g.measure AND v.is_total = g.is_total
 AND v.group_1 IS NOT DISTINCT FROM g.group_1 AND v.group_2 IS NOT DISTINCT FROM g.group_2
