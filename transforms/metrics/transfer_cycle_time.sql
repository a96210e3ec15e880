/*
title: Transfer cycle time
question: How long do transfers take on each lane, and how many are still under way?
definition: Quantiles in seconds from first shipment to last receipt of received transfers, per lane, beside the number of open ones.
formula: "p50_s = median(received_at - shipped_at); within_sla_ratio = count(received in time) / due_count; km_p50_s = the smallest t with S(t) <= 0.5; km_within_sla_ratio = 1 - S(SLA)"
headline: p50_s
edge_rules:
  - transfers_count holds every transfer of the lane, open ones included; open_count those not received up to as_of, of which unshipped_count are only requested or approved.
  - p50 and p90 are over the timed_count transfers that were shipped and received, interpolated linearly; a receipt without a shipment has no cycle time.
  - km quantiles censor shipped, unreceived ones at as_of.
  - within_sla_ratio and km_within_sla_ratio are over shipped transfers; NULL where none is due, or shipped, or where neither end is known, so that no SLA is in force.
  - A lane end that no event names is NULL.
  - business quantiles count only the working time of the receiver's calendar (working_clock), of open transfers up to as_of; the SLA is elapsed time. All of them are NULL where that facility has no calendar, and else where those in elapsed time are or could be (none received, too many open).
source: domain model, headline measures; SCOR RS.3.139
owner: logistics manager
grain: [from_facility_id, to_facility_id]
direction: down_is_good
columns:
  from_facility_id: {unit: id, description: shipping facility, nullable: true}
  to_facility_id: {unit: id, description: receiving facility, nullable: true}
  transfers_count: {unit: count, description: transfers of the lane, min: 1}
  timed_count: {unit: count, description: 'shipped and received: those that the quantiles are over', min: 0}
  open_count: {unit: count, description: not received up to as_of, min: 0}
  unshipped_count: {unit: count, description: open ones that were not shipped either, min: 0}
  p50_s: {unit: s, description: median over received transfers, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over received transfers, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over received transfers, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over received transfers, nullable: true}
  km_p50_s: {unit: s, description: median with open transfers censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open transfers censored at as_of, nullable: true}
  km_p95_s: {unit: s, description: 95 % quantile with open transfers censored at as_of, nullable: true}
  km_p99_s: {unit: s, description: 99 % quantile with open transfers censored at as_of, nullable: true}
  due_count: {unit: count, description: 'denominator of within_sla_ratio: received, or under way for longer than the SLA', min: 0}
  within_sla_ratio: {unit: ratio, description: received within the transfer SLA / due_count, nullable: true, min: 0, max: 1}
  km_within_sla_ratio: {unit: ratio, description: estimated share that is received within its SLA, nullable: true, min: 0, max: 1}
  business_p50_s: {unit: s, description: median of received transfers in working seconds, nullable: true}
  business_p90_s: {unit: s, description: 90 % quantile of received transfers in working seconds, nullable: true}
  business_km_p50_s: {unit: s, description: 'median in working seconds with open transfers censored at as_of', nullable: true}
  business_km_p90_s: {unit: s, description: '90 % quantile in working seconds with open transfers censored at as_of', nullable: true}
*/
WITH lane AS (
    SELECT
        from_facility_id, to_facility_id,
        count(*) AS transfers_count,
        count(cycle_time_s) AS timed_count,
        count(*) - count(received_at) AS open_count,
        count(*) - count(coalesce(received_at, shipped_at)) AS unshipped_count
    FROM marts.transfers
    GROUP BY from_facility_id, to_facility_id
)
SELECT l.from_facility_id, l.to_facility_id, l.transfers_count, l.timed_count, l.open_count, l.unshipped_count,
    q.p50_s, q.p90_s, q.p95_s, q.p99_s,
    q.km_p50_s, q.km_p90_s, q.km_p95_s, q.km_p99_s,
    coalesce(a.due_count, 0) AS due_count, a.within_sla_ratio, a.km_within_sla_ratio,
    w.p50_s AS business_p50_s, w.p90_s AS business_p90_s, w.km_p50_s AS business_km_p50_s, w.km_p90_s AS business_km_p90_s
FROM lane l
LEFT JOIN shared.duration_quantile q
  ON q.measure = 'transfer_cycle_time' AND NOT q.is_total
 AND q.group_1 IS NOT DISTINCT FROM l.from_facility_id AND q.group_2 IS NOT DISTINCT FROM l.to_facility_id
LEFT JOIN shared.sla_attainment a
  ON a.measure = 'transfer_cycle_time' AND NOT a.is_total
 AND a.group_1 IS NOT DISTINCT FROM l.from_facility_id AND a.group_2 IS NOT DISTINCT FROM l.to_facility_id
LEFT JOIN shared.duration_quantile w
  ON w.measure = 'transfer_business_cycle_time' AND NOT w.is_total
 AND w.group_1 IS NOT DISTINCT FROM l.from_facility_id AND w.group_2 IS NOT DISTINCT FROM l.to_facility_id
