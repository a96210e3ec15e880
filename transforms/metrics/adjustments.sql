/*
title: Adjustments
question: How often is stock corrected instead of moved, and how much of that by hand?
definition: Adjustments per 1,000 movements, the share of them that no approved count explains (manual), and their units and value, per facility.
formula: "adjustments_per_thousand_ratio = 1000 * adjustments_count / movements_count; manual_ratio = manual_count / adjustments_count"
headline: adjustments_per_thousand_ratio
edge_rules:
  - An adjustment is an inventory_adjusted event, or a posting of that type without an event; one that bears the id of such an event is that event.
  - A movement is an event whose posting is expected, other than an adjustment and an approval of a count variance; a zero quantity is one, too.
  - "Manual is what the rule manual_adjustment reports."
  - adjustments_per_thousand_ratio is NULL for a facility without movements, manual_ratio for one without adjustments.
  - Units keep the stated sign in net_units; the value is at the cost when it happened, over adjustments whose item has a known cost (the others are unpriced_count).
not_to_be_confused_with: count variance, which is about what counts find
source: WERC metrics; domain model, headline measures
owner: inventory control
grain: [facility_id]
direction: down_is_good
columns:
  facility_id: {unit: id, description: the facility}
  movements_count: {unit: count, description: movements, min: 0}
  adjustments_count: {unit: count, description: adjustments, min: 0}
  posted_only_count: {unit: count, description: those of them that are postings without an event, min: 0}
  adjustments_per_thousand_ratio: {unit: ratio, description: adjustments for 1000 movements, nullable: true, min: 0}
  manual_count: {unit: count, description: adjustments that no approved count explains, min: 0}
  manual_ratio: {unit: ratio, description: share of adjustments that are manual, nullable: true, min: 0, max: 1}
  net_units: {unit: units, description: signed sum of units, nullable: true}
  absolute_units: {unit: units, description: sum of units without sign, nullable: true, min: 0}
  unpriced_count: {unit: count, description: adjustments with a quantity whose item has no known cost, min: 0}
  net_usd: {unit: usd, description: signed value, nullable: true}
  absolute_usd: {unit: usd, description: value without sign, nullable: true, min: 0}
*/
WITH adjustment AS (
    SELECT facility_id, event_id AS reference_id, event_time AS adjusted_at, item_id, quantity, FALSE AS is_posted_only
    FROM canonical.inventory_event
    WHERE event_type = 'inventory_adjusted'
    UNION ALL
    SELECT p.facility_id, p.posting_id, p.posted_at, p.item_id, p.quantity, TRUE
    FROM canonical.erp_posting p
    JOIN matching.leftover_posting o ON o.posting_id = p.posting_id
    WHERE o.kind = 'without_event' AND p.posting_type = 'inventory_adjusted'
      AND NOT EXISTS (
          SELECT 1 FROM canonical.inventory_event x WHERE x.event_id = p.posting_id AND x.event_type = 'inventory_adjusted'
      )
), manual AS (
    SELECT DISTINCT facility_id, reference_id FROM marts.exceptions WHERE rule = 'manual_adjustment'
), valued AS (
    SELECT
        a.facility_id, a.is_posted_only, a.quantity,
        m.reference_id IS NOT NULL AS is_manual,
        CAST(a.quantity AS DOUBLE) * c.unit_cost_usd AS value_usd
    FROM adjustment a
    LEFT JOIN manual m ON m.reference_id = a.reference_id AND m.facility_id = a.facility_id
    LEFT JOIN shared.item_cost c
      ON c.item_id = a.item_id AND a.adjusted_at >= c.valid_from_at AND a.adjusted_at < c.valid_until_at
), summed AS (
    SELECT
        facility_id,
        count(*) AS adjustments_count,
        count(*) FILTER (WHERE is_posted_only) AS posted_only_count,
        count(*) FILTER (WHERE is_manual) AS manual_count,
        CAST(sum(quantity) AS DOUBLE) AS net_units,
        CAST(sum(abs(quantity)) AS DOUBLE) AS absolute_units,
        count(*) FILTER (WHERE quantity IS NOT NULL AND value_usd IS NULL) AS unpriced_count,
        CAST(sum(CAST(value_usd AS DECIMAL(24, 6))) AS DOUBLE) AS net_usd,
        CAST(sum(CAST(abs(value_usd) AS DECIMAL(24, 6))) AS DOUBLE) AS absolute_usd
    FROM valued
    GROUP BY facility_id
), movement AS (
    SELECT e.facility_id, count(*) AS movements_count
    FROM canonical.inventory_event e
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE t.is_posting_expected AND e.event_type NOT IN ('inventory_adjusted', 'count_variance_approved')
    GROUP BY e.facility_id
)
SELECT
    f.facility_id,
    coalesce(m.movements_count, 0) AS movements_count,
    coalesce(s.adjustments_count, 0) AS adjustments_count,
    coalesce(s.posted_only_count, 0) AS posted_only_count,
    1000 * CAST(coalesce(s.adjustments_count, 0) AS DOUBLE) / nullif(m.movements_count, 0) AS adjustments_per_thousand_ratio,
    coalesce(s.manual_count, 0) AS manual_count,
    CAST(s.manual_count AS DOUBLE) / nullif(s.adjustments_count, 0) AS manual_ratio,
    s.net_units,
    s.absolute_units,
    coalesce(s.unpriced_count, 0) AS unpriced_count,
    s.net_usd,
    s.absolute_usd
FROM reference.facility f
LEFT JOIN movement m ON m.facility_id = f.facility_id
LEFT JOIN summed s ON s.facility_id = f.facility_id
