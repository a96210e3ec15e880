/*
title: Local clock of the facilities
question: What do the clocks on the wall of a facility say when something happens there?
definition: Local day, hour and weekday for every facility and quarter of an hour in which it had an event.
edge_rules:
  - Zones differ from UTC by whole quarters of an hour since 1972, so that a quarter lies in one local hour; asking the zone once a quarter spares asking it for every event.
source: domain model, five clocks
owner: data engineer
grain: [facility_id, quarter_no]
columns:
  facility_id: {unit: id, description: the facility}
  quarter_no: {unit: number, description: quarters of an hour since 1970 in UTC, min: 0}
  local_date: {unit: date, description: local day}
  local_hour: {unit: number, description: local hour, min: 0, max: 23}
  local_weekday: {unit: number, description: '1 Monday to 7 Sunday, local', min: 1, max: 7}
*/
SELECT
    q.facility_id,
    q.quarter_no,
    local_day(q.moment, f.timezone) AS local_date,
    local_hour(q.moment, f.timezone) AS local_hour,
    local_weekday(q.moment, f.timezone) AS local_weekday
FROM (
    SELECT facility_id, quarter_of(event_time) AS quarter_no, min(event_time) AS moment
    FROM canonical.inventory_event
    GROUP BY facility_id, quarter_of(event_time)
) AS q
JOIN reference.facility f ON f.facility_id = q.facility_id
