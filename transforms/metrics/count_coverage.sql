/*
title: Count coverage
question: How much of what is stocked has been counted, and how much of the counting was counting again?
definition: Items counted / items stocked per facility and ABC class, and the share of counts that repeat one of the same place within a day.
formula: "coverage_ratio = counted_items_count / stocked_items_count; recount_ratio = recounts_count / counts_count"
headline: coverage_ratio
edge_rules:
  - Stocked is an item with opening stock, an event, a posting or a count at the facility.
  - abc_class NULL is all classes; an item without a class is in C.
  - A recount is a count of the same item and location at most 86400 s after the one before; locations that are not stated equal each other.
  - recount_ratio is NULL where nothing was counted.
not_to_be_confused_with: record accuracy, which says what the counts found
source: "domain model, headline measures; APICS cycle counting"
owner: inventory control
grain: [facility_id, abc_class]
direction: up_is_good
columns:
  facility_id: {unit: id, description: the facility}
  abc_class: {unit: text, description: 'A, B or C; NULL: all', nullable: true}
  stocked_items_count: {unit: count, description: items stocked, min: 1}
  counted_items_count: {unit: count, description: those counted at least once, min: 0}
  coverage_ratio: {unit: ratio, description: share of stocked items that were counted, min: 0, max: 1}
  counts_count: {unit: count, description: counts, min: 0}
  recounts_count: {unit: count, description: counts within a day of the one before, min: 0}
  recount_ratio: {unit: ratio, description: share of counts that are recounts, nullable: true, min: 0, max: 1}
*/
WITH counted AS (
    SELECT
        facility_id,
        item_id,
        count(*) AS counts_count,
        count(*) FILTER (WHERE seconds_between(previous_at, counted_at) <= 86400) AS recounts_count
    FROM (
        SELECT
            facility_id, item_id, counted_at,
            lag(counted_at) OVER (PARTITION BY facility_id, item_id, location_id ORDER BY counted_at, count_id) AS previous_at
        FROM marts.count_records
    ) AS placed
    GROUP BY facility_id, item_id
), stocked AS (
    SELECT facility_id, item_id FROM canonical.inventory_event WHERE item_id IS NOT NULL
    UNION
    SELECT facility_id, item_id FROM canonical.erp_posting WHERE item_id IS NOT NULL
    UNION
    SELECT facility_id, item_id FROM reference.opening_stock
    UNION
    SELECT facility_id, item_id FROM counted
)
SELECT
    s.facility_id,
    coalesce(i.abc_class, 'C') AS abc_class,
    count(*) AS stocked_items_count,
    count(c.item_id) AS counted_items_count,
    CAST(count(c.item_id) AS DOUBLE) / nullif(count(*), 0) AS coverage_ratio,
    CAST(coalesce(sum(c.counts_count), 0) AS BIGINT) AS counts_count,
    CAST(coalesce(sum(c.recounts_count), 0) AS BIGINT) AS recounts_count,
    CAST(sum(c.recounts_count) AS DOUBLE) / nullif(sum(c.counts_count), 0) AS recount_ratio
FROM stocked s
LEFT JOIN counted c ON c.facility_id = s.facility_id AND c.item_id = s.item_id
LEFT JOIN reference.item i ON i.item_id = s.item_id
GROUP BY GROUPING SETS ((s.facility_id, coalesce(i.abc_class, 'C')), (s.facility_id))
