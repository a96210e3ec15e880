/*
title: Durations of messages, counted
question: How often does each response time, and each wait in a queue, of a message occur?
definition: Response times and waits in queues in seconds per interface and facility, counted.
edge_rules:
  - A message that states no response time or no wait is in no row of that measure; none is open.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: message_response or message_queue_wait}
  group_1: {unit: id, description: an interface, nullable: true}
  group_2: {unit: text, description: the facility of an interface, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: messages with this duration, min: 0}
  censored_count: {unit: count, description: always 0, min: 0}
additivity: additive
*/
SELECT
    'message_response' AS measure,
    m.interface AS group_1,
    m.facility_id AS group_2,
    CAST(m.response_ms AS DOUBLE) / 1000 AS duration_s,
    count(*) AS finished_count,
    CAST(0 AS BIGINT) AS censored_count
FROM canonical.integration_message m
WHERE m.response_ms IS NOT NULL
GROUP BY m.interface, m.facility_id, m.response_ms
UNION ALL
SELECT
    'message_queue_wait' AS measure,
    m.interface AS group_1,
    m.facility_id AS group_2,
    CAST(m.queue_wait_ms AS DOUBLE) / 1000 AS duration_s,
    count(*) AS finished_count,
    CAST(0 AS BIGINT) AS censored_count
FROM canonical.integration_message m
WHERE m.queue_wait_ms IS NOT NULL
GROUP BY m.interface, m.facility_id, m.queue_wait_ms
