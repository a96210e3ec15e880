/*
title: Handovers between facilities
question: Which facility hands work over to which, how often, and how long does it take?
definition: Activities that directly follow one at another facility in the same case, by both facilities and activities, counted, with quantiles of the seconds between, interpolated linearly.
formula: "handovers_count = count(activity directly after one at another facility)"
headline: handovers_count
edge_rules:
  - The facility is where the event happened, not where the case is told.
  - Two activities at one facility are no handover, whoever did them.
  - A case can hand over several times; cases_count counts it once.
  - Open cases count with the handovers so far.
not_to_be_confused_with: transfers, which are about goods; here work goes on elsewhere, as when one site requests and another ships
source: "process models; handover of work as in W. van der Aalst, H. Reijers, M. Song, Discovering Social Networks from Event Logs (2005)"
owner: process owner
grain: [process, from_facility_id, to_facility_id, from_activity, to_activity]
direction: neutral
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  from_facility_id: {unit: id, description: where the first activity happened}
  to_facility_id: {unit: id, description: where the second happened}
  from_activity: {unit: text, description: the first activity}
  to_activity: {unit: text, description: the second activity}
  handovers_count: {unit: count, description: how often, min: 1}
  cases_count: {unit: count, description: in how many cases, min: 1}
  p50_s: {unit: s, description: median of the seconds between, min: 0}
  p90_s: {unit: s, description: 90th percentile of the seconds between, min: 0}
*/
WITH step AS (
    SELECT
        e.case_no, n.process, e.from_activity, e.activity, e.waited_s, e.facility_id,
        lag(e.facility_id) OVER (PARTITION BY e.case_no ORDER BY e.event_order) AS from_facility_id
    FROM process.case_event e
    JOIN process.case_number n ON n.case_no = e.case_no
    WHERE n.is_between_facilities
)
SELECT
    process, from_facility_id, facility_id AS to_facility_id, from_activity, activity AS to_activity,
    count(*) AS handovers_count, count(DISTINCT case_no) AS cases_count,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS p50_s,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited_s) AS p90_s
FROM step
WHERE from_facility_id <> facility_id
GROUP BY process, from_facility_id, facility_id, from_activity, activity
