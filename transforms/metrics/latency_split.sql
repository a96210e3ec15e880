/*
title: Latency split into capture and interface
question: Where is the time lost - until the floor is recorded, or until the record is posted?
definition: Quantiles in seconds of capture (event to record), interface (record to posting) and both together, per facility and event type.
formula: "capture = recorded_at - event_time; interface = posted_at - recorded_at; total = posted_at - event_time; p50_s = median of the part"
headline: p50_s
edge_rules:
  - event_type NULL is all types of the facility.
  - "part: capture runs from event_time to recorded_at, interface from recorded_at to posted_at, total from event_time to posted_at."
  - Events that state no recorded_at are in total only; those recorded after as_of are open in capture and absent from interface.
  - p50 to p99 are over finished cases, NULL where none is; km quantiles censor open ones at as_of, NULL while more than that share is open.
  - Quantiles of the parts do not add up to those of the total; the durations of one event do.
not_to_be_confused_with: response times of messages, which are about the interface alone
source: "domain model, five clocks; EPCIS 2.0 eventTime and recordTime"
owner: integration lead
grain: [facility_id, event_type, part]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: 'event type; NULL: all types', nullable: true}
  part: {unit: text, description: 'capture, interface or total'}
  cases_count: {unit: count, description: events, min: 1}
  finished_count: {unit: count, description: those that came to the end of the part, min: 0}
  open_count: {unit: count, description: those still in it at as_of, min: 0}
  p50_s: {unit: s, description: median over finished cases, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over finished cases, nullable: true}
  p95_s: {unit: s, description: 95 % quantile over finished cases, nullable: true}
  p99_s: {unit: s, description: 99 % quantile over finished cases, nullable: true}
  km_p50_s: {unit: s, description: median with open cases censored at as_of, nullable: true}
  km_p90_s: {unit: s, description: 90 % quantile with open cases censored at as_of, nullable: true}
  km_p95_s: {unit: s, description: 95 % quantile with open cases censored at as_of, nullable: true}
  km_p99_s: {unit: s, description: 99 % quantile with open cases censored at as_of, nullable: true}
*/
SELECT
    group_1 AS facility_id,
    group_2 AS event_type,
    CASE measure WHEN 'capture_latency' THEN 'capture' WHEN 'interface_latency' THEN 'interface' ELSE 'total' END AS part,
    finished_count + open_count AS cases_count,
    finished_count,
    open_count,
    p50_s,
    p90_s,
    p95_s,
    p99_s,
    km_p50_s,
    km_p90_s,
    km_p95_s,
    km_p99_s
FROM shared.duration_quantile
WHERE measure IN ('capture_latency', 'interface_latency', 'event_latency')
