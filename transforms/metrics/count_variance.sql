/*
title: Count variance
question: How far are the books of each facility from what was found?
definition: Signed and absolute variance in base units over all counts of a facility, and its record accuracy (strict, within tolerance, by units).
formula: "unit_accuracy_ratio = 1 - sum(abs(variance)) / sum(book); ira_strict_ratio = exact / comparable_count; ira_tolerance_ratio = within tolerance / comparable_count"
headline: ira_tolerance_ratio
edge_rules:
  - variance_units is the signed sum; nothing is netted before it is made absolute, so absolute_variance_units >= |variance_units|.
  - Ratios are over counts that state a book quantity (comparable_count); NULL where there are none.
  - "unit_accuracy_ratio is 1 - sum |variance| / sum book; it may be negative; with a book sum of 0 or below it is 0 where there is a difference, and NULL for 0 where there is none."
not_to_be_confused_with: adjustment frequency, which counts corrections
source: domain model, headline measures
owner: inventory control
grain: [facility_id]
direction: up_is_good
columns:
  facility_id: {unit: id, description: the facility}
  counts_count: {unit: count, description: counts, min: 1}
  comparable_count: {unit: count, description: counts that state a book quantity, min: 0}
  variance_units: {unit: units, description: signed sum of counted - book, nullable: true}
  absolute_variance_units: {unit: units, description: 'sum of |counted - book|', nullable: true, min: 0}
  ira_strict_ratio: {unit: ratio, description: share of counts that are exact, nullable: true, min: 0, max: 1}
  ira_tolerance_ratio: {unit: ratio, description: share of counts within tolerance, nullable: true, min: 0, max: 1}
  unit_accuracy_ratio: {unit: ratio, description: '1 - sum |variance| / sum book', nullable: true}
*/
SELECT
    facility_id,
    count(*) AS counts_count,
    count(book_quantity) AS comparable_count,
    CAST(sum(variance_units) AS DOUBLE) AS variance_units,
    CAST(sum(abs(variance_units)) AS DOUBLE) AS absolute_variance_units,
    CAST(count(*) FILTER (WHERE is_exact) AS DOUBLE) / nullif(count(book_quantity), 0) AS ira_strict_ratio,
    CAST(count(*) FILTER (WHERE is_within_tolerance) AS DOUBLE) / nullif(count(book_quantity), 0) AS ira_tolerance_ratio,
    CASE
        WHEN sum(book_quantity) <= 0 AND sum(abs(variance_units)) > 0 THEN 0.0
        ELSE 1.0 - CAST(sum(abs(variance_units)) AS DOUBLE) / nullif(CAST(sum(book_quantity) AS DOUBLE), 0)
    END AS unit_accuracy_ratio
FROM marts.count_records
GROUP BY facility_id
