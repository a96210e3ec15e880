/*
title: Activities that came too late
question: In which cases did an activity come later than it may?
definition: One row per case and time limit that it exceeds, with the seconds from the first activity that the limit begins with to the last one that it is about.
edge_rules:
  - Limits are those of reference.process_limit; a transfer's is the transfer SLA of its lane, from where it was first shipped to the facility that the case is told at.
  - Exactly on the limit is in time.
  - An activity that has not come yet is in no row, however long it is awaited (the exception rules report it while it is); one that came before the other is not late.
not_to_be_confused_with: transfer_unconfirmed, which also reports transfers that were not received at all
source: domain model, process models and exception rules
owner: process owner
grain: [process, case_id, activity, after_activity]
columns:
  process: {unit: text, description: normative process}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  facility_id: {unit: id, description: facility that the case is told at}
  activity: {unit: text, description: what came too late}
  after_activity: {unit: text, description: what the limit begins with}
  from_at: {unit: instant, description: first after_activity}
  until_at: {unit: instant, description: last activity}
  taken_s: {unit: s, description: from from_at to until_at, min: 0}
  limit_s: {unit: s, description: allowed seconds, min: 0}
additivity: additive
*/
WITH moment AS (
    SELECT
        e.case_no, l.activity, l.after_activity, l.limit_s,
        min(CASE WHEN e.activity = l.after_activity THEN e.event_time END) AS from_at,
        min_by(e.facility_id, CASE WHEN e.activity = l.after_activity THEN 0 ELSE 10000000000 END + e.event_order) AS begun_at,
        max(CASE WHEN e.activity = l.activity THEN e.event_time END) AS until_at
    FROM process.case_event e
    JOIN process.case_number n ON n.case_no = e.case_no
    JOIN reference.process_limit l ON l.process = n.process AND (e.activity = l.activity OR e.activity = l.after_activity)
    GROUP BY e.case_no, l.activity, l.after_activity, l.limit_s
), judged AS (
    SELECT
        c.process, c.case_id, c.facility_id, m.activity, m.after_activity, m.from_at, m.until_at,
        seconds_between(m.from_at, m.until_at) AS taken_s,
        coalesce(CAST(m.limit_s AS DOUBLE), s.sla_s) AS limit_s
    FROM moment m
    JOIN process.case_variant c ON c.case_no = m.case_no
    LEFT JOIN shared.transfer_sla s ON s.to_facility_id = c.facility_id AND s.from_facility_id = m.begun_at
    WHERE m.from_at IS NOT NULL AND m.until_at IS NOT NULL
)
SELECT process, case_id, facility_id, activity, after_activity, from_at, until_at, taken_s, limit_s
FROM judged
WHERE taken_s > limit_s
