/*
title: Edges of the cases
question: How long did each case take from each activity to the next?
definition: One row per case and pair of activities that directly follow each other in it, with the seconds between them, elapsed and worked.
formula: "waited_s = time of to_activity - time of from_activity"
headline: waited_s
edge_rules:
  - The start and the end of a case have no duration and no row; process_variant_edges counts them.
  - business_waited_s counts only the working time of the facility at which the second activity happened, which had to act; it is NULL where that facility has no calendar.
  - Numbers hold within one build; the names of an edge are in process_variant_edges, those of a case in process_cases.
not_to_be_confused_with: event-to-posting latency, which is the time from an event to its posting
source: domain model, process models
owner: process owner
grain: [case_no, edge_order]
direction: neutral
additivity: non_additive
columns:
  case_no: {unit: number, description: number of the case in this build, min: 1}
  edge_order: {unit: number, description: 'place in the case, from 1', min: 1}
  edge_no: {unit: number, description: number of the edge in this build, min: 1}
  reached_at: {unit: instant, description: when the second activity happened}
  waited_s: {unit: s, description: seconds between, min: 0}
  business_waited_s: {unit: s, description: seconds between that the facility worked, nullable: true, min: 0}
*/
WITH edge AS (
    SELECT process, from_activity, to_activity, min(edge_no) AS edge_no
    FROM marts.process_variant_edges
    WHERE from_activity IS NOT NULL AND to_activity IS NOT NULL
    GROUP BY process, from_activity, to_activity
)
SELECT
    e.case_no, CAST(e.event_order - 1 AS INT) AS edge_order, g.edge_no, e.event_time AS reached_at, e.waited_s,
    worked_until(b.worked_s, b.is_open, b.starts_at, e.event_time)
        - worked_until(a.worked_s, a.is_open, a.starts_at, add_seconds(e.event_time, -e.waited_s)) AS business_waited_s
FROM process.case_event e
JOIN marts.process_cases c ON c.case_no = e.case_no
JOIN edge g ON g.process = c.process AND g.from_activity = e.from_activity AND g.to_activity = e.activity
LEFT JOIN shared.working_clock a
  ON a.facility_id = e.facility_id AND a.quarter_no = quarter_of(add_seconds(e.event_time, -e.waited_s))
LEFT JOIN shared.working_clock b ON b.facility_id = e.facility_id AND b.quarter_no = quarter_of(e.event_time)
-- By case, so that whoever reads a choice of cases reads few places; and numbers in order take little room.
ORDER BY e.case_no, e.event_order
