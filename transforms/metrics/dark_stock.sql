/*
title: Dark stock
question: How much stock did the ERP not see, for how long?
definition: Sum of |quantity| x event-to-posting latency, in unit-hours and dollar-hours, per facility and event type; unposted events up to as_of.
formula: "dark_unit_h = sum(abs(quantity) * (coalesce(posted_at, as_of) - event_time)); dark_usd_h = the same * unit cost at event_time"
headline: dark_unit_h
edge_rules:
  - Over the events of event latency that state a quantity; quantity_unknown_count are the others.
  - Negative latencies stay and lower the sum; dark_negative_unit_h says by how much.
  - open_unit_h is the part of events that are unposted at as_of; it grows until they are posted.
  - The cost is that of the item when the event happened; an event without an item's cost is unpriced_count and in no dollar figure.
  - event_type NULL is all types; putaways and picks move nothing out of the facility, but their goods are at a place, or in a state, that the ERP does not see.
not_to_be_confused_with: ATP distortion, where what is in doubt is the total and opposite errors cancel
source: domain model, headline measures
owner: supply planner
grain: [facility_id, event_type]
direction: down_is_good
additivity: additive
columns:
  facility_id: {unit: id, description: the facility}
  event_type: {unit: text, description: 'event type; NULL: all types', nullable: true}
  events_count: {unit: count, description: events whose posting is expected or exists, min: 1}
  quantity_unknown_count: {unit: count, description: those that state no quantity, min: 0}
  dark_unit_h: {unit: unit_h, description: unit-hours that the ERP could not see}
  dark_negative_unit_h: {unit: unit_h, description: 'part of them from negative latencies, below zero', max: 0}
  open_unit_h: {unit: unit_h, description: part of them from unposted events, min: 0}
  unpriced_count: {unit: count, description: events with a quantity whose item has no known cost, min: 0}
  dark_usd_h: {unit: usd_h, description: 'dollar-hours that the ERP could not see; NULL where no event has a known cost', nullable: true}
*/
WITH dark AS (
    SELECT
        l.facility_id,
        l.event_type,
        l.is_posted,
        -- Decimals, whose sum is the same in whatever order rows come; so wide that their product fits the widest.
        CAST(abs(l.quantity) AS DECIMAL(20, 6))
            * CAST(coalesce(l.latency_s, seconds_between(l.event_time, v.as_of)) AS DECIMAL(17, 6)) AS unit_seconds,
        c.unit_cost_usd
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation v
    LEFT JOIN shared.item_cost c
      ON c.item_id = l.item_id AND l.event_time >= c.valid_from_at AND l.event_time < c.valid_until_at
)
SELECT
    facility_id,
    event_type,
    count(*) AS events_count,
    count(*) - count(unit_seconds) AS quantity_unknown_count,
    CAST(coalesce(sum(unit_seconds), 0) AS DOUBLE) / 3600 AS dark_unit_h,
    CAST(coalesce(sum(CASE WHEN unit_seconds < 0 THEN unit_seconds END), 0) AS DOUBLE) / 3600 AS dark_negative_unit_h,
    CAST(coalesce(sum(CASE WHEN NOT is_posted THEN unit_seconds END), 0) AS DOUBLE) / 3600 AS open_unit_h,
    count(*) FILTER (WHERE unit_seconds IS NOT NULL AND unit_cost_usd IS NULL) AS unpriced_count,
    CAST(sum(CAST(CAST(unit_seconds AS DOUBLE) * unit_cost_usd AS DECIMAL(32, 6))) AS DOUBLE) / 3600 AS dark_usd_h
FROM dark
GROUP BY GROUPING SETS ((facility_id, event_type), (facility_id))
