/*
title: Latencies under other schedules, counted
question: How often would each event-to-posting latency occur if the interface ran at other times?
definition: Events per facility, schedule and latency in seconds, finished and open, with the quantities and values that were dark for so long.
edge_rules:
  - An event whose new posting would lie after as_of is open; an open one has its age.
  - Seconds are whole up to an hour, and whole minutes from there on, rounded to the nearest.
source: domain model, headline measures
owner: integration lead
grain: [facility_id, schedule, duration_s]
columns:
  facility_id: {unit: id, description: the facility}
  schedule: {unit: text, description: 'measured, unchanged, or a schedule that can be asked for'}
  duration_s: {unit: s, description: 'latency, or age of an open event'}
  finished_count: {unit: count, description: events posted after this duration, min: 0}
  censored_count: {unit: count, description: events open after this duration, min: 0}
  due_count: {unit: count, description: 'events posted, or open and older than their SLA', min: 0}
  in_time_count: {unit: count, description: events posted within their SLA, min: 0}
  dark_units: {unit: units, description: their absolute quantities, nullable: true}
  dark_usd: {unit: usd, description: the values of these, nullable: true}
additivity: additive
*/
WITH ended AS (
    SELECT
        facility_id, schedule, quantity, value_usd, sla_s,
        CASE WHEN latency_s <= age_s THEN latency_s ELSE age_s END AS taken_s,
        coalesce(latency_s <= age_s, FALSE) AS is_finished
    FROM shared.replayed_event
), rounded AS (
    SELECT
        *,
        CASE WHEN abs(taken_s) < 3600 THEN round(taken_s) ELSE 60 * round(taken_s / 60) END AS duration_s
    FROM ended
)
SELECT
    facility_id,
    schedule,
    duration_s,
    count(*) FILTER (WHERE is_finished) AS finished_count,
    count(*) FILTER (WHERE NOT is_finished) AS censored_count,
    count(*) FILTER (WHERE is_finished OR taken_s > sla_s) AS due_count,
    count(*) FILTER (WHERE is_finished AND taken_s <= sla_s) AS in_time_count,
    CAST(sum(quantity) AS DECIMAL(38, 6)) AS dark_units,
    CAST(sum(CAST(value_usd AS DECIMAL(18, 4))) AS DECIMAL(38, 4)) AS dark_usd
FROM rounded
GROUP BY facility_id, schedule, duration_s
