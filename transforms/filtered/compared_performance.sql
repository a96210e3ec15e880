/*
title: Durations of two choices
question: Where do the cases of one choice take longer than those of the other?
definition: Medians and 90th percentiles of the seconds between activities that directly follow each other, in choice a and in choice b, and their differences.
formula: "difference_p50_s = b_p50_s - a_p50_s"
headline: difference_p50_s
edge_rules:
  - A pair that only one of the choices has is here, with NULL for the other and for the difference.
  - Hours worked are compared with hours worked; they are NULL where no facility of the second activity has a calendar.
not_to_be_confused_with: compared_edges, which is about how often
source: ADR 26
owner: process owner
grain: [from_activity, to_activity]
direction: neutral
additivity: non_additive
columns:
  from_activity: {unit: text, description: activity before}
  to_activity: {unit: text, description: activity after}
  a_edges_count: {unit: count, description: how often in choice a, min: 0}
  b_edges_count: {unit: count, description: how often in choice b, min: 0}
  a_p50_s: {unit: s, description: median in choice a, nullable: true, min: 0}
  b_p50_s: {unit: s, description: median in choice b, nullable: true, min: 0}
  difference_p50_s: {unit: s, description: median in b less median in a, nullable: true}
  a_p90_s: {unit: s, description: 90th percentile in choice a, nullable: true, min: 0}
  b_p90_s: {unit: s, description: 90th percentile in choice b, nullable: true, min: 0}
  difference_p90_s: {unit: s, description: 90th percentile in b less that in a, nullable: true}
  difference_business_p50_h: {unit: h, description: median of the hours worked in b less that in a, nullable: true}
*/
WITH paired AS (
    SELECT
        from_activity, to_activity,
        coalesce(max(CASE WHEN side = 'a' THEN edges_count END), 0) AS a_edges_count,
        coalesce(max(CASE WHEN side = 'b' THEN edges_count END), 0) AS b_edges_count,
        max(CASE WHEN side = 'a' THEN p50_s END) AS a_p50_s, max(CASE WHEN side = 'b' THEN p50_s END) AS b_p50_s,
        max(CASE WHEN side = 'a' THEN p90_s END) AS a_p90_s, max(CASE WHEN side = 'b' THEN p90_s END) AS b_p90_s,
        max(CASE WHEN side = 'a' THEN business_p50_h END) AS a_business_p50_h,
        max(CASE WHEN side = 'b' THEN business_p50_h END) AS b_business_p50_h
    FROM filtered_performance
    GROUP BY from_activity, to_activity
)
SELECT
    from_activity, to_activity, a_edges_count, b_edges_count, a_p50_s, b_p50_s, b_p50_s - a_p50_s AS difference_p50_s,
    a_p90_s, b_p90_s, b_p90_s - a_p90_s AS difference_p90_s, b_business_p50_h - a_business_p50_h AS difference_business_p50_h
FROM paired
