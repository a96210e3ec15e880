/*
title: Durations of orders, counted
question: How often does each order cycle time, and each distance from a promise, occur?
definition: Seconds from ordering to the shipment that completes an order at a facility, and from the promise of a line to the shipment that completes it, counted finished and open.
edge_rules:
  - "order_cycle_time: one case per order and facility, from its first time of ordering to the last completing shipment of its lines; open while a line is not complete."
  - "promise_error: one case per line with a promise; completed early is below zero. An open line is censored at as_of - promised_at, which is below zero before the promise."
  - Lines that state no ordered quantity above zero are in no case; a complete order or line whose time of shipping is not known has no duration.
source: "domain model, headline measures; SCOR RS.1.1 order fulfilment cycle time"
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
columns:
  measure: {unit: text, description: order_cycle_time or promise_error}
  group_1: {unit: id, description: facility, nullable: true}
  group_2: {unit: text, description: always NULL, nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
WITH order_case AS (
    SELECT
        'order_cycle_time' AS measure, facility_id, min(ordered_at) AS start_at, max(completed_at) AS end_at,
        count(*) FILTER (WHERE NOT is_complete) = 0 AS is_complete,
        count(*) FILTER (WHERE is_complete AND completed_at IS NULL) = 0 AS is_time_known
    FROM shared.order_line_state
    WHERE is_complete IS NOT NULL
    GROUP BY order_id, facility_id
    UNION ALL
    SELECT
        'promise_error' AS measure, facility_id, promised_at AS start_at, completed_at AS end_at,
        is_complete, is_complete IS FALSE OR completed_at IS NOT NULL AS is_time_known
    FROM shared.order_line_state
    WHERE is_complete IS NOT NULL
), timed AS (
    SELECT
        c.measure, c.facility_id, c.is_complete,
        seconds_between(c.start_at, CASE WHEN c.is_complete THEN c.end_at ELSE v.as_of END) AS duration_s
    FROM order_case c
    CROSS JOIN reference.evaluation v
    WHERE c.start_at IS NOT NULL AND (c.is_time_known OR NOT c.is_complete)
)
SELECT
    measure,
    facility_id AS group_1,
    CAST(NULL AS STRING) AS group_2,
    duration_s,
    count(*) FILTER (WHERE is_complete) AS finished_count,
    count(*) FILTER (WHERE NOT is_complete) AS censored_count
FROM timed
GROUP BY measure, facility_id, duration_s
