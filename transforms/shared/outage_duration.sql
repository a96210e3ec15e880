/*
title: Durations of recoveries from silence, counted
question: How often does each time from a silence of a feed to a cleared backlog occur?
definition: Seconds from the first missed interval of a feed to the instant at which its backlog was back, per facility and feed, counted recovered and open.
edge_rules:
  - An outage is open until the backlog is back at what it was before.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: feed_recovery}
  group_1: {unit: id, description: the facility, nullable: true}
  group_2: {unit: text, description: the feed, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT
    'feed_recovery' AS measure,
    o.facility_id AS group_1,
    o.feed AS group_2,
    o.age_s AS duration_s,
    count(o.recovered_at) AS finished_count,
    count(*) - count(o.recovered_at) AS censored_count
FROM marts.recovery_time o
GROUP BY o.facility_id, o.feed, o.age_s
