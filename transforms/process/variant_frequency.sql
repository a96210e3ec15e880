/*
title: Variants, counted
question: How often is each way taken, by cases that are over and by cases that may still go on?
definition: Cases of a process by facility and variant, open ones apart; what the miners read instead of rows.
source: domain model, process models
owner: process owner
grain: [process, facility_id, variant_id, is_open]
columns:
  process: {unit: text, description: normative process}
  facility_id: {unit: id, description: facility that the cases are told at}
  variant: {unit: text, description: activities in order}
  is_open: {unit: boolean, description: the cases may still go on}
  cases_count: {unit: count, description: cases, min: 1}
  variant_id: {unit: id, description: the variant as process.case_variant names it}
additivity: additive
*/
SELECT process, facility_id, min(variant) AS variant, is_open, count(*) AS cases_count, variant_id
FROM process.case_variant
GROUP BY process, facility_id, variant_id, is_open
