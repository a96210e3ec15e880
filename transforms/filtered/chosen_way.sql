/*
title: Ways of a choice, counted
question: How many of the chosen cases take which way, and how many are there?
definition: Chosen cases by variant, beside all chosen cases of the same choice.
source: ADR 26
owner: process owner
grain: [side, variant_no]
columns:
  side: {unit: text, description: which of the choices}
  variant_no: {unit: number, description: number of the variant in this build, min: 1}
  cases_count: {unit: count, description: chosen cases that take it, min: 1}
  all_cases_count: {unit: count, description: all chosen cases, min: 1}
additivity: additive
*/
SELECT
    side, variant_no, count(*) AS cases_count,
    CAST(sum(count(*)) OVER (PARTITION BY side) AS BIGINT) AS all_cases_count
FROM chosen_case
GROUP BY side, variant_no
