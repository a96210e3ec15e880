/*
title: Interfaces as they run
question: By which runs do the postings of a facility come, and can other runs be replayed?
definition: Per facility, the runs of its interface found from its postings, and the share of its postings that came by them, which says whether a replay with other runs can be trusted.
formula: explained_ratio = scheduled_count / (scheduled_count + held_up_count + bypassed_count)
headline: explained_ratio
edge_rules:
  - "An event is scheduled where its posting came within limit_s after the first run at or after recorded_at; held up where it came later, bypassed where it came before. limit_s is per facility and event type, the longest of the longest time from run to run, a quarter of an hour, and the upper outer fence of what follows the run (third quartile + 3 x the range between the quartiles)."
  - Unposted events are waiting while less than limit_s has passed since their run, missing from then on; they are not in explained_ratio.
  - is_replayable needs known runs, 50 postings and an explained_ratio of at least 0.9; unknown_reason says what is lacking.
  - An event without recorded_at counts as recorded when it happened; unrecorded_count says how many do.
not_to_be_confused_with: timing_model, which names the kind of interface and compares it with what was declared
source: "marts.timing_model; domain model, five clocks"
owner: integration lead
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: the facility}
  detected_model: {unit: text, description: 'realtime, micro_batch or batch', nullable: true}
  runs: {unit: text, description: 'when it runs, in words; NULL: not known', nullable: true}
  events_count: {unit: count, description: events whose posting is expected or exists, min: 0}
  scheduled_count: {unit: count, description: posted by their run, min: 0}
  held_up_count: {unit: count, description: posted later than their run explains, min: 0}
  bypassed_count: {unit: count, description: posted before their run, min: 0}
  waiting_count: {unit: count, description: 'unposted, their run not yet due', min: 0}
  missing_count: {unit: count, description: 'unposted, although their run has passed', min: 0}
  unrecorded_count: {unit: count, description: those that state no recorded_at, min: 0}
  processing_p50_s: {unit: s, description: 'median from run to posting, of scheduled events', nullable: true, min: 0}
  explained_ratio: {unit: ratio, description: share of the postings that came by their run, nullable: true, min: 0, max: 1}
  is_replayable: {unit: boolean, description: whether other runs can be replayed}
  unknown_reason: {unit: text, description: why not, nullable: true}
*/
WITH counted AS (
    SELECT
        facility_id,
        count(*) AS events_count,
        count(*) FILTER (WHERE course = 'scheduled') AS scheduled_count,
        count(*) FILTER (WHERE course = 'held_up') AS held_up_count,
        count(*) FILTER (WHERE course = 'bypassed') AS bypassed_count,
        count(*) FILTER (WHERE course = 'waiting') AS waiting_count,
        count(*) FILTER (WHERE course = 'missing') AS missing_count,
        count(*) FILTER (WHERE NOT is_recorded) AS unrecorded_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY process_s) AS processing_p50_s
    FROM shared.interface_event
    GROUP BY facility_id
), shared_out AS (
    SELECT *, CAST(scheduled_count AS DOUBLE) / nullif(scheduled_count + held_up_count + bypassed_count, 0) AS explained_ratio
    FROM counted
), clock_time AS (
    SELECT
        facility_id, run_minute,
        substr(CAST(100 + CAST(floor(run_minute / 60.0) AS BIGINT) AS STRING), 2, 2) || ':'
            || substr(CAST(100 + run_minute - CAST(60 * floor(run_minute / 60.0) AS BIGINT) AS STRING), 2, 2) AS run_time
    FROM shared.interface_run
), told AS (
    SELECT
        facility_id,
        min(run_time) AS first_run,
        replace(trace_text(array_agg(trace_step(run_time, run_minute))), ' > ', ', ') AS runs
    FROM clock_time
    GROUP BY facility_id
)
SELECT
    t.facility_id,
    t.detected_model,
    CASE
        WHEN s.kind = 'at_once' THEN 'in real time'
        WHEN s.kind = 'interval'
            THEN 'every ' || CAST(CAST(s.period_minutes AS BIGINT) AS STRING) || ' min from ' || r.first_run
            || CASE WHEN s.clock = 'utc' THEN ' UTC' ELSE ' local' END
        WHEN s.kind = 'hours' THEN r.runs || CASE WHEN s.clock = 'utc' THEN ' UTC' ELSE ' local' END
    END AS runs,
    coalesce(c.events_count, 0) AS events_count,
    coalesce(c.scheduled_count, 0) AS scheduled_count,
    coalesce(c.held_up_count, 0) AS held_up_count,
    coalesce(c.bypassed_count, 0) AS bypassed_count,
    coalesce(c.waiting_count, 0) AS waiting_count,
    coalesce(c.missing_count, 0) AS missing_count,
    coalesce(c.unrecorded_count, 0) AS unrecorded_count,
    c.processing_p50_s,
    c.explained_ratio,
    coalesce(c.explained_ratio >= 0.9, FALSE) AS is_replayable,
    CASE
        WHEN s.kind IS NULL THEN s.unknown_reason
        WHEN s.kind <> 'at_once' AND r.runs IS NULL THEN 'no time of the day is found at which it runs'
        WHEN c.explained_ratio IS NULL THEN 'no event of it was posted'
        WHEN c.explained_ratio < 0.9
            THEN 'only ' || number_text(round(100 * c.explained_ratio, 1)) || ' % of its postings came by its runs, and 90 % are needed'
    END AS unknown_reason
FROM marts.timing_model t
JOIN shared.interface_clock s ON s.facility_id = t.facility_id
LEFT JOIN told r ON r.facility_id = t.facility_id
LEFT JOIN shared_out c ON c.facility_id = t.facility_id
