/*
title: Latency by supplier
question: Whose receipts take longest to reach the books?
definition: Quantiles in seconds of event-to-posting latency per facility and supplier, over events that state a supplier, and the share within the posting SLA.
formula: "p50_s = median(posted_at - event_time); km_p50_s = the smallest t with S(t) <= 0.5, unposted events censored at as_of; within_sla_ratio = count(posted in time) / due_count"
headline: p50_s
edge_rules:
  - Only events that state a supplier are here, which are those of receiving.
  - p50 to p99 are over posted events, NULL where none is; km quantiles censor unposted ones at as_of, NULL while more than that share is open.
  - "within_sla_ratio: posted within the SLA / (posted, or unposted and strictly older than the SLA); NULL where that is zero. Exactly on the SLA is in time."
source: domain model, headline measures
owner: purchasing
grain: [facility_id, supplier_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  supplier_id: {unit: id, description: the supplier}
  supplier_name: {unit: text, description: 'what people call it; NULL: the suppliers of the workspace do not say', nullable: true}
  events_count: {unit: count, description: events whose posting is expected or exists, min: 1}
  posted_count: {unit: count, description: posted up to as_of, min: 0}
  unposted_count: {unit: count, description: not posted up to as_of, min: 0}
  p50_s: {unit: s, description: median over posted events, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over posted events, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over posted events, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over posted events, nullable: true}
  km_p50_s: {unit: s, description: median with unposted events censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with unposted events censored at as_of, nullable: true}
  km_p95_s: {unit: s, description: 95 % quantile with unposted events censored at as_of, nullable: true}
  km_p99_s: {unit: s, description: 99 % quantile with unposted events censored at as_of, nullable: true}
  due_count: {unit: count, description: 'denominator of within_sla_ratio: posted, or unposted and older than the SLA', min: 0}
  within_sla_ratio: {unit: ratio, description: share in time of those that could be, nullable: true, min: 0, max: 1}
*/
WITH attained AS (
    SELECT
        facility_id,
        supplier_id,
        count(*) FILTER (WHERE is_posted OR is_late) AS due_count,
        count(*) FILTER (WHERE is_posted AND NOT is_late) AS in_time_count
    FROM marts.event_latency
    GROUP BY facility_id, supplier_id
)
SELECT
    q.group_1 AS facility_id,
    q.group_2 AS supplier_id,
    n.name AS supplier_name,
    q.finished_count + q.open_count AS events_count,
    q.finished_count AS posted_count,
    q.open_count AS unposted_count,
    q.p50_s,
    q.p90_s,
    q.p95_s,
    q.p99_s,
    q.km_p50_s,
    q.km_p90_s,
    q.km_p95_s,
    q.km_p99_s,
    a.due_count,
    CAST(a.in_time_count AS DOUBLE) / nullif(a.due_count, 0) AS within_sla_ratio
FROM shared.duration_quantile q
JOIN attained a ON a.facility_id = q.group_1 AND a.supplier_id = q.group_2
LEFT JOIN reference.supplier n ON n.supplier_id = q.group_2
WHERE q.measure = 'latency_by_supplier' AND NOT q.is_total
