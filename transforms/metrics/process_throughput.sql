/*
title: Cases by day
question: How many cases begin and end on a day, and how many are then on their way?
definition: Cases of a process at a facility by local day of their first and of their last event, and those begun but not over at the end of the day.
formula: "ended_count = count(cases that are over, by the day of their last event); in_progress_count = sum(started_count - ended_count) up to the day"
headline: ended_count
edge_rules:
  - A case that may still go on has not ended; one that is over ended with its last event, though that may be seen only when its horizon has passed.
  - Days are those of the clock on the wall of the facility that the case is told at; a day on which no case began or ended has no row.
not_to_be_confused_with: throughput, which counts movements of stock
source: domain model, process models
owner: process owner
grain: [process, facility_id, day]
direction: up_is_good
additivity: semi_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  day: {unit: date, description: local day}
  started_count: {unit: count, description: cases with their first event on that day, min: 0}
  ended_count: {unit: count, description: cases that are over with their last event on that day, min: 0}
  in_progress_count: {unit: count, description: begun and not over at its end, min: 0}
*/
WITH moment AS (
    SELECT process, facility_id, first_at AS moment, 1 AS started, 0 AS ended
    FROM marts.process_cases
    UNION ALL
    SELECT process, facility_id, last_at AS moment, 0 AS started, 1 AS ended
    FROM marts.process_cases
    WHERE NOT is_open
), quarter AS (
    -- A zone is asked once a quarter of an hour, not for every case; zones differ from UTC by whole quarters.
    SELECT
        process, facility_id, quarter_of(moment) AS quarter_no, min(moment) AS moment,
        sum(started) AS started, sum(ended) AS ended
    FROM moment
    GROUP BY process, facility_id, quarter_of(moment)
), counted AS (
    SELECT
        q.process, q.facility_id, local_day(q.moment, f.timezone) AS day,
        CAST(sum(q.started) AS BIGINT) AS started_count, CAST(sum(q.ended) AS BIGINT) AS ended_count
    FROM quarter q
    JOIN reference.facility f ON f.facility_id = q.facility_id
    GROUP BY q.process, q.facility_id, local_day(q.moment, f.timezone)
)
SELECT
    process, facility_id, day, started_count, ended_count,
    CAST(sum(started_count - ended_count) OVER (PARTITION BY process, facility_id ORDER BY day) AS BIGINT)
        AS in_progress_count
FROM counted
