/*
title: Latency by shift
question: Which shift leaves its movements unposted?
definition: Quantiles in seconds of event-to-posting latency per facility and shift.
formula: "p50_s = median(posted_at - event_time); km_p50_s = the smallest t with S(t) <= 0.5, unposted events censored at as_of"
headline: p50_s
edge_rules:
  - A shift that the events do not state is a NULL row.
  - p50 to p99 are over posted events, NULL where none is; km quantiles censor unposted ones at as_of, NULL while more than that share is open.
not_to_be_confused_with: latency by hour, which goes by the clock on the wall
source: domain model, headline measures
owner: operations manager
grain: [facility_id, shift]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  shift: {unit: text, description: 'shift in which it happened; NULL: not stated', nullable: true}
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
*/
SELECT
    group_1 AS facility_id,
    group_2 AS shift,
    finished_count + open_count AS events_count,
    finished_count AS posted_count,
    open_count AS unposted_count,
    p50_s,
    p90_s,
    p95_s,
    p99_s,
    km_p50_s,
    km_p90_s,
    km_p95_s,
    km_p99_s
FROM shared.duration_quantile
WHERE measure = 'latency_by_shift' AND NOT is_total
