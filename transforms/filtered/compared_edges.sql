/*
title: Two choices on one map
question: Which steps do the cases of one choice take more or less often than those of the other?
definition: Directly-follows pairs of activities with the share of the cases of choice a and of choice b that have them as ratios, and the difference with a 95 % interval.
formula: "difference_ratio = b_cases_ratio - a_cases_ratio"
headline: difference_ratio
edge_rules:
  - A pair that one of the choices never has counts 0 there.
  - Where a choice has no cases, its ratio, the difference and the interval are NULL.
  - The interval is Newcombe's, of two Wilson intervals (1998, method 10), for cases drawn independently; where the same case is in both choices, it is too wide.
  - is_different says that 0 is outside the interval of this pair; with many pairs, one in twenty is so by chance.
not_to_be_confused_with: process_drift, which compares the last two weeks with multiple testing controlled
source: "ADR 26; R. Newcombe, Interval Estimation for the Difference Between Independent Proportions (1998)"
owner: process owner
grain: [from_activity, to_activity]
direction: neutral
additivity: non_additive
columns:
  from_activity: {unit: text, description: 'activity before; NULL: the case starts', nullable: true}
  to_activity: {unit: text, description: 'activity after; NULL: the case ends', nullable: true}
  a_edges_count: {unit: count, description: how often in choice a, min: 0}
  b_edges_count: {unit: count, description: how often in choice b, min: 0}
  a_cases_count: {unit: count, description: cases of choice a that have it, min: 0}
  b_cases_count: {unit: count, description: cases of choice b that have it, min: 0}
  a_cases_ratio: {unit: ratio, description: 'of the cases of choice a; NULL: it has none', nullable: true, min: 0, max: 1}
  b_cases_ratio: {unit: ratio, description: 'of the cases of choice b; NULL: it has none', nullable: true, min: 0, max: 1}
  difference_ratio: {unit: ratio, description: share in b less share in a, nullable: true, min: -1, max: 1}
  difference_low_ratio: {unit: ratio, description: lower end of its 95 % interval, nullable: true, min: -1, max: 1}
  difference_high_ratio: {unit: ratio, description: upper end of its 95 % interval, nullable: true, min: -1, max: 1}
  is_different: {unit: boolean, description: 0 is outside the interval, nullable: true}
*/
WITH size AS (
    SELECT
        CAST(max(CASE WHEN side = 'a' THEN all_cases_count END) AS DOUBLE) AS a_n,
        CAST(max(CASE WHEN side = 'b' THEN all_cases_count END) AS DOUBLE) AS b_n
    FROM chosen_way
), counted AS (
    SELECT
        from_activity, to_activity,
        coalesce(max(CASE WHEN side = 'a' THEN edges_count END), 0) AS a_edges_count,
        coalesce(max(CASE WHEN side = 'b' THEN edges_count END), 0) AS b_edges_count,
        coalesce(max(CASE WHEN side = 'a' THEN cases_count END), 0) AS a_cases_count,
        coalesce(max(CASE WHEN side = 'b' THEN cases_count END), 0) AS b_cases_count
    FROM filtered_edges
    GROUP BY from_activity, to_activity
), shared AS (
    -- z = 1.959963984540054 is the 95 % point of the normal distribution; the other numbers are z^2, z^2 / 2 and z^2 / 4.
    SELECT
        c.from_activity, c.to_activity, c.a_edges_count, c.b_edges_count, c.a_cases_count, c.b_cases_count, s.a_n, s.b_n,
        c.a_cases_count / nullif(s.a_n, 0) AS p, c.b_cases_count / nullif(s.b_n, 0) AS q
    FROM counted c
    CROSS JOIN size s
), wilson AS (
    SELECT
        from_activity, to_activity, a_edges_count, b_edges_count, a_cases_count, b_cases_count, p, q,
        (p + 1.920729410347062E0 / nullif(a_n, 0)) / (1 + 3.841458820694124E0 / nullif(a_n, 0)) AS p_middle,
        1.959963984540054E0 * sqrt(p * (1 - p) / nullif(a_n, 0) + 0.960364705173531E0 / nullif(a_n * a_n, 0))
            / (1 + 3.841458820694124E0 / nullif(a_n, 0)) AS p_half,
        (q + 1.920729410347062E0 / nullif(b_n, 0)) / (1 + 3.841458820694124E0 / nullif(b_n, 0)) AS q_middle,
        1.959963984540054E0 * sqrt(q * (1 - q) / nullif(b_n, 0) + 0.960364705173531E0 / nullif(b_n * b_n, 0))
            / (1 + 3.841458820694124E0 / nullif(b_n, 0)) AS q_half
    FROM shared
), bounded AS (
    SELECT
        from_activity, to_activity, a_edges_count, b_edges_count, a_cases_count, b_cases_count, p, q,
        q - p - sqrt(power(q - q_middle + q_half, 2) + power(p_middle + p_half - p, 2)) AS low,
        q - p + sqrt(power(q_middle + q_half - q, 2) + power(p - p_middle + p_half, 2)) AS high
    FROM wilson
)
SELECT
    from_activity, to_activity, a_edges_count, b_edges_count, a_cases_count, b_cases_count,
    p AS a_cases_ratio, q AS b_cases_ratio, q - p AS difference_ratio,
    CASE WHEN low IS NOT NULL THEN greatest(-1, low) END AS difference_low_ratio,
    CASE WHEN high IS NOT NULL THEN least(1, high) END AS difference_high_ratio, low > 0 OR high < 0 AS is_different
FROM bounded
