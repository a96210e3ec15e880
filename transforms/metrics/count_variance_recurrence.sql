/*
title: Recurring count variances
question: Which items, shifts and suppliers are off again and again?
definition: Counts, those that differ from the books and those outside tolerance, with their variance in base units, per facility and item, shift of the count, or supplier of the item.
formula: "outside_tolerance_ratio = outside_tolerance_count / counts_count; is_recurring = outside_tolerance_count >= 2 and outside_tolerance_ratio >= that of the facility"
headline: outside_tolerance_ratio
edge_rules:
  - "dimension says what value is: item, shift or supplier. Each dimension holds every comparable count once; what is not known is NULL. Add within one dimension only."
  - The supplier of an item at a facility is the one with the most confirmed receipts of it there up to as_of; of equal ones the first by name.
  - Counts without a book quantity are left out. Recurring is outside tolerance at least twice, and at a share no smaller than that of all counts of the facility.
not_to_be_confused_with: record accuracy, which is about all records of a facility
source: domain model, headline measures; DeHoratius and Raman 2008
owner: inventory control
grain: [facility_id, dimension, value]
direction: down_is_good
additivity: additive
columns:
  facility_id: {unit: id, description: the facility}
  dimension: {unit: text, description: 'item, shift or supplier'}
  value: {unit: text, description: 'the item, shift or supplier; NULL: not known', nullable: true}
  counts_count: {unit: count, description: counts that state a book quantity, min: 1}
  differing_count: {unit: count, description: those that differ from it, min: 0}
  outside_tolerance_count: {unit: count, description: those outside tolerance, min: 0}
  outside_tolerance_ratio: {unit: ratio, description: share outside tolerance, min: 0, max: 1}
  variance_units: {unit: units, description: signed sum of counted - book}
  absolute_variance_units: {unit: units, description: 'sum of |counted - book|', min: 0}
  is_recurring: {unit: boolean, description: 'whether two or more were outside tolerance, and no smaller a share than at the whole facility'}
*/
WITH receipts AS (
    SELECT facility_id, item_id, supplier_id, count(*) AS receipts_count
    FROM canonical.inventory_event
    WHERE event_type = 'receipt_confirmed' AND supplier_id IS NOT NULL AND item_id IS NOT NULL
    GROUP BY facility_id, item_id, supplier_id
), supplier AS (
    SELECT facility_id, item_id, supplier_id
    FROM (
        SELECT
            facility_id, item_id, supplier_id,
            row_number() OVER (PARTITION BY facility_id, item_id ORDER BY receipts_count DESC, supplier_id NULLS LAST) AS place
        FROM receipts
    ) AS ranked
    WHERE place = 1
), counted AS (
    SELECT c.facility_id, c.item_id, c.shift, s.supplier_id, c.variance_units, c.is_exact, c.is_within_tolerance
    FROM marts.count_records c
    LEFT JOIN supplier s ON s.facility_id = c.facility_id AND s.item_id = c.item_id
    WHERE c.book_quantity IS NOT NULL
), placed AS (
    SELECT facility_id, 'item' AS dimension, item_id AS value, variance_units, is_exact, is_within_tolerance FROM counted
    UNION ALL
    SELECT facility_id, 'shift', shift, variance_units, is_exact, is_within_tolerance FROM counted
    UNION ALL
    SELECT facility_id, 'supplier', supplier_id, variance_units, is_exact, is_within_tolerance FROM counted
)
SELECT
    facility_id,
    dimension,
    value,
    count(*) AS counts_count,
    count(*) FILTER (WHERE NOT is_exact) AS differing_count,
    count(*) FILTER (WHERE NOT is_within_tolerance) AS outside_tolerance_count,
    CAST(count(*) FILTER (WHERE NOT is_within_tolerance) AS DOUBLE) / nullif(count(*), 0) AS outside_tolerance_ratio,
    CAST(sum(variance_units) AS DOUBLE) AS variance_units,
    CAST(sum(abs(variance_units)) AS DOUBLE) AS absolute_variance_units,
    count(*) FILTER (WHERE NOT is_within_tolerance) >= 2
        AND count(*) FILTER (WHERE NOT is_within_tolerance) * sum(count(*)) OVER every
            >= sum(count(*) FILTER (WHERE NOT is_within_tolerance)) OVER every * count(*) AS is_recurring
FROM placed
GROUP BY facility_id, dimension, value
WINDOW every AS (PARTITION BY facility_id, dimension)
