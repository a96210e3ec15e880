/*
title: Inventory record accuracy
question: How far can the records of each facility be trusted, and how sure is that?
definition: Share of counts that are exact, and within the tolerance of their ABC class, with 95 % Wilson intervals, and accuracy by units and by value, per facility and class.
formula: "ira_strict_ratio = exact_count / comparable_count; ira_tolerance_ratio = within_tolerance_count / comparable_count; unit_accuracy_ratio = 1 - absolute_variance_units / book_units; value_accuracy_ratio = 1 - absolute_variance_usd / value of the books"
headline: ira_strict_ratio
edge_rules:
  - abc_class NULL is all classes of the facility; an item without a class is in C.
  - Ratios are over counts that state a book quantity (comparable_count), NULL where there are none.
  - "Tolerance: A 1 %, B 3 %, C 5 % of the book quantity, bounds inclusive; book 0 with a difference is outside."
  - "unit_accuracy_ratio is 1 - sum |variance| / sum book, value_accuracy_ratio the same with each item's cost at the count, over priced_count counts; either may be negative; with a book sum of 0 or below it is 0 where there is a difference, and NULL for 0 where there is none."
  - "Wilson interval at 95 %; of sites whose intervals overlap none is better: most variance lies inside a site, not between sites."
not_to_be_confused_with: count variance, which has no interval and no value; a ranking of sites
source: "WERC and APQC inventory record accuracy; Wilson 1927; DeHoratius and Raman 2008"
owner: inventory control
grain: [facility_id, abc_class]
direction: up_is_good
columns:
  facility_id: {unit: id, description: the facility}
  abc_class: {unit: text, description: 'A, B or C; NULL: all', nullable: true}
  counts_count: {unit: count, description: counts, min: 1}
  comparable_count: {unit: count, description: 'n: counts that state a book quantity', min: 0}
  exact_count: {unit: count, description: those without a difference, min: 0}
  within_tolerance_count: {unit: count, description: those within tolerance, min: 0}
  ira_strict_ratio: {unit: ratio, description: share of exact counts, nullable: true, min: 0, max: 1}
  ira_strict_low_ratio: {unit: ratio, description: lower end of its 95 % interval, nullable: true, min: 0, max: 1}
  ira_strict_high_ratio: {unit: ratio, description: upper end of its 95 % interval, nullable: true, min: 0, max: 1}
  ira_tolerance_ratio: {unit: ratio, description: share of counts within tolerance, nullable: true, min: 0, max: 1}
  ira_tolerance_low_ratio: {unit: ratio, description: lower end of its 95 % interval, nullable: true, min: 0, max: 1}
  ira_tolerance_high_ratio: {unit: ratio, description: upper end of its 95 % interval, nullable: true, min: 0, max: 1}
  book_units: {unit: units, description: units in the books of comparable counts, nullable: true}
  variance_units: {unit: units, description: signed sum of counted - book, nullable: true}
  absolute_variance_units: {unit: units, description: 'sum of |counted - book|', nullable: true, min: 0}
  unit_accuracy_ratio: {unit: ratio, description: '1 - sum |variance| / sum book', nullable: true}
  priced_count: {unit: count, description: comparable counts of items whose cost is known, min: 0}
  variance_usd: {unit: usd, description: signed value of the differences, nullable: true}
  absolute_variance_usd: {unit: usd, description: value of the differences without sign, nullable: true, min: 0}
  value_accuracy_ratio: {unit: ratio, description: '1 - sum |variance| / sum book, each by value', nullable: true}
*/
WITH counted AS (
    SELECT
        r.facility_id, r.abc_class, r.book_quantity, r.variance_units, r.is_exact, r.is_within_tolerance,
        CAST(r.variance_units AS DOUBLE) * c.unit_cost_usd AS variance_usd,
        CAST(r.book_quantity AS DOUBLE) * c.unit_cost_usd AS book_usd
    FROM marts.count_records r
    LEFT JOIN shared.item_cost c
      ON c.item_id = r.item_id AND r.counted_at >= c.valid_from_at AND r.counted_at < c.valid_until_at
), summed AS (
    SELECT
        facility_id,
        abc_class,
        count(*) AS counts_count,
        count(book_quantity) AS comparable_count,
        count(*) FILTER (WHERE is_exact) AS exact_count,
        count(*) FILTER (WHERE is_within_tolerance) AS within_tolerance_count,
        CAST(nullif(count(book_quantity), 0) AS DOUBLE) AS n,
        CAST(count(*) FILTER (WHERE is_exact) AS DOUBLE) / nullif(count(book_quantity), 0) AS strict,
        CAST(count(*) FILTER (WHERE is_within_tolerance) AS DOUBLE) / nullif(count(book_quantity), 0) AS tolerant,
        CAST(sum(book_quantity) AS DOUBLE) AS book_units,
        CAST(sum(variance_units) AS DOUBLE) AS variance_units,
        CAST(sum(abs(variance_units)) AS DOUBLE) AS absolute_variance_units,
        count(variance_usd) AS priced_count,
        CAST(sum(CAST(variance_usd AS DECIMAL(24, 6))) AS DOUBLE) AS variance_usd,
        CAST(sum(CAST(abs(variance_usd) AS DECIMAL(24, 6))) AS DOUBLE) AS absolute_variance_usd,
        CAST(sum(CAST(book_usd AS DECIMAL(24, 6))) AS DOUBLE) AS book_usd
    FROM counted
    GROUP BY GROUPING SETS ((facility_id, abc_class), (facility_id))
), wilson AS (
    -- greatest and least skip NULL, and so would invent bounds where nothing was counted. z is the 97.5 % quantile of the normal distribution.
    SELECT
        *,
        1 + z * z / n AS stretch,
        strict + z * z / (2 * n) AS strict_centre,
        z * sqrt(strict * (1 - strict) / n + z * z / (4 * n * n)) AS strict_half,
        tolerant + z * z / (2 * n) AS tolerant_centre,
        z * sqrt(tolerant * (1 - tolerant) / n + z * z / (4 * n * n)) AS tolerant_half
    FROM (SELECT *, CAST(1.959963984540054 AS DOUBLE) AS z FROM summed) AS given
)
SELECT
    facility_id,
    abc_class,
    counts_count,
    comparable_count,
    exact_count,
    within_tolerance_count,
    strict AS ira_strict_ratio,
    CASE WHEN n IS NOT NULL THEN greatest((strict_centre - strict_half) / stretch, 0) END AS ira_strict_low_ratio,
    CASE WHEN n IS NOT NULL THEN least((strict_centre + strict_half) / stretch, 1) END AS ira_strict_high_ratio,
    tolerant AS ira_tolerance_ratio,
    CASE WHEN n IS NOT NULL THEN greatest((tolerant_centre - tolerant_half) / stretch, 0) END AS ira_tolerance_low_ratio,
    CASE WHEN n IS NOT NULL THEN least((tolerant_centre + tolerant_half) / stretch, 1) END AS ira_tolerance_high_ratio,
    book_units,
    variance_units,
    absolute_variance_units,
    CASE WHEN book_units <= 0 AND absolute_variance_units > 0 THEN 0.0
         ELSE 1.0 - absolute_variance_units / nullif(book_units, 0) END AS unit_accuracy_ratio,
    priced_count,
    variance_usd,
    absolute_variance_usd,
    CASE WHEN book_usd <= 0 AND absolute_variance_usd > 0 THEN 0.0
         ELSE 1.0 - absolute_variance_usd / nullif(book_usd, 0) END AS value_accuracy_ratio
FROM wilson
