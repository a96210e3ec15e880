/*
title: Durations on the map of a choice
question: How long do the chosen cases take from one activity to the next?
definition: Quantiles of the time between activities that directly follow each other in the chosen cases, in elapsed seconds and in hours worked, interpolated linearly.
formula: "p50_s = median(waited_s) in the chosen cases"
headline: p50_s
edge_rules:
  - Starts and ends have no duration and no row.
  - Hours worked are those of the facility of the second activity, and are never divided by 24; they are NULL where no such facility has a calendar.
not_to_be_confused_with: process_edges, which are counted over all cases of a facility
source: ADR 26
owner: process owner
grain: [side, from_activity, to_activity]
direction: down_is_good
additivity: non_additive
columns:
  side: {unit: text, description: which of the choices}
  from_activity: {unit: text, description: activity before}
  to_activity: {unit: text, description: activity after}
  edges_count: {unit: count, description: how often, min: 1}
  p50_s: {unit: s, description: median of the seconds between, min: 0}
  p90_s: {unit: s, description: 90th percentile of the seconds between, min: 0}
  p95_s: {unit: s, description: 95th percentile of the seconds between, min: 0}
  business_p50_h: {unit: h, description: median of the hours worked between, nullable: true, min: 0}
  business_p90_h: {unit: h, description: 90th percentile of the hours worked between, nullable: true, min: 0}
  business_p95_h: {unit: h, description: 95th percentile of the hours worked between, nullable: true, min: 0}
*/
WITH timed AS (
    SELECT
        c.side, e.edge_no, count(*) AS edges_count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.waited_s) AS p50_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY e.waited_s) AS p90_s,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY e.waited_s) AS p95_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p50_h,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p90_h,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY e.business_waited_s) / 3600 AS business_p95_h
    FROM marts.process_case_edges e
    JOIN chosen_case c ON c.case_no = e.case_no
    GROUP BY c.side, e.edge_no
), named AS (
    SELECT edge_no, from_activity, to_activity
    FROM marts.process_variant_edges
    GROUP BY edge_no, from_activity, to_activity
)
SELECT
    t.side, n.from_activity, n.to_activity, t.edges_count, t.p50_s, t.p90_s, t.p95_s, t.business_p50_h, t.business_p90_h,
    t.business_p95_h
FROM timed t
JOIN named n ON n.edge_no = t.edge_no
