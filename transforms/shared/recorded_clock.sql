/*
title: Local clock when events were recorded
question: How far ahead of UTC was the clock of a facility when its system stored something?
definition: Minutes that the local clock is ahead of UTC, for every facility and quarter of an hour in which an event was recorded.
edge_rules:
  - Zones differ from UTC by whole quarters of an hour since 1972, so that a quarter has one offset; asking the zone once a quarter spares asking it for every event.
  - An event without recorded_at counts as recorded when it happened.
source: domain model, five clocks
owner: data engineer
grain: [facility_id, quarter_no]
columns:
  facility_id: {unit: id, description: the facility}
  quarter_no: {unit: number, description: quarters of an hour since 1970 in UTC, min: 0}
  ahead_minutes: {unit: number, description: 'local clock less UTC, in minutes'}
*/
SELECT
    q.facility_id,
    q.quarter_no,
    local_minute_of(q.moment, f.timezone) - minute_of(q.moment) AS ahead_minutes
FROM (
    SELECT
        facility_id, quarter_of(coalesce(recorded_at, event_time)) AS quarter_no,
        min(coalesce(recorded_at, event_time)) AS moment
    FROM marts.event_latency
    GROUP BY facility_id, quarter_of(coalesce(recorded_at, event_time))
) AS q
JOIN reference.facility f ON f.facility_id = q.facility_id
