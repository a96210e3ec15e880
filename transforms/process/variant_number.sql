/*
title: Numbers of the variants
question: Which short number stands for which way through a process?
definition: Every variant of a process with a number, in the order of process and text, and one of its cases.
edge_rules:
  - Numbers hold within one build; another build may number anew.
source: domain model, process models
owner: process owner
grain: [variant_no]
columns:
  variant_no: {unit: number, description: 'number of the variant, from 1', min: 1}
  process: {unit: text, description: normative process}
  variant_id: {unit: id, description: the variant as process.case_variant names it}
  variant: {unit: text, description: activities in order}
  steps_count: {unit: count, description: activities in it, min: 1}
  case_no: {unit: number, description: the first of its cases, min: 1}
additivity: additive
*/
SELECT
    CAST(row_number() OVER (ORDER BY process, variant, variant_id) AS INT) AS variant_no,
    process, variant_id, variant, max(events_count) AS steps_count, min(case_no) AS case_no
FROM process.case_variant
GROUP BY process, variant_id, variant
