/*
title: Adherence to the standard
question: How closely does each facility follow the normative process?
definition: Cases per process and facility, the share of them that are conformant as a ratio with its 95 % Wilson interval, and their mean fitness.
formula: "adherence_ratio = conformant_count / cases_count"
headline: adherence_ratio
edge_rules:
  - Conformant is a case without a deviation that counts (case_conformance); a late one is not, one with accepted deviations only is.
  - Open cases count with what they have done so far.
  - approximated_count are the cases whose moves are not known, because to find them would have been too much work; they have a fitness, but are not conformant, and are in no row of the deviations but those of too_late.
not_to_be_confused_with: fitness, which says how far a case is from the model and knows neither limits nor what is accepted
source: "domain model, process models; Wilson (1927)"
owner: process owner
grain: [process, facility_id]
direction: up_is_good
additivity: non_additive
version: 2
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  cases_count: {unit: count, description: cases, min: 1}
  conformant_count: {unit: count, description: those without a deviation that counts, min: 0}
  fitness_ratio: {unit: ratio, description: 'mean fitness over cases, 1 = as the model says', min: 0, max: 1}
  open_count: {unit: count, description: cases that may still go on, min: 0}
  approximated_count: {unit: count, description: cases that were not aligned, min: 0}
  adherence_ratio: {unit: ratio, description: share of conformant cases, min: 0, max: 1}
  adherence_low_ratio: {unit: ratio, description: lower bound of its 95 % interval, min: 0, max: 1}
  adherence_high_ratio: {unit: ratio, description: upper bound of its 95 % interval, min: 0, max: 1}
*/
WITH counted AS (
    SELECT
        process, facility_id,
        count(*) AS cases_count,
        count(*) FILTER (WHERE is_conformant) AS conformant_count,
        CAST(sum(CAST(fitness AS DECIMAL(24, 12))) AS DOUBLE) AS fitness,
        count(*) FILTER (WHERE is_open) AS open_count,
        count(*) FILTER (WHERE NOT is_exact) AS approximated_count
    FROM marts.case_conformance
    GROUP BY process, facility_id
), wilson AS (
    SELECT
        *,
        1 + z * z / n AS stretch,
        p + z * z / (2 * n) AS centre,
        z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) AS half
    FROM (
        SELECT
            *,
            CAST(1.959963984540054 AS DOUBLE) AS z,
            CAST(nullif(cases_count, 0) AS DOUBLE) AS n,
            CAST(conformant_count AS DOUBLE) / nullif(cases_count, 0) AS p
        FROM counted
    ) AS given
)
SELECT
    process, facility_id, cases_count, conformant_count,
    fitness / n AS fitness_ratio,
    open_count, approximated_count,
    p AS adherence_ratio,
    greatest((centre - half) / stretch, 0) AS adherence_low_ratio,
    least((centre + half) / stretch, 1) AS adherence_high_ratio
FROM wilson
