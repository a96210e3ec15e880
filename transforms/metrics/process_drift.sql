/*
title: Concept drift
question: Which ways through a process have become more or less frequent in the last week?
definition: Share of each directly-follows pair among all pairs of a process at a facility, in the seven days up to as_of and in the seven days before, with a chi-square test of whether the share changed.
formula: "change_ratio = later_count / later pairs - earlier_count / earlier pairs"
headline: change_ratio
edge_rules:
  - A pair belongs to the week in which its second activity happened; the later week is the 604,800 seconds up to as_of (its beginning is outside, its end inside), the earlier week those before it.
  - "chi_square is Pearson's, of the table pair or other pair by earlier or later week, with one degree of freedom and without correction; p_value is erfc(sqrt(chi_square / 2))."
  - adjusted_p_value controls the false discovery rate over all pairs of the process that could be tested, at all facilities (Benjamini and Hochberg 1995); is_drifting is adjusted_p_value below 0.05.
  - A pair is not tested where a cell of the table is expected to be below 5, or a week has no pairs, or all pairs are this one; unknown_reason says which, and chi_square, p_value, adjusted_p_value and is_drifting are NULL.
  - Pairs of one case are not independent, so that p-values are too small where cases are long; they rank what to look at and prove nothing.
not_to_be_confused_with: latency_trend, which is about how long and not which way
source: "test of edge frequencies; Y. Benjamini, Y. Hochberg, Controlling the False Discovery Rate (1995)"
owner: process owner
grain: [process, facility_id, from_activity, to_activity]
direction: neutral
additivity: non_additive
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  from_activity: {unit: text, description: first activity}
  to_activity: {unit: text, description: second activity}
  earlier_count: {unit: count, description: times in the earlier week, min: 0}
  later_count: {unit: count, description: times in the later week, min: 0}
  earlier_ratio: {unit: ratio, description: 'share of the pairs of the earlier week; NULL: it has none', nullable: true, min: 0, max: 1}
  later_ratio: {unit: ratio, description: 'share of the pairs of the later week; NULL: it has none', nullable: true, min: 0, max: 1}
  change_ratio: {unit: ratio, description: later share less earlier share, nullable: true, min: -1, max: 1}
  chi_square: {unit: number, description: 'test statistic; NULL: not tested', nullable: true, min: 0}
  p_value: {unit: number, description: 'chance of as great a difference without drift; NULL: not tested', nullable: true, min: 0, max: 1}
  adjusted_p_value: {unit: number, description: 'p_value, adjusted for the number of pairs; NULL: not tested', nullable: true, min: 0, max: 1}
  is_drifting: {unit: boolean, description: 'adjusted_p_value is below 0.05; NULL: not tested', nullable: true}
  unknown_reason: {unit: text, description: 'why it was not tested; NULL: it was', nullable: true}
*/
WITH named AS (
    SELECT process, edge_no, from_activity, to_activity
    FROM marts.process_variant_edges
    GROUP BY process, edge_no, from_activity, to_activity
), recent AS (
    SELECT e.case_no, e.edge_no, seconds_between(e.reached_at, v.as_of) < 604800 AS is_later
    FROM marts.process_case_edges e
    CROSS JOIN reference.evaluation v
    WHERE seconds_between(e.reached_at, v.as_of) < 1209600
), counted AS (
    SELECT
        n.process, c.facility_id, n.from_activity, n.to_activity,
        CAST(count(*) FILTER (WHERE NOT r.is_later) AS DOUBLE) AS a, CAST(count(*) FILTER (WHERE r.is_later) AS DOUBLE) AS b
    FROM recent r
    JOIN marts.process_cases c ON c.case_no = r.case_no
    JOIN named n ON n.edge_no = r.edge_no
    GROUP BY n.process, c.facility_id, n.from_activity, n.to_activity
), whole AS (
    SELECT
        process, facility_id, from_activity, to_activity, a, b,
        CAST(sum(CAST(a AS BIGINT)) OVER (PARTITION BY process, facility_id) AS DOUBLE) AS earlier_whole,
        CAST(sum(CAST(b AS BIGINT)) OVER (PARTITION BY process, facility_id) AS DOUBLE) AS later_whole
    FROM counted
), judged AS (
    SELECT
        process, facility_id, from_activity, to_activity, a, b, earlier_whole, later_whole,
        CASE
            WHEN earlier_whole = 0 THEN 'no pairs in the earlier week'
            WHEN later_whole = 0 THEN 'no pairs in the later week'
            WHEN a + b = earlier_whole + later_whole THEN 'no other pair'
            WHEN least(earlier_whole, later_whole) * least(a + b, earlier_whole + later_whole - a - b)
                < 5 * (earlier_whole + later_whole) THEN 'too few pairs'
        END AS unknown_reason
    FROM whole
), tested AS (
    SELECT
        process, facility_id, from_activity, to_activity, a, b, earlier_whole, later_whole, unknown_reason,
        CASE WHEN unknown_reason IS NULL THEN
            (earlier_whole + later_whole) * power(a * (later_whole - b) - b * (earlier_whole - a), 2)
                / nullif(earlier_whole * later_whole * (a + b) * (earlier_whole + later_whole - a - b), 0)
        END AS chi_square
    FROM judged
), placed AS (
    SELECT *, sqrt(chi_square / 2) AS z, chi_square / 2 AS y, 2 / nullif(chi_square, 0) AS u
    FROM tested
), valued AS (
    -- erfc(z) by W. J. Cody's rational approximations (1969), which are as exact as the numbers are.
    SELECT
        *,
        CASE
            WHEN z <= 0.46875 THEN 1 - z
                * ((((0.185777706184603153E0 * y + 3.16112374387056560E0) * y + 113.864154151050156E0) * y +
                377.485237685302021E0) * y + 3209.37758913846947E0)
                / ((((y + 23.6012909523441209E0) * y + 244.024637934444173E0) * y + 1282.61652607737228E0) * y +
                2844.23683343917062E0)
            WHEN z <= 4 THEN exp(-y)
                * ((((((((2.15311535474403846E-8 * z + 0.564188496988670089E0) * z + 8.88314979438837594E0) * z +
                66.1191906371416295E0) * z + 298.635138197400131E0) * z + 881.952221241769090E0) * z +
                1712.04761263407058E0) * z + 2051.07837782607147E0) * z + 1230.33935479799725E0)
                / ((((((((z + 15.7449261107098347E0) * z + 117.693950891312499E0) * z + 537.181101862009858E0) * z +
                1621.38957456669019E0) * z + 3290.79923573345963E0) * z + 4362.61909014324716E0) * z +
                3439.36767414372164E0) * z + 1230.33935480374942E0)
            ELSE exp(-y) / z * (0.56418958354775628695E0 - u
                * (((((0.0163153871373020978E0 * u + 0.305326634961232344E0) * u + 0.360344899949804439E0) * u +
                0.125781726111229246E0) * u + 0.0160837851487422766E0) * u + 6.58749161529837803E-4)
                / (((((u + 2.56852019228982242E0) * u + 1.87295284992346047E0) * u + 0.527905102951428412E0) * u +
                0.0605183413124413191E0) * u + 2.33520497626869185E-3))
        END AS p_value
    FROM placed
), ranked AS (
    -- How many are at most as great: of equal p-values, the last rank.
    SELECT
        *, p_value * count(p_value) OVER (PARTITION BY process)
            / nullif(count(p_value) OVER (PARTITION BY process ORDER BY p_value NULLS LAST), 0) AS raw_p_value
    FROM valued
), adjusted AS (
    -- The smallest of this one and those of all greater p-values.
    SELECT
        *, CASE WHEN p_value IS NOT NULL THEN least(1, min(raw_p_value) OVER (
            PARTITION BY process ORDER BY p_value DESC NULLS LAST)) END AS adjusted_p_value
    FROM ranked
)
SELECT
    process, facility_id, from_activity, to_activity, CAST(a AS BIGINT) AS earlier_count, CAST(b AS BIGINT) AS later_count,
    a / nullif(earlier_whole, 0) AS earlier_ratio, b / nullif(later_whole, 0) AS later_ratio,
    b / nullif(later_whole, 0) - a / nullif(earlier_whole, 0) AS change_ratio,
    chi_square, p_value, adjusted_p_value, adjusted_p_value < 0.05 AS is_drifting, unknown_reason
FROM adjusted
