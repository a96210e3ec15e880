/*
title: Variants
question: Which ways do cases take through a process, and how many take each?
definition: Cases of a process at a facility by their sequence of activities, joined with " > ", and their share of the facility's cases of that process as a ratio.
formula: "share_ratio = cases_count / cases of the process at the facility"
headline: share_ratio
edge_rules:
  - All cases count, those that are still open with the way that they have gone so far.
  - A transfer counts at the receiving facility only.
  - An activity that happens again is written again.
not_to_be_confused_with: deviations, which compare the ways with the normative model
source: domain model, process models
owner: process owner
grain: [process, facility_id, variant]
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  variant: {unit: text, description: activities in order}
  cases_count: {unit: count, description: cases that took this way, min: 1}
  share_ratio: {unit: ratio, description: of the cases of the process at the facility, min: 0, max: 1}
  variant_no: {unit: number, description: number of the variant in this build, min: 1}
  variant_id: {unit: id, description: 'the variant in every build, as case_conformance names it'}
direction: neutral
additivity: additive
*/
SELECT
    f.process, f.facility_id, f.variant,
    CAST(sum(f.cases_count) AS BIGINT) AS cases_count,
    CAST(sum(f.cases_count) AS DOUBLE)
        / CAST(sum(sum(f.cases_count)) OVER (PARTITION BY f.process, f.facility_id) AS DOUBLE) AS share_ratio,
    n.variant_no, f.variant_id
FROM process.variant_frequency f
JOIN process.variant_number n ON n.process = f.process AND n.variant_id = f.variant_id
GROUP BY f.process, f.facility_id, f.variant, f.variant_id, n.variant_no
