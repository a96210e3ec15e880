/*
title: Scorecard
question: How does each facility stand on each headline measure, against its target?
definition: One row per headline measure and facility with its value, the workspace's target and whether it is met.
formula: "value = the figure of the measure; is_met = value >= target where up_is_good, value <= target where down_is_good; is_material = not is_met and abs(value - target) >= materiality"
headline: value
edge_rules:
  - A facility without data for a measure has no row, except counts of exceptions and transfers, which are then 0.
  - Exactly on the target is met; without a target is_met is NULL.
  - A gap is material where the target is missed by at least the measure's materiality (setting materiality of the workspace, in the unit of the measure); exactly by it is. Where the target is met there is no gap, so it is FALSE. NULL without value, target or materiality; material_unknown_reason says which, the first of them.
  - Transfers count at the receiving facility.
not_to_be_confused_with: a ranking of sites; most variance of record accuracy lies inside a site, so compare with n in view
source: domain model, headline measures
owner: executive
grain: [metric, facility_id]
columns:
  metric: {unit: text, description: name of the measure}
  title: {unit: text, description: what people call it}
  facility_id: {unit: id, description: the facility}
  value: {unit: number, description: 'the figure, in `unit`', nullable: true}
  unit: {unit: text, description: 's, ratio or count'}
  target: {unit: number, description: from the workspace, nullable: true}
  direction: {unit: text, description: up_is_good or down_is_good}
  is_met: {unit: boolean, description: whether the value is at least as good as the target, nullable: true}
  materiality: {unit: number, description: 'least gap worth speaking of, from the workspace, in `unit`', nullable: true, min: 0}
  is_material: {unit: boolean, description: whether the target is missed by at least the materiality, nullable: true}
  material_unknown_reason: {unit: text, description: 'why is_material is NULL: no_value, no_target or no_materiality', nullable: true}
  n: {unit: count, description: cases the figure rests on, min: 0}
  model: {unit: text, description: the measure that the figure is taken from}
  place: {unit: number, description: order of the measures, min: 1}
*/
WITH latency AS (
    SELECT * FROM marts.latency_by_facility WHERE event_type IS NULL
), open_exception AS (
    SELECT
        f.facility_id,
        count(x.exception_id) AS open_count,
        count(*) FILTER (WHERE x.is_breached) AS breached_count
    FROM reference.facility f
    LEFT JOIN marts.exceptions x ON x.facility_id = f.facility_id AND x.resolved_at IS NULL
    GROUP BY f.facility_id
), inbound AS (
    SELECT
        f.facility_id,
        count(t.transfer_id) AS transfers_count,
        count(t.received_at) AS received_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY t.cycle_time_s) AS p50_s,
        count(t.cycle_time_s) AS timed_count
    FROM reference.facility f
    LEFT JOIN marts.transfers t ON t.to_facility_id = f.facility_id
    GROUP BY f.facility_id
), figure AS (
    SELECT 'latency_p50_s' AS metric, facility_id, p50_s AS value, posted_count AS n FROM latency
    UNION ALL SELECT 'latency_p90_s', facility_id, p90_s, posted_count FROM latency
    UNION ALL SELECT 'latency_km_p90_s', facility_id, km_p90_s, events_count FROM latency
    UNION ALL SELECT 'within_sla_ratio', facility_id, within_sla_ratio, due_count FROM latency
    UNION ALL SELECT 'unposted_count', facility_id, CAST(unposted_count AS DOUBLE), events_count FROM latency
    UNION ALL SELECT 'open_exceptions_count', facility_id, CAST(open_count AS DOUBLE), open_count FROM open_exception
    UNION ALL SELECT 'breached_exceptions_count', facility_id, CAST(breached_count AS DOUBLE), open_count FROM open_exception
    UNION ALL SELECT 'transfer_p50_s', facility_id, p50_s, timed_count FROM inbound WHERE timed_count > 0
    UNION ALL SELECT 'open_transfers_count', facility_id, CAST(transfers_count - received_count AS DOUBLE), transfers_count FROM inbound
    UNION ALL SELECT 'ira_strict_ratio', facility_id, ira_strict_ratio, comparable_count FROM marts.count_variance
    UNION ALL SELECT 'ira_tolerance_ratio', facility_id, ira_tolerance_ratio, comparable_count FROM marts.count_variance
    UNION ALL SELECT 'unit_accuracy_ratio', facility_id, unit_accuracy_ratio, comparable_count FROM marts.count_variance
)
SELECT
    f.metric,
    m.title,
    f.facility_id,
    f.value,
    m.unit,
    t.target,
    m.direction,
    CASE m.direction WHEN 'up_is_good' THEN f.value >= t.target ELSE f.value <= t.target END AS is_met,
    g.least_difference AS materiality,
    -- Decimals, so that a gap of exactly the materiality is one.
    CASE WHEN g.least_difference IS NOT NULL THEN
        CASE m.direction WHEN 'up_is_good' THEN f.value < t.target ELSE f.value > t.target END
        AND abs(CAST(f.value AS DECIMAL(24, 9)) - CAST(t.target AS DECIMAL(24, 9))) >= CAST(g.least_difference AS DECIMAL(24, 9))
    END AS is_material,
    CASE
        WHEN f.value IS NULL THEN 'no_value'
        WHEN t.target IS NULL THEN 'no_target'
        WHEN g.least_difference IS NULL THEN 'no_materiality'
    END AS material_unknown_reason,
    CAST(f.n AS BIGINT) AS n,
    m.model,
    m.place
FROM figure f
JOIN reference.scorecard_metric m ON m.metric = f.metric
LEFT JOIN reference.target t ON t.metric = f.metric
LEFT JOIN reference.materiality g ON g.metric = f.metric
