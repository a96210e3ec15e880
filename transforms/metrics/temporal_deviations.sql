/*
title: Cases out of time
question: In which cases did one activity come unusually early or late after another?
definition: Pairs of events of a case whose seconds between lie more than 6 standard deviations from the mean of that pair of activities in the temporal profile.
formula: "zeta_ratio = abs(elapsed_s - mean_s) / stddev_s, listed where zeta_ratio > 6"
headline: zeta_ratio
edge_rules:
  - Exactly 6 standard deviations away is not listed.
  - A pair of activities that always takes equally long, or was seen once, has no deviation.
  - Cases of every facility are held against the profile of the whole process, so that a facility that is slow as a whole shows.
  - A case's events after its 5,000th are left out, as in the profile.
not_to_be_confused_with: deviations, which are about which activities a case has and in which order
source: Stertz, Mangler and Rinderle-Ma 2020 (temporal profiles)
owner: process owner
grain: [process, case_id, from_order, to_order]
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the case is told at}
  case_id: {unit: id, description: 'document, or facility|document|line'}
  from_activity: {unit: text, description: activity before}
  from_order: {unit: number, description: 'its place in the case, from 1', min: 1}
  to_activity: {unit: text, description: activity after}
  to_order: {unit: number, description: its place in the case, min: 2}
  elapsed_s: {unit: s, description: seconds between them, min: 0}
  mean_s: {unit: s, description: mean of the profile, min: 0}
  stddev_s: {unit: s, description: standard deviation of the profile, min: 0}
  zeta_ratio: {unit: ratio, description: 'distance from the mean in standard deviations', min: 6}
direction: down_is_good
additivity: non_additive
*/
WITH told AS (
    SELECT c.process, c.case_id, e.case_no, c.facility_id, e.activity, e.event_time, e.event_order
    FROM process.case_event e
    JOIN process.case_variant c ON c.case_no = e.case_no
    WHERE e.event_order <= 5000
), pair AS (
    SELECT
        a.process, a.facility_id, a.case_id,
        a.activity AS from_activity, a.event_order AS from_order,
        b.activity AS to_activity, b.event_order AS to_order,
        seconds_between(a.event_time, b.event_time) AS elapsed_s
    FROM told a
    JOIN told b ON b.case_no = a.case_no AND b.event_order > a.event_order
)
SELECT
    p.process, p.facility_id, p.case_id, p.from_activity, p.from_order, p.to_activity, p.to_order, p.elapsed_s,
    t.mean_s, t.stddev_s, abs(p.elapsed_s - t.mean_s) / nullif(t.stddev_s, 0) AS zeta_ratio
FROM pair p
JOIN marts.temporal_profile t
    ON t.process = p.process AND t.from_activity = p.from_activity AND t.to_activity = p.to_activity
WHERE t.stddev_s > 0 AND abs(p.elapsed_s - t.mean_s) > 6 * t.stddev_s
