/*
title: Count variance, timing and residual
question: How much of the count variance of each facility is only timing?
definition: The variance of all counts of a facility in base units, split into in flight, posted during the count, and the residual.
formula: "explained_ratio = explained_count / differing_count; variance_units = in_flight_units + coalesce(posted_during_units, 0) + residual_units"
headline: explained_ratio
edge_rules:
  - Signed sums add up, variance = in flight + posted during + residual, over split_count counts; counts that cannot be split are unsplit_count and in no sum.
  - Where there is no opening stock, posted_during_units is NULL and its part lies in the residual.
  - A differing split count is explained, within tolerance, or due to be counted again; differing_count = explained_count + within_tolerance_count + recount_due_count - exact_recount_count, where the last agree with the books although timing says that they should not.
  - explained_ratio is the share of differing split counts whose residual is zero, NULL where none differs.
not_to_be_confused_with: count variance, which is about all counts and splits nothing
source: domain model, headline measures
owner: inventory control
grain: [facility_id]
direction: neutral
additivity: additive
columns:
  facility_id: {unit: id, description: the facility}
  split_count: {unit: count, description: counts that are split, min: 0}
  unsplit_count: {unit: count, description: counts that cannot be, min: 0}
  differing_count: {unit: count, description: split counts that differ from the books, min: 0}
  explained_count: {unit: count, description: those whose residual is zero, min: 0}
  explained_ratio: {unit: ratio, description: share of differing counts that timing explains, nullable: true, min: 0, max: 1}
  within_tolerance_count: {unit: count, description: differing ones whose residual is not zero but within tolerance, min: 0}
  recount_due_count: {unit: count, description: split counts whose residual is outside tolerance, min: 0}
  exact_recount_count: {unit: count, description: 'those of recount_due_count that agree with the books, which timing alone would not', min: 0}
  variance_units: {unit: units, description: signed variance of split counts, nullable: true}
  in_flight_units: {unit: units, description: part in flight, nullable: true}
  posted_during_units: {unit: units, description: part posted during the count, nullable: true}
  residual_units: {unit: units, description: rest, nullable: true}
  absolute_variance_units: {unit: units, description: 'sum of |variance|', nullable: true, min: 0}
  absolute_residual_units: {unit: units, description: 'sum of |residual|', nullable: true, min: 0}
*/
SELECT
    facility_id,
    count(residual_units) AS split_count,
    count(*) - count(residual_units) AS unsplit_count,
    count(*) FILTER (WHERE residual_units IS NOT NULL AND variance_units <> 0) AS differing_count,
    count(*) FILTER (WHERE is_explained) AS explained_count,
    CAST(count(*) FILTER (WHERE is_explained) AS DOUBLE)
        / nullif(count(*) FILTER (WHERE residual_units IS NOT NULL AND variance_units <> 0), 0) AS explained_ratio,
    count(*) FILTER (WHERE variance_units <> 0 AND NOT is_explained AND NOT is_recount_due) AS within_tolerance_count,
    count(*) FILTER (WHERE is_recount_due) AS recount_due_count,
    count(*) FILTER (WHERE is_recount_due AND variance_units = 0) AS exact_recount_count,
    CAST(sum(CASE WHEN residual_units IS NOT NULL THEN variance_units END) AS DOUBLE) AS variance_units,
    CAST(sum(in_flight_units) AS DOUBLE) AS in_flight_units,
    CAST(sum(posted_during_units) AS DOUBLE) AS posted_during_units,
    CAST(sum(residual_units) AS DOUBLE) AS residual_units,
    CAST(sum(CASE WHEN residual_units IS NOT NULL THEN abs(variance_units) END) AS DOUBLE) AS absolute_variance_units,
    CAST(sum(abs(residual_units)) AS DOUBLE) AS absolute_residual_units
FROM marts.count_variance_parts
GROUP BY facility_id
