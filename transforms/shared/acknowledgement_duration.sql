/*
title: Durations of acknowledgements, counted
question: How often does each time from sending to acknowledgement of a message occur?
definition: Seconds from sending to acknowledgement of messages per interface and facility, counted acknowledged and open.
edge_rules:
  - A message is open until it is acknowledged, a failed one too; an acknowledgement later than as_of is not known yet.
  - An interface of which no message states an acknowledgement up to as_of may state none ever, and its messages are not counted.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: message_acknowledgement}
  group_1: {unit: id, description: an interface, nullable: true}
  group_2: {unit: text, description: the facility that the messages speak of, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT
    'message_acknowledgement' AS measure,
    m.interface AS group_1,
    m.facility_id AS group_2,
    seconds_between(m.sent_at, coalesce(m.acknowledged_at, e.as_of)) AS duration_s,
    count(m.acknowledged_at) AS finished_count,
    count(*) - count(m.acknowledged_at) AS censored_count
FROM shared.message_wait m
CROSS JOIN reference.evaluation e
WHERE m.is_acknowledging
GROUP BY m.interface, m.facility_id, seconds_between(m.sent_at, coalesce(m.acknowledged_at, e.as_of))
