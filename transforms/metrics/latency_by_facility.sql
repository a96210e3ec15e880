/*
title: Latency by facility
question: How long does it take at each facility until the ERP knows, and how much of it is in time?
definition: Quantiles in seconds of event-to-posting latency per facility and event type, and the share within the posting SLA.
formula: "p90_s = 90 % quantile of posted_at - event_time; within_sla_ratio = count(posted in time) / due_count; km_p90_s = the smallest t with S(t) <= 0.1; km_within_sla_ratio = 1 - S(SLA)"
headline: p90_s
edge_rules:
  - event_type NULL is all types of the facility.
  - p50 to p99 are over posted events, interpolated linearly; NULL where none is posted.
  - km quantiles censor unposted events at as_of; NULL while more than that share is open.
  - "km_within_sla_ratio: 1 - S(SLA), unposted events censored; a lower bound where the last one is unposted and not yet as old as its SLA. All types together are held against each event's own SLA."
  - "within_sla_ratio: posted within the SLA / (posted, or unposted and strictly older than the SLA); NULL where that is zero."
  - business quantiles count only the working time of the facility's calendar (working_clock), of open events up to as_of; the SLA is elapsed time. All of them are NULL where the facility has no calendar, and else where those in elapsed time are or could be (nothing posted, too much open).
not_to_be_confused_with: the latency of the feed, which is about files
source: domain model, headline measures
owner: operations manager
grain: [facility_id, event_type]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: 'event type; NULL: all types', nullable: true}
  events_count: {unit: count, description: 'events whose posting is expected or exists', min: 1}
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
  within_sla_ratio: {unit: ratio, description: share in time of those that could be, nullable: true, min: 0, max: 1}
  km_within_sla_ratio: {unit: ratio, description: estimated share that is posted within its SLA, min: 0, max: 1}
  due_count: {unit: count, description: 'denominator of within_sla_ratio: posted, or unposted and older than the SLA', min: 0}
  business_p50_s: {unit: s, description: median of posted events in working seconds, nullable: true}
  business_p90_s: {unit: s, description: 90 % quantile of posted events in working seconds, nullable: true}
  business_km_p50_s: {unit: s, description: 'median in working seconds with unposted events censored at as_of', nullable: true}
  business_km_p90_s: {unit: s, description: '90 % quantile in working seconds with unposted events censored at as_of', nullable: true}
*/
WITH typed AS (
    SELECT
        facility_id,
        event_type,
        count(*) AS events_count,
        count(*) FILTER (WHERE is_posted) AS posted_count,
        count(*) FILTER (WHERE is_posted AND NOT is_late) AS in_time_count,
        count(*) FILTER (WHERE is_posted OR is_late) AS due_count
    FROM marts.event_latency
    GROUP BY facility_id, event_type
), counted AS (
    SELECT facility_id, event_type, FALSE AS is_total, events_count, posted_count, in_time_count, due_count
    FROM typed
    UNION ALL
    SELECT facility_id, CAST(NULL AS STRING) AS event_type, TRUE AS is_total,
        sum(events_count) AS events_count, sum(posted_count) AS posted_count,
        sum(in_time_count) AS in_time_count, sum(due_count) AS due_count
    FROM typed
    GROUP BY facility_id
)
SELECT
    c.facility_id,
    c.event_type,
    CAST(c.events_count AS BIGINT) AS events_count,
    CAST(c.posted_count AS BIGINT) AS posted_count,
    CAST(c.events_count - c.posted_count AS BIGINT) AS unposted_count,
    q.p50_s,
    q.p90_s,
    q.p95_s,
    q.p99_s,
    q.km_p50_s,
    q.km_p90_s,
    q.km_p95_s,
    q.km_p99_s,
    CAST(c.in_time_count AS DOUBLE) / nullif(c.due_count, 0) AS within_sla_ratio,
    a.km_within_sla_ratio,
    CAST(c.due_count AS BIGINT) AS due_count,
    w.p50_s AS business_p50_s,
    w.p90_s AS business_p90_s,
    w.km_p50_s AS business_km_p50_s,
    w.km_p90_s AS business_km_p90_s
FROM counted c
JOIN shared.duration_quantile q
  ON q.measure = 'event_latency' AND q.group_1 = c.facility_id AND q.is_total = c.is_total
 AND coalesce(q.group_2, '') = coalesce(c.event_type, '')
JOIN shared.sla_attainment a
  ON a.measure = 'event_latency' AND a.group_1 = c.facility_id AND a.is_total = c.is_total
 AND coalesce(a.group_2, '') = coalesce(c.event_type, '')
LEFT JOIN shared.duration_quantile w
  ON w.measure = 'business_latency' AND w.group_1 = c.facility_id AND w.is_total = c.is_total
 AND coalesce(w.group_2, '') = coalesce(c.event_type, '')
