/*
title: Message backlog
question: How many messages wait for their acknowledgement, and does that grow?
definition: Per interface, facility and UTC day, the messages sent and acknowledged on it, and those sent and not acknowledged at its end; the last day ends at as_of.
formula: waiting_count = sum over the days so far of (sent_count - acknowledged_count)
headline: waiting_count
edge_rules:
  - A message waits from sent_at until acknowledged_at; an acknowledgement later than as_of is not known yet. A failed message waits, too, and is counted beside.
  - An interface of which no message states an acknowledgement up to as_of may state none ever; waiting_count is NULL there, and unknown_reason says so.
  - A message acknowledged before it was sent never waits, and counts on the day of sending as both.
  - Days on which nothing was sent or acknowledged have no row, except the day of as_of, which always has one (is_latest).
  - Messages without an interface or a facility have lines of their own, with NULL.
not_to_be_confused_with: the backlog of events without posting, which no interface needs to know of
source: domain model, also
owner: integration engineer
grain: [interface, facility_id, day]
direction: down_is_good
additivity: semi_additive
columns:
  interface: {unit: text, description: the interface, nullable: true}
  facility_id: {unit: id, description: the facility, nullable: true}
  day: {unit: date, description: UTC day}
  is_latest: {unit: boolean, description: whether it is the day of as_of}
  sent_count: {unit: count, description: sent on that day, min: 0}
  acknowledged_count: {unit: count, description: acknowledged on that day, min: 0}
  waiting_count: {unit: count, description: not acknowledged at its end, nullable: true, min: 0}
  failed_count: {unit: count, description: those of them whose status is a failure, nullable: true, min: 0}
  oldest_age_s: {unit: s, description: 'age at as_of of the oldest that waits; NULL on earlier days, and where none waits', nullable: true, min: 0}
  unknown_reason: {unit: text, description: why waiting_count is NULL, nullable: true}
*/
WITH message AS (
    SELECT
        m.interface, m.facility_id, m.sent_at, e.as_of, m.is_acknowledging,
        -- Of a message acknowledged before it was sent, the sending counts as both.
        CASE WHEN m.acknowledged_at IS NOT NULL THEN greatest(m.acknowledged_at, m.sent_at) END AS ended_at,
        CASE WHEN s.is_failure THEN 1 ELSE 0 END AS failed
    FROM shared.message_wait m
    CROSS JOIN reference.evaluation e
    LEFT JOIN reference.message_status s ON s.status = lower(trim(m.status))
), changed AS (
    SELECT interface, facility_id, local_day(sent_at, 'UTC') AS day, 1 AS sent, 0 AS ended, failed AS failing
    FROM message
    UNION ALL
    SELECT interface, facility_id, local_day(ended_at, 'UTC') AS day, 0 AS sent, 1 AS ended, -failed AS failing
    FROM message
    WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT DISTINCT interface, facility_id, local_day(as_of, 'UTC') AS day, 0 AS sent, 0 AS ended, 0 AS failing
    FROM message
), daily AS (
    SELECT interface, facility_id, day, sum(sent) AS sent, sum(ended) AS ended, sum(failing) AS failing
    FROM changed
    GROUP BY interface, facility_id, day
), levelled AS (
    SELECT
        interface, facility_id, day, sent, ended,
        sum(sent - ended) OVER upwards AS waiting,
        sum(failing) OVER upwards AS failed_waiting
    FROM daily
    WINDOW upwards AS (PARTITION BY interface, facility_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), latest AS (
    SELECT
        interface, facility_id, bool_or(is_acknowledging) AS is_acknowledging,
        max(CASE WHEN ended_at IS NULL THEN seconds_between(sent_at, as_of) END) AS oldest_age_s
    FROM message
    GROUP BY interface, facility_id
)
SELECT
    d.interface,
    d.facility_id,
    d.day,
    d.day = local_day(e.as_of, 'UTC') AS is_latest,
    CAST(d.sent AS BIGINT) AS sent_count,
    CAST(d.ended AS BIGINT) AS acknowledged_count,
    CASE WHEN n.is_acknowledging THEN CAST(d.waiting AS BIGINT) END AS waiting_count,
    CASE WHEN n.is_acknowledging THEN CAST(d.failed_waiting AS BIGINT) END AS failed_count,
    CASE WHEN n.is_acknowledging AND d.day = local_day(e.as_of, 'UTC') THEN n.oldest_age_s END AS oldest_age_s,
    CASE WHEN NOT n.is_acknowledging THEN 'no message states an acknowledgement' END AS unknown_reason
FROM levelled d
CROSS JOIN reference.evaluation e
JOIN latest n ON n.interface IS NOT DISTINCT FROM d.interface AND n.facility_id IS NOT DISTINCT FROM d.facility_id
