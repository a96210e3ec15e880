/*
title: Latency by hour and weekday
question: At which hours does posting fall behind?
definition: Quantiles in seconds of event-to-posting latency by local weekday and hour of the event, per facility and event type.
formula: "p50_s = median(posted_at - event_time); within_sla_ratio = count(posted in time) / count(posted, or unposted and older than the SLA)"
headline: p50_s
edge_rules:
  - Weekday 1 is Monday; weekday and hour are local to the facility, so a clock change loses and doubles no hour.
  - event_type NULL is all types; quantiles are over posted events, NULL where none is posted.
  - within_sla_ratio as in latency by facility.
source: domain model, headline measures
owner: operations manager
grain: [facility_id, event_type, weekday, hour]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: 'event type; NULL: all types', nullable: true}
  weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
  hour: {unit: number, description: local hour, min: 0, max: 23}
  events_count: {unit: count, description: events, min: 1}
  posted_count: {unit: count, description: posted ones, min: 0}
  p50_s: {unit: s, description: median over posted events, nullable: true}
  p90_s: {unit: s, description: 90 % quantile over posted events, nullable: true}
  due_count: {unit: count, description: 'denominator of within_sla_ratio: posted, or unposted and older than the SLA', min: 0}
  within_sla_ratio: {unit: ratio, description: share in time of those that could be, nullable: true, min: 0, max: 1}
*/
SELECT
    facility_id,
    event_type,
    weekday,
    hour,
    count(*) AS events_count,
    count(latency_s) AS posted_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY latency_s) AS p90_s,
    count(*) FILTER (WHERE is_posted OR is_late) AS due_count,
    CAST(count(*) FILTER (WHERE is_posted AND NOT is_late) AS DOUBLE)
        / nullif(count(*) FILTER (WHERE is_posted OR is_late), 0) AS within_sla_ratio
FROM (
    SELECT facility_id, event_type, latency_s, is_posted, is_late, local_weekday AS weekday, local_hour AS hour FROM marts.event_latency
) AS placed
GROUP BY GROUPING SETS ((facility_id, event_type, weekday, hour), (facility_id, weekday, hour))
