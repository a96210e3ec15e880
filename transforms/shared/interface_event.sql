/*
title: Events on their way through the interface
question: How long was each event captured, waiting for its run, and processed?
definition: One row per event whose posting is expected or exists, at facilities whose runs are known, with event_time to posting taken apart into capture, wait for the run, and processing, and by which course it came to the books.
formula: "latency_s = capture_s + wait_s + process_s, of a scheduled event"
edge_rules:
  - "The run of an event is the first at or after recorded_at; at a facility that posts in real time, recorded_at itself."
  - "scheduled: posted at or after its run, and no later than limit_s after it. held_up: posted later than that. bypassed: posted before its run, so not through it."
  - "limit_s is per facility and event type: the longest of the longest time from run to run, a quarter of an hour, and the upper outer fence of what follows the run (third quartile + 3 x the range between the quartiles)."
  - "waiting: unposted, with less than limit_s since its run at as_of. missing: unposted for longer."
  - process_s is the event's own where it is scheduled; typical_s is the median of its facility and event type, over events posted at or after their run.
  - other_process_s is that of another scheduled event of the facility and event type, the one before it in the order of the MD5 of event_id; the first takes its own. That order has nothing to do with time.
  - Events after as_of do not exist; an event without recorded_at counts as recorded when it happened, and is_recorded says so.
source: "domain model, five clocks; Tukey 1977, Exploratory Data Analysis (outer fence)"
owner: integration lead
grain: [event_id]
columns:
  event_id: {unit: id, description: the event}
  facility_id: {unit: id, description: where it happened}
  event_type: {unit: text, description: what happened}
  document_id: {unit: id, description: business document, nullable: true}
  event_time: {unit: instant, description: when it happened}
  course: {unit: text, description: 'scheduled, held_up, bypassed, waiting or missing'}
  is_recorded: {unit: boolean, description: whether recorded_at is stated}
  day_minute: {unit: number, description: 'local minute of the day, the first at or after recorded_at', min: 0, max: 1439}
  capture_s: {unit: s, description: recorded_at - event_time}
  gap_s: {unit: s, description: from recorded_at to the next whole minute, min: 0, max: 60}
  wait_s: {unit: s, description: from recorded_at to its run, min: 0}
  process_s: {unit: s, description: 'posted_at - its run, of a scheduled event', nullable: true, min: 0}
  typical_s: {unit: s, description: median of that, nullable: true, min: 0}
  other_process_s: {unit: s, description: that of another scheduled event, nullable: true, min: 0}
  latency_s: {unit: s, description: posted_at - event_time, nullable: true}
  age_s: {unit: s, description: as_of - event_time}
  sla_s: {unit: s, description: the posting SLA in force, min: 0}
  quantity: {unit: units, description: 'absolute quantity', nullable: true, min: 0}
  value_usd: {unit: usd, description: 'its value at the cost when it happened', nullable: true, min: 0}
*/
WITH recorded AS (
    SELECT
        l.event_id, l.facility_id, l.event_type, l.document_id, l.event_time, l.item_id, l.sla_s, l.latency_s, l.is_posted,
        l.recorded_at IS NOT NULL AS is_recorded,
        coalesce(l.recorded_at, l.event_time) AS recorded_at,
        CAST(abs(l.quantity) AS DECIMAL(18, 6)) AS quantity,
        seconds_between(l.event_time, v.as_of) AS age_s
    FROM marts.event_latency l
    CROSS JOIN reference.evaluation v
), placed AS (
    SELECT
        r.*,
        c.kind,
        seconds_between(r.event_time, r.recorded_at) AS capture_s,
        minute_of(add_seconds(r.recorded_at, 59.999999)) AS ready_minute,
        a.ahead_minutes,
        minute_of(add_seconds(r.recorded_at, 59.999999)) + CASE WHEN c.clock = 'local' THEN a.ahead_minutes ELSE 0 END AS clock_minute
    FROM recorded r
    JOIN shared.interface_clock c ON c.facility_id = r.facility_id
    JOIN shared.recorded_clock a ON a.facility_id = r.facility_id AND a.quarter_no = quarter_of(r.recorded_at)
    WHERE c.kind IS NOT NULL
), longest AS (
    SELECT facility_id, max(wait_minutes) + 1 AS gap_minutes FROM shared.interface_wait GROUP BY facility_id
), waited AS (
    SELECT
        p.*,
        g.gap_minutes,
        round(60 * p.ready_minute - seconds_between(instant('1970-01-01 00:00:00Z'), p.recorded_at), 6) AS gap_s,
        60 * w.wait_minutes AS run_s
    FROM placed p
    JOIN shared.interface_wait w
      ON w.facility_id = p.facility_id
     AND w.minute_no = CAST(p.clock_minute - 1440 * floor(p.clock_minute / 1440.0) AS BIGINT)
    JOIN longest g ON g.facility_id = p.facility_id
), timed AS (
    SELECT
        *,
        CASE WHEN kind = 'at_once' THEN 0 ELSE gap_s + run_s END AS wait_s,
        round(latency_s - capture_s - CASE WHEN kind = 'at_once' THEN 0 ELSE gap_s + run_s END, 6) AS after_run_s
    FROM waited
), spread AS (
    SELECT
        facility_id, event_type,
        percentile_cont(0.25) WITHIN GROUP (ORDER BY after_run_s) AS low_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY after_run_s) AS typical_s,
        percentile_cont(0.75) WITHIN GROUP (ORDER BY after_run_s) AS high_s
    FROM timed
    WHERE after_run_s >= 0
    GROUP BY facility_id, event_type
), limited AS (
    SELECT
        t.*, p.typical_s,
        greatest(60.0 * t.gap_minutes, 900, coalesce(p.high_s + 3 * (p.high_s - p.low_s), 0)) AS limit_s
    FROM timed t
    LEFT JOIN spread p ON p.facility_id = t.facility_id AND p.event_type = t.event_type
), judged AS (
    SELECT
        *,
        CASE
            WHEN is_posted AND after_run_s < 0 THEN 'bypassed'
            WHEN is_posted AND after_run_s <= limit_s THEN 'scheduled'
            WHEN is_posted THEN 'held_up'
            WHEN age_s < capture_s + wait_s + limit_s THEN 'waiting'
            ELSE 'missing'
        END AS course
    FROM limited
)
SELECT
    j.event_id, j.facility_id, j.event_type, j.document_id, j.event_time, j.course, j.is_recorded,
    CAST(j.ready_minute + j.ahead_minutes - 1440 * floor((j.ready_minute + j.ahead_minutes) / 1440.0) AS BIGINT) AS day_minute,
    j.capture_s, j.gap_s,
    CAST(j.wait_s AS DOUBLE) AS wait_s,
    CASE WHEN j.course = 'scheduled' THEN j.after_run_s END AS process_s,
    j.typical_s,
    CASE WHEN j.course = 'scheduled' THEN coalesce(
        lag(j.after_run_s) OVER (
            PARTITION BY j.facility_id, j.event_type, j.course ORDER BY substr(md5(j.event_id), 1, 12), j.event_id
        ), j.after_run_s) END AS other_process_s,
    j.latency_s, j.age_s, j.sla_s, j.quantity,
    CAST(CAST(j.quantity AS DOUBLE) * c.unit_cost_usd AS DOUBLE) AS value_usd
FROM judged j
LEFT JOIN shared.item_cost c
  ON c.item_id = j.item_id AND j.event_time >= c.valid_from_at AND j.event_time < c.valid_until_at
