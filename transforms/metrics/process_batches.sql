/*
title: Batches
question: Which activities are done for several cases at once, where, and how large are the batches?
definition: Batches of an activity at a facility, where one resource does it for at least two cases, each at most 60 seconds after the one before; the share of its events that are in one as a ratio.
formula: "batched_ratio = batched_events_count / events_count"
headline: batched_ratio
edge_rules:
  - "A batch is a longest row of events of one activity by one resource at one facility in which no two neighbours are more than 60 s apart; exactly 60 s is in. It needs two cases: one case that does it twice is rework."
  - Where no resource is stated, only events at the same instant make a batch; else a busy dock would be one batch from morning to evening.
  - A batch is simultaneous where all its events have the same instant, else sequential. Events are instants here, so that the overlap of work in time (concurrent batches) cannot be seen.
not_to_be_confused_with: timing_model, which is about batches of postings on their way into the ERP
source: "N. Martin, M. Swennen, B. Depaire, M. Jans, A. Caris, K. Vanhoof, Batch Processing: Definition and Event Log Identification (SIMPDA 2015)"
owner: process owner
grain: [process, facility_id, activity]
direction: neutral
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: where it happened}
  activity: {unit: text, description: the activity}
  events_count: {unit: count, description: how often it happened, min: 1}
  resource_unknown_count: {unit: count, description: those that do not state who did it, min: 0}
  batches_count: {unit: count, description: batches, min: 0}
  simultaneous_batches_count: {unit: count, description: those at one instant, min: 0}
  sequential_batches_count: {unit: count, description: the others, min: 0}
  batched_events_count: {unit: count, description: events in a batch, min: 0}
  largest_cases_count: {unit: count, description: 'cases in the largest batch; NULL: no batch', nullable: true, min: 2}
  batched_ratio: {unit: ratio, description: of its events, min: 0, max: 1}
*/
WITH told AS (
    SELECT n.process, e.facility_id, e.activity, e.actor_id, e.case_no, e.event_time
    FROM process.case_event e
    JOIN process.case_number n ON n.case_no = e.case_no
), resource AS (
    SELECT
        row_number() OVER (ORDER BY process, facility_id, activity, actor_id NULLS FIRST) AS resource_no,
        process, facility_id, activity, actor_id, count(*) AS events_count
    FROM told
    GROUP BY process, facility_id, activity, actor_id
), acted AS (
    -- By number, since what follows moves every event twice.
    SELECT r.resource_no, r.actor_id IS NOT NULL AS is_known, t.case_no, t.event_time
    FROM told t
    JOIN resource r
      ON r.process = t.process AND r.facility_id = t.facility_id AND r.activity = t.activity
     AND r.actor_id IS NOT DISTINCT FROM t.actor_id
), spaced AS (
    SELECT
        resource_no, case_no, event_time,
        seconds_between(lag(event_time) OVER in_row, event_time) <= 60 AS is_after_one,
        seconds_between(event_time, lead(event_time) OVER in_row) <= 60 AS is_before_one
    FROM acted
    WHERE is_known
    WINDOW in_row AS (PARTITION BY resource_no ORDER BY event_time)
), numbered AS (
    -- What stands alone is in no batch. Events at one instant are peers of this sum, and so in one batch, whichever came first.
    SELECT
        resource_no, case_no, event_time,
        sum(CASE WHEN is_after_one THEN 0 ELSE 1 END) OVER (PARTITION BY resource_no ORDER BY event_time) AS batch_no
    FROM spaced
    WHERE is_after_one OR is_before_one
), batch AS (
    SELECT
        resource_no, count(*) AS events_count, count(DISTINCT case_no) AS cases_count,
        min(event_time) = max(event_time) AS is_simultaneous
    FROM numbered
    GROUP BY resource_no, batch_no
    HAVING min(case_no) <> max(case_no)
    UNION ALL
    SELECT resource_no, count(*) AS events_count, count(DISTINCT case_no) AS cases_count, TRUE AS is_simultaneous
    FROM acted
    WHERE NOT is_known
    GROUP BY resource_no, event_time
    HAVING min(case_no) <> max(case_no)
), counted AS (
    SELECT
        resource_no, count(*) AS batches_count, count(*) FILTER (WHERE is_simultaneous) AS simultaneous_batches_count,
        sum(events_count) AS batched_events_count, max(cases_count) AS largest_cases_count
    FROM batch
    GROUP BY resource_no
), whole AS (
    SELECT
        r.process, r.facility_id, r.activity, CAST(sum(r.events_count) AS BIGINT) AS events_count,
        CAST(sum(CASE WHEN r.actor_id IS NULL THEN r.events_count ELSE 0 END) AS BIGINT) AS resource_unknown_count,
        CAST(coalesce(sum(c.batches_count), 0) AS BIGINT) AS batches_count,
        CAST(coalesce(sum(c.simultaneous_batches_count), 0) AS BIGINT) AS simultaneous_batches_count,
        CAST(coalesce(sum(c.batched_events_count), 0) AS BIGINT) AS batched_events_count,
        max(c.largest_cases_count) AS largest_cases_count
    FROM resource r
    LEFT JOIN counted c ON c.resource_no = r.resource_no
    GROUP BY r.process, r.facility_id, r.activity
)
SELECT
    process, facility_id, activity, events_count, resource_unknown_count,
    batches_count, simultaneous_batches_count, batches_count - simultaneous_batches_count AS sequential_batches_count,
    batched_events_count, largest_cases_count,
    coalesce(CAST(batched_events_count AS DOUBLE) / nullif(events_count, 0), 0) AS batched_ratio
FROM whole
