/*
title: Performance spectrum
question: When was each step of a process slow, and when did it pile up?
definition: Pairs of activities that directly follow each other, by the local day on which the first happened, counted in four classes by how long the second took to come, as the quartiles of the same pair in the whole process divide them.
formula: "segments_count = count(pairs begun on the day); slowest_count = count(waited_s > 75th percentile of waited_s of the pair)"
headline: segments_count
edge_rules:
  - The quartiles of a pair are those of all facilities and days, interpolated linearly, so that a slow facility or day shows as one; exactly on a quartile is in the faster class.
  - Where all of a pair took the same time, all are in the fastest class.
  - The day is that of the clock on the wall of the facility that the case is told at; a pair whose second activity has not happened yet is in no row.
not_to_be_confused_with: process_edges, which have no time axis
source: "V. Denisov, D. Fahland, W. van der Aalst, Unbiased, Fine-Grained Description of Processes Performance from Event Data (BPM 2018)"
owner: process owner
grain: [process, facility_id, from_activity, to_activity, day]
direction: neutral
additivity: additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: first activity}
  to_activity: {unit: text, description: second activity}
  day: {unit: date, description: local day of the first activity}
  segments_count: {unit: count, description: pairs begun on that day, min: 1}
  fastest_count: {unit: count, description: those up to the first quartile, min: 0}
  fast_count: {unit: count, description: those above it and up to the median, min: 0}
  slow_count: {unit: count, description: those above it and up to the third quartile, min: 0}
  slowest_count: {unit: count, description: those above the third quartile, min: 0}
*/
WITH quartile AS (
    SELECT
        edge_no,
        percentile_cont(0.25) WITHIN GROUP (ORDER BY waited_s) AS first_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_s) AS second_s,
        percentile_cont(0.75) WITHIN GROUP (ORDER BY waited_s) AS third_s
    FROM marts.process_case_edges
    GROUP BY edge_no
), segment AS (
    SELECT
        c.facility_id, e.edge_no, quarter_of(add_seconds(e.reached_at, -e.waited_s)) AS quarter_no, count(*) AS segments_count,
        count(*) FILTER (WHERE e.waited_s <= q.first_s) AS first_count,
        count(*) FILTER (WHERE e.waited_s <= q.second_s) AS second_count,
        count(*) FILTER (WHERE e.waited_s <= q.third_s) AS third_count
    FROM marts.process_case_edges e
    JOIN marts.process_cases c ON c.case_no = e.case_no
    JOIN quartile q ON q.edge_no = e.edge_no
    GROUP BY c.facility_id, e.edge_no, quarter_of(add_seconds(e.reached_at, -e.waited_s))
), named AS (
    SELECT process, edge_no, from_activity, to_activity
    FROM marts.process_variant_edges
    GROUP BY process, edge_no, from_activity, to_activity
), dated AS (
    -- A zone is asked once a quarter of an hour, not for every pair; zones differ from UTC by whole quarters.
    SELECT
        s.facility_id, s.edge_no, s.segments_count, s.first_count, s.second_count, s.third_count,
        local_day(add_seconds(instant('1970-01-01 00:00:00Z'), s.quarter_no * 900), f.timezone) AS day
    FROM segment s
    JOIN reference.facility f ON f.facility_id = s.facility_id
)
SELECT
    n.process, d.facility_id, n.from_activity, n.to_activity, d.day,
    CAST(sum(d.segments_count) AS BIGINT) AS segments_count,
    CAST(sum(d.first_count) AS BIGINT) AS fastest_count,
    CAST(sum(d.second_count - d.first_count) AS BIGINT) AS fast_count,
    CAST(sum(d.third_count - d.second_count) AS BIGINT) AS slow_count,
    CAST(sum(d.segments_count - d.third_count) AS BIGINT) AS slowest_count
FROM dated d
JOIN named n ON n.edge_no = d.edge_no
GROUP BY n.process, d.facility_id, n.from_activity, n.to_activity, d.day
