/*
title: Durations, open cases counted
question: How long does each thing that can stay open take, how much of it is in time, and what do the open cases change?
definition: Quantiles in seconds over finished cases beside Kaplan-Meier quantiles with open cases censored at as_of, and both shares within the SLA, per measure and group.
formula: km_p50_s = the smallest t with S(t) <= 0.5, and so for every other quantile; within_sla_ratio = in time / (finished + open and overdue); km_within_sla_ratio = 1 - S(SLA)
headline: km_p50_s
edge_rules:
  - What the groups are depends on the measure; an exception's are facility and rule, an event's facility and event type, a transfer's the two ends of its lane, a message's interface and facility. is_total rows are over all values of group_2.
  - A Kaplan-Meier quantile is NULL while more than its share is still open; a naive one where nothing is finished.
  - Measures without an SLA (responses and waits of messages, of which none is open) have NULL in every column of the SLA.
  - is_km_lower_bound marks a share that is at least the one shown, since the last case is open and not yet as old as its SLA.
not_to_be_confused_with: latency_by_facility, which is one of these measures with its own names
source: "Kaplan and Meier 1958; domain model, headline measures"
owner: operations manager
grain: [measure, group_1, group_2, is_total]
direction: down_is_good
columns:
  measure: {unit: text, description: 'event_latency, transfer_cycle_time, exception_resolution, message_acknowledgement and others'}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, the receiving facility of a lane, the rule, or the facility of an interface', nullable: true}
  is_total: {unit: boolean, description: whether group_2 is every value}
  finished_count: {unit: count, description: 'finished cases, those of the naive quantiles', min: 0}
  open_count: {unit: count, description: cases open at as_of, min: 0}
  p50_s: {unit: s, description: median over finished cases, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over finished cases, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over finished cases, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over finished cases, nullable: true}
  km_p50_s: {unit: s, description: median with open cases censored, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open cases censored, nullable: true}
  km_p95_s: {unit: s, description: 95 % quantile with open cases censored, nullable: true}
  km_p99_s: {unit: s, description: 99 % quantile with open cases censored, nullable: true}
  due_count: {unit: count, description: 'denominator of within_sla_ratio', nullable: true, min: 0}
  within_sla_ratio: {unit: ratio, description: share in time of those that could be, nullable: true, min: 0, max: 1}
  km_within_sla_ratio: {unit: ratio, description: estimated share that ends within its SLA, nullable: true, min: 0, max: 1}
  is_km_lower_bound: {unit: boolean, description: whether that share is a lower bound, nullable: true}
*/
SELECT
    q.measure,
    q.group_1,
    q.group_2,
    q.is_total,
    q.finished_count,
    q.open_count,
    q.p50_s,
    q.p90_s,
    q.p95_s,
    q.p99_s,
    q.km_p50_s,
    q.km_p90_s,
    q.km_p95_s,
    q.km_p99_s,
    a.due_count,
    a.within_sla_ratio,
    a.km_within_sla_ratio,
    a.is_km_lower_bound
FROM shared.duration_quantile q
LEFT JOIN shared.sla_attainment a
  ON a.measure = q.measure AND a.is_total = q.is_total
 AND a.group_1 IS NOT DISTINCT FROM q.group_1 AND a.group_2 IS NOT DISTINCT FROM q.group_2
