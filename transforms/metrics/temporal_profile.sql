/*
title: Temporal profile
question: How long after one activity does another usually come, however many lie between?
definition: Mean and sample standard deviation of the seconds from each activity of a case to each later activity of it, per process and pair of activities.
formula: "mean_s = sum(elapsed_s) / pairs_count; stddev_s = sqrt(sum((elapsed_s - mean_s)^2) / (pairs_count - 1))"
headline: mean_s
edge_rules:
  - Every pair of a case counts, so an activity that happens again is paired with each later event of the case.
  - All cases of case_variant count, at all facilities, also those that are still open.
  - A pair that is seen once, or always takes equally long, has a standard deviation of 0.
  - A case's events after its 5,000th are left out, since pairs grow with the square of events.
  - The standard deviation comes from exact sums, so that no order of rows shows in it; it is right to about a hundred-millionth of the mean.
not_to_be_confused_with: process_edges, which measures directly following activities only, by facility
source: Stertz, Mangler and Rinderle-Ma 2020 (temporal profiles)
owner: process owner
grain: [process, from_activity, to_activity]
columns:
  process: {unit: text, description: normative process}
  from_activity: {unit: text, description: activity before}
  to_activity: {unit: text, description: activity at any place after it}
  pairs_count: {unit: count, description: pairs of events, min: 1}
  mean_s: {unit: s, description: mean of the seconds between, min: 0}
  stddev_s: {unit: s, description: sample standard deviation of the seconds between, min: 0}
direction: neutral
additivity: non_additive
*/
WITH told AS (
    SELECT c.process, e.case_no, e.activity, e.event_time, e.event_order
    FROM process.case_event e
    JOIN process.case_variant c ON c.case_no = e.case_no
    WHERE e.event_order <= 5000
), pair AS (
    SELECT
        a.process, a.activity AS from_activity, b.activity AS to_activity,
        CAST(seconds_between(a.event_time, b.event_time) AS DECIMAL(18, 6)) AS elapsed_s
    FROM told a
    JOIN told b ON b.case_no = a.case_no AND b.event_order > a.event_order
), summed AS (
    SELECT
        process, from_activity, to_activity, count(*) AS pairs_count,
        CAST(sum(elapsed_s) AS DOUBLE) AS total_s, CAST(sum(CAST(elapsed_s AS DECIMAL(19, 6)) * elapsed_s) AS DOUBLE) AS total_square,
        min(elapsed_s) = max(elapsed_s) AS is_constant
    FROM pair
    GROUP BY process, from_activity, to_activity
)
SELECT
    process, from_activity, to_activity, pairs_count,
    total_s / pairs_count AS mean_s,
    CASE
        WHEN is_constant THEN 0.0
        ELSE sqrt(greatest(total_square - total_s * total_s / pairs_count, 0.0) / nullif(pairs_count - 1, 0))
    END AS stddev_s
FROM summed
